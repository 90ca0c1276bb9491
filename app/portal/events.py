"""Following the portal's changes by server-sent events, over any number of broken connections."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import TracebackType

import msgspec
import requests

from app.decoding import ready
from app.domain.errors import PeerError, UnreachableError
from app.portal.calls import Calls, unexpected
from app.portal.contract import Event, EventKind
from app.settings import translated

_FIRST_WAIT = 1.0
_LONGEST_WAIT = 60.0
_LONGEST_LINE = 256 * 1024


@dataclass(slots=True)
class SseParser:
    """The event-stream format of the HTML standard, fed in pieces of any size.

    Attributes:
        last_id: the newest ``id:``.
        retry_ms: the newest ``retry:``, or None.
    """

    last_id: str = ""
    retry_ms: int | None = None
    _pending: bytes = b""
    _data: list[str] = field(default_factory=list)
    _kind: str = ""
    _begun: bool = False
    _after_cr: bool = False

    def feed(self, piece: bytes) -> list[tuple[str, str]]:
        """The (kind, data) of every event that this piece completes.

        Raises:
            PeerError: a line is endless.
        """
        done: list[tuple[str, str]] = []
        for line in self._lines(piece):
            if line:
                self._take(line)
            elif self._data:
                done.append((self._kind or "message", "\n".join(self._data)))
                self._data, self._kind = [], ""
            else:
                self._kind = ""
        return done

    def _lines(self, piece: bytes) -> Iterator[str]:
        if self._after_cr and piece.startswith(b"\n"):
            piece = piece[1:]
        if piece:
            self._after_cr = piece.endswith(b"\r")
        text = (self._pending + piece).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        *whole, self._pending = text.split(b"\n")
        if len(self._pending) > _LONGEST_LINE:
            raise unexpected("a line of the event stream has no end")
        for line in whole:
            decoded = line.decode("utf-8", errors="replace")
            if not self._begun:
                decoded = decoded.removeprefix("\ufeff")
                self._begun = True
            yield decoded

    def _take(self, line: str) -> None:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._kind = value
        elif name == "id" and "\0" not in value:
            self.last_id = value
        elif name == "retry" and value.isascii() and value.isdigit():
            self.retry_ms = int(value)


class EventStream:
    """An endless iterator of `Event`; another thread ends it with `close`.

    A broken connection is taken up again behind the last event, after a wait that doubles from one second to
    a minute, spread by chance. Kinds of a newer contract are passed over.
    """

    def __init__(
        self,
        calls: Calls,
        *,
        last_id: int | None,
        chance: Callable[[], float],
        wait: Callable[[float], bool] | None = None,
    ) -> None:
        """Connect at the first `next`.

        Args:
            calls: the portal.
            last_id: where to go on; None begins with the next event.
            chance: 0.0 to 1.0.
            wait: waits so many seconds and says whether the stream was closed meanwhile.
        """
        self._calls = calls
        self._chance = chance
        self._closed = threading.Event()
        self._wait = wait or self._closed.wait
        self._lock = threading.Lock()
        self._answer: requests.Response | None = None
        self._last_id = "" if last_id is None else str(last_id)
        self._failures = 0
        self._first_wait = _FIRST_WAIT
        self._events = self._follow()
        self.on_state: Callable[[bool], None] | None = None
        """Called with True when a connection stands and with False when it is lost."""

    def __iter__(self) -> EventStream:
        return self

    def __next__(self) -> Event:
        """The next change; blocks.

        Raises:
            CredentialsError: the sign-in has ended.
            TrustError: the server is not the one we trust.
            PeerError: what comes is no event stream.
        """
        return next(self._events)

    def __enter__(self) -> EventStream:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the stream; a thread that waits in `next` gets StopIteration."""
        self._closed.set()
        with self._lock:
            answer = self._answer
        if answer is not None:
            _cut(answer)

    def _follow(self) -> Iterator[Event]:
        while not self._closed.is_set():
            wait_at_least = 0.0
            try:
                yield from self._connection()
            except UnreachableError as error:
                wait_at_least = error.retry_after or 0.0
            if self._closed.is_set():
                return
            self._say(connected=False)
            if self._wait(max(self._next_wait(), wait_at_least)):
                return

    def _connection(self) -> Iterator[Event]:
        headers = {"Accept": "text/event-stream", "Accept-Encoding": "identity", "Cache-Control": "no-cache"}
        if self._last_id:
            headers["Last-Event-ID"] = self._last_id
        with self._calls.open("GET", "events", headers=headers) as answer:
            if answer.headers.get("Content-Type", "").partition(";")[0].strip() != "text/event-stream":
                raise unexpected("events is not an event stream")
            with self._lock:
                self._answer = answer
            try:
                self._say(connected=True)
                yield from self._read(answer)
            finally:
                with self._lock:
                    self._answer = None

    def _read(self, answer: requests.Response) -> Iterator[Event]:
        parser = SseParser(last_id=self._last_id)
        while not self._closed.is_set():
            piece = self._piece(answer)
            if not piece:
                return
            self._failures = 0
            for kind, data in parser.feed(piece):
                event = _event(kind, data)
                self._last_id = parser.last_id
                if event is not None:
                    yield event
            if parser.retry_ms is not None:
                self._first_wait = min(max(parser.retry_ms / 1000, 0.1), _LONGEST_WAIT)

    def _piece(self, answer: requests.Response) -> bytes:
        try:
            with translated(answer.url):
                return bytes(answer.raw.read1(16 * 1024))
        except ValueError:  # what ssl says of a socket that `close` shut down between two reads
            if self._closed.is_set():
                return b""
            raise

    def _next_wait(self) -> float:
        """Full jitter over a doubling ceiling, never under a tenth of it."""
        ceiling = min(self._first_wait * 2.0 ** min(self._failures, 16), _LONGEST_WAIT)
        self._failures += 1
        return ceiling * (0.1 + 0.9 * self._chance())

    def _say(self, *, connected: bool) -> None:
        if self.on_state is not None:
            self.on_state(connected)


def _event(kind: str, data: str) -> Event | None:
    if kind not in set(EventKind):
        return None
    try:
        return msgspec.json.decode(data, type=ready(Event))
    except msgspec.MsgspecError as error:
        raise _not_an_event() from error


def _not_an_event() -> PeerError:
    return unexpected("an event has not the fields of the contract")


def _cut(answer: requests.Response) -> None:
    """Wake a thread that reads this answer."""
    try:
        answer.raw.shutdown()
    except (ValueError, RuntimeError, OSError):  # it has ended by itself meanwhile
        return
