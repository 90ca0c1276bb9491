"""What a server's alert says of the certificate that this machine shows it, or does not.

From TLS 1.3 on, a server judges it after the handshake has ended here. A request that is sent meanwhile finds
the connection closed; why stands, still unread, before that end. nginx lets everybody in that far, and
answers the request with a page that says it.
"""

from __future__ import annotations

import ssl
from typing import Protocol

from app.domain.errors import CredentialsError

_MISSING = frozenset({"TLSV13_ALERT_CERTIFICATE_REQUIRED"})
_NOT_TAKEN = frozenset(
    {
        "SSLV3_ALERT_BAD_CERTIFICATE",
        "SSLV3_ALERT_CERTIFICATE_EXPIRED",
        "SSLV3_ALERT_CERTIFICATE_REVOKED",
        "SSLV3_ALERT_CERTIFICATE_UNKNOWN",
        "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
        "TLSV1_ALERT_ACCESS_DENIED",
        "TLSV1_ALERT_UNKNOWN_CA",
    }
)
"""Alerts about a certificate can only mean ours: the server's own is judged here."""

OUT_OF_DATE = frozenset({9, 10})
OF_ANOTHER_NAME = frozenset({62, 63, 64})
"""What OpenSSL says of a server's certificate that an authority has signed, and that does not count."""

PAGES = frozenset({400, 495, 496})
"""The statuses of pages that may be about the certificate."""

_PAGE_MISSING = b"No required SSL certificate was sent"
_PAGE_NOT_TAKEN = b"The SSL certificate error"

_PERHAPS = "SSLV3_ALERT_HANDSHAKE_FAILURE"
_SOON = 1.0


class Receiving(Protocol):
    """As much of a TLS socket as is read from here."""

    def settimeout(self, seconds: float | None, /) -> None:
        """Seconds to wait at most."""

    def recv(self, count: int, /) -> bytes:
        """Some bytes."""


def client_certificate_error(error: ssl.SSLError, where: str) -> CredentialsError | None:
    """The server wants to be shown a certificate, or another one; None when its alert says something else."""
    reason = error.reason or ""
    if reason in _MISSING:
        return _wanted(where)
    if reason in _NOT_TAKEN:
        return _not_taken(where, why=reason)
    return None


def error_of_page(status: int, page: bytes, where: str) -> CredentialsError | None:
    """As `client_certificate_error`, of a server that says it by a page instead of an alert.

    Args:
        status: one of `PAGES`, else it says something else.
        page: the body, or its beginning.
        where: ``host:port``.
    """
    if status in PAGES and _PAGE_MISSING in page:
        return _wanted(where)
    if status in PAGES and _PAGE_NOT_TAKEN in page:
        return _not_taken(where, why=f"status {status}")
    return None


def _wanted(where: str) -> CredentialsError:
    return CredentialsError(
        "The server wants a client certificate",
        happened=f"{where} lets nobody in who shows it none.",
        todo="Give the certificate that its operator made for this machine, and its key.",
        code="CF-1313",
    )


def _not_taken(where: str, *, why: str) -> CredentialsError:
    return CredentialsError(
        "The server does not accept this machine's certificate",
        happened=f"{where} refuses the client certificate ({why}).",
        todo="Give another one: it may have ended, or its authority is not known to the server.",
        code="CF-1314",
    )


def may_want_a_certificate(error: ssl.SSLError) -> bool:
    """Whether the alert may mean that, too: TLS 1.2 has none of its own for one that is missing."""
    return error.reason == _PERHAPS


def is_verdict(error: BaseException) -> bool:
    """Whether it is a server's word on the certificate of this machine."""
    return isinstance(error, ssl.SSLError) and error.reason in _MISSING | _NOT_TAKEN


def verdict_behind(sock: Receiving | None, error: OSError) -> OSError:
    """The server's word on our certificate, where it stands unread behind a cut; else the cut, `error`.

    Args:
        sock: of the connection on which nothing can be sent any more; None when it is gone.
        error: how it ended.
    """
    if sock is None or not isinstance(error, ConnectionError | ssl.SSLEOFError):
        return error
    try:
        sock.settimeout(_SOON)
        sock.recv(1)
    except OSError as behind:
        return behind if is_verdict(behind) else error
    return error
