"""The errors of the network, each in its family, with its own code."""

from __future__ import annotations

import errno
import re
import socket
import ssl

from app.domain.errors import (
    CredentialsError,
    IntegrityError,
    PeerError,
    RefusedError,
    TrustError,
    UnreachableError,
    WorldError,
)
from app.settings.handshakes import (
    OF_ANOTHER_NAME,
    OUT_OF_DATE,
    client_certificate_error,
    may_want_a_certificate,
)

_CHECK_TLS = "Check address and port, and that no proxy stands between."
_CHECK_CERTIFICATE = " Ask its operator whether it wants a client certificate."

_NO_WAY = frozenset({errno.ENETDOWN, errno.ENETUNREACH, errno.EHOSTDOWN, errno.EHOSTUNREACH})
_RULE = re.compile(r"\bR-[A-Z]+-[0-9]+\b")


def from_os_error(peer: str, error: OSError) -> WorldError:
    """What a socket said, for people. `peer` is ``host:port``."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _not_trusted(peer, error)
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return cut(peer)
    if isinstance(error, ssl.SSLError):
        return client_certificate_error(error, peer) or PeerError(
            "The server does not speak TLS as it must",
            happened=f"{peer}: {error.reason or 'TLS failed'}.",
            todo=_CHECK_TLS + (_CHECK_CERTIFICATE if may_want_a_certificate(error) else ""),
            code="CF-1631",
        )
    if isinstance(error, socket.gaierror):
        return UnreachableError(
            "The server's name cannot be resolved",
            happened=f"{peer}: {error.strerror or 'no address'}.",
            todo="Check the name and this machine's network.",
            code="CF-1512",
        )
    if isinstance(error, TimeoutError):
        return UnreachableError(
            "The server does not answer",
            happened=f"{peer} was silent for too long.",
            todo="It is tried again by itself; check network and firewall when it stays so.",
            code="CF-1511",
        )
    if isinstance(error, ConnectionRefusedError):
        return UnreachableError(
            "The server cannot be reached",
            happened=f"{peer} refuses the connection.",
            todo="It is tried again by itself; check that the server runs, and its port.",
            code="CF-1519",
        )
    if error.errno in _NO_WAY:
        return UnreachableError(
            "The server cannot be reached",
            happened=f"{peer}: {error.strerror}.",
            todo="It is tried again by itself; check this machine's network.",
            code="CF-1519",
        )
    return cut(peer, reason=error.strerror or "")


def _not_trusted(peer: str, error: ssl.SSLCertVerificationError) -> TrustError:
    todo = "Check the address; give the CA file if your network has a CA of its own."
    if error.verify_code in OUT_OF_DATE:
        todo = "Check this machine's clock; else the certificate must be renewed at the server."
    elif error.verify_code in OF_ANOTHER_NAME:
        todo = "Use the name in the certificate, or have the certificate made out for this one."
    why = (error.verify_message or "the certificate cannot be verified").rstrip(".")
    return TrustError(
        "The server's certificate is not trusted",
        happened=f"{peer}: {why}.",
        todo=f"{todo} Nothing was sent.",
        code="CF-1410",
    )


def cut(peer: str, *, reason: str = "") -> UnreachableError:
    """The connection ended before its time."""
    return UnreachableError(
        "The connection was cut",
        happened=f"{peer}: {reason or 'the other side closed it'}.",
        todo="It goes on by itself from what the server has.",
        code="CF-1510",
    )


def busy(peer: str, *, status: int, retry_after: float | None) -> UnreachableError:
    """429, 503, 413 with ``Retry-After``: later."""
    return UnreachableError(
        "The server asks to come later",
        happened=f"{peer} answered {status}.",
        todo="It is tried again by itself.",
        code="CF-1513",
        retry_after=retry_after,
    )


def server_failed(peer: str, *, status: int, retry_after: float | None) -> UnreachableError:
    """5xx: the server's own trouble."""
    return UnreachableError(
        "The server has a fault of its own",
        happened=f"{peer} answered {status}.",
        todo="It is tried again by itself; tell the server's operator when it stays so.",
        code="CF-1514",
        retry_after=retry_after,
    )


