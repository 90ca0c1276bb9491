"""The core's memory for one thread: it finds in a window, settles what was found, writes the masked text."""

from __future__ import annotations

import ctypes
import struct
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from app.masking.native.library import (
    ASKS,
    DONE,
    LEARN,
    PLACE_SIZE,
    RULE_OWN,
    RULES,
    SPAN_SIZE,
    TOUCHING,
    CFound,
    CProgress,
    CSpan,
    checked,
)
from app.masking.native.ruletable import KINDS, NUMBERS
from app.masking.native.told import Lesson, Told
from app.masking.spans import Span
from app.masking.stream import Window
from app.resting import kept_ready

TokenOf = Callable[[int, bytes], bytes]
"""The token for a kind's number and a value; asked where the core cannot make it."""

_OWN = struct.Struct("=IIHHBBHi")
_OUT = 512 * 1024


class Found(NamedTuple):
    """What the find phase leaves of a window for the replace phase.

    Attributes:
        places: of all values, as the core wrote them.
        amount: of the places.
        teachers, taught: values to be learned, and how many.
        same: a digest of the window's text.
    """

    places: bytes
    amount: int
    teachers: bytes
    taught: int
    same: int


class Counts(NamedTuple):
    """Values by the number of their kind or rule."""

    kinds: Sequence[int]
    rules: Sequence[int]
    kept: Sequence[int]


class Room:
    """Room of one thread; what the core answers is good until the next call with it."""

    def __init__(self, core: ctypes.CDLL, told: Told, token: TokenOf) -> None:
        self._core, self._told, self._token = core, told, token
        self._handle = core.cf_work_new(told.handle)
        if not self._handle:
            raise MemoryError
        weakref.finalize(self, core.cf_work_free, self._handle)
        self._table = b""
        self._out = ctypes.create_string_buffer(_OUT)
        self._shown = memoryview(self._out).cast("B")

    def start_over(self) -> None:
        """Before another file: its counts begin at none."""
        self._core.cf_work_reset(self._handle)

    def counts(self) -> Counts:
        """What was counted since `start_over`."""
        core, handle = self._core, self._handle
        kinds, rules, kept = (
            core.cf_work_kinds(handle),
            core.cf_work_rules(handle),
            core.cf_work_stayed(handle),
        )
        return Counts(kinds[: len(KINDS)], rules[:RULES], kept[: len(KINDS)])

    def find(self, window: Window, own: Sequence[Span]) -> Found:
        """What stands in the own part of a window; `own` are places that the customer's rules found."""
        core, text, answer = self._core, window.buffer, CFound()
        if window.table != self._table:
            core.cf_work_table(self._handle, window.table, len(window.table))
            self._table = window.table
        extra = b"".join(map(_packed, own))
        status = core.cf_find(
            self._handle,
            text,
            len(text),
            window.start,
            window.end,
            extra,
            len(own),
            ctypes.byref(answer),
        )
        checked(status)
        return Found(
            _copied(answer.places, answer.place_count * PLACE_SIZE),
            answer.place_count,
            _copied(answer.teachers, answer.teacher_count * SPAN_SIZE),
            answer.teacher_count,
            self.same(window),
        )

    def same(self, window: Window) -> int:
        """A digest of a window's text, equal where the text is."""
        return int(self._core.cf_same(self._told.handle, window.buffer, len(window.buffer)))

    def settle(self, window: Window, found: Found, *, lesson: Lesson | None, start: int) -> int:
        """Decide what is replaced from `start` on; where the own part ends then, which may be further on."""
        text = window.buffer
        end = self._core.cf_settle(
            self._handle,
            lesson.handle if lesson else None,
            text,
            len(text),
            window.start,
            window.end,
            start,
            found.places,
            found.amount,
        )
        return checked(end)

    def write(self, window: Window, *, lesson: Lesson | None) -> Iterator[memoryview]:
        """The masked text of what was settled, in pieces that are good until the next one."""
        core, text, progress = self._core, window.buffer, CProgress()
        handle = lesson.handle if lesson else None
        while True:
            status = core.cf_write(self._handle, handle, text, self._out, _OUT, ctypes.byref(progress))
            if progress.written:
                yield self._shown[: progress.written]
            if status == DONE:
                return
            if status == ASKS:
                self._tell(progress.kind, ctypes.string_at(progress.raw, progress.raw_size))

    def settled(
        self, window: Window, *, lesson: Lesson | None, name_of: Callable[[int], str]
    ) -> Iterator[Span]:
        """What was settled, with offsets in the window."""
        count, size = ctypes.c_uint64(), ctypes.c_uint32()
        first = self._core.cf_settled(self._handle, ctypes.byref(count))
        if not count.value:
            return
        for span in (CSpan * count.value).from_address(first):
            value = None
            if span.learned >= 0:
                at = self._core.cf_value_of(
                    lesson.handle if lesson else None, window.buffer, ctypes.byref(span), ctypes.byref(size)
                )
                value = ctypes.string_at(at, size.value)
            yield Span(span.start, span.end, span.order, KINDS[span.kind], name_of(span.rule), value)

    def _tell(self, kind: int, raw: bytes) -> None:
        token = self._token(kind, raw)
        checked(self._core.cf_tell(self._handle, kind, raw, len(raw), token, len(token)))


class Rooms:
    """Rooms for everybody who masks at this moment; what one has given back the next one takes.

    Args:
        make: a new room.
        threads: how many rooms each one takes.
    """

    def __init__(self, make: Callable[[], Room], *, threads: int) -> None:
        self._make, self._threads = make, threads
        self._lock = threading.Lock()
        self._free: list[list[Room]] = []
        kept_ready(self)

    def let_go(self) -> None:
        """Free the rooms that nobody has taken; each takes a megabyte."""
        with self._lock:
            self._free.clear()

    @contextmanager
    def taken(self) -> Iterator[list[Room]]:
        """Rooms whose counts begin at none."""
        with self._lock:
            rooms = self._free.pop() if self._free else None
        if rooms is None:
            rooms = [self._make() for _ in range(self._threads)]
        for room in rooms:
            room.start_over()
        try:
            yield rooms
        finally:
            with self._lock:
                self._free.append(rooms)


def _copied(address: int | None, size: int) -> bytes:
    return ctypes.string_at(address, size) if address and size else b""


def _packed(span: Span) -> bytes:
    flags = LEARN * span.learn | TOUCHING * span.touching
    rule = RULE_OWN + span.order - 1
    return _OWN.pack(span.start, span.end, span.order, rule, NUMBERS[span.kind], flags, 0, -1)
