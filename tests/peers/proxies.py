"""Small proxies of the tests' own: HTTP CONNECT and SOCKS5, with sign-in, and with rules."""

from __future__ import annotations

import socket
import socketserver
import struct
import threading
from base64 import b64encode
from types import TracebackType


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def handle_error(self, *_details: object) -> None:
        """Clients of these tests leave in the middle."""


class TestProxy:
    """Listens on a free port of the loopback. Use as a context manager.

    Attributes:
        asked: ``host:port`` of every connection that was asked for, as the client named it.
        one_port_only: 403 for every place but the first that was asked for, as many do for all ports but 443.
        answer: status of HTTP, or reply code of SOCKS5, given instead of a connection; None for a connection.
    """

    __test__ = False

    def __init__(self, *, user: str = "", password: str = "", socks: bool = False) -> None:
        self.user, self.password, self.socks = user, password, socks
        self.asked: list[str] = []
        self.answer: int | None = None
        self.one_port_only = False
        proxy = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                (proxy._socks5 if proxy.socks else proxy._connect)(self.request)

        self._server = _Server(("127.0.0.1", 0), Handler)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def url(self) -> str:
        """With user and password."""
        login = f"{self.user}:{self.password}@" if self.user else ""
        return f"{'socks5' if self.socks else 'http'}://{login}127.0.0.1:{self.port}"

    def __enter__(self) -> TestProxy:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _connect(self, client: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            piece = client.recv(4096)
            if not piece:
                return  # who only looks whether the proxy is there asks for nothing
            head += piece
        request, *lines = head.decode().split("\r\n")
        wanted = b64encode(f"{self.user}:{self.password}".encode()).decode()
        if self.user and f"proxy-authorization: basic {wanted}".lower() not in [
            line.lower() for line in lines
        ]:
            client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            return
        place = request.split()[1]
        self.asked.append(place)
        if self.one_port_only and place != self.asked[0]:
            client.sendall(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")
            return
        if self.answer is not None:
            client.sendall(f"HTTP/1.1 {self.answer} No\r\nContent-Length: 0\r\n\r\n".encode())
            return
        host, _, port = place.rpartition(":")
        server = socket.create_connection((host.strip("[]"), int(port)), timeout=60)
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        _relay(client, server)

    def _socks5(self, client: socket.socket) -> None:
        methods = _exactly(client, _exactly(client, 2)[1])
        if self.user:
            if 2 not in methods:
                client.sendall(b"\x05\xff")
                return
            client.sendall(b"\x05\x02")
            user = _exactly(client, _exactly(client, 2)[1]).decode()
            password = _exactly(client, _exactly(client, 1)[0]).decode()
            good = (user, password) == (self.user, self.password)
            client.sendall(b"\x01\x00" if good else b"\x01\x01")
            if not good:
                return
        else:
            client.sendall(b"\x05\x00")
        kind = _exactly(client, 4)[3]
        if kind == 3:
            host = _exactly(client, _exactly(client, 1)[0]).decode()
        else:
            family, size = (socket.AF_INET, 4) if kind == 1 else (socket.AF_INET6, 16)
            host = socket.inet_ntop(family, _exactly(client, size))
        (port,) = struct.unpack("!H", _exactly(client, 2))
        self.asked.append(f"{host}:{port}")
        reply = b"\x00\x01\x7f\x00\x00\x01\x00\x00"
        if self.answer is not None:
            client.sendall(bytes([5, self.answer]) + reply)
            return
        server = socket.create_connection((host, port), timeout=60)
        client.sendall(b"\x05\x00" + reply)
        _relay(client, server)


def _exactly(sock: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        piece = sock.recv(count - len(data))
        if not piece:
            raise ConnectionError
        data += piece
    return data


def _relay(one: socket.socket, other: socket.socket) -> None:
    back = threading.Thread(target=_pump, args=(other, one), daemon=True)
    back.start()
    _pump(one, other)
    back.join(timeout=5)
    other.close()


def _pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return
