"""The secret of the registration comes into the vault by a command; commands that only look make nothing."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from agent.audit import AuditNotes, AuditTrail
from agent.service import run_command
from agent.service.config import read_config
from agent.service.owner import as_owner_of
from agent.service.secrets import client_secret, mark_of_credential
from app.domain.errors import CredentialsError, LocalError
from app.secrets import look_into_agent_vault, open_agent_vault
from tests.peers.agent import write_config

SECRET = "made-up-portal-secret"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Of an agent whose data folder is there and empty, and which names no file with a secret."""
    written = write_config(tmp_path / "agent")
    text = written.read_text(encoding="utf-8").replace("client_secret_file", "# client_secret_file")
    written.write_text(text, encoding="utf-8")
    (tmp_path / "agent" / "data").mkdir(mode=0o700)
    return written


def given(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def kept(config: Path) -> str:
    found = read_config(config)
    return client_secret(found, look_into_agent_vault(found.data))


def test_the_secret_from_standard_input_is_what_the_agent_signs_in_with(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given(monkeypatch, f"{SECRET}\n")
    assert run_command(["portal-secret", "--config", str(config)]) == 0
    assert kept(config) == SECRET
    assert SECRET not in "".join(capsys.readouterr())


def test_the_vault_with_the_secret_is_its_owners_alone(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, f"{SECRET}\n")
    run_command(["portal-secret", "--config", str(config)])
    made = [path for path in (config.parent / "data").iterdir() if path.is_file()]
    assert {path.stat().st_mode & 0o777 for path in made} == {0o600}
    assert [path.name for path in made if SECRET.encode() in path.read_bytes()] == []


def test_a_secret_that_is_forgotten_is_gone(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, f"{SECRET}\n")
    run_command(["portal-secret", "--config", str(config)])
    run_command(["portal-secret", "--config", str(config), "--forget"])
    with pytest.raises(CredentialsError, match="no credential"):
        kept(config)


def test_nothing_is_no_secret(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given(monkeypatch, "")
    assert run_command(["portal-secret", "--config", str(config)]) == 2
    assert "CF-1113" in capsys.readouterr().err


def test_what_root_writes_in_the_data_folder_belongs_to_its_owner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "setegid", lambda group: done.append(f"group {group}"))
    monkeypatch.setattr(os, "seteuid", lambda user: done.append(f"user {user}"))
    monkeypatch.setattr(os, "getegid", lambda: 0)
    found = tmp_path.stat()
    with as_owner_of(tmp_path):
        done.append("written")
    assert done == [f"group {found.st_gid}", f"user {found.st_uid}", "written", "user 0", "group 0"]


def test_root_makes_no_data_folder_that_the_agent_could_not_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(LocalError, match="data folder"), as_owner_of(tmp_path / "data"):
        pass


def test_another_secret_is_told_in_the_audit_trail_without_a_word_of_it(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = read_config(config)
    vault, key = open_agent_vault(found.data), bytes(32)
    trail = AuditTrail(found.data, key)
    notes = AuditNotes(trail)
    told = []
    for secret in ("one", "one", "two"):
        vault.put("portal-client-secret", secret.encode())
        mark = mark_of_credential(found, vault, key=key)
        told.append(notes.config(config, rules=0, rule_set="r", key="k", credential=mark))
    trail.close()
    assert told == [True, False, True]
    assert b"two" not in b"".join(path.read_bytes() for path in (found.data / "audit").iterdir())


@pytest.mark.parametrize("is_there", [True, False], ids=["empty folder", "no folder"])
@pytest.mark.parametrize("words", [["doctor"], ["audit", "verify"], ["audit", "show"]], ids=" ".join)
def test_who_only_looks_makes_nothing(config: Path, is_there: bool, words: list[str]) -> None:
    data = config.parent / "data"
    if not is_there:
        data.rmdir()
    run_command([*words, "--config", str(config)])
    assert (list(data.iterdir()) if data.exists() else None) == ([] if is_there else None)
