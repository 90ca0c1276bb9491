"""The outermost layer of the portal: limits, headers that every answer carries, one log line per call."""

from __future__ import annotations

import logging
import time

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.portal.contract import Problem, ProblemCode
from app.sandbox.problems import defect_response, problem_response

_log = logging.getLogger("app.sandbox.calls")
BODY_LIMIT = 256 * 1024
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Strict-Transport-Security": "max-age=31536000",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_POLICY = "default-src 'none'; frame-ancestors 'none'"


class Border:
    """Everything that comes in and goes out passes here.

    Bodies may have 256 KiB, but for the addresses under `unlimited`, which judge sizes themselves. What the
    application does not catch becomes a defect with a reference. The log says method, route template, status
    and time: no address with ids, no query, no header and no body, for they can name people and hold secrets.
    """

    def __init__(self, application: ASGIApp, *, unlimited: str) -> None:
        self._application = application
        self._unlimited = unlimited

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one call."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        began = time.monotonic()
        free = scope["path"].startswith(self._unlimited)
        body = _Body(receive, announced=0 if free else _announced(scope), free=free)
        answer = _Answer(send, body)
        try:
            await self._application(scope, body.receive, answer.send)
        except Exception as error:  # noqa: BLE001 - this is the program's border
            response = _TOO_LARGE if body.too_large else defect_response(error)
            if not answer.begun:
                await response(scope, receive, answer.send)
        finally:
            route = getattr(scope.get("route"), "path", "-")
            took = (time.monotonic() - began) * 1000
            _log.info("%s %s %d %.0f ms", scope["method"], route, answer.status, took)


_TOO_LARGE = problem_response(
    Problem(
        status=413,
        code=ProblemCode.BAD_REQUEST,
        title="The request is too large",
        detail=f"A body may have {BODY_LIMIT // 1024} KiB. Files go to the uploads, not into the text.",
    )
)


class _TooLargeError(Exception):
    """The body is longer than the portal reads."""


class _Body:
    """What comes in, up to the limit."""

    def __init__(self, receive: Receive, *, announced: int, free: bool) -> None:
        self._receive = receive
        self._announced = announced
        self._free = free
        self._seen = 0
        self.too_large = False

    async def receive(self) -> Message:
        if self._announced > BODY_LIMIT:
            self._refuse()
        message = await self._receive()
        self._seen += len(message.get("body", b""))
        if self._seen > BODY_LIMIT and not self._free:
            self._refuse()
        return message

    def _refuse(self) -> None:
        self.too_large = True
        raise _TooLargeError


class _Answer:
    """What goes out, with the headers of every answer; instead of an answer to half a body goes 413."""

    def __init__(self, send: Send, body: _Body) -> None:
        self._send = send
        self._body = body
        self._replaced = False
        self.begun = False
        self.status = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and self._body.too_large and not self._replaced:
            self._replaced = True
            await self._start(
                {**message, "status": _TOO_LARGE.status_code, "headers": list(_TOO_LARGE.raw_headers)}
            )
            await self._send({"type": "http.response.body", "body": _TOO_LARGE.body})
        elif self._replaced:
            return
        elif message["type"] == "http.response.start":
            await self._start(message)
        else:
            await self._send(message)

    async def _start(self, message: Message) -> None:
        self.begun = True
        self.status = message["status"]
        headers = MutableHeaders(scope=message)
        for name, value in _HEADERS.items():
            headers[name] = value
        if "content-security-policy" not in headers:
            headers["Content-Security-Policy"] = _POLICY
        await self._send(message)


def _announced(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0
