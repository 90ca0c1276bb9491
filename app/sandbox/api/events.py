"""``/events``: changes as server-sent events, resumable with ``Last-Event-ID``."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Header, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from app.domain.access import Action
from app.portal.contract import Event, EventKind
from app.sandbox.callers import Caller, authenticate, person
from app.sandbox.changes import changes_since, known_changes
from app.sandbox.problems import ProblemError, bad_field
from app.sandbox.site import Site, site_of

router = APIRouter(tags=["events"])
_LOOK_EVERY_S = 0.1
_CHECK_CALLER_EVERY_S = 5.0
_RETRY_MS = 2000


@router.get(
    "/events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}, "description": "The stream; it does not end."}},
)
async def events(
    request: Request,
    caller: Annotated[Caller, Depends(person)],
    last_event_id: Annotated[str | None, Header(max_length=20)] = None,
) -> StreamingResponse:
    """Changes of the combinations where the caller may see cases, from now or from ``Last-Event-ID`` on.

    An id that is too old, or not of this portal, is answered with one ``resync``. The stream ends when the
    caller's token does.
    """
    site = site_of(request)
    last = _last_id(last_event_id)
    known = await run_in_threadpool(known_changes, site.database)
    stale = last is not None and not known.oldest - 1 <= last <= known.newest
    start = known.newest if last is None or stale else last
    stream = _Stream(site, caller, request.headers.get("authorization"), start=start, stale=stale)
    return StreamingResponse(
        stream.run(),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


class _Stream:
    """One listener. What it is told is decided anew for every change, by the levels it has then."""

    def __init__(
        self, site: Site, caller: Caller, authorization: str | None, *, start: int, stale: bool
    ) -> None:
        self._site = site
        self._caller: Caller | None = caller
        self._authorization = authorization
        self._last = start
        self._stale = stale
        self._said = self._checked = site.monotonic()

    async def run(self) -> AsyncIterator[bytes]:
        yield f"retry: {_RETRY_MS}\nid: {self._last}\n\n".encode()
        if self._stale:
            yield _written(Event(id=self._last, kind=EventKind.RESYNC, at=self._site.clock()))
        while not self._site.stopping.is_set():
            for event in await run_in_threadpool(self._news):
                yield _written(event)
                self._said = self._site.monotonic()
            if self._caller is None:
                return
            if self._site.monotonic() - self._said >= self._site.lifetimes.heartbeat.total_seconds():
                yield b": still here\n\n"
                self._said = self._site.monotonic()
            await self._pause()

    def _news(self) -> list[Event]:
        found = changes_since(self._site.database, self._last)
        if found or self._site.monotonic() - self._checked >= _CHECK_CALLER_EVERY_S:
            self._caller = self._still_in()
            self._checked = self._site.monotonic()
        if self._caller is None:
            return []
        if found:
            self._last = found[-1].id
        accounts = self._caller.accounts_for(Action.SEE_CASES)
        return [event for event in found if event.account in accounts]

    def _still_in(self) -> Caller | None:
        try:
            return authenticate(self._site, self._authorization)
        except ProblemError:
            return None

    async def _pause(self) -> None:
        try:
            await asyncio.wait_for(self._site.stopping.wait(), timeout=_LOOK_EVERY_S)
        except TimeoutError:
            return


def _written(event: Event) -> bytes:
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (
        event.id,
        event.kind.value.encode(),
        msgspec.json.encode(event),
    )


def _last_id(header: str | None) -> int | None:
    if header is None:
        return None
    if not header.isascii() or not header.isdigit():
        raise bad_field("Last-Event-ID", "it is a number that this portal gave out")
    return int(header)
