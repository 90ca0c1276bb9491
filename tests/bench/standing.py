"""What the journal costs a running transfer, counted where it arises rather than by subtracting two rates.

Three things are counted while a file is sent. *Standing*: time of lanes that wait for a part while one was
read and lies at the journal; it is their share of the lives of all lanes. *Held up*: seconds of the thread of
`send` in the journal, in which nothing else goes on. *CPU*: seconds of processor in the journal's writes, on
whatever thread, as a share of what all processors of the machine have: sender and server compete for them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from app.transfer import Journal
from app.transfer.board import Board, Ready
from app.transfer.ledger import Ledger
from app.transfer.parts import Part

WRITES = ("begin", "replace_parts", "note_parts", "move", "note_remote", "note_end", "note_verified", "renew")


class Standing:
    """Counts over one transfer; usable from all of its threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting = self._at_journal = 0
        self._since = time.monotonic()
        self._inside = threading.local()
        self._born: dict[object, float] = {}
        self.stood = self.lived = self.held_up = self.cpu = 0.0

    def shares(self, *, wall: float, cores: int) -> tuple[float, float, float]:
        """Standing, held up and CPU: of a transfer that took so many seconds on so many processors."""
        return (
            (self.stood / self.lived if self.lived else 0.0),
            self.held_up / wall,
            self.cpu / (wall * cores),
        )

    def step(self, *, waiting: int = 0, at_journal: int = 0) -> None:
        """So many more lanes wait for a part, and so many more parts lie at the journal."""
        with self._lock:
            now = time.monotonic()
            if self._at_journal:
                self.stood += self._waiting * (now - self._since)
            self._since = now
            self._waiting += waiting
            self._at_journal += at_journal

    @contextmanager
    def waits(self, lane: object) -> Iterator[None]:
        """A lane waits for a part; the first time is its birth."""
        with self._lock:
            self._born.setdefault(lane, time.monotonic())
        self.step(waiting=1)
        try:
            yield
        finally:
            self.step(waiting=-1)

    def ended(self, lane: object) -> None:
        """A lane is no more."""
        with self._lock:
            now = time.monotonic()
            self.lived += now - self._born.pop(lane, now)

    @contextmanager
    def holds_up(self) -> Iterator[None]:
        """The thread of `send` waits for the journal."""
        began = time.monotonic()
        try:
            yield
        finally:
            with self._lock:
                self.held_up += time.monotonic() - began

    @contextmanager
    def writes(self) -> Iterator[None]:
        """The journal is written; one write that is part of another counts with it."""
        if getattr(self._inside, "deep", False):
            yield
            return
        self._inside.deep = True
        cpu = time.thread_time()
        try:
            yield
        finally:
            self._inside.deep = False
            with self._lock:
                self.cpu += time.thread_time() - cpu


@contextmanager
def counted(standing: Standing, journal: Journal) -> Iterator[None]:
    """While the block runs, what this process sends is counted; the calling thread is that of `send`."""
    sender = threading.current_thread()
    take, ended, sent, close = Board.take, Board.ended, Ledger.sent, Ledger.close

    def taking(board: Board, lane: object) -> Ready | None:
        with standing.waits(lane):
            return take(board, lane)

    def ending(board: Board, lane: object) -> None:
        standing.ended(lane)
        ended(board, lane)

    def sending(ledger: Ledger, part: Part, *, begun: int, then: Callable[[], None]) -> None:
        def durable() -> None:
            standing.step(at_journal=-1)
            then()

        standing.step(at_journal=1)
        sent(ledger, part, begun=begun, then=durable)

    def closing(ledger: Ledger) -> None:
        with standing.holds_up():
            close(ledger)

    def writing(call: Callable[..., Any]) -> Callable[..., Any]:
        def calling(*arguments: Any, **named: Any) -> Any:
            with ExitStack() as stack:
                stack.enter_context(standing.writes())
                if threading.current_thread() is sender:
                    stack.enter_context(standing.holds_up())
                return call(*arguments, **named)

        return calling

    with ExitStack() as stack:
        for name in WRITES:
            stack.enter_context(patch.object(journal, name, writing(getattr(journal, name))))
        stack.enter_context(patch.object(Board, "take", taking))
        stack.enter_context(patch.object(Board, "ended", ending))
        stack.enter_context(patch.object(Ledger, "sent", sending))
        stack.enter_context(patch.object(Ledger, "close", closing))
        yield
