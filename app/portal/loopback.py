"""The redirect of a sign-in: one page on 127.0.0.1 that takes the browser's answer (RFC 8252 §7.3)."""

from __future__ import annotations

import hmac
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

PATH = "/callback"
_PAGE = (
    "<!doctype html><html lang=en><meta charset=utf-8><title>Caseferry</title>"
    "<body style='font:16px system-ui;margin:4rem'><h1>{title}</h1><p>{text}</p></body></html>"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: a code, or an error of RFC 6749 §4.1.2.1; ``issuer`` by RFC 9207, when it was sent."""

    code: str = ""
    error: str = ""
    issuer: str = ""


class Loopback:
    """Waits for the one answer that carries the right state; every other request changes nothing."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self._server = server
        self._state = ""
        self._came = threading.Event()
        self._lock = threading.Lock()
        self._answer: Answer | None = None

    @property
    def redirect_uri(self) -> str:
        """Where the browser comes back to."""
        return f"http://127.0.0.1:{self._server.server_address[1]}{PATH}"

    def expect(self, state: str) -> None:
        """Name the state that the answer must carry."""
        self._state = state

    def wait(self, seconds: float) -> Answer | None:
        """The answer, or None when none came within `seconds`."""
        self._came.wait(seconds)
        return self._answer

    def take(self, target: str) -> tuple[int, str, str]:
        """Judge one request; status, title and text of the page that answers it."""
        parts = urlsplit(target)
        if parts.path != PATH:
            return 404, "Nothing here", "This page belongs to a sign-in."
        fields = {name: values[0] for name, values in parse_qs(parts.query).items() if len(values) == 1}
        if not self._state or not hmac.compare_digest(fields.get("state", "").encode(), self._state.encode()):
            return 400, "This is not the sign-in that was begun", "Go back to Caseferry and sign in again."
        answer = Answer(
            code=fields.get("code", ""), error=fields.get("error", ""), issuer=fields.get("iss", "")
        )
        if not answer.code and not answer.error:
            return 400, "The answer is not complete", "Go back to Caseferry and sign in again."
        with self._lock:
            if self._answer is None:
                self._answer = answer
                self._came.set()
        if answer.error:
            return 200, "You are not signed in", "You can close this page. Caseferry says what to do."
        return 200, "You are signed in", "You can close this page and go back to Caseferry."


@contextmanager
def loopback() -> Iterator[Loopback]:
    """Listen on a free port of 127.0.0.1 during the block.

    Raises:
        OSError: no port can be opened.
    """
    server = _Server(("127.0.0.1", 0), _Page)
    waiting = Loopback(server)
    server.loopback = waiting
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="sign-in", daemon=True
    )
    thread.start()
    try:
        yield waiting
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    loopback: Loopback

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that hangs up is no news, and a request's text must not reach a log."""


class _Page(BaseHTTPRequestHandler):
    server: _Server
    timeout = 10
    server_version = "Caseferry"
    sys_version = ""

    def do_GET(self) -> None:
        expected = f"127.0.0.1:{self.server.server_address[1]}"
        if self.headers.get("Host", "") != expected:
            status, title, text = 400, "Wrong address", "This page belongs to a sign-in."
        else:
            status, title, text = self.server.loopback.take(self.path)
        body = _PAGE.format(title=title, text=text).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """The address holds the code: never logged."""
