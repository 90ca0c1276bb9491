"""The listening side: one thread accepts, each connection has paramiko's own, one looks after all of them."""

from __future__ import annotations

import logging
import socket
import sys
import threading
from dataclasses import dataclass
from datetime import timedelta

import paramiko

from app.domain.errors import LocalError
from app.portal.contract import SftpHost
from app.sandbox.sftp.arrivals import Arrivals
from app.sandbox.sftp.door import Door
from app.sandbox.sftp.hostkey import open_host_key, public_line
from app.sandbox.sftp.leftovers import remove_leftovers
from app.sandbox.sftp.writers import Writers
from app.sandbox.site import Site

_log = logging.getLogger("app.sandbox.sftp")
_SSH_LOG = "app.sandbox.sftp.ssh"
_BACKLOG = 64
_ROUND_S = 2.0
_CLEAR_EVERY_S = 3600.0
_WINDOW = 8 << 20
_PACKET = 64 * 1024
_CIPHERS = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr", "aes192-ctr", "aes256-ctr")
_MACS = (
    "hmac-sha2-256-etm@openssh.com",
    "hmac-sha2-512-etm@openssh.com",
    "hmac-sha2-256",
    "hmac-sha2-512",
)


@dataclass(frozen=True, slots=True)
class SftpSettings:
    """How the SFTP side treats connections.

    Attributes:
        grace: how long a finished file waits for its companion.
        most_connections: of all accounts together.
        login_s: seconds until a connection must have signed in.
        lifetime: of an unfinished file after its last byte, as of an upload over HTTPS.
    """

    grace: timedelta = timedelta(seconds=2)
    most_connections: int = 128
    login_s: float = 60.0
    lifetime: timedelta = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class _Connection:
    transport: paramiko.Transport
    door: Door


class SftpServer:
    """A running SFTP side.

    Raises:
        LocalError: the address is taken, or the host key cannot be used.
    """

    def __init__(self, site: Site, *, host: str, port: int, settings: SftpSettings) -> None:
        self._site = site
        self._settings = settings
        self._key = open_host_key(site.data / "keys" / "sftp_host_ed25519")
        self._listener = _listen(host, port)
        self._writers = Writers(site.monotonic)
        self._arrivals = Arrivals(site, self._writers, grace=settings.grace)
        self._connections: list[_Connection] = []
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._accept, name="sftp-accept", daemon=True),
            threading.Thread(target=self._look_after, name="sftp-sessions", daemon=True),
        ]
        shown = socket.gethostname() if host in ("0.0.0.0", "::") else host  # noqa: S104
        self._announced = SftpHost(
            host=shown, port=self._listener.getsockname()[1], host_key=public_line(self._key)
        )

    @property
    def announced(self) -> SftpHost:
        """Host, the port it really has, and the public host key."""
        return self._announced

    def start(self) -> None:
        """Serve from now on."""
        logging.getLogger(_SSH_LOG).setLevel(logging.CRITICAL)
        self._arrivals.start()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End every session and the listener; what clients had not finished stays, to be resumed."""
        self._stopping.set()
        _wake(self._listener)
        self._listener.close()
        for connection in self._alive():
            connection.transport.close()
        for thread in self._threads:
            thread.join()
        for connection in self._alive():
            connection.transport.join(5.0)
        self._arrivals.stop()

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                if self._stopping.is_set():
                    return
                _log.warning("a connection could not be accepted")
                self._stopping.wait(0.2)
                continue
            if self._stopping.is_set() or len(self._alive()) >= self._settings.most_connections:
                client.close()
                continue
            self._serve(client)

    def _serve(self, client: socket.socket) -> None:
        try:
            _keep_alive(client)
            transport = paramiko.Transport(
                client, default_window_size=_WINDOW, default_max_packet_size=_PACKET
            )
            transport.set_log_channel(_SSH_LOG)
            transport.local_version = "SSH-2.0-Caseferry"
            options = transport.get_security_options()
            options.ciphers = _CIPHERS
            options.digests = _MACS
            options.kex = tuple(name for name in options.kex if "group-exchange" not in name)
            transport.add_server_key(self._key)
            door = Door(self._site, self._writers, self._arrivals, transport)
            with self._lock:
                self._connections.append(_Connection(transport=transport, door=door))
            transport.start_server(event=threading.Event(), server=door)
        except (OSError, paramiko.SSHException, EOFError) as error:
            client.close()
            _log.info("a connection ended before it began: %s", type(error).__name__)

    def _look_after(self) -> None:
        """Close what has not signed in for long, and sessions that have ended; clear what nobody finished."""
        cleared_at = self._site.monotonic() - _CLEAR_EVERY_S
        while not self._stopping.wait(_ROUND_S):
            now = self._site.monotonic()
            if now - cleared_at >= _CLEAR_EVERY_S:
                cleared_at = now
                remove_leftovers(
                    self._site.data / "cases", now=self._site.clock(), lifetime=self._settings.lifetime
                )
            for connection in self._alive():
                gate = connection.door.gate
                waits = self._site.monotonic() - connection.door.opened
                if gate is None and waits > self._settings.login_s:
                    connection.transport.close()
                try:
                    if gate is not None and not gate.is_open():
                        connection.transport.close()
                except LocalError as error:
                    _log.warning("an account could not be looked up: %s", error.code)

    def _alive(self) -> list[_Connection]:
        with self._lock:
            self._connections = [found for found in self._connections if found.transport.is_alive()]
            return list(self._connections)


def start_sftp(site: Site, *, host: str, port: int, settings: SftpSettings | None = None) -> SftpServer:
    """Start the SFTP side of a portal.

    Raises:
        LocalError: the address is taken, or the host key cannot be used.
    """
    server = SftpServer(site, host=host, port=port, settings=settings or SftpSettings())
    server.start()
    return server


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise LocalError(
            "The SFTP side cannot listen",
            happened=f"{host}:{port}: {error.strerror}.",
            todo="Choose another address with --sftp, or stop what uses this one.",
            code="CF-1831",
        ) from error
    return listener


def _wake(listener: socket.socket) -> None:
    """Make a blocked accept return; closing alone does not on every system."""
    host, port = listener.getsockname()[:2]
    target = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    try:
        socket.create_connection((target, port), timeout=1.0).close()
    except OSError:
        _log.debug("the listener was closed already")


def _keep_alive(client: socket.socket) -> None:
    """Notice a dead peer within about a minute, where the system lets us say so."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for name, value in (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3)):
        if hasattr(socket, name):
            client.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
