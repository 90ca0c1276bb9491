"""SSH sessions: the host key is exactly the one we know, then password or key, then SFTP."""

from __future__ import annotations

import hmac
import logging
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import paramiko
from paramiko.ssh_exception import AuthenticationException, IncompatiblePeer

from app.domain.errors import (
    CredentialsError,
    PeerError,
    WorldError,
)
from app.domain.places import place_of
from app.transfer import failures
from app.transfer.hostkeys import other_host_key
from app.transfer.login import HostKey, SftpLogin
from app.transfer.network import DIRECT, Network, Opening, cut_off, dial, expect_loss, watch_over
from app.transfer.ssh import Malformed, SftpClient, make_transport, open_stream, stands
from app.transfer.wire import Patience

_log = logging.getLogger(__name__)

_CIPHERS_FIRST = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com")
_RSA = ("rsa-sha2-512", "rsa-sha2-256")
_LOOK_FIRST, _LOOK_LAST = 0.002, 0.1
_LONGEST_SYNC = 600.0
_SIGN_IN_TRIPS = 2
_ENDED = "transport shut down"
_WIRE_LOG = "app.transfer.ssh"
_TCP_INFO: int | None = getattr(socket, "TCP_INFO", None) if sys.platform == "linux" else None
_TCP_RTT_AT = 68
"""Where ``struct tcp_info`` has its ``tcpi_rtt``, in microseconds."""


