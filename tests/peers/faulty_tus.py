"""A small tus 1.0 server of our own (checksum, concatenation, termination, state) that fails when told to.

It shares no code with the client: what it answers is written down from the protocol's text.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import os
import socket
import ssl
import struct
import threading
from base64 import b64decode, b64encode
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.peers.tus_reference import certificates


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer instead of the right one.

    Attributes:
        raw: bytes sent instead of any HTTP.
        after_storing: do what was asked first, and then answer this.
        corrupt: flip a byte of the body before it is looked at, and go on as usual.
        cut_after: read and keep so many bytes of the body, then reset the connection.
        hang_after: read and keep so many bytes, then stay silent, the upload locked, until `release`.
        quiet: answer as usual, but without the offset.
    """

    status: int = 500
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    raw: bytes | None = None
    after_storing: bool = False
    corrupt: bool = False
    cut_after: int | None = None
    hang_after: int | None = None
    quiet: bool = False


@dataclass(slots=True)
class Upload:
    """What is stored of one upload."""

    length: int
    metadata: dict[str, str]
    data: bytearray = field(default_factory=bytearray)
    concat: str = ""
    deferred: bool = False
    locked: bool = False


class FaultyTus:
    """The server's state and its script: for each method, the replies to its next requests."""

    def __init__(self, *, ca_file: Path) -> None:
        self.ca_file = ca_file
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.port = 0
        self.script: defaultdict[str, deque[Reply | None]] = defaultdict(deque)
        self.uploads: dict[str, Upload] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.accepted_token: str | None = None
        self.extensions = "creation,termination,checksum"
        self.max_size: int | None = None
        self.largest_patch: int | None = None
        self.location = "/files/{id}"
        self.defers_length = False
        self.keeps: timedelta | None = None
        self.joins_lost = 0
        self.numbers = itertools.count()
        self.hung = threading.Event()
        self.released = threading.Event()
        self.note = ""

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}/files"

    def ssl_context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.ca_file))

    def show(self, certificate: Path, key: Path) -> None:
        """Show this certificate to connections from now on."""
        self.context.load_cert_chain(certificate, key)

    def say(self, method: str, *replies: Reply | None) -> None:
        """Answer the next requests of this method so; None lets one pass."""
        self.script[method].extend(replies)

    def count(self, method: str) -> int:
        return sum(1 for asked, _ in self.requests if asked == method)

    def release(self) -> None:
        """End what hangs."""
        self.released.set()

    def only_upload(self) -> Upload:
        """The one that is no part of another."""
        (upload,) = (each for each in self.uploads.values() if each.concat != "partial")
        return upload


