"""The parts of a running transfer on their way into the journal: many marks, few commits."""

from __future__ import annotations

import threading
from collections.abc import Callable

from app.transfer.journal import Journal
from app.transfer.parts import Part

_LONGEST = 0.1
"""Seconds that an acknowledgement waits for others to be committed with."""


class Ledger:
    """Marks of one transfer, committed by a thread of its own. Usable from several threads.

    *sent* is durable before the part is handed on, and takes along every *acked* that waits; those are
    durable within a tenth of a second. What a kill loses of them is asked of the peer again, or sent again.
    """

    def __init__(self, journal: Journal, transfer: int, *, failed: Callable[[BaseException], None]) -> None:
        """`failed` is called with the error of a commit that did not succeed: the disk is full, for one."""
        self._journal = journal
        self._transfer = transfer
        self._failed = failed
        self._changed = threading.Condition()
        self._waiting: list[Part] = []
        self._then: list[Callable[[], None]] = []
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

    def sent(self, part: Part, *, then: Callable[[], None]) -> None:
        """Have it durable, and then call `then`."""
        with self._changed:
            self._waiting.append(part)
            self._then.append(then)
            self._changed.notify_all()

    def acked(self, part: Part) -> None:
        """Have it durable soon."""
        with self._changed:
            self._waiting.append(part)
            self._changed.notify_all()

    def _take(self) -> tuple[list[Part], list[Callable[[], None]]]:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing)
            if not self._then:
                self._changed.wait_for(lambda: self._then or self._closing, timeout=_LONGEST)
            taken = self._waiting, self._then
            self._waiting, self._then = [], []
            return taken

    def _work(self) -> None:
        while True:
            parts, then = self._take()
            if not parts:
                return
            try:
                self._journal.note_parts(self._transfer, parts)
                for call in then:
                    call()
            except BaseException as error:  # noqa: BLE001 - handed to the thread of `send`
                self._failed(error)
                return