@dataclass(frozen=True, slots=True)
class Session:
    """An open SFTP session."""

    transport: paramiko.Transport
    client: SftpClient

    @property
    def alive(self) -> bool:
        """Whether the connection stands, as far as it is known."""
        return stands(self.transport)

    def await_answer(
        self,
        *,
        seconds: float,
        rest: Callable[[float], None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Wait for the answer to a request that may take the server long; it is to be read then.

        Args:
            seconds: at most.
            rest: waits so many seconds; may raise to give up. The session is not usable then.
            monotonic: seconds that never step.

        Raises:
            TimeoutError: it did not answer in that time.
        """
        pause, until = _LOOK_FIRST, monotonic() + seconds
        while not self.client.stream.ready() and self.alive:
            if monotonic() > until:
                raise TimeoutError
            rest(pause)
            pause = min(_LOOK_LAST, 2 * pause)

    def sync(self, handle: bytes, *, rest: Callable[[float], None]) -> None:
        """Have the server write a file to its disk, if it can be asked to.

        Raises:
            TimeoutError, StatusError: it did not.
        """
        if not self.client.syncs:
            return
        number = self.client.begin_sync(handle)
        self.await_answer(seconds=_LONGEST_SYNC, rest=rest)
        self.client.end_sync(number)

    def expect_loss(self) -> None:
        """See `network.expect_loss`; from any thread, at any time."""
        sock = self.transport.sock
        if isinstance(sock, socket.socket):
            expect_loss(sock)

    def break_off(self) -> None:
        """Have whoever waits for the server hear of its end; from any thread, it waits for nothing."""
        sock: Any = self.transport.sock
        cut_off(sock)

    def close(self) -> None:
        """End it at once; may come from any thread, and twice."""
        self.transport.close()


@dataclass(frozen=True, slots=True)
class SftpServer:
    """A server, who signs in to it, and the way there.

    Attributes:
        host_key: the only one that is trusted; see `HostKey.parse`.
    """

    host: str
    port: int
    login: SftpLogin
    host_key: HostKey
    patience: Patience = field(default_factory=Patience)
    network: Network = DIRECT

    @property
    def peer(self) -> str:
        """``host:port``."""
        return place_of(self.host, self.port)

    def open(
        self,
        *,
        opening: Opening | None = None,
        reached: Callable[[float], None] | None = None,
        before_sign_in: Callable[[], None] | None = None,
        signed_in: Callable[[float], None] | None = None,
    ) -> Session:
        """One more session; see `open_session`."""
        return open_session(
            self.host,
            self.port,
            login=self.login,
            host_key=self.host_key,
            connect=self.patience.connect,
            silence=self.patience.block,
            network=self.network,
            opening=opening,
            reached=reached,
            before_sign_in=before_sign_in,
            signed_in=signed_in,
        )


def open_session(
    host: str,
    port: int,
    *,
    login: SftpLogin,
    host_key: HostKey,
    connect: float,
    silence: float,
    network: Network = DIRECT,
    opening: Opening | None = None,
    reached: Callable[[float], None] | None = None,
    before_sign_in: Callable[[], None] | None = None,
    signed_in: Callable[[float], None] | None = None,
) -> Session:
    """Connect, compare the host key, sign in, start SFTP.

    Args:
        host: name or address.
        port: of the SSH server.
        login: who signs in; nothing of it leaves before the host key was compared.
        host_key: the only one that is trusted.
        connect: seconds for the connection and for each step of signing in.
        silence: seconds without any byte after which a call on the session fails.
        network: the way out.
        opening: whose end, from another thread, ends this, too.
        reached: called as soon as the server is connected, with the seconds of a round trip, where the system
            says them; through a proxy, they are those to the proxy.
        before_sign_in: called when all is ready for the sign-in; may wait, or raise to give up.
        signed_in: called as soon as the sign-in was accepted, with about the seconds of a round trip.

    Raises:
        TrustError: another host key (CF-1411).
        CredentialsError: user, password or key were not accepted (CF-1311).
        UnreachableError: no connection.
        PeerError: it speaks no SFTP (CF-1616).
        WorldError: also what `dial` raises.
    """
    peer = place_of(host, port)
    _quieten()
    opening = opening or Opening()
    try:
        with opening.making() as held:
            return _opened(
                lambda: dial(host, port, network=network, seconds=connect, held=held),
                peer=peer,
                login=login,
                host_key=host_key,
                connect=connect,
                silence=silence,
                reached=reached,
                before_sign_in=before_sign_in,
                signed_in=signed_in,
            )
    except WorldError as error:
        if opening.ended:
            raise failures.cut(peer, reason="the connection was given up here") from error
        raise


def _opened(
    connected: Callable[[], socket.socket],
    *,
    peer: str,
    login: SftpLogin,
    host_key: HostKey,
    connect: float,
    silence: float,
    reached: Callable[[float], None] | None,
    before_sign_in: Callable[[], None] | None,
    signed_in: Callable[[float], None] | None,
) -> Session:
    """See `open_session`."""
    began = time.monotonic()
    try:
        sock = connected()
    except OSError as error:
        raise failures.from_os_error(peer, error) from error
    took = time.monotonic() - began
    transport = None
    try:
        watch_over(sock, seconds=2 * silence)
        if reached is not None and (measured := _measured(sock)) is not None:
            reached(measured)
        transport = make_transport(sock)
        transport.set_log_channel(_WIRE_LOG)
        transport.banner_timeout = transport.auth_timeout = transport.handshake_timeout = connect
        _prefer(transport, host_key)
        _negotiate(transport, seconds=2 * connect)
        _compare(transport, host_key, peer=peer)
        if before_sign_in is not None:
            before_sign_in()
        asked = time.monotonic()
        _sign_in(transport, login, peer=peer)
        if signed_in is not None:
            # Names are looked up, and sign-ins are thought over: the shorter of the two is nearer to the way.
            signed_in(min(took, (time.monotonic() - asked) / _SIGN_IN_TRIPS))
        stream = open_stream(transport, silence=silence)
        stream.ask_subsystem("sftp")
        client = SftpClient(stream)
        client.start(meanwhile=stream.await_subsystem)
    except BaseException as error:
        (transport or sock).close()
        if isinstance(error, Exception) and not isinstance(error, WorldError):
            raise translated(peer, error) from error
        raise
    return Session(transport=transport, client=client)


def show_host_key(
    host: str, port: int, *, network: Network = DIRECT, seconds: float = 20.0, like: HostKey | None = None
) -> HostKey:
    """The key that a server shows, known or not: for a person to compare. Nobody signs in.

    Args:
        host: name or address.
        port: of the SSH server.
        network: the way out.
        seconds: for the connection and for each step.
        like: asks for the key of this one's type; a server may have several.

    Raises:
        UnreachableError: no connection.
        PeerError: it speaks no SSH (CF-1616), or no way that we know (CF-1617).
        WorldError: also what `dial` raises.
    """
    peer = place_of(host, port)
    _quieten()
    try:
        sock = dial(host, port, network=network, seconds=seconds)
    except OSError as error:
        raise failures.from_os_error(peer, error) from error
    transport = None
    try:
        transport = make_transport(sock)
        transport.set_log_channel(_WIRE_LOG)
        transport.banner_timeout = transport.handshake_timeout = seconds
        if like is not None:
            _prefer(transport, like)
        _negotiate(transport, seconds=2 * seconds)
        shown = transport.get_remote_server_key()
        return HostKey(shown.get_name(), shown.asbytes())
    except Exception as error:
        if isinstance(error, WorldError):
            raise
        raise translated(peer, error) from error
    finally:
        (transport or sock).close()


def translated(peer: str, error: Exception) -> Exception:
    """What paramiko and the socket raise, in our families; a defect stays what it is."""
    if isinstance(error, IncompatiblePeer):
        return PeerError(
            "The server offers no secure way that we know",
            happened=f"{peer}: no common key exchange, host key type or cipher.",
            todo="The host key that is known may be of a type the server no longer has; ask its operator.",
            code="CF-1617",
        )
    if isinstance(error, AuthenticationException):
        # paramiko says it also of a connection that ends before there was an answer.
        return failures.cut(peer) if _ENDED in str(error) else _not_accepted(peer)
    if isinstance(error, paramiko.SSHException):
        cause = error.__cause__ or error.__context__
        if isinstance(cause, OSError):
            return failures.from_os_error(peer, cause)
        if isinstance(cause, EOFError):
            return failures.cut(peer)
        if "banner" in str(error) or "protocol version" in str(error):
            return PeerError(
                "The server does not speak SSH",
                happened=f"{peer} sent no SSH banner.",
                todo="Check address and port.",
                code="CF-1616",
            )
        return failures.cut(peer, reason="the SSH session ended")
    if isinstance(error, EOFError):
        return failures.cut(peer)
    if isinstance(error, Malformed):
        return PeerError(
            "The server's answer is not understood",
            happened=f"{peer}: {error}.",
            todo="Tell the server's operator.",
            code="CF-1615",
        )
    if isinstance(error, OSError):
        return failures.from_os_error(peer, error)
    return error


def _measured(sock: socket.socket) -> float | None:
    """Seconds of a round trip as Linux has measured them, unlike ours however busy the machine is."""
    if _TCP_INFO is None:
        return None
    try:
        told = sock.getsockopt(socket.IPPROTO_TCP, _TCP_INFO, _TCP_RTT_AT + 4)
    except (OSError, AttributeError):
        return None
    if len(told) < _TCP_RTT_AT + 4:
        return None
    return int.from_bytes(told[_TCP_RTT_AT : _TCP_RTT_AT + 4], sys.byteorder) / 1e6


def _prefer(transport: paramiko.Transport, host_key: HostKey) -> None:
    """Ask for the host key type that we know, and for the ciphers that processors do in hardware."""
    options = transport.get_security_options()
    options.key_types = _RSA if host_key.kind == "ssh-rsa" else (host_key.kind,)
    known = tuple(options.ciphers)
    options.ciphers = (*_CIPHERS_FIRST, *(name for name in known if name not in _CIPHERS_FIRST))


def _negotiate(transport: paramiko.Transport, *, seconds: float) -> None:
    """Exchange banners and keys; paramiko's own time-out would end without saying so."""
    done = threading.Event()
    transport.start_client(event=done)
    if not done.wait(seconds):
        raise TimeoutError
    if not transport.is_active():
        raise transport.get_exception() or paramiko.SSHException("negotiation failed")


def _compare(transport: paramiko.Transport, host_key: HostKey, *, peer: str) -> None:
    shown = transport.get_remote_server_key()
    if not hmac.compare_digest(shown.asbytes(), host_key.blob):
        raise other_host_key(peer, known=host_key, shown=HostKey(shown.get_name(), shown.asbytes()))


def _sign_in(transport: paramiko.Transport, login: SftpLogin, *, peer: str) -> None:
    if login.key_file is None:
        left = transport.auth_password(login.user, login.password, fallback=False)
    else:
        left = transport.auth_publickey(login.user, _private_key(login))
    if left or not transport.is_authenticated():
        raise _not_accepted(peer)


def _private_key(login: SftpLogin) -> paramiko.PKey:
    assert login.key_file is not None  # noqa: S101 - the caller looked
    try:
        # Its stubs say text; it hands what it gets to a reader that takes bytes only.
        phrase: Any = login.key_passphrase.encode() or None
        return paramiko.PKey.from_path(login.key_file, phrase)
    except (OSError, ValueError, TypeError, paramiko.SSHException, paramiko.pkey.UnknownKeyType) as error:
        raise CredentialsError(
            "The private key cannot be read",
            happened=f"{login.key_file.name}: {type(error).__name__}.",
            todo="Check the file, its rights and its passphrase.",
            code="CF-1312",
        ) from error


def needs_passphrase(key_file: Path) -> bool:
    """Whether a private key is locked; False also for what is no key, which signing in says."""
    try:
        paramiko.PKey.from_path(key_file, None)
    except (TypeError, paramiko.PasswordRequiredException):  # the former is what its readers say
        return True
    except (OSError, ValueError, paramiko.SSHException, paramiko.pkey.UnknownKeyType):
        return False
    return False


def _not_accepted(peer: str) -> CredentialsError:
    return CredentialsError(
        "The SFTP server does not accept the sign-in",
        happened=f"{peer} refused user and password (or key); a temporary account may have expired.",
        todo="Look up the account in the case, or ask for a new one. What was sent is kept.",
        code="CF-1311",
    )


class _Demoted(logging.Filter):
    """paramiko logs what it also raises, with tracebacks; here the raised error is the one that counts."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.levelno, record.levelname = logging.DEBUG, "DEBUG"
        return logging.getLogger(record.name).isEnabledFor(logging.DEBUG)


_demoted = _Demoted()


def _quieten() -> None:
    for name in (_WIRE_LOG, f"{_WIRE_LOG}.sftp"):
        logging.getLogger(name).addFilter(_demoted)
