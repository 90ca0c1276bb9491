"""The parts of a running transfer on their way into the journal: many marks, few commits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

from app.transfer.journal import Journal
from app.transfer.parts import Part, PartState

_LONGEST = 0.1
"""Seconds that a digest or an acknowledgement waits for others to be committed with."""


class Ledger:
    """Marks of one transfer, committed by a thread of its own. Usable from several threads.

    That a part is *sent* is durable before it is handed on, and takes along every digest and every *acked*
    that waits; those are durable within a tenth of a second. What a kill loses of them is asked of the peer
    again, or sent again, and what has lost its digest is read again before the whole is proven.
    """

    def __init__(self, journal: Journal, transfer: int, *, failed: Callable[[BaseException], None]) -> None:
        """`failed` is called with the error of a commit that did not succeed: the disk is full, for one."""
        self._journal = journal
        self._transfer = transfer
        self._failed = failed
        self._changed = threading.Condition()
        self._waiting: list[Part] = []
        self._then: list[tuple[int, Callable[[], None]]] = []
        self._begun = self._durable = 0
        self._closing = False
        self._thread = threading.Thread(target=self._work, name="transfer-ledger", daemon=True)

    def start(self) -> None:
        """Begin to commit."""
        self._thread.start()

    def close(self) -> None:
        """Commit what waits, and end."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join()

    def begin(self, part: Part) -> int:
        """The part is read now, to be sent: have that durable at once. The number is for `sent`.

        The commit goes on beside the reading and hashing: where those take longer, nobody waits for it.
        """
        with self._changed:
            if part.state is PartState.PLANNED:
                self._begun += 1
                self._waiting.append(replace(part, state=PartState.SENT))
                self._changed.notify_all()
                return self._begun
            # It was read before, and its row is there.
            return 0

    def sent(self, part: Part, *, begun: int, then: Callable[[], None]) -> None:
        """It has its digest now: have that durable soon, and call `then` once its beginning is.

        Args:
            part: with what it is known by.
            begun: what `begin` said of it.
            then: called in this thread, or in that of the commits.
        """
        with self._changed:
            self._waiting.append(part)
            self._changed.notify_all()
            if begun > self._durable:
                self._then.append((begun, then))
                return
        then()

    def acked(self, part: Part) -> None:
        """Have it durable soon."""
        with self._changed:
            self._waiting.append(part)
            self._changed.notify_all()

    def _take(self) -> tuple[list[Part], int]:
        """What is to be committed now, and how many parts were begun with it and before."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing)
            if self._begun == self._durable:
                self._changed.wait_for(lambda: self._begun > self._durable or self._closing, timeout=_LONGEST)
            taken, self._waiting = self._waiting, []
            return taken, self._begun

    def _hand_on(self, begun: int) -> None:
        """So many parts have their beginning on the disk: call what waits for that, and keep none of it."""
        with self._changed:
            self._durable = begun
            called = [then for number, then in self._then if number <= begun]
            self._then = [(number, then) for number, then in self._then if number > begun]
        for then in called:
            then()

    def _work(self) -> None:
        while True:
            parts, begun = self._take()
            if not parts:
                return
            try:
                self._journal.note_parts(self._transfer, parts)
                self._hand_on(begun)
            except BaseException as error:  # noqa: BLE001 - handed to the thread of `send`
                self._failed(error)
                return
