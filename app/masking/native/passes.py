"""The two passes over one file: every window is searched, then every window is written.

Several threads take windows in turn; what they give is put in order again. A window that begins inside of a
line is written after the one before it, which may have masked its first bytes.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple, TypeVar

from app.masking.custom import CustomRules
from app.masking.native.places import Places, Taking, changed
from app.masking.native.room import Found, Room
from app.masking.native.told import Lesson
from app.masking.stream import Reading, Window

T = TypeVar("T")

_AHEAD = 2
"""Windows for each thread that are under way, so that none waits while one is read or written."""


class Piece(NamedTuple):
    """The masked text of one window, and where in its buffer the text stands that was masked.

    Attributes:
        data: to be read once, before the next piece.
        same: the digest of the window's text.
    """

    data: Iterable[bytes | memoryview]
    window: Window
    start: int
    end: int
    same: int

    @property
    def own(self) -> bytes:
        """The text that was masked."""
        return self.window.buffer[self.start : self.end]

    @property
    def over(self) -> int:
        """Bytes of the next window that this piece holds already."""
        return self.end - self.window.end


class Passes:
    """Runs windows through rooms.

    Args:
        rooms: one for each thread.
        custom: the customer's own rules.
    """

    def __init__(self, rooms: list[Room], custom: CustomRules) -> None:
        self._rooms = rooms
        self._custom = custom
        self._own = threading.local()

    def learn(self, reading: Reading, lesson: Lesson, places: Places) -> None:
        """The first pass: what stands where, and what it teaches."""
        jobs = ((window, _job(self._find, window)) for window in reading.windows())
        for window, found in self._in_order(jobs):
            lesson.take(window.buffer, found.teachers, found.taught)
            places.put(found)
        places.rewind()

    def write(self, reading: Reading, lesson: Lesson, places: Taking) -> Iterator[Piece]:
        """The second pass.

        Raises:
            MaskingError: the file changed since the first (``CF-1906``).
        """
        for _, piece in self._in_order(self._writing(reading, lesson, places)):
            yield piece

    def at_once(self, reading: Reading, lesson: Lesson) -> Iterator[Piece]:
        """Both passes in one, where nothing more is learned from the file."""
        for _, piece in self._in_order(self._writing(reading, lesson, None)):
            yield piece

    def _writing(self, reading: Reading, lesson: Lesson, places: Taking | None) -> Iterator[_Job[Piece]]:
        before: Future[Piece] | None = None
        for window in reading.windows():
            found = places.take() if places else None
            mid_line = window.start and window.buffer[window.start - 1] != 10
            done: Future[Piece] = Future()
            yield window, self._masking(window, found, lesson, before if mid_line else None, done)
            before = done

    def _masking(
        self,
        window: Window,
        found: Found | None,
        lesson: Lesson,
        before: Future[Piece] | None,
        done: Future[Piece],
    ) -> Callable[[Room], Piece]:
        taught = None if lesson.empty else lesson

        def mask(room: Room) -> Piece:
            try:
                here = self._find(room, window) if found is None else _unchanged(room, window, found)
                start = window.start + (before.result().over if before else 0)
                end = room.settle(window, here, lesson=taught, start=start)
                written = room.write(window, lesson=taught)
                data = written if len(self._rooms) == 1 else [bytes(part) for part in written]
            except BaseException as fault:
                done.set_exception(fault)
                raise
            piece = Piece(data, window, start, end, here.same)
            done.set_result(piece)
            return piece

        return mask

    def _find(self, room: Room, window: Window) -> Found:
        own = [span for span in self._custom.find(window.buffer) if span.end > span.start]
        return room.find(window, own)

    def _in_order(self, jobs: Iterator[_Job[T]]) -> Iterator[tuple[Window, T]]:
        if len(self._rooms) == 1:
            for window, job in jobs:
                yield window, job(self._rooms[0])
            return
        rooms = list(self._rooms)
        with ThreadPoolExecutor(
            len(rooms), "masking", initializer=lambda: setattr(self._own, "room", rooms.pop())
        ) as pool:
            waiting: deque[tuple[Window, Future[T]]] = deque()
            for window, job in jobs:
                waiting.append((window, pool.submit(self._in_own_room, job)))
                if len(waiting) > _AHEAD * len(self._rooms):
                    first, result = waiting.popleft()
                    yield first, result.result()
            while waiting:
                first, result = waiting.popleft()
                yield first, result.result()

    def _in_own_room(self, job: Callable[[Room], T]) -> T:
        room: Room = self._own.room
        return job(room)


def _unchanged(room: Room, window: Window, found: Found) -> Found:
    if room.same(window) != found.same:
        raise changed()
    return found


_Job = tuple[Window, Callable[[Room], T]]


def _job(work: Callable[[Room, Window], T], window: Window) -> Callable[[Room], T]:
    return lambda room: work(room, window)
