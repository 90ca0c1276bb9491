"""Runs the masking core's fuzz targets under libFuzzer with sanitizers: ``python -m tests.fuzz.run SECONDS``.

Every target in app/masking/native/fuzz is compiled with clang into a temporary folder and runs for its
share of the seconds, from the inputs in tests/fuzz/corpus. New inputs stay in the temporary folder. Exits
with 1 and the path of the input that broke the core when there is one, with 2 when a target cannot be built.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
TARGETS = HERE.parents[1] / "app" / "masking" / "native" / "fuzz"
FLAGS = (
    "-std=gnu99", "-g", "-O1", "-Wall", "-Wextra", "-Werror", "-fsanitize=fuzzer,address,undefined",
    "-fno-sanitize-recover=undefined",
)  # fmt: skip


def build(target: Path, folder: Path) -> Path:
    """Compile a target.

    Raises:
        LookupError: there is no clang.
        subprocess.CalledProcessError: it does not compile; clang says why.
    """
    clang = shutil.which("clang")
    if clang is None:
        raise LookupError("clang is not installed; on Debian: apt-get install clang")
    program = folder / target.stem
    subprocess.run([clang, *FLAGS, "-o", program, target], check=True)
    return program


def fuzz(program: Path, *, seconds: int, folder: Path) -> list[Path]:
    """Run a target; the inputs that broke it."""
    inputs, broken = folder / f"{program.name}-inputs", folder / f"{program.name}-broken"
    inputs.mkdir()
    broken.mkdir()
    subprocess.run(
        [
            program,
            f"-max_total_time={seconds}",
            "-max_len=4096",
            "-timeout=10",
            "-rss_limit_mb=1024",
            "-print_final_stats=1",
            "-verbosity=1",
            f"-dict={HERE / 'words.dict'}",
            f"-artifact_prefix={broken}{os.sep}",
            inputs,
            HERE / "corpus",
        ],
        check=False,
    )
    return sorted(broken.iterdir())


def main(words: list[str]) -> int:
    """Build and run every target in turn."""
    if len(words) != 1 or not words[0].isdigit() or int(words[0]) < 1:
        print("say how many seconds: python -m tests.fuzz.run 60", file=sys.stderr)
        return 2
    targets = sorted(TARGETS.glob("*.c"))
    folder = Path(tempfile.mkdtemp(prefix="caseferry-fuzz-"))
    try:
        programs = [build(target, folder) for target in targets]
    except (LookupError, subprocess.CalledProcessError) as fault:
        shutil.rmtree(folder)
        print(f"the fuzz targets cannot be built: {fault}", file=sys.stderr)
        return 2
    share = max(1, int(words[0]) // len(programs))
    found = [path for program in programs for path in fuzz(program, seconds=share, folder=folder)]
    for path in found:
        print(f"an input breaks the core: {path}", file=sys.stderr)
    if found:
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
