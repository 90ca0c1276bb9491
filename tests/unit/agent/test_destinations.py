"""How much an agent reads back from an SFTP server: what the rule's account says."""

from __future__ import annotations

import socket
import threading
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.jobs import JobRow, PortalDestinations, Rule, RuleSftp, When
from agent.jobs.destinations import JUST
from app.agentlink import JobState, Via
from app.domain.errors import UnreachableError
from app.secrets import FileVault
from app.settings import Trust
from app.transfer import ReadBack, SftpDestination
from tests.peers.ports import free_port

CASE = "0003256109"
HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


class NoTokens:
    """Nobody signs in at the portal here."""

    def bearer(self) -> str:
        raise AssertionError("no token is needed")

    def rejected(self, token: str | None = None) -> None:
        raise AssertionError("no token was sent")


JOB = JobRow(
    id="1",
    case=CASE,
    source="one",
    via=Via.SFTP,
    state=JobState.SENDING,
    name="x.zip",
    created=NOW,
    changed=NOW,
)


def destinations_by(folder: Path, *, port: int, read_whole: bool = False) -> PortalDestinations:
    """Of an agent with one rule that sends by SFTP."""
    password = folder / "password"
    password.write_text("made-up")
    account = RuleSftp("127.0.0.1", port, HOST_KEY, "u", password, read_whole=read_whole)
    return PortalDestinations(
        url="https://portal.example",
        trust=Trust(),
        tokens=NoTokens(),
        vault=FileVault(folder / "vault", bytes(32)),
        rules={"one": Rule("one", (folder,), (), CASE, When(None), Via.SFTP, account)},
        require_open=is_open,
    )


def is_open(number: str, *, within: timedelta = JUST) -> None:
    """Every case takes files."""


@pytest.mark.parametrize(
    ("read_whole", "expected"), [(False, ReadBack.SAMPLE), (True, ReadBack.WHOLE)], ids=["sample", "whole"]
)
def test_as_much_is_read_back_as_the_rule_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, read_whole: bool, expected: ReadBack
) -> None:
    asked: list[ReadBack] = []

    class Noted(SftpDestination):
        def __init__(self, *where: Any, read_back: ReadBack, **others: Any) -> None:
            asked.append(read_back)
            super().__init__(*where, read_back=read_back, **others)

    monkeypatch.setattr("app.transfer.SftpDestination", Noted)
    destinations_by(tmp_path, port=1, read_whole=read_whole).of(JOB)
    assert asked == [expected]


@pytest.mark.parametrize("said", [b"SSH-2.0-Example\r\n", b""], ids=["greets", "closes without a word"])
def test_an_sftp_server_answers_when_it_greets_before_anybody_signs_in(tmp_path: Path, said: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            caller, _address = server.accept()
            with caller:
                caller.sendall(said)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            with nullcontext() if said else pytest.raises(UnreachableError, match="cut"):
                destinations_by(tmp_path, port=server.getsockname()[1]).ask(JOB)
        finally:
            thread.join()


def test_an_sftp_server_that_refuses_the_connection_does_not_answer(tmp_path: Path) -> None:
    with pytest.raises(UnreachableError) as raised:
        destinations_by(tmp_path, port=free_port()).ask(JOB)
    assert raised.value.code == "CF-1519"


def test_jobs_wait_together_for_the_portal_and_for_each_sftp_server(tmp_path: Path) -> None:
    destinations = destinations_by(tmp_path, port=22)
    jobs = (JOB, replace(JOB, id="2"), replace(JOB, via=Via.HTTPS), replace(JOB, source="gone", id="3"))
    assert [destinations.address(job) for job in jobs] == [
        "127.0.0.1:22",
        "127.0.0.1:22",
        "https://portal.example",
        "3",
    ]
