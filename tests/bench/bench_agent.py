"""Every figure of the agent, or some of them. ``./dev bench agent [ROW ...]``; ``--list`` names the rows.

Each row is a program beside this file and takes 90 seconds at most on two processors (``idle`` 100;
``ship`` is about 1 GiB and takes some minutes). The machine must have nothing else to do: most figures are of
the clock on the wall.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time

ROWS: dict[str, tuple[str, ...]] = {
    "seen": ("bench_agent_watch", "alive"),
    "seen-hot": ("bench_agent_watch", "hot", "--quick"),
    "seen-dead": ("bench_agent_watch", "dead", "--quick"),
    "writes": ("bench_agent_watch", "busy", "--quick"),
    "idle": ("bench_agent_watch", "idle", "--quick"),
    "find": ("bench_agent_find", "find"),
    "substring": ("bench_agent_find", "substring"),
    "regex": ("bench_agent_find", "regex"),
    "id": ("bench_agent_find", "id"),
    "catalogue": ("bench_agent_find", "catalogue"),
    "packed": ("bench_agent_find", "packed"),
    # 1 GiB in 13 logs of each of the five applications
    "ship": ("bench_agent_ship", "--megabytes", "1074", "--segments", "65", "--rounds", "1"),
    "memory": ("bench_agent_memory",),
}
"""Program and words of each; a program without ``--quick`` measures longer."""


def main() -> int:
    """Run them one after the other; 1 when any of them missed its limits."""
    words = argparse.ArgumentParser(prog="./dev bench agent", description=__doc__)
    words.add_argument("rows", nargs="*", choices=[*ROWS, []])
    words.add_argument("--list", action="store_true", help="name the rows, and measure nothing")
    asked = words.parse_args()
    if asked.list:
        print("\n".join(ROWS))
        return 0
    missed = []
    for name in asked.rows or ROWS:
        program, *given = ROWS[name]
        began = time.monotonic()
        done = subprocess.run([sys.executable, "-m", f"tests.bench.{program}", *given], check=False)
        print(f"{name}: {'well' if done.returncode == 0 else 'MISSED'}, {time.monotonic() - began:.0f} s")
        if done.returncode != 0:
            missed.append(name)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