def storage_full(peer: str, *, retry_after: float | None = None) -> UnreachableError:
    """507, or an SFTP write that fails."""
    return UnreachableError(
        "The server has no room",
        happened=f"{peer} cannot store more: its disk is full or a quota is reached.",
        todo="Tell the server's operator; it is tried again by itself.",
        code="CF-1515",
        retry_after=retry_after,
    )


def locked(peer: str, *, retry_after: float | None = None) -> UnreachableError:
    """423: an older request of ours still holds the upload."""
    return UnreachableError(
        "The upload is still held by an older connection",
        happened=f"{peer} answered 423.",
        todo="It is tried again by itself.",
        code="CF-1516",
        retry_after=retry_after,
    )


def gone(peer: str) -> UnreachableError:
    """404, 410: the peer forgot the upload; the next attempt makes it anew."""
    return UnreachableError(
        "The server no longer has the upload",
        happened=f"{peer} has dropped it.",
        todo="It is sent again by itself from the start.",
        code="CF-1517",
        retry_after=0.0,
    )


def not_signed_in(peer: str) -> CredentialsError:
    """401 after the credential was renewed."""
    return CredentialsError(
        "The server does not accept the sign-in",
        happened=f"{peer} answered 401, also with a new token.",
        todo="Sign in again, or give the agent a new credential. What was sent is kept.",
        code="CF-1310",
    )


def refused(peer: str, *, status: int, detail: str = "", rule: str = "") -> RefusedError:
    """A 4xx that waiting does not mend."""
    return RefusedError(
        "The server refuses the file",
        happened=f"{peer} answered {status}{': ' + detail if detail else '.'}",
        todo="Read its reason; nothing that was sent is lost.",
        rule=rule,
        code="CF-1210",
    )


def kept_aside(peer: str, *, note: str) -> RefusedError:
    """All of it arrived as it was sent, and yet the server does not take it: a rule came between."""
    rule = _RULE.search(note)
    return RefusedError(
        "The server keeps the file aside",
        happened=f"{peer}: {note or 'it gives no reason.'}",
        todo="Nothing is lost: the bundle is still here. Try again once the reason is gone.",
        rule="" if rule is None else rule[0],
        code="CF-1214",
    )


def too_large(peer: str, *, largest: int | None = None) -> RefusedError:
    """The whole file, or even the smallest part, is more than the server takes."""
    limit = "" if largest is None else f" It takes {largest} bytes at most."
    return RefusedError(
        "The file is too large for the server",
        happened=f"{peer} does not take it.{limit}",
        todo="Send fewer logs at once, or another way; a proxy between may have a limit, too.",
        code="CF-1211",
    )


def garbage(peer: str, what: str) -> PeerError:
    """The peer answered, but not what the protocol says."""
    return PeerError(
        "The server's answer is not understood",
        happened=f"{peer}: {what}.",
        todo="Check the address: it may not be the portal, or a proxy answers in its place.",
        code="CF-1630",
    )


def insecure_redirect(peer: str) -> TrustError:
    """A redirect away from HTTPS."""
    return TrustError(
        "The server wants to leave the secured connection",
        happened=f"{peer} redirects to an address without TLS.",
        todo="Tell the server's operator. Nothing was sent there.",
        code="CF-1412",
    )


def foreign_host(peer: str) -> TrustError:
    """A redirect or upload address on another host."""
    return TrustError(
        "The server points to another server",
        happened=f"{peer} names an address on another host or port.",
        todo="Check the portal's address in the settings. Nothing was sent there.",
        code="CF-1413",
    )


def part_corrupted(peer: str) -> IntegrityError:
    """The same part arrived with another digest three times in a row."""
    return IntegrityError(
        "A part arrives changed",
        happened=f"{peer} computed another SHA-256 of one part three times in a row.",
        todo="Something between changes the data (a proxy, a memory fault): find it before sending again.",
        code="CF-1720",
    )


def stored_differs(peer: str, *, note: str = "") -> IntegrityError:
    """What the peer stored is not what was sent."""
    return IntegrityError(
        "The stored file is not what was sent",
        happened=f"{peer}: {note or 'its SHA-256 differs'}.",
        todo="Try again: it is sent anew where the server lets go of the wrong one. If it ends like this each"
        " time, the server cannot let go of it: have its operator remove the upload of this name, or send it"
        " another way (--via, --not-there).",
        code="CF-1721",
    )
