"""Commands that ask the running agent: what they need to know, and what they load."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.service import run_command
from agent.service.place import data_folder_of
from app.domain.errors import InputError

HEAVY = ("agent.jobs", "agent.catalogue", "agent.alarms", "app.masking", "app.transfer", "app.portal")


def test_the_data_folder_is_told_whatever_else_is_wrong(tmp_path: Path) -> None:
    config = tmp_path / "agent.toml"
    config.write_text("[agent]\ndata = 'data'\nscan = 'soon'\nstrange = 1\n", encoding="utf-8")
    assert data_folder_of(config) == tmp_path / "data"


@pytest.mark.parametrize("broken", ["[jobs\ncpu = 1\n", "[jobs]\ncpu = = 1\n", "what\n"])
def test_the_data_folder_is_told_of_a_file_that_is_no_toml(tmp_path: Path, broken: str) -> None:
    config = tmp_path / "agent.toml"
    config.write_text(f"[agent]\nhost = 'x'\ndata = 'data'  # here\n{broken}", encoding="utf-8")
    assert data_folder_of(config) == tmp_path / "data"


def test_the_data_of_another_table_is_no_data_folder(tmp_path: Path) -> None:
    config = tmp_path / "agent.toml"
    config.write_text("[agent]\n[other]\ndata = 'data'\nwhat\n", encoding="utf-8")
    with pytest.raises(InputError, match="CF-1173"):
        data_folder_of(config)


@pytest.mark.parametrize("text", ["", "agent = 1", "[agent]\nhost = 'x'", "[agent]\ndata = ''"])
def test_a_file_without_a_data_folder_is_told_with_its_field(tmp_path: Path, text: str) -> None:
    config = tmp_path / "agent.toml"
    config.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as wrong:
        data_folder_of(config)
    assert "agent.data" in wrong.value.happened


def test_commands_that_ask_the_agent_load_nothing_that_does_its_work() -> None:
    told = subprocess.run(
        [sys.executable, "-c", "import agent.service.commands, sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert [name for name in HEAVY if name in told] == []


GONE = (
    "import sys; from agent.service import run_command; import agent.service.commands as c;"
    "c.carry_out = lambda words: {does};"
    "sys.exit(run_command(['status']))"
)


def test_a_reader_of_the_output_that_has_gone_is_no_defect() -> None:
    program = GONE.format(does="sys.stdout.write('x' * 1_000_000) and 0")
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as asked:
        assert asked.stdout is not None
        assert asked.stderr is not None
        asked.stdout.read(1)
        asked.stdout.close()
        said = asked.stderr.read()
    assert (asked.returncode, said) == (0, b"")


def test_what_goes_wrong_is_told_though_the_reader_of_the_output_has_gone() -> None:
    program = GONE.format(does="open('/nowhere/at/all')")
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as asked:
        assert asked.stdout is not None
        assert asked.stderr is not None
        asked.stdout.close()
        said = asked.stderr.read()
    assert (asked.returncode, b"Reference" in said) == (1, True)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full is Linux's")
@pytest.mark.parametrize("size", [3, 1_000_000], ids=["at the end", "meanwhile"])
def test_output_that_finds_no_room_is_told_as_that(size: int) -> None:
    program = GONE.format(does=f"sys.stdout.write('x' * {size}) and 0")
    with Path("/dev/full").open("wb") as full:
        asked = subprocess.run(
            [sys.executable, "-c", program], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert asked.returncode == 8
    assert asked.stderr.splitlines()[:2] == [
        "The output cannot be written",
        "Standard output: No space left on device.",
    ]


def test_an_agent_that_nobody_hears_to_be_ready_has_not_ended_well(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_config: Path) -> int:
        raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setattr("agent.service.starting.run", broken)
    monkeypatch.setattr("agent.service.starting.require_gone_reader", lambda _error: None)
    assert run_command(["run", "--config", "agent.toml"]) == 8


def test_a_pipe_that_breaks_and_is_not_the_output_does_not_end_well(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], expected_logs: Callable[[str], None]
) -> None:
    expected_logs("agent.service")

    def broken(_words: list[str]) -> int:
        raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setattr("agent.service.commands.carry_out", broken)
    assert run_command(["status"]) == 1
    assert "Reference" in capsys.readouterr().err
