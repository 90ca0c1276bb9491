"""``caseferry-agent audit``: what it says, and with which exit code it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.audit import AuditEvent, AuditTrail, EventKind
from agent.service import run_command
from agent.service.auditing import audit_key
from app.secrets import open_agent_vault
from tests.peers.agent import write_config

FIRST = "000000000001.jsonl"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration with three records in its data folder."""
    path = write_config(tmp_path)
    data = tmp_path / "data"
    trail = AuditTrail(data, audit_key(open_agent_vault(data)))
    for number in range(3):
        trail.append(AuditEvent(f"e/{number}", EventKind.SENT, "rule sip", case=f"{number:010d}"))
    trail.close()
    return path


def change(config: Path) -> None:
    path = config.parent / "data" / "audit" / FIRST
    path.write_bytes(path.read_bytes().replace(b"e/1", b"e/7"))


def test_a_whole_trail_is_said_with_its_head(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["audit", "verify", "--config", str(config)]) == 0
    said = capsys.readouterr().out
    assert said.startswith("The trail is whole: records 1 to 3 in 1 files.")
    assert "Its head is " in said


def test_a_break_is_said_with_file_and_line(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(config)
    assert run_command(["audit", "verify", "--config", str(config)]) == 7
    assert capsys.readouterr().out.splitlines()[0] == (
        f"{FIRST}:2: record 2 was changed, or another put in its place."
    )


def test_a_break_before_the_record_that_is_asked_from_does_not_count(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(config)
    assert run_command(["audit", "verify", "--from", "3", "--json", "--config", str(config)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["records"], found["keyed"]) == (1, True)


def test_the_records_of_a_case_are_shown(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["audit", "show", "--case", "2", "--json", "--config", str(config)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["e/2"]


def test_records_are_shown_from_a_time_on(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["audit", "show", "--json", "--config", str(config), "--since"]
    assert run_command([*words, "2020-01-01T00:00"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 3
    assert run_command([*words, "2100-01-01T00:00"]) == 0
    assert capsys.readouterr().out == ""


def test_an_agent_that_never_ran_has_an_empty_trail(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = write_config(tmp_path)
    assert run_command(["audit", "verify", "--config", str(config)]) == 0
    assert capsys.readouterr().out == "The trail is whole: no records.\n"
    assert run_command(["audit", "show", "--config", str(config)]) == 0