@contextlib.contextmanager
def faulty_tus(folder: Path) -> Iterator[FaultyTus]:
    """Run it on a free port of the loopback, over TLS."""
    ca, certificate, key = certificates(folder)
    state = FaultyTus(ca_file=ca)

    class Handler(_Handler):
        server_state = state

    state.show(certificate, key)
    context = state.context
    with _Quiet(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        state.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield state
        finally:
            server.shutdown()
            thread.join(timeout=10)


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients of these tests leave in the middle; that is what they test."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_state: FaultyTus
    _quiet = False

    def log_message(self, *arguments: object) -> None:
        """Silent."""

    def do_OPTIONS(self) -> None:
        self._serve(self._options)

    def do_POST(self) -> None:
        self._serve(self._post)

    def do_HEAD(self) -> None:
        self._serve(self._head)

    def do_PATCH(self) -> None:
        self._serve(self._patch)

    def do_DELETE(self) -> None:
        self._serve(self._delete)

    def do_GET(self) -> None:
        self._serve(self._get)

    def _serve(self, work) -> None:  # type: ignore[no-untyped-def]
        state = self.server_state
        state.requests.append((self.command, {name.lower(): value for name, value in self.headers.items()}))
        waiting = state.script[self.command]
        reply = waiting.popleft() if waiting else None
        if reply is not None and (reply.cut_after is not None or reply.hang_after is not None):
            self._break_off(reply)
            return
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if reply is not None and reply.corrupt:
            body, reply = bytes([body[0] ^ 1]) + body[1:], None
        if state.accepted_token is not None:
            shown = self.headers.get("Authorization", "")
            if shown != f"Bearer {state.accepted_token}":
                self._answer(401)
                return
        self._quiet = reply is not None and reply.quiet
        if reply is None or reply.quiet:
            work(body)
            return
        if reply.after_storing:
            self._store(body)
        if reply.raw is not None:
            self.wfile.write(reply.raw)
            self.close_connection = True
            return
        self._answer(reply.status, dict(reply.headers), reply.body)

    def _break_off(self, reply: Reply) -> None:
        """Keep the beginning of a body; then cut the connection, or hold it and the upload."""
        state, upload = self.server_state, self._upload()
        count = reply.cut_after if reply.cut_after is not None else reply.hang_after
        assert count is not None
        self._store(self.rfile.read(count))
        if reply.hang_after is not None:
            if upload is not None:
                upload.locked = True
            state.hung.set()
            state.released.wait(timeout=150)
            if upload is not None:
                upload.locked = False
        self.close_connection = True
        plain = socket.socket(fileno=os.dup(self.connection.fileno()))
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        plain.close()

    def _answer(self, status: int, headers: dict[str, str] | None = None, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Tus-Resumable", "1.0.0")
        for name, value in (headers or {}).items():
            if not (self._quiet and name == "Upload-Offset"):
                self.send_header(name, value)
        keeps = self.server_state.keeps
        if keeps is not None and self.command in ("POST", "HEAD", "PATCH"):
            self.send_header("Upload-Expires", format_datetime(datetime.now(UTC) + keeps, usegmt=True))
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _upload(self) -> Upload | None:
        return self.server_state.uploads.get(self.path.split("/")[2])

    def _options(self, body: bytes) -> None:
        state = self.server_state
        headers = {"Tus-Version": "1.0.0", "Tus-Extension": state.extensions}
        if "checksum" in state.extensions:
            headers["Tus-Checksum-Algorithm"] = "sha1,sha256"
        if state.max_size is not None:
            headers["Tus-Max-Size"] = str(state.max_size)
        self._answer(204, headers)

    def _post(self, body: bytes) -> None:
        state = self.server_state
        metadata = {}
        for pair in self.headers["Upload-Metadata"].split(","):
            name, _, value = pair.partition(" ")
            metadata[name] = b64decode(value).decode()
        concat = self.headers.get("Upload-Concat", "")
        if concat:
            self._concatenation(concat, metadata, body)
            return
        number = hashlib.sha256(metadata["idempotency_key"].encode()).hexdigest()[:12]
        length = int(self.headers["Upload-Length"])
        state.uploads.setdefault(number, Upload(length, metadata, deferred=state.defers_length))
        location = state.location.format(id=number, port=state.port)
        self._answer(201, {"Location": location})

    def _concatenation(self, concat: str, metadata: dict[str, str], body: bytes) -> None:
        state = self.server_state
        if "concatenation" not in state.extensions:
            self._answer(501)
        elif concat == "partial":
            number = f"part{next(state.numbers):04d}"
            state.uploads[number] = Upload(int(self.headers["Upload-Length"]), metadata, concat="partial")
            location = state.location.format(id=number, port=state.port)
            headers = {"Location": location}
            if body:
                state.uploads[number].data += body
                headers["Upload-Offset"] = str(len(body))
            self._answer(201, headers)
        else:
            self._join(concat, metadata)

    def _join(self, concat: str, metadata: dict[str, str]) -> None:
        state = self.server_state
        number = hashlib.sha256(metadata["idempotency_key"].encode()).hexdigest()[:12]
        names = [path.rsplit("/", 1)[-1] for path in concat.removeprefix("final;").split()]
        if number not in state.uploads:
            parts = [state.uploads.get(name) for name in names]
            if any(part is None or len(part.data) != part.length for part in parts):
                self._answer(400)
                return
            data = bytearray().join(part.data for part in parts if part is not None)
            state.uploads[number] = Upload(len(data), metadata, data, concat="final")
            for name in names:
                del state.uploads[name]
        if state.joins_lost:
            state.joins_lost -= 1
            self.close_connection = True
            self.connection.close()
            return
        self._answer(201, {"Location": state.location.format(id=number, port=state.port)})

    def _head(self, body: bytes) -> None:
        upload = self._upload()
        if upload is None:
            self._answer(404)
            return
        if upload.locked:
            self._answer(423)
            return
        headers = {"Upload-Offset": str(len(upload.data))}
        if upload.deferred:
            headers["Upload-Defer-Length"] = "1"
        else:
            headers["Upload-Length"] = str(upload.length)
        self._answer(200, headers)

    def _store(self, body: bytes) -> Upload | None:
        upload = self._upload()
        if upload is not None:
            upload.data += body
        return upload

    def _patch(self, body: bytes) -> None:
        state, upload = self.server_state, self._upload()
        algorithm, _, digest = self.headers.get("Upload-Checksum", "").partition(" ")
        if upload is None:
            self._answer(404)
        elif upload.locked:
            self._answer(423)
        elif upload.deferred and "Upload-Length" not in self.headers:
            self._answer(400)
        elif int(self.headers["Upload-Offset"]) != len(upload.data):
            self._answer(409)
        elif state.largest_patch is not None and len(body) > state.largest_patch:
            self._answer(413)
        elif algorithm and digest != b64encode(hashlib.new(algorithm, body).digest()).decode():
            self._answer(460)
        else:
            upload.deferred = False
            self._store(body)
            self._answer(204, {"Upload-Offset": str(len(upload.data))})

    def _delete(self, body: bytes) -> None:
        self.server_state.uploads.pop(self.path.split("/")[2], None)
        self._answer(204)

    def _get(self, body: bytes) -> None:
        upload = self._upload()
        if upload is None or not self.path.endswith("/state"):
            self._answer(404)
            return
        stored = hashlib.sha256(upload.data).hexdigest() if len(upload.data) == upload.length else ""
        found = {"offset": len(upload.data), "stored_sha256": stored, "note": self.server_state.note}
        self._answer(200, {"Content-Type": "application/json"}, json.dumps(found).encode())
