"""Certificates that a person has agreed to: looking at one before it is trusted, keeping it, keeping to it.

Only here is a certificate looked at that nothing vouches for, and only here the name in it does not count:
what counts instead are its very bytes.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import socket
import ssl
import tempfile
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

import msgspec

from app.domain.errors import InputError, LocalError, TrustError, WorldError
from app.domain.places import place_of
from app.secrets import FileLock
from app.transfer.network.dialling import DIRECT, dial
from app.transfer.network.proxies import Network


@dataclass(frozen=True, slots=True)
class ShownCertificate:
    """What a server showed before it was trusted.

    Attributes:
        place: ``host:port``.
        der: the certificate itself.
    """

    place: str
    der: bytes

    @property
    def fingerprint(self) -> str:
        """SHA-256 in pairs of hex digits, as people compare it."""
        return fingerprint_of(self.der)


def fingerprint_of(der: bytes) -> str:
    """SHA-256 of a certificate in pairs of hex digits, as people compare it."""
    return hashlib.sha256(der).digest().hex(":").upper()


class PinnedContext(ssl.SSLContext):
    """Trusts exactly one certificate, `der`, whatever name it is made out for."""

    der = b""

    def wrap_socket(
        self,
        sock: socket.socket,
        server_side: bool = False,
        do_handshake_on_connect: bool = True,
        suppress_ragged_eofs: bool = True,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLSocket:
        """Secure a connection, and compare the certificate's very bytes before anything is sent.

        Raises:
            OSError: TLS fails.
            TrustError: it is not the pinned certificate (CF-1440).
        """
        place = server_hostname if isinstance(server_hostname, str) else "The server"
        try:
            secured = super().wrap_socket(
                sock,
                server_side=server_side,
                do_handshake_on_connect=do_handshake_on_connect,
                suppress_ragged_eofs=suppress_ragged_eofs,
                server_hostname=server_hostname,
                session=session,
            )
        except ssl.SSLCertVerificationError as error:
            raise other_certificate(place, agreed=self.der) from error
        shown = secured.getpeercert(binary_form=True) or b""
        if not hmac.compare_digest(shown, self.der):
            secured.close()
            raise other_certificate(place, agreed=self.der, shown=shown)
        return secured


def show_certificate(
    host: str, port: int, *, network: Network = DIRECT, seconds: float = 20.0
) -> ShownCertificate:
    """What the server shows, trusted or not: for a person to compare. Nothing is sent to it.

    Raises:
        OSError: no connection, or no TLS.
        WorldError: of the proxy, see `dial`.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    # Only to look at it; what is sent goes over another connection, with a context that verifies.
    context.verify_mode = ssl.CERT_NONE
    with (
        dial(host, port, network=network, seconds=seconds) as plain,
        context.wrap_socket(plain, server_hostname=host) as secured,
    ):
        return ShownCertificate(place=place_of(host, port), der=secured.getpeercert(binary_form=True) or b"")


class Pins:
    """The certificates that people have agreed to, one file, for its owner only."""

    def __init__(self, path: Path) -> None:
        """Read it; a missing file holds none.

        Raises:
            LocalError: it cannot be read (CF-1860).
        """
        self._path = path
        self._pins = _decoded(read_kept(path), path)

    def of(self, host: str, port: int) -> bytes:
        """The certificate that counts for this server; empty when no person agreed to one."""
        return self._pins.get(place_of(host, port), b"")

    def keep(self, shown: ShownCertificate, *, confirmed: str) -> None:
        """Keep it, because a person has compared it.

        Args:
            shown: what the server showed.
            confirmed: the fingerprint, as the person gave or saw it; upper or lower case, with colons or not.

        Raises:
            TrustError: it is another certificate's (CF-1440).
            LocalError: the file cannot be written (CF-1860).
        """
        given = confirmed.replace(":", "").strip().lower()
        if not hmac.compare_digest(given.encode(), hashlib.sha256(shown.der).hexdigest().encode()):
            raise other_certificate(shown.place, shown=shown.der)
        self._change(lambda kept: kept.update({shown.place: b64encode(shown.der).decode()}))

    def places(self) -> dict[str, str]:
        """Every ``host:port`` that a person agreed to a certificate of, with its fingerprint."""
        return {place: fingerprint_of(der) for place, der in sorted(self._pins.items())}

    def forget(self, host: str, port: int) -> None:
        """Trust this server by its authority again.

        Raises:
            LocalError: the file cannot be written (CF-1860).
        """
        self._change(lambda kept: kept.pop(place_of(host, port), None))

    def _change(self, change: Callable[[dict[str, str]], object]) -> None:
        self._pins = _decoded(change_kept(self._path, change), self._path)


def _decoded(kept: Mapping[str, str], path: Path) -> dict[str, bytes]:
    try:
        return {place: b64decode(text, validate=True) for place, text in kept.items()}
    except ValueError as error:
        raise pins_unreadable(path) from error


