"""A small tus 1.0 server of our own (checksum, termination, state) that misbehaves when told to.

It shares no code with the client: what it answers is written down from the protocol's text.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import ssl
import threading
from base64 import b64decode, b64encode
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
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
    """

    status: int = 500
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    raw: bytes | None = None
    after_storing: bool = False
    corrupt: bool = False


@dataclass(slots=True)
class Upload:
    """What is stored of one upload."""

    length: int
    metadata: dict[str, str]
    data: bytearray = field(default_factory=bytearray)


class FaultyTus:
    """The server's state and its script: for each method, the replies to its next requests."""

    def __init__(self, *, ca_file: Path) -> None:
        self.ca_file = ca_file
        self.port = 0
        self.script: defaultdict[str, deque[Reply | None]] = defaultdict(deque)
        self.uploads: dict[str, Upload] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.accepted_token: str | None = None
        self.extensions = "creation,termination,checksum"
        self.max_size: int | None = None
        self.largest_patch: int | None = None
        self.location = "/files/{id}"
        self.note = ""

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}/files"

    def ssl_context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.ca_file))

    def say(self, method: str, *replies: Reply | None) -> None:
        """Answer the next requests of this method so; None lets one pass."""
        self.script[method].extend(replies)

    def count(self, method: str) -> int:
        return sum(1 for asked, _ in self.requests if asked == method)

    def only_upload(self) -> Upload:
        (upload,) = self.uploads.values()
        return upload


@contextlib.contextmanager
def faulty_tus(folder: Path) -> Iterator[FaultyTus]:
    """Run it on a free port of the loopback, over TLS."""
    ca, certificate, key = certificates(folder)
    state = FaultyTus(ca_file=ca)

    class Handler(_Handler):
        server_state = state

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
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
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        waiting = state.script[self.command]
        reply = waiting.popleft() if waiting else None
        if reply is not None and reply.corrupt:
            body, reply = bytes([body[0] ^ 1]) + body[1:], None
        if state.accepted_token is not None:
            shown = self.headers.get("Authorization", "")
            if shown != f"Bearer {state.accepted_token}":
                self._answer(401)
                return
        if reply is None:
            work(body)
            return
        if reply.after_storing:
            self._store(body)
        if reply.raw is not None:
            self.wfile.write(reply.raw)
            self.close_connection = True
            return
        self._answer(reply.status, dict(reply.headers), reply.body)

    def _answer(self, status: int, headers: dict[str, str] | None = None, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Tus-Resumable", "1.0.0")
        for name, value in (headers or {}).items():
            self.send_header(name, value)
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
        number = hashlib.sha256(metadata["idempotency_key"].encode()).hexdigest()[:12]
        state.uploads.setdefault(number, Upload(int(self.headers["Upload-Length"]), metadata))
        location = state.location.format(id=number, port=state.port)
        self._answer(201, {"Location": location})

    def _head(self, body: bytes) -> None:
        upload = self._upload()
        if upload is None:
            self._answer(404)
            return
        self._answer(200, {"Upload-Offset": str(len(upload.data)), "Upload-Length": str(upload.length)})

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
        elif int(self.headers["Upload-Offset"]) != len(upload.data):
            self._answer(409)
        elif state.largest_patch is not None and len(body) > state.largest_patch:
            self._answer(413)
        elif algorithm and digest != b64encode(hashlib.new(algorithm, body).digest()).decode():
            self._answer(460)
        else:
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
