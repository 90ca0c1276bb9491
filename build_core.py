"""Compiles the masking core with zig's C compiler, for this machine and for every platform of the product.

``python build_core.py``              the library of this machine, beside its sources
``python build_core.py --all DIR``    every platform's library in a folder of its own
``python build_core.py --wheels DIR`` every platform's wheel

It is also the build hook of the package: a wheel holds the library of one platform and is tagged so.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent
SOURCES = ROOT / "app" / "masking" / "native"
LIBRARIES = SOURCES / "lib"
CHOSEN = "CASEFERRY_CORE_TARGET"
"""Names the target of a wheel for another machine; ``none`` makes a wheel without the core."""

_FLAGS = (
    "-std=c99", "-O3", "-g0", "-DNDEBUG", "-shared", "-fvisibility=hidden", "-fno-sanitize=undefined",
    "-Wall", "-Wextra", "-Werror",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Target:
    """A platform the core is compiled for.

    Attributes:
        name: of its folder, such as ``linux-x64``.
        triple: as zig names it, with the oldest C library it runs on.
        cpu: the oldest processor it runs on.
        tag: of its wheels.
        library: file name.
    """

    name: str
    triple: str
    cpu: str
    tag: str
    library: str


_X64, _ARM64 = "x86_64_v2", "generic"
_SO, _DLL, _DYLIB = "caseferry_core.so", "caseferry_core.dll", "caseferry_core.dylib"
TARGETS = (
    Target("linux-x64", "x86_64-linux-gnu.2.17", _X64, "manylinux_2_17_x86_64", _SO),
    Target("linux-arm64", "aarch64-linux-gnu.2.17", _ARM64, "manylinux_2_17_aarch64", _SO),
    Target("musl-x64", "x86_64-linux-musl", _X64, "musllinux_1_2_x86_64", _SO),
    Target("musl-arm64", "aarch64-linux-musl", _ARM64, "musllinux_1_2_aarch64", _SO),
    Target("windows-x64", "x86_64-windows-gnu", _X64, "win_amd64", _DLL),
    Target("windows-arm64", "aarch64-windows-gnu", _ARM64, "win_arm64", _DLL),
    Target("macos-x64", "x86_64-macos.11.0", _X64, "macosx_11_0_x86_64", _DYLIB),
    Target("macos-arm64", "aarch64-macos.11.0", "apple_m1", "macosx_11_0_arm64", _DYLIB),
)


def target_named(name: str) -> Target:
    """The target of this name.

    Raises:
        LookupError: there is none.
    """
    for target in TARGETS:
        if target.name == name:
            return target
    raise LookupError(f"no target is named {name}; there are: {', '.join(t.name for t in TARGETS)}")


def this_machine(
    *,
    system: str = platform.system(),
    machine: str = platform.machine(),
    libc: str = platform.libc_ver()[0],
) -> Target | None:
    """The target this interpreter runs on, or None where the core is not offered."""
    processor = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}.get(machine.lower())
    family = {"Windows": "windows", "Darwin": "macos", "Linux": "linux" if libc == "glibc" else "musl"}.get(
        system
    )
    if processor is None or family is None or sys.maxsize < 2**32:
        return None
    return target_named(f"{family}-{processor}")


def compile_core(target: Target, folder: Path) -> Path:
    """Compile the core into `folder`.

    Returns:
        the library's path.

    Raises:
        RuntimeError: the compiler refused it; what it said is in the text.
    """
    folder.mkdir(parents=True, exist_ok=True)
    library = folder / target.library
    run_compiler(target, *_FLAGS, "-s", "-o", library, SOURCES / "core.c")
    for left in (*folder.glob("*.pdb"), *folder.glob("*.lib")):
        left.unlink()
    return library


def run_compiler(target: Target, *words: str | Path) -> None:
    """Zig's C compiler for a target.

    Raises:
        RuntimeError: it refused; what it said is in the text.
    """
    command = [sys.executable, "-m", "ziglang", "cc", "-target", target.triple, f"-mcpu={target.cpu}"]
    done = subprocess.run([*command, *map(str, words)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"zig cc for {target.name} ended with {done.returncode}:\n{done.stderr.strip()}")


class CoreHook(BuildHookInterface[Any]):
    """Puts the library of one platform into the wheel; an editable install gets it beside the sources."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and tag the wheel; where the core is not offered the wheel is pure Python."""
        chosen = os.environ.get(CHOSEN, "")
        target = None if chosen == "none" else target_named(chosen) if chosen else this_machine()
        if self.target_name != "wheel" or target is None:
            return
        editable = version == "editable"
        library = compile_core(
            target, LIBRARIES if editable else Path(self.directory) / ".core" / target.name
        )
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{target.tag}"
        if not editable:
            build_data["force_include"][str(library)] = f"app/masking/native/lib/{target.library}"


def get_build_hook() -> type[CoreHook]:
    """What hatchling asks for."""
    return CoreHook


def _wheel(target: Target, folder: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, env={**os.environ, CHOSEN: target.name}, check=True)


def main(words: list[str]) -> int:
    """The command line; see the top of this file."""
    reader = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    reader.add_argument("--all", metavar="DIR", type=Path)
    reader.add_argument("--wheels", metavar="DIR", type=Path)
    asked = reader.parse_args(words)
    if asked.all or asked.wheels:
        for target in TARGETS:
            if asked.all:
                library = compile_core(target, asked.all / target.name)
                print(f"{target.name:<14} {target.triple:<24} {library.stat().st_size:>8} bytes  {library}")
            if asked.wheels:
                _wheel(target, asked.wheels.resolve())
        return 0
    here = this_machine()
    if here is None:
        print("The core is not offered for this machine; the reference engine masks.", file=sys.stderr)
        return 0
    print(compile_core(here, LIBRARIES))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
