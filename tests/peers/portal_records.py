"""A second hand on a running portal's store: what a test cannot bring about over HTTP in a moment."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.domain.cases import CaseState, Status, Substatus
from app.portal.contract import Acknowledgement, CaseFile
from app.sandbox.sftp import create_account
from app.sandbox.sftpaccounts import password_of
from app.sandbox.site import Site, open_site
from app.sandbox.store.cases import set_state
from app.sandbox.store.files import files_of, insert_acknowledgement
from app.sandbox.store.times import stamp
from tests.peers.portal import PortalProcess


@dataclass(frozen=True, slots=True)
class Login:
    """A temporary SFTP account in clear."""

    user: str
    password: str


class Records:
    """The store of a portal whose process runs."""

    def __init__(self, site: Site) -> None:
        self.site = site

    def acknowledge(self, case: str, email: str) -> str:
        """This person's word for this case; the id."""
        row = self.site.database.row("SELECT id FROM contacts WHERE email = ?", (email,))
        assert row is not None
        now = datetime.now(UTC)
        word = Acknowledgement(
            id=f"ack-{secrets.token_hex(4)}", case=case, at=now, expires=now + timedelta(hours=1)
        )
        with self.site.database.transaction() as connection:
            insert_acknowledgement(connection, word, contact=row["id"])
        return word.id

    def withdraw_acknowledgements(self) -> None:
        """Every word has run out."""
        with self.site.database.transaction() as connection:
            connection.execute("UPDATE acknowledgements SET expires = 0")

    def set_status(self, case: str, *, closed: bool) -> None:
        """Close a case, or open it again."""
        state = (
            CaseState(Status.CLOSED, Substatus.RESOLVED)
            if closed
            else CaseState(Status.OPEN, Substatus.INVESTIGATION)
        )
        with self.site.database.transaction() as connection:
            set_state(connection, case, state, waiting_since=None)

    @contextmanager
    def closed(self, case: str) -> Iterator[None]:
        """The case is closed for the block."""
        self.set_status(case, closed=True)
        try:
            yield
        finally:
            self.set_status(case, closed=False)

    def expire_upload(self, identity: str) -> None:
        """Nothing was sent to it for too long."""
        with self.site.database.transaction() as connection:
            connection.execute("UPDATE uploads SET expires = 1 WHERE id = ?", (identity,))

    def sftp_account(self, case: str) -> Login:
        """A fresh temporary account."""
        account = create_account(self.site, case=case, created_by="Nadia Ferrow")
        return Login(user=account.user, password=password_of(self.site, account))

    def expire_account(self, user: str) -> None:
        """Its 120 hours are over."""
        past = stamp(datetime.now(UTC) - timedelta(seconds=1))
        with self.site.database.transaction() as connection:
            connection.execute("UPDATE sftp_accounts SET expires = ? WHERE user = ?", (past, user))

    def files(self, case: str, name: str) -> list[CaseFile]:
        """The files of a case that have this name, newest first."""
        return [file for file in files_of(self.site.database, case) if file.name == name]

    def feed(self, case: str) -> list[str]:
        """The texts of a case's feed, newest first."""
        rows = self.site.database.rows(
            "SELECT text FROM updates WHERE case_number = ? ORDER BY seq DESC", (case,)
        )
        return [row["text"] for row in rows]


@contextmanager
def open_records(data: Path) -> Iterator[Records]:
    """Open the store beside the running portal."""
    site = open_site(data, url="https://127.0.0.1")
    try:
        yield Records(site)
    finally:
        site.database.close()


@pytest.fixture(scope="module")
def records(portal: PortalProcess) -> Iterator[Records]:
    """Of the module's portal."""
    with open_records(portal.data) as found:
        yield found
