"""A portal that fails on purpose: every answer is scripted, over real TLS.

``with FaultyPortal(ca) as portal: portal.answers("/api/v1/me", Answer(500), Answer(200, b"{}"))``; the last
answer of a path repeats. The requests that came are in ``portal.seen``.
"""

from __future__ import annotations

import socket
import ssl
import struct
import sys
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import trustme

JSON = "application/json"
PROBLEM = "application/problem+json"


class End(StrEnum):
    """How a connection ends in the middle of a body."""

    CLOSED = "closed"
    RESET = "reset"
    SPOILT = "spoilt"
    """What is no TLS comes right behind the body."""


class Framing(StrEnum):
    """How the client knows where a body ends, and whether the connection lasts longer."""

    LENGTH = "length"
    CLOSE = "length, close"
    OLD = "HTTP/1.0"
    NONE = "no length"


@dataclass(frozen=True, slots=True)
class Answer:
    """One scripted answer.

    Attributes:
        cut_after: ends the connection after so many bytes of the body.
        end: how.
        hold: waits for this event before the body ends.
        drip: comes again and again meanwhile; after hundreds of times the event is set here.
        chunked: has no length in front, but chunks of these many bytes; 0: a length.
        pieces: instead of `body`: parts that are flushed one by one.
        framing: of a body that is not in chunks.
    """

    status: int = 200
    body: bytes = b""
    media_type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)
    cut_after: int | None = None
    end: End = End.CLOSED
    hold: threading.Event | None = None
    drip: bytes = b""
    pieces: tuple[bytes, ...] = ()
    chunked: int = 0
    framing: Framing = Framing.LENGTH


@dataclass(frozen=True, slots=True)
class Seen:
    """One request that came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class FaultyPortal:
    """The server; a context manager."""

    def __init__(self, authority: trustme.CA, *, name: str = "", address: str = "127.0.0.1") -> None:
        self.seen: list[Seen] = []
        self._scripts: dict[str, list[Answer | Callable[[Seen], Answer]]] = defaultdict(list)
        self._lock = threading.Lock()
        owner = self

        class Handler(_Handler):
            portal = owner

        self._server = (_Server6 if ":" in address else _Server)((address, 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(name or address).configure_cert(context)
        # The handshake is made in the request's own thread: a silent client must not stop the others.
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )
        host = f"[{address}]" if ":" in address else address
        self.url = f"https://{host}:{self._server.server_address[1]}"
        self.answers(
            "/.well-known/oauth-authorization-server",
            Answer(
                body=(
                    f'{{"issuer":"{self.url}","authorization_endpoint":"{self.url}/oauth/authorize",'
                    f'"token_endpoint":"{self.url}/oauth/token","revocation_endpoint":"{self.url}/oauth/revoke",'
                    f'"device_authorization_endpoint":"{self.url}/oauth/device"}}'
                ).encode()
            ),
        )

    def answers(self, path: str, *answers: Answer | Callable[[Seen], Answer]) -> None:
        """Script a path (without its query)."""
        with self._lock:
            self._scripts[path] = list(answers)

    def asked(self, path: str) -> list[Seen]:
        """The requests for a path, in order."""
        with self._lock:
            return [seen for seen in self.seen if seen.path.partition("?")[0] == path]

    def next_answer(self, seen: Seen) -> Answer:
        """Take the next answer of the script; 404 where there is none."""
        with self._lock:
            self.seen.append(seen)
            script = self._scripts.get(seen.path.partition("?")[0], [])
            if not script:
                return Answer(404)
            found = script.pop(0) if len(script) > 1 else script[0]
        return found(seen) if callable(found) else found

    def __enter__(self) -> FaultyPortal:
        self._thread.start()
        return self

    def __exit__(self, *_details: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, *_details: Any) -> None:
        """A client that hangs up is part of the script."""


class _Server6(_Server):
    address_family = socket.AF_INET6


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    portal: FaultyPortal

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        seen = Seen(self.command, self.path, dict(self.headers.items()), self.rfile.read(length))
        answer = self.portal.next_answer(seen)
        body = b"".join(answer.pieces) or answer.body
        self.protocol_version = "HTTP/1.0" if answer.framing is Framing.OLD else "HTTP/1.1"
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.media_type)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.media_type == "text/event-stream":
            self.close_connection = True
        elif answer.framing is Framing.NONE:
            self.send_header("Connection", "close")
        elif answer.chunked:
            self.send_header("Transfer-Encoding", "chunked")
        elif answer.status != 304 and "Content-Length" not in answer.headers:
            self.send_header("Content-Length", str(len(body)))
        if answer.framing is Framing.CLOSE:
            self.send_header("Connection", "close")
        elif answer.framing is Framing.OLD:
            self.close_connection = True
        self.end_headers()
        if answer.chunked:
            body = _in_chunks(body, size=answer.chunked)
        for piece in answer.pieces or (body[: answer.cut_after],):
            self.wfile.write(piece)
            self.wfile.flush()
        if answer.hold is not None:
            self._drip(answer.drip, until=answer.hold)
        if answer.cut_after is not None:
            self.close_connection = True
            self._end_by(answer.end)

    def _drip(self, drip: bytes, *, until: threading.Event) -> None:
        if not drip:
            until.wait(120)
            return
        for _time in range(400):
            if until.wait(0.05):
                return
            self.wfile.write(drip)
            self.wfile.flush()
        until.set()

    def _end_by(self, end: End) -> None:
        if end is End.RESET:
            at_once = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
            self.connection.close()
        elif end is End.SPOILT:
            # Past the encryption.
            socket.socket.sendall(self.connection, b"this is no TLS at all")

    do_GET = do_POST = do_DELETE = do_HEAD = _serve

    def log_message(self, *_details: Any) -> None:
        pass


def _in_chunks(body: bytes, *, size: int) -> bytes:
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in [*pieces, b""])