def parse_place(text: str) -> tuple[str, int]:
    """Host and port of ``host:port`` as `Pins.places` names it, of ``[::1]:443``, or of an address; else 443.

    Without brackets, ``::1:443`` is port 443 of ``::1``, and ``::1`` is a host.

    Raises:
        InputError: it holds no host, or no port from 1 to 65535 (CF-1169).
    """
    place = text.strip()
    if "://" in place:
        place = place.partition("://")[2]
    place = place.partition("/")[0]
    host, colon, digits = place.rpartition(":")
    named = bool(colon) and digits.isascii() and digits.isdigit()
    named = named and (":" not in host or host.endswith("]") or _is_address(host))
    port = int(digits) if named else 443
    host = (host if named else place).strip("[]")
    if not host or not 0 < port < 65536:
        raise InputError(
            "This is no address of a server",
            happened="It holds no host, or no port from 1 to 65535.",
            todo="Give host:port.",
            code="CF-1169",
        )
    return host, port


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def read_kept(path: Path) -> dict[str, str]:
    """What people agreed to, by ``host:port``; a missing file holds nothing.

    Raises:
        LocalError: it cannot be read (CF-1860).
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, str])
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.MsgspecError) as error:
        raise pins_unreadable(path) from error


def change_kept(path: Path, change: Callable[[dict[str, str]], object]) -> dict[str, str]:
    """Change what is kept as it is now: another program may have changed it since it was read; what is kept.

    Raises:
        LocalError: the file cannot be read or written (CF-1860).
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_name(f"{path.name}.lock")).held():
            kept = read_kept(path)
            change(kept)
            write_kept(path, kept)
    except OSError as error:
        raise pins_unreadable(path) from error
    return kept


def write_kept(path: Path, kept: Mapping[str, str]) -> None:
    """Keep it, whole or not at all, for its owner only.

    Raises:
        LocalError: the file cannot be written (CF-1860).
    """
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(msgspec.json.encode(kept))
                stream.flush()
                os.fsync(stream.fileno())
            Path(name).replace(path)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise pins_unreadable(path) from error


def connect_tls(plain: socket.socket, *, host: str, context: ssl.SSLContext) -> ssl.SSLSocket:
    """Secure a connection.

    Raises:
        OSError: TLS fails; `ssl.SSLCertVerificationError` when it is not trusted.
        TrustError: it is not the pinned certificate (CF-1440).
    """
    return context.wrap_socket(plain, server_hostname=host)


def verifies(context: ssl.SSLContext) -> bool:
    """Whether a context lets nobody in that it does not know."""
    named = context.check_hostname or isinstance(context, PinnedContext)
    return context.verify_mode is ssl.CERT_REQUIRED and named


def other_certificate(place: str, *, agreed: bytes = b"", shown: bytes = b"") -> TrustError:
    """The server shows another certificate than the one a person agreed to.

    Args:
        place: ``host:port``, or the host alone.
        agreed: the certificate that counts; empty when none does.
        shown: the one that the server showed; empty when it was refused before it was seen.
    """
    words = f"{place} shows a certificate that nobody here has agreed to."
    if agreed:
        words += f" Agreed to: SHA-256 {fingerprint_of(agreed)}."
    if shown:
        words += f" Shown: SHA-256 {fingerprint_of(shown)}."
    return TrustError(
        "The server's certificate is another one",
        happened=f"{words} Nothing was sent.",
        todo="Ask the server's operator, by another way, whether it was changed; then agree to the new one.",
        code="CF-1440",
    )


def prove_pin(
    host: str, port: int, *, agreed: bytes, network: Network = DIRECT, seconds: float = 20.0
) -> None:
    """Look whether a server still shows the certificate that a person agreed to.

    A connection with a pinned context refuses another one, too; only here it is seen, and named beside the
    one that was agreed to. A server that cannot be reached is left to the call that needs it.

    Raises:
        TrustError: it shows another one; both fingerprints are in its words (CF-1440).
    """
    try:
        shown = show_certificate(host, port, network=network, seconds=seconds)
    except (OSError, WorldError):
        return
    if not hmac.compare_digest(shown.der, agreed):
        raise other_certificate(shown.place, agreed=agreed, shown=shown.der)


def pinned_context(der: bytes) -> PinnedContext:
    """A context that accepts the pinned certificate (DER) only.

    Raises:
        InputError: it is none (CF-1164).
    """
    context = PinnedContext(ssl.PROTOCOL_TLS_CLIENT)
    context.der = der
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    try:
        context.load_verify_locations(cadata=der)
    except (ssl.SSLError, ValueError) as error:
        raise _damaged_pin() from error
    return context


def _damaged_pin() -> InputError:
    return InputError(
        "The kept certificate cannot be used",
        happened="The certificate that a person agreed to is damaged.",
        todo="Look at the server's certificate again, and agree to it anew.",
        code="CF-1164",
    )


def pins_unreadable(path: Path) -> LocalError:
    """The file of what people agreed to is damaged, or refuses."""
    return LocalError(
        "The kept certificates cannot be read or written",
        happened=f"{path.name} is damaged, or its folder refuses.",
        todo="Check the rights of the data folder; remove the file to agree to certificates anew.",
        code="CF-1860",
    )
