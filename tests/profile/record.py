"""Records what of the masking core runs often, for its compiler: ``python -m tests.profile.record``.

A core compiled with counters masks the bench's kinds of logs, made from another seed, and reads their times.
What was counted is written to app/masking/native/core.profdata, which every build reads. A change of the core
needs no new record: functions that no longer fit are compiled as if nothing were known of them, which a test
bounds. Needs clang and llvm-profdata (Debian's clang and llvm) and SIPp; exits with 2 where one is missing.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from app.masking import PseudonymKey, load_rules, open_engine
from app.masking.native import library
from app.masking.native.times import block_scan
from build_core import PROFILE, SOURCES, seal_library
from tests.bench.masking_corpora import MB, dense_logs, sip_trace, system_logs

_SEED = 5
_FLAGS = ("-std=c99", "-O2", "-g0", "-DNDEBUG", "-shared", "-fPIC", "-fvisibility=hidden", "-msse4.2")
_KEY = PseudonymKey(bytes(range(32)))
_PROGRAMS = ("clang", "llvm-profdata", "sipp")
_TIMES_OF, _STRETCH = MB, 300_000_000
"""Bytes of each log whose times are read, and microseconds of a stretch."""


class NotRecorded(Exception):
    """A program is missing or refused; the text says which."""


def counting_core(folder: Path) -> Path:
    """Compile the core with counters into `folder`.

    Raises:
        NotRecorded: it does not compile; clang says why.
    """
    made = folder / library.library_path().name
    done = subprocess.run(
        ["clang", *_FLAGS, "-fprofile-instr-generate", "-o", made, SOURCES / "core.c"], check=False
    )
    if done.returncode != 0:
        raise NotRecorded("the core does not compile")
    return seal_library(made)


def write_logs(folder: Path) -> list[Path]:
    """Dense logs, a SIP trace and system logs."""
    dense, sip, system = folder / "dense", folder / "sip", folder / "system"
    dense_logs(dense, size=12 * MB, seed=_SEED)
    sip_trace(sip, calls=300, seed=_SEED)
    system_logs(system, size=4 * MB, seed=_SEED)
    return [dense, sip, system]


def exercise(folder: Path, logs: list[Path]) -> None:
    """Mask the logs, and read times in them, with the core that lies in `folder`."""
    library.LIBRARIES = folder
    engine, times = open_engine(load_rules(), _KEY), block_scan(_STRETCH)
    if times is None:
        raise NotRecorded("the core with counters does not load")
    for log in logs:
        with log.open("rb") as source:
            engine.mask_stream(source, io.BytesIO())
        times(log.read_bytes()[:_TIMES_OF], 0, 0)


def record(target: Path) -> None:
    """Compile, run and merge into `target`.

    Raises:
        NotRecorded: a program is missing or refused.
    """
    for program in _PROGRAMS:
        if shutil.which(program) is None:
            raise NotRecorded(f"{program} is not installed; on Debian: apt-get install clang llvm sip-tester")
    with tempfile.TemporaryDirectory(prefix="caseferry-profile-") as name:
        folder = Path(name)
        counting_core(folder)
        counted = folder / "counted.profraw"
        logs = write_logs(folder)
        # A process of its own: the counters are written when it ends.
        command = [sys.executable, "-m", "tests.profile.record", str(folder), *map(str, logs)]
        done = subprocess.run(command, env={**os.environ, "LLVM_PROFILE_FILE": str(counted)}, check=False)
        if done.returncode != 0 or not counted.is_file():
            raise NotRecorded(f"masking with counters ended with {done.returncode}")
        merge = ["llvm-profdata", "merge", "-sparse", "-o", str(target), str(counted)]
        if subprocess.run(merge, check=False).returncode != 0:
            raise NotRecorded("llvm-profdata refused what was counted")


def main(words: list[str]) -> int:
    """Record; or, given a folder and logs, be the process that counts."""
    if words:
        exercise(Path(words[0]), [Path(word) for word in words[1:]])
        return 0
    try:
        record(PROFILE)
    except NotRecorded as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{PROFILE}: {PROFILE.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
