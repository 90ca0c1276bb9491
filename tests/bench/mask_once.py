"""One file masked by one process: what the bench compares with other programs as a whole.

``python -m tests.bench.mask_once ENGINE FILE TARGET [THREADS [RULES]]`` prints the largest memory it held.
"""

from __future__ import annotations

import sys
from pathlib import Path

from app.masking import PseudonymKey, load_rules, mask_file, open_engine

_KEY = PseudonymKey(bytes(range(32)))


def main(words: list[str]) -> int:
    """Mask; the exit code."""
    wanted, source, target, *more = words
    engine = open_engine(
        load_rules(Path(more[1]) if len(more) > 1 else None), _KEY, threads=int(more[0]) if more else 1
    )
    if not engine.name.startswith(wanted):
        print(f"the engine is {engine.name}", file=sys.stderr)
        return 1
    mask_file(engine, Path(source), target=Path(target), name="log")
    print(_largest_memory())
    return 0


def _largest_memory() -> int:
    """Bytes; the number that `wait4` tells counts what the parent held before this program began."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
