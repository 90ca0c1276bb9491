"""Every platform's library is one of that platform, has the whole interface, and asks for no newer system."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from app.masking.native import library
from build_core import TARGETS, Target
from tests.peers.core_platforms import program

pytestmark = pytest.mark.timeout(600)

FORMATS = {
    "linux-x64": "elf64-x86-64",
    "linux-arm64": "elf64-littleaarch64",
    "musl-x64": "elf64-x86-64",
    "musl-arm64": "elf64-littleaarch64",
    "windows-x64": "COFF-x86-64",
    "windows-arm64": "COFF-ARM64",
    "macos-x64": "Mach-O 64-bit x86-64",
    "macos-arm64": "Mach-O arm64",
}
OF_THE_AGENT = {"cf_ahead", "cf_folder_glance", "cf_folders_own"}
FUNCTIONS = frozenset(library._FACE) | OF_THE_AGENT
GLIBC = (2, 17)
of_every_target = pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)


def _read(path: Path, *words: str) -> str:
    command = [program("llvm-readobj", "llvm"), *words, str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def _exported(target: Target, path: Path) -> set[str]:
    """Names that the library offers."""
    if target.library.endswith(".dll"):
        return set(re.findall(r"^  Name: (cf_\w+)$", _read(path, "--coff-exports"), re.MULTILINE))
    command = [program("llvm-nm", "llvm"), "--defined-only", "--extern-only"]
    command += ["--format=just-symbols"] if target.library.endswith(".dylib") else ["--dynamic"]
    said = subprocess.run([*command, str(path)], capture_output=True, text=True, check=True).stdout
    names = {line.split()[-1] for line in said.splitlines() if line.strip()}
    return {re.sub("^_(?=cf_)", "", name) for name in names}  # macOS puts one before every name of C


@of_every_target
def test_it_is_of_its_platform(libraries: dict[str, Path], target: Target) -> None:
    said = re.search(r"^Format: (.+)$", _read(libraries[target.name]), re.MULTILINE)
    assert said is not None
    assert said[1] == FORMATS[target.name]


@of_every_target
def test_it_has_every_function_that_python_calls_and_no_name_of_others(
    libraries: dict[str, Path], target: Target
) -> None:
    exported = _exported(target, libraries[target.name])
    assert exported >= FUNCTIONS
    own = {name for name in exported if not name.startswith("__")}  # those are the linker's
    assert {name for name in own if not name.startswith("cf_")} == set()


@pytest.mark.parametrize("name", ["linux-x64", "linux-arm64"])
def test_it_needs_no_newer_glibc(libraries: dict[str, Path], name: str) -> None:
    needed = re.findall(r"Name: GLIBC_(\d+)\.(\d+)", _read(libraries[name], "--version-info"))
    assert needed
    assert max((int(major), int(minor)) for major, minor in needed) <= GLIBC


@pytest.mark.parametrize("name", ["macos-x64", "macos-arm64"])
def test_it_needs_no_newer_macos(libraries: dict[str, Path], name: str) -> None:
    said = _read(libraries[name], "--macho-version-min")
    oldest = re.search(r"Version: (\d+)\.", said)
    assert oldest is not None, said
    assert int(oldest[1]) <= 11


@pytest.mark.parametrize("name", ["windows-x64", "windows-arm64"])
def test_it_needs_only_libraries_that_windows_has(libraries: dict[str, Path], name: str) -> None:
    needed = set(re.findall(r"^  Name: (\S+)$", _read(libraries[name], "--coff-imports"), re.MULTILINE))
    foreign = {
        n for n in needed if not re.fullmatch(r"(?i)(kernel32|ntdll|api-ms-win-crt-[a-z0-9-]+)\.dll", n)
    }
    assert foreign == set()
