"""Every platform's library, and what the engine of this machine makes of one file."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.masking import FileReport, PseudonymKey, load_rules
from build_core import ROOT, TARGETS, compile_core, target_named
from tests.peers import core_platforms
from tests.peers.core_told import told_and_masked
from tests.peers.masking_texts import example_texts, generated_text

KEY = PseudonymKey(bytes(range(32)))
BLOCK = 64 * 1024  # of the driver
RULES = """
format = 1
name = "platforms"
version = 1
extends = "default"
[policy]
IBAN = "partial"
GEO = "keep"
SECRET = "drop"
[phones]
country = "49"
own = ["+49 30 1234*", "+4930500000-+4930500099"]
[site]
hosts = ["voice07", "recorder"]
"""
# Of each of these one thing is left to Python; names with more of Unicode, numbers with a country's zero,
# bytes that are no UTF-8, and a line of many windows.
LINES = """
CustomerName="Łucja Ståhl-Nguyễn" CustomerName="Ｅｒｉｋａ Müller" CustomerName="Ἀλέξανδρος Παπαδόπουλος"
callers Lucja, Łucja Ståhl-Nguyễn and ἀλέξανδρος παπαδόπουλος at voice07, tel 030 1234 567 and 030 50000042
IBAN DE89 3704 0044 0532 0130 00 geo:52.5186,13.4081 <TEL:0123456789abcdef> cf-TEL-0123456789abcdefz
"""


@dataclass(frozen=True, slots=True)
class Expected:
    """What every platform must make of one file.

    Attributes:
        told: what the core is told.
        text: the file.
        masked: as the engine of this machine masked it.
        report: of that.
    """

    told: Path
    text: Path
    masked: bytes
    report: FileReport


@pytest.fixture(scope="session")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The library of every target, as ``./dev build-native --all`` makes them."""
    folder = tmp_path_factory.mktemp("libraries")
    subprocess.run([sys.executable, "build_core.py", "--all", str(folder)], cwd=ROOT, check=True)
    return {target.name: folder / target.name / target.library for target in TARGETS}


@pytest.fixture(scope="session")
def portable(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Libraries for Linux whose sources do not know which processor they are for."""
    folder = tmp_path_factory.mktemp("portable")
    unknown = {
        "linux-x64": ("-U__x86_64__", "-U__SSE2__", "-U__SSSE3__"),
        "linux-arm64": ("-U__aarch64__",),
    }
    return {name: compile_core(target_named(name), folder / name, *flags) for name, flags in unknown.items()}


@pytest.fixture(scope="session")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Expected:
    """The engine of this machine, on texts of every kind."""
    folder = tmp_path_factory.mktemp("texts")
    rules, told, text = folder / "rules.toml", folder / "told", folder / "text"
    rules.write_text(RULES, encoding="utf-8")
    long_line = generated_text(seed=8, entries=300).replace(b"\n", b" ") + b"\n"
    parts = (generated_text(seed=7, entries=700), *example_texts().values(), LINES.encode(), long_line)
    text.write_bytes(b"".join(parts) + b'CustomerName="Jos\xe9 Mu\xf1oz"\r\nend Jos\xe9 Mu\xf1oz')
    what, masked, report = told_and_masked(load_rules(rules), KEY, text.read_bytes(), block=BLOCK)
    told.write_bytes(what)
    return Expected(told, text, masked, report)


@pytest.fixture(scope="session")
def wine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[core_platforms.Machine]:
    """A Windows."""
    with core_platforms.windows(tmp_path_factory.mktemp("wine")) as machine:
        yield machine
