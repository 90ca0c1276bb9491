"""The outermost layer of the portal: limits, headers that every answer carries, one log line per call."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable

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
        answer = _Answer(send)
        free = scope["path"].startswith(self._unlimited)
        counted = receive if free else _limited(receive, announced=_announced(scope))
        try:
            await self._application(scope, counted, answer.send)
        except _TooLargeError:
            if not answer.begun:
                await problem_response(_TOO_LARGE)(scope, receive, answer.send)
        except Exception as error:  # noqa: BLE001 - this is the program's border
            response = defect_response(error)
            if not answer.begun:
                await response(scope, receive, answer.send)
        finally:
            route = getattr(scope.get("route"), "path", "-")
            took = (time.monotonic() - began) * 1000
            _log.info("%s %s %d %.0f ms", scope["method"], route, answer.status, took)


class _TooLargeError(Exception):
    """The body is longer than the portal reads."""


_TOO_LARGE = Problem(
    status=413,
    code=ProblemCode.BAD_REQUEST,
    title="The request is too large",
    detail=f"A body may have {BODY_LIMIT // 1024} KiB. Files go to the uploads, not into the text.",
)


class _Answer:
    def __init__(self, send: Send) -> None:
        self._send = send
        self.begun = False
        self.status = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
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


def _limited(receive: Receive, *, announced: int) -> Callable[[], Awaitable[Message]]:
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        if announced > BODY_LIMIT:
            raise _TooLargeError
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > BODY_LIMIT:
            raise _TooLargeError
        return message

    return counted
