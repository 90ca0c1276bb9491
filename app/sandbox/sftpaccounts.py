"""Temporary SFTP accounts of a case (R-FILE-5): made here, served by `app.sandbox.sftp`."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.portal.contract import ProblemCode, SftpAccount, SftpHost
from app.sandbox.problems import ProblemError
from app.sandbox.site import Site
from app.sandbox.store.files import SftpAccountRow

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def new_sftp_account(site: Site, *, case: str, created_by: str, created: datetime) -> SftpAccountRow:
    """A fresh account: random user and password, alive for the hours that the portal announces.

    Both are of letters and digits only, so that every SFTP client and shell takes them as they are.
    """
    user = f"cs{case}-{_letters(site, 6)}"
    return SftpAccountRow(
        id=f"sa-{_letters(site, 12)}",
        case=case,
        user=user,
        password=site.seal.close(_letters(site, 24).encode(), purpose=_purpose(user)),
        created=created,
        expires=created + timedelta(hours=site.limits.sftp_account_hours),
        created_by=created_by,
    )


def password_of(site: Site, account: SftpAccountRow) -> str:
    """The account's password in clear: for its case's page, and to compare with what a client sends."""
    return site.seal.open(account.password, purpose=_purpose(account.user)).decode()


def shown(site: Site, account: SftpAccountRow) -> SftpAccount:
    """The account as its case shows it.

    Raises:
        ProblemError: 409 ``no-sftp``, when the portal runs without SFTP.
    """
    host = sftp_host(site)
    return SftpAccount(
        case=account.case,
        host=host.host,
        port=host.port,
        host_key=host.host_key,
        user=account.user,
        password=password_of(site, account),
        created=account.created,
        expires=account.expires,
    )


def sftp_host(site: Site) -> SftpHost:
    """The SFTP side.

    Raises:
        ProblemError: 409 ``no-sftp``, when the portal runs without.
    """
    if site.sftp is None:
        raise ProblemError(
            409,
            ProblemCode.NO_SFTP,
            "This portal has no SFTP side",
            "It runs without one; files are taken over HTTPS only.",
            "R-FILE-5",
        )
    return site.sftp


def _purpose(user: str) -> str:
    return f"sftp:{user}"


def _letters(site: Site, count: int) -> str:
    """Random letters and digits, each equally likely."""
    limit = 256 - 256 % len(_LETTERS)
    found = ""
    while len(found) < count:
        found += "".join(_LETTERS[byte % len(_LETTERS)] for byte in site.token(count) if byte < limit)
    return found[:count]
