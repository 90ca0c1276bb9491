"""How much an agent reads back from an SFTP server: what the rule's account says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.jobs import JobRow, PortalDestinations, Rule, RuleSftp, When
from agent.jobs.destinations import JUST
from app.agentlink import JobState, Via
from app.secrets import FileVault
from app.settings import Trust
from app.transfer import ReadBack, SftpDestination

CASE = "0003256109"
HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


class NoTokens:
    """Nobody signs in at the portal here."""

    def bearer(self) -> str:
        raise AssertionError("no token is needed")

    def rejected(self, token: str | None = None) -> None:
        raise AssertionError("no token was sent")


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
    password = tmp_path / "password"
    password.write_text("made-up")
    account = RuleSftp("127.0.0.1", 1, HOST_KEY, "u", password, read_whole=read_whole)
    destinations = PortalDestinations(
        url="https://portal.example",
        trust=Trust(),
        tokens=NoTokens(),
        vault=FileVault(tmp_path / "vault", bytes(32)),
        rules={"one": Rule("one", (tmp_path,), (), CASE, When(None), Via.SFTP, account)},
        require_open=is_open,
    )
    job = JobRow(
        id="1",
        case=CASE,
        source="one",
        via=Via.SFTP,
        state=JobState.SENDING,
        name="x.zip",
        created=NOW,
        changed=NOW,
    )
    destinations.of(job)
    assert asked == [expected]
