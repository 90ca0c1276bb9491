"""Runs the core of another platform on this machine: under QEMU, under Wine, with musl's loader.

The driver (tests/platforms/driver.c) masks a file as the engine does and is told what the engine told.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from build_core import SOURCES, Target, run_compiler

_DRIVER = Path(__file__).parents[1] / "platforms" / "driver.c"
_ARM64_LIBC = Path("/usr/aarch64-linux-gnu")
# As the core itself, so that zig makes each platform's C library once.
_FLAGS = (
    "-std=c99",
    "-O3",
    "-g0",
    "-s",
    "-DNDEBUG",
    "-fno-sanitize=undefined",
    "-Wall",
    "-Wextra",
    "-Werror",
)
_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Ran:
    """What a driver did.

    Attributes:
        masked: the file it wrote.
        said: its counts and digests, line by line.
        own_instructions: whether the processor has instructions for SHA-256.
    """

    masked: bytes
    said: tuple[str, ...]
    own_instructions: bool


@dataclass(frozen=True, slots=True)
class Machine:
    """What runs a driver.

    Attributes:
        before: words of the command before the driver's.
        environment: more variables of it.
        drive: what stands before a path of this machine, as the driver knows it.
    """

    before: tuple[str, ...] = ()
    environment: Mapping[str, str] | None = None
    drive: str = ""


def program(name: str, package: str) -> str:
    """Where a program is.

    Raises:
        LookupError: it is not installed; the text says what installs it.
    """
    found = shutil.which(name)
    if found is None:
        raise LookupError(f"{name} is not installed; on Debian: apt-get install {package}")
    return found


def native() -> Machine:
    """This one."""
    return Machine()


def arm64() -> Machine:
    """An arm64 Linux with every instruction QEMU knows, and with glibc where the driver asks for it.

    Raises:
        LookupError: QEMU or the library is not installed.
    """
    if not (_ARM64_LIBC / "lib" / "ld-linux-aarch64.so.1").exists():
        raise LookupError("glibc for arm64 is not installed; on Debian: apt-get install libc6-arm64-cross")
    qemu = program("qemu-aarch64-static", "qemu-user-static")
    return Machine((qemu, "-cpu", "max", "-L", str(_ARM64_LIBC)))


def with_musl() -> Machine:
    """This one, with musl's loader, which a driver for musl names itself.

    Raises:
        LookupError: it is not installed.
    """
    loader = Path("/lib/ld-musl-x86_64.so.1")
    if not loader.exists():
        raise LookupError("musl is not installed; on Debian: apt-get install musl")
    return Machine()


@contextmanager
def windows(prefix: Path) -> Iterator[Machine]:
    """Wine with a home of its own, which is left stopped.

    Raises:
        LookupError: it is not installed.
    """
    environment = {"WINEPREFIX": str(prefix), "WINEDEBUG": "-all", "WINEDLLOVERRIDES": "mscoree,mshtml="}
    server = program("wineserver", "wine")
    yield Machine((program("wine", "wine wine64"),), environment, "Z:")
    subprocess.run([server, "--kill"], env={**os.environ, **environment}, check=False)


def loading_driver(target: Target, folder: Path) -> Path:
    """A driver that loads the library it is told."""
    name = folder / (f"driver-{target.name}" + (".exe" if "windows" in target.triple else ""))
    more = ("-ldl",) if "linux-gnu" in target.triple else ("-dynamic",) if "musl" in target.triple else ()
    run_compiler(target, *_FLAGS, "-DCORE_LOADED", "-o", name, _DRIVER, *more)
    return name


def linked_driver(target: Target, folder: Path) -> Path:
    """A driver with the core inside that needs no library of the machine."""
    name = folder / f"driver-{target.name}-static"
    run_compiler(target, *_FLAGS, "-static", "-o", name, _DRIVER, SOURCES / "core.c")
    return name


def run_driver(
    machine: Machine, driver: Path, *, library: Path | None, told: Path, text: Path, masked: Path
) -> Ran:
    """Mask `text` to `masked`.

    Raises:
        RuntimeError: the driver refused; what it said is in the text.
    """
    files = [library] if library else []
    words = [f"{machine.drive}{path}" for path in (*files, told, text, masked)]
    done = subprocess.run(
        [*machine.before, str(driver), *words],
        env={**os.environ, **(machine.environment or {})},
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{driver.name} ended with {done.returncode}: {done.stderr.strip()[:2000]}")
    own = "instructions of the processor: yes" in done.stderr
    return Ran(masked.read_bytes(), tuple(done.stdout.splitlines()), own)
