"""Compiles the masking core with zig's C compiler, for this machine and for every platform of the product.

The shipped rules are put beside it as JSON, which programs read in a twentieth of the time that TOML takes.

``python build_core.py``              the library of this machine, beside its sources
``python build_core.py --all DIR``    every platform's library in a folder of its own
``python build_core.py --wheels DIR`` every platform's wheel

It is also the build hook of the package: a wheel holds the library of one platform and is tagged so.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent
SOURCES = ROOT / "app" / "masking" / "native"
OF_THE_AGENT = (
    ROOT / "agent" / "watch" / "native" / "glance.c",
    ROOT / "agent" / "catalogue" / "native" / "ahead.c",
)
"""What the agent looks at directories and through logs with; it is in the same library."""
LIBRARIES = SOURCES / "lib"
RULES = ROOT / "resources" / "masking" / "default.toml"
CHOSEN = "CASEFERRY_CORE_TARGET"
"""Names the target of a wheel for another machine; ``none`` makes a wheel without the core."""
_ASIDE = ".core-"
"""Begins the folder of a wheel's library: builds run side by side, and no two share a folder."""

_FLAGS = (
    "-std=c99", "-O3", "-fomit-frame-pointer", "-g0", "-DNDEBUG", "-shared", "-fvisibility=hidden",
    "-fno-sanitize=undefined", "-Wall", "-Wextra", "-Werror",
)  # fmt: skip


class Target(NamedTuple):
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


def compile_core(target: Target, folder: Path, *flags: str) -> Path:
    """Compile the core into `folder`, with more flags of the compiler if there are any.

    Returns:
        the library's path.

    Raises:
        RuntimeError: the compiler refused it; what it said is in the text.
    """
    folder.mkdir(parents=True, exist_ok=True)
    library = folder / target.library
    # Without a name of its own a library for macOS holds the path it was made at.
    named = ("-install_name", f"@rpath/{target.library}") if target.library == _DYLIB else ()
    run_compiler(target, *_FLAGS, *flags, *named, "-s", "-o", library, SOURCES / "core.c", *OF_THE_AGENT)
    for left in (*folder.glob("*.pdb"), *folder.glob("*.lib")):
        left.unlink()
    seal_library(library)
    return library


def seal_library(library: Path) -> Path:
    """Write the SHA-256 of a library beside it, by which one that was cut off is known before it is loaded.

    Returns:
        the file's path.
    """
    seal = library.with_name(library.name + ".sha256")
    seal.write_text(hashlib.sha256(library.read_bytes()).hexdigest() + "\n", encoding="ascii", newline="\n")
    return seal


def translate_rules(folder: Path) -> Path:
    """Write the shipped rules into `folder`: the SHA-256 of their text, and the document as JSON behind it.

    Returns:
        the file's path.
    """
    folder.mkdir(parents=True, exist_ok=True)
    text = RULES.read_text(encoding="utf-8")
    document = json.dumps(tomllib.loads(text), ensure_ascii=False, separators=(",", ":"))
    written = folder / f"{RULES.stem}.json"
    written.write_text(
        f"{hashlib.sha256(text.encode()).hexdigest()}\n{document}\n", encoding="utf-8", newline="\n"
    )
    return written


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
        folder = LIBRARIES if editable else Path(self.directory) / f"{_ASIDE}{target.name}"
        library = compile_core(target, folder)
        made = (library, seal_library(library), translate_rules(folder))
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{target.tag}"
        if not editable:
            build_data["force_include"] |= {str(each): f"app/masking/native/lib/{each.name}" for each in made}

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        """Leave nothing beside the wheel."""
        for folder in {Path(each).parent for each in build_data["force_include"]}:
            if folder.name.startswith(_ASIDE):
                shutil.rmtree(folder)


def get_build_hook() -> type[CoreHook]:
    """What hatchling asks for."""
    return CoreHook


def _wheel(target: Target, folder: Path) -> Path:
    """Build a target's wheel.

    Raises:
        RuntimeError: hatchling refused; what it said is in the text.
    """
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    environment = {**os.environ, CHOSEN: target.name}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"the wheel for {target.name} is not built:\n{done.stderr.strip()}")
    (wheel,) = folder.glob(f"*-{target.tag}.whl")
    return wheel


def _for_all(*, all_in: Path | None, wheels_in: Path | None) -> None:
    """Every platform's library and wheel, as many at a time as there are processors."""
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        if all_in:
            made = pool.map(lambda target: compile_core(target, all_in / target.name), TARGETS)
            for target, library in zip(TARGETS, made, strict=True):
                print(f"{target.name:<14} {target.triple:<24} {library.stat().st_size:>8} bytes  {library}")
        if wheels_in:
            folder = wheels_in.resolve()
            for wheel in pool.map(lambda target: _wheel(target, folder), TARGETS):
                print(wheel)


def main(words: list[str]) -> int:
    """The command line; see the top of this file."""
    reader = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    reader.add_argument("--all", metavar="DIR", type=Path)
    reader.add_argument("--wheels", metavar="DIR", type=Path)
    asked = reader.parse_args(words)
    if asked.all or asked.wheels:
        _for_all(all_in=asked.all, wheels_in=asked.wheels)
        return 0
    translate_rules(LIBRARIES)
    here = this_machine()
    if here is None:
        print("The core is not offered for this machine; the reference engine masks.", file=sys.stderr)
        return 0
    print(compile_core(here, LIBRARIES))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
