"""Temporary SFTP accounts (R-FILE-5) as the SFTP side uses them: made, found, and let in or not."""

from __future__ import annotations

import hmac

from app.domain.files import may_send_files
from app.sandbox.sftpaccounts import new_sftp_account, password_of
from app.sandbox.site import Site
from app.sandbox.store.cases import case_status
from app.sandbox.store.files import SftpAccountRow, insert_sftp_account, sftp_account_by_user

_RECHECK_S = 1.0


def create_account(site: Site, *, case: str, created_by: str) -> SftpAccountRow:
    """Make an account for a case; whether the caller may is not asked here."""
    account = new_sftp_account(site, case=case, created_by=created_by, created=site.clock())
    with site.database.transaction() as connection:
        insert_sftp_account(connection, account)
    return account


def find_account(site: Site, user: str) -> SftpAccountRow | None:
    """The account of this user name, living or not."""
    return sftp_account_by_user(site.database, user)


def is_alive(site: Site, account: SftpAccountRow) -> bool:
    """Whether the account is good now: neither expired nor ended, and its case takes files (R-FILE-1)."""
    if account.ended is not None or account.expires <= site.clock():
        return False
    status = case_status(site.database, account.case)
    return status is not None and may_send_files(status).allowed


def check_password(site: Site, user: str, password: str) -> SftpAccountRow | None:
    """The account, when user and password are right and it is alive.

    Takes the same way for unknown users, and compares in a time that does not depend on the password.
    """
    account = find_account(site, user)
    stored = password_of(site, account) if account is not None else ""
    equal = hmac.compare_digest(stored.encode(), password.encode("utf-8", "surrogateescape"))
    if not equal or not stored or account is None or not is_alive(site, account):
        return None
    return account


class Gate:
    """Asks again and again whether a session's account is still alive; the store at most once a second."""

    def __init__(self, site: Site, account: SftpAccountRow) -> None:
        self.account = account
        self._site = site
        self._asked = site.monotonic()
        self._open = True

    def is_open(self) -> bool:
        """Whether the session may go on. Once closed, it stays closed."""
        now = self._site.monotonic()
        if self._open and now - self._asked >= _RECHECK_S:
            self._asked = now
            account = find_account(self._site, self.account.user)
            self._open = account is not None and is_alive(self._site, account)
        return self._open
