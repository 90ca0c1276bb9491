"""Who writes to which file of which case just now, and which file is being looked at. Thread-safe."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

Place = tuple[str, str]
"""Case number and file name."""

_What = TypeVar("_What")


class Writer(Protocol):
    """An open handle that may write."""

    @property
    def last_write(self) -> float:
        """When it wrote last, or was opened, on the clock of `Writers`."""

    @property
    def abandoned(self) -> bool:
        """Whether its connection was lost, so that what it wrote is not complete."""

    def revoke(self) -> None:
        """Refuse every later write."""


@dataclass(slots=True, eq=False)
class _Break:
    """Connections were lost; who goes on after them, by however many handles, has resumed once.

    Attributes:
        at: when it was known.
        counted: whether somebody went on.
    """

    at: float
    counted: bool = False


@dataclass(slots=True, eq=False)
class _Behind:
    """A handle that writes on behind others: another connection of their upload, or its sender come back.

    Attributes:
        opened: when.
        others: those that are not known to be lost.
        alone: the break after which there are none; None while there are.
        closed: whether its sender closed it in order.
    """

    writer: Writer
    opened: float
    others: set[Writer]
    alone: _Break | None = None
    closed: bool = False

    def outlived(self, gone: set[Writer], *, by: _Break) -> bool:
        """Others were lost: whether it can still be their sender come back, as they wrote nothing since."""
        lost = self.others & gone
        self.others -= lost
        if not self.others and self.alone is None:
            self.alone = by
        return all(writer.last_write <= self.opened for writer in lost)


class Writers:
    """Open writing handles by place.

    An upload is resumed when a file that has bytes is written on after those who wrote it are gone. A further
    connection of an upload that goes on resumes nothing. As a sender may be back before its connections are
    known to be lost, a handle that was opened beside others counts, too, when all of them are lost, wrote
    nothing since, and were not lost together with it. What was lost together is one break.

    Of two connections of one upload the one that is lost makes no break while the other goes on, unless it
    was the first and wrote nothing since the second was opened: that looks like a sender come back, and
    counts.

    Args:
        clock: monotonic seconds.
        stale: seconds without a write after which a handle belongs to a connection that is probably dead.
    """

    def __init__(self, clock: Callable[[], float], *, stale: float = 20.0) -> None:
        self._clock = clock
        self._stale = stale
        self._lock = threading.Lock()
        self._open: dict[Place, set[Writer]] = {}
        self._claimed: set[Place] = set()
        self._resumed: dict[Place, int] = {}
        self._behind: dict[Place, list[_Behind]] = {}

    def add(self, place: Place, writer: Writer, *, goes_on: bool = False) -> bool:
        """A handle wants to write; False while the file is being looked at.

        Args:
            place: where to.
            writer: the handle.
            goes_on: whether it writes on in a file that has bytes.
        """
        with self._lock:
            if place in self._claimed:
                return False
            writers = self._open.setdefault(place, set())
            if goes_on and writers:
                self._behind.setdefault(place, []).append(_Behind(writer, self._clock(), set(writers)))
            elif goes_on:
                self._count(place)
            writers.add(writer)
            return True

    def remove(self, writer: Writer) -> Place | None:
        """A handle was closed; the place it wrote to (by its newest name), None when it was known no more."""
        with self._lock:
            for place, writers in self._open.items():
                if writer in writers:
                    writers.discard(writer)
                    self._note_gone(place, {writer}, lost=writer.abandoned)
                    self._note_end(place, writer, lost=writer.abandoned)
                    if not writers:
                        del self._open[place]
                    return place
        return None

    def take_resumed(self, place: Place) -> int:
        """How often the upload of a file was resumed, once; whoever wants to write it begins anew."""
        with self._lock:
            self._behind.pop(place, None)
            return self._resumed.pop(place, 0)

    def may_move(self, *places: Place) -> bool:
        """Whether none of the files is being looked at."""
        with self._lock:
            return not self._claimed.intersection(places)

    def moved(self, old: Place, new: Place) -> None:
        """A file was renamed; its handles go with it, and those of the file it replaced are revoked."""
        with self._lock:
            replaced = self._open.pop(new, set())
            if old in self._open:
                self._open[new] = self._open.pop(old)
            _move(self._resumed, old, new)
            _move(self._behind, old, new)
        for writer in replaced:
            writer.revoke()

    def claim(self, place: Place) -> bool:
        """Keep writers away while the file is looked at; False while somebody writes.

        Handles that have not written for long are revoked: their connection is probably dead.
        """
        with self._lock:
            writers = self._open.get(place, set())
            now = self._clock()
            if place in self._claimed or any(now - writer.last_write < self._stale for writer in writers):
                return False
            self._note_gone(place, set(writers), lost=True)
            for writer in writers:
                self._note_end(place, writer, lost=True)
            self._open.pop(place, None)
            self._claimed.add(place)
        for writer in writers:
            writer.revoke()
        return True

    def release(self, place: Place) -> None:
        """The look is over."""
        with self._lock:
            self._claimed.discard(place)

    def _note_gone(self, place: Place, gone: set[Writer], *, lost: bool) -> None:
        by = _Break(self._clock())
        self._keep_behind(
            place,
            lambda behind: behind.others.isdisjoint(gone) or (lost and behind.outlived(gone, by=by)),
        )

    def _note_end(self, place: Place, writer: Writer, *, lost: bool) -> None:
        def ends(behind: _Behind) -> bool:
            if behind.writer is writer and lost:
                behind.closed = behind.alone is not None and writer.last_write > behind.alone.at
                return behind.closed
            behind.closed = behind.closed or behind.writer is writer
            return True

        self._keep_behind(place, ends)

    def _keep_behind(self, place: Place, stays: Callable[[_Behind], bool]) -> None:
        """Those of whom it is not known yet; who outlived the others and wrote on has resumed.

        Of those that were closed behind the same others one stands for all, as if it were the last: they
        count once.
        """
        waiting: list[_Behind] = []
        closed: dict[frozenset[Writer], _Behind] = {}
        for behind in filter(stays, self._behind.pop(place, [])):
            if not behind.closed:
                waiting.append(behind)
            elif behind.alone is None:
                alike = closed.setdefault(frozenset(behind.others), behind)
                alike.opened = max(alike.opened, behind.opened)
            elif not behind.alone.counted:
                behind.alone.counted = True
                self._count(place)
        waiting = [*closed.values(), *waiting]
        if waiting:
            self._behind[place] = waiting

    def _count(self, place: Place) -> None:
        self._resumed[place] = self._resumed.get(place, 0) + 1


def _move(kept: dict[Place, _What], old: Place, new: Place) -> None:
    """What is known of the old name holds for the new one, and nothing else does."""
    moved = kept.pop(old, None)
    kept.pop(new, None)
    if moved is not None:
        kept[new] = moved
