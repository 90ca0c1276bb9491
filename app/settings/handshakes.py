"""What a server's alert says of the certificate that this machine shows it, or does not."""

from __future__ import annotations

import ssl

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

_PERHAPS = "SSLV3_ALERT_HANDSHAKE_FAILURE"


def client_certificate_error(error: ssl.SSLError, where: str) -> CredentialsError | None:
    """The server wants to be shown a certificate, or another one; None when its alert says something else."""
    reason = error.reason or ""
    if reason in _MISSING:
        return CredentialsError(
            "The server wants a client certificate",
            happened=f"{where} lets nobody in who shows it none.",
            todo="Give the certificate that its operator made for this machine, and its key.",
            code="CF-1313",
        )
    if reason in _NOT_TAKEN:
        return CredentialsError(
            "The server does not accept this machine's certificate",
            happened=f"{where} refuses the client certificate ({reason}).",
            todo="Give another one: it may have ended, or its authority is not known to the server.",
            code="CF-1314",
        )
    return None


def may_want_a_certificate(error: ssl.SSLError) -> bool:
    """Whether the alert may mean that, too: TLS 1.2 has none of its own for one that is missing."""
    return error.reason == _PERHAPS
