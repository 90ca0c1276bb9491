"""What the connections of one download say is durable, in its ledger: one record for all of them."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from app.transfer.downloads.answers import Changed, other_content
from app.transfer.downloads.ledger import Island, Ledger, Mark, patiently

LONGEST_UNRECORDED = 60.0
"""Seconds of refused records that end a download: one that is ended by force would lose too much."""

_MOST_MARKS = 16


class Records:
    """For all threads of a call: nobody who says something waits for the disk on behalf of the others' words.

    A record that the disk refuses, as while another program looks at the file, is left to the next turn.
    """

    def __init__(
        self,
        ledger: Ledger,
        path: Path,
        *,
        islands: Iterable[Island] = (),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Go on with a ledger that lies on the disk as it is.

        Args:
            ledger: it.
            path: where it lies.
            islands: what of its islands counts.
            monotonic: seconds that never step.
        """
        self._ledger, self._path, self._monotonic = ledger, path, monotonic
        self._islands = {each.start: each for each in islands}
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._told = self._recorded = self._named = 0
        self._refused_since: float | None = None
        self._holding = False

    @property
    def etag(self) -> str:
        """Of the content; empty while none was seen."""
        with self._lock:
            return self._ledger.etag

    @property
    def named(self) -> int:
        """The end of the last mark that this one has brought to the disk; 0 for none."""
        with self._lock:
            return self._named

    def agree(self, etag: str) -> None:
        """An answer has this one: all others must have it, too.

        Raises:
            Changed: they have another one.
        """
        with self._lock:
            if other_content(self._ledger.etag, etag):
                raise Changed
            self._ledger.etag = self._ledger.etag or etag

    def mark(self, mark: Mark) -> None:
        """All before it is durable.

        Raises:
            OSError: nothing could be recorded for long.
        """
        if not mark.end:
            return
        with self._lock:
            self._ledger.marks = [*self._ledger.marks[1 - _MOST_MARKS :], mark]
            self._told += 1
            told = self._told
        self._turn(told)

    def island(self, island: Island) -> None:
        """It is durable; it takes the place of what has the same start.

        Raises:
            OSError: as `mark`.
        """
        with self._lock:
            self._islands[island.start] = island
            self._told += 1
            told = self._told
        self._turn(told)

    def hold(self) -> None:
        """All end now: what they say is recorded at once by `settle`."""
        self._holding = True

    def all_of(self, mark: Mark, islands: Iterable[Island]) -> None:
        """This is durable, and nothing else.

        Raises:
            OSError: as `mark`.
        """
        with self._lock:
            if mark.end > max((each.end for each in self._ledger.marks), default=0):
                self._ledger.marks = [*self._ledger.marks[1 - _MOST_MARKS :], mark]
            self._islands = {each.start: each for each in islands}
            self._told += 1
            told = self._told
        self._turn(told)

    def settle(self, *, all_there: bool) -> None:
        """Record what is not recorded yet; who refuses it has a second to change its mind.

        Args:
            all_there: whether every byte is there, so that no later call needs it: a refusal is none then.

        Raises:
            OSError: the disk refuses.
        """
        with self._lock:
            told = self._told
        if not all_there:
            patiently(lambda: self._record(told))
            return
        with contextlib.suppress(OSError):
            self._record(told)

    def _turn(self, told: int) -> None:
        if self._holding:
            return
        try:
            self._record(told)
        except OSError:
            now = self._monotonic()
            with self._lock:
                # Another thread's record may be taken meanwhile.
                since = self._refused_since
                if since is None:
                    since = self._refused_since = now
            if now - since >= LONGEST_UNRECORDED and not self._whole():
                raise

    def _whole(self) -> bool:
        with self._lock:
            self._ledger.islands = list(self._islands.values())
            return self._ledger.whole

    def _record(self, told: int) -> None:
        # Who waited here finds what it said recorded by the one before it, and nothing older comes behind.
        with self._writing:
            if self._recorded >= told:
                return
            with self._lock:
                upto = self._told
                self._ledger.islands = list(self._islands.values())
                snapshot = self._ledger.copy()
            snapshot.save(self._path)
            self._recorded = upto
            with self._lock:
                self._refused_since = None
                self._named = max((each.end for each in snapshot.marks), default=0)
