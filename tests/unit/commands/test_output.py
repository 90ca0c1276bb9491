"""Output that nobody reads, or that the caller closed, is the caller's wish and no failure."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMANDS = {
    "caseferry": "from app.commands import main; sys.exit(main())",
    "caseferry-agent": "from agent.service import main; main()",
}
WORDS = [
    ("caseferry", "--help"),
    ("caseferry", "--version"),
    ("caseferry-agent", "--help"),
    ("caseferry-agent", "--version"),
]


def program(name: str) -> list[str]:
    return [sys.executable, "-c", f"import sys; {COMMANDS[name]}"]


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "CASEFERRY_HOME": str(tmp_path)}


@pytest.mark.parametrize(("name", "word"), WORDS)
def test_whoever_stops_reading_has_seen_enough(name: str, word: str, home: dict[str, str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            [*program(name), word], env=home, stdout=writer, stderr=subprocess.PIPE, text=True, check=False
        )
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(os.name != "posix", reason="a shell that closes a stream")
@pytest.mark.parametrize(("name", "word"), WORDS)
def test_output_that_the_caller_closed_is_no_defect(name: str, word: str, home: dict[str, str]) -> None:
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" >&-', "sh", *program(name), word],
        env=home,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(os.name != "posix", reason="a shell that closes a stream")
def test_the_number_of_a_closed_stream_is_no_other_files(home: dict[str, str]) -> None:
    looks = "import os; from app.output import open_what_is_closed as opened; opened();"
    looks += " sys.exit(os.open(sys.executable, 0))"
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", sys.executable, "-c", f"import sys; {looks}"],
        env=home,
        check=False,
    )
    assert done.returncode >= 3


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full is Linux's")
@pytest.mark.parametrize("name", COMMANDS)
def test_a_version_that_finds_no_room_is_told_as_that(name: str, home: dict[str, str]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*program(name), "--version"],
            env=home,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (done.returncode, "CF-1863" in done.stderr) == (8, True)
