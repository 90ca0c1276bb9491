"""What a command loads when it starts: only what its verb needs."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from cyclopts import App

from app import __version__
from app.commands.console import Screen
from app.commands.verbs import DESCRIBED, application

_KEPT_OUT = (
    "app.portal",
    "app.transfer",
    "app.sandbox",
    "app.masking",
    "app.secrets",
    "paramiko",
    "requests",
    "fastapi",
)
_PROGRAM = """
import sys
from app.commands import main
code = main(sys.argv[1:])
print(*sys.modules, sep="\\n")
sys.exit(code)
"""


def _loaded(*words: str) -> set[str]:
    """Names of the modules that a process holds when a command has ended."""
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, *words], capture_output=True, text=True, check=True
    )
    return set(done.stdout.splitlines())


def test_help_of_a_verb_loads_nothing_that_does_it() -> None:
    loaded = _loaded("mask", "--help")
    assert "app.commands.masking_verbs" in loaded
    assert [name for name in _KEPT_OUT if name in loaded] == []


def test_masking_a_file_loads_neither_the_network_nor_what_draws_tables(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text("2026-11-28 10:00:00 CustomerName=Mary Miller\n")
    options = (
        "--out",
        tmp_path / "out",
        "--report",
        tmp_path / "report.json",
        "--key-file",
        tmp_path / "key",
    )
    loaded = _loaded("mask", str(log), *map(str, options))
    assert "Mary" not in (tmp_path / "out" / "a.log").read_text()
    kept_out = (
        "app.portal",
        "app.transfer",
        "app.masking.archives",
        "app.logs.packed",
        "tomllib",
        "rich",
        "msgspec",
        "cryptography",
        "paramiko",
        "requests",
        "fastapi",
    )
    assert [name for name in kept_out if name in loaded] == []


def test_the_version_is_told_without_the_verbs() -> None:
    loaded = _loaded("--version")
    assert __version__ in loaded  # it was printed before the names
    assert "cyclopts" not in loaded


@pytest.mark.parametrize("file", DESCRIBED)
def test_a_file_describes_the_verbs_of_the_table(file: str) -> None:
    verbs = App(name="caseferry")
    import_module(f"app.commands.{file}").add_verbs(verbs, Screen())
    assert {name for name in verbs if not name.startswith("-")} == set(DESCRIBED[file])


def test_without_a_verb_all_are_described() -> None:
    verbs = {verb for described in DESCRIBED.values() for verb in described}
    assert {name for name in application(Screen(), ["--help"]) if not name.startswith("-")} == verbs
