"""Looking for words, expressions and ids in the records of a range: several threads, one block each."""

from __future__ import annotations

import io
import os
import threading
from bisect import bisect_right
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from typing import BinaryIO, cast

from agent.catalogue.ahead import Ahead, open_ahead, places_ahead
from agent.catalogue.contents import OtherContent, open_raw, open_text
from agent.catalogue.entries import TimeEntry
from agent.catalogue.finding import ByteRange, Finder, FoundSegment, Scope
from agent.catalogue.needles import LONGEST_NEEDLE, Block, ExpressionNeedle, Needle, WordNeedle
from agent.catalogue.times import TimedSegment
from app.domain.errors import InputError
from app.logs import Encoding, PackedError, Stamp

BLOCK = 1 << 20
"""Bytes that are read at once: the fewer blocks, the less threads wait for each other."""
_TASK = 16 << 20
MOST_HITS = 10_000
_LONGEST_RECORD = 1 << 20


@dataclass(frozen=True, slots=True)
class Query:
    """What to look for.

    Attributes:
        text: a word, an id, or an expression.
        expression: whether `text` is an expression of RE2.
        whole: whether the word is an id: nothing of a longer one.
        fold: whether upper and lower case are the same.
    """

    text: str
    expression: bool = False
    whole: bool = False
    fold: bool = False

    def needle(self, encoding: Encoding) -> Needle:
        """The query for the bytes of an encoding.

        Raises:
            InputError: it cannot be searched for.
        """
        if not self.text or len(self.text) > LONGEST_NEEDLE or "\n" in self.text:
            raise InputError(
                "This cannot be searched for",
                happened=f"The text must have 1 to {LONGEST_NEEDLE} characters in one line.",
                todo="Search for a shorter text.",
                code="CF-1104",
            )
        if self.expression:
            return ExpressionNeedle(self.text, encoding, fold=self.fold)
        if self.fold:
            return ExpressionNeedle(_quoted(self.text), encoding, fold=True)
        return WordNeedle(self.text, encoding, whole=self.whole)


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that holds what was looked for.

    Attributes:
        moment: microseconds UTC.
        record: its bytes in the unpacked segment, with the lines that belong to it.
    """

    timed: TimedSegment
    moment: int
    record: ByteRange


@dataclass(slots=True)
class Searched:
    """The answer: hits in the order of application, host and place.

    Attributes:
        scanned: bytes that were looked through.
        cut: whether there are more hits than were asked for.
        lost: segments that could not be read.
    """

    hits: list[Hit] = field(default_factory=list)
    scanned: int = 0
    cut: bool = False
    lost: int = 0


@dataclass(slots=True)
class _Task:
    found: FoundSegment
    part: ByteRange
    places: list[int] = field(default_factory=list)
    lost: bool = False


class Searcher:
    """Searches the records that a `Finder` finds. Methods may be called from any thread."""

    def __init__(self, finder: Finder, *, threads: int | None = None) -> None:
        """Use that finder, and so many threads for one search; one per processor, four at most, when None."""
        self._finder = finder
        self._threads = threads or max(1, min(4, os.cpu_count() or 1))

    def search(
        self,
        scope: Scope,
        query: Query,
        *,
        limit: int = 1000,
        skip: Callable[[TimedSegment], bool] = lambda _timed: False,
    ) -> Searched:
        """All records of a scope that hold what the query says.

        Args:
            scope: applications, hosts and range.
            query: what to look for.
            limit: hits that are told, at most `MOST_HITS`.
            skip: segments of which it is known that they do not hold it.

        Raises:
            InputError: the query or the limit is not right.
        """
        if not 1 <= limit <= MOST_HITS:
            raise InputError(
                "A number is out of range",
                happened=f"limit must be 1 to {MOST_HITS}.",
                todo="Ask for fewer at once.",
                code="CF-1189",
            )
        query.needle(Encoding("utf-8"))
        found = self._finder.find(scope)
        answer = Searched(lost=len(found.lost))
        tasks = [task for part in found.segments if not skip(part.timed) for task in _tasks(part)]
        answer.cut = self._run(tasks, query, limit=limit)
        answer.scanned = sum(task.part.size for task in tasks)
        answer.lost += len({id(task.found) for task in tasks if task.lost})
        places = _by_segment(tasks)
        for part in found.segments:
            for hit in self._records(part, places.get(id(part), ())):
                if len(answer.hits) == limit:
                    answer.cut = True
                    return answer
                answer.hits.append(hit)
        return answer

    def _run(self, tasks: list[_Task], query: Query, *, limit: int) -> bool:
        """Fill the tasks with the places of what was found; whether it stopped because there is too much."""
        enough = _Enough(limit)
        threads = min(self._threads, len(tasks))
        if threads <= 1:
            _work(tasks, query, enough)
            return enough.reached
        queue = iter(tasks)
        lock = threading.Lock()

        def work() -> None:
            buffer = Block(BLOCK)
            while True:
                with lock:
                    task = next(queue, None)
                if task is None or enough.reached:
                    return
                _scan(task, query, buffer, enough)

        with ThreadPoolExecutor(threads, thread_name_prefix="search") as pool:
            for done in [pool.submit(work) for _ in range(threads)]:
                done.result()
        return enough.reached

    def _records(self, part: FoundSegment, places: Sequence[int]) -> list[Hit]:
        """The records around places, each once."""
        if not places:
            return []
        timed = part.timed
        entries = timed.entries
        offsets = [entry.offset for entry in entries]
        hits: list[Hit] = []
        try:
            with open_text(timed.file, member=timed.member.number, segment=timed.seen) as stream:
                known = _EntryRecords(self._finder, timed, entries, stream)
                for place in places:
                    if hits and place < hits[-1].record.end:
                        continue
                    number = bisect_right(offsets, place) - 1
                    if number < 0:
                        continue
                    stamp, end = known.record(number, place)
                    hits.append(Hit(timed, stamp.moment, ByteRange(stamp.place, end)))
        except (OSError, PackedError):
            return hits
        return hits


class _EntryRecords:
    """The records of one entry after the other, each read once; places must ascend."""

    def __init__(
        self,
        finder: Finder,
        timed: TimedSegment,
        entries: Sequence[TimeEntry],
        stream: BinaryIO,
    ) -> None:
        self._finder, self._timed, self._entries = finder, timed, entries
        self._stream = stream
        self._number = -1
        self._stamps: list[Stamp] = []
        self._places: list[int] = []

    def record(self, number: int, place: int) -> tuple[Stamp, int]:
        """The stamp of the record that holds `place`, and where the record ends."""
        entry = self._entries[number]
        end = self._entries[number + 1].offset if number + 1 < len(self._entries) else self._timed.upto
        if number != self._number:
            self._stamps = self._finder.stamps(self._timed, entry, end=end, stream=self._stream)
            if not self._stamps:
                raise OtherContent("no record is where one was")
            self._places = [stamp.place for stamp in self._stamps]
            self._number = number
        at = max(0, bisect_right(self._places, place) - 1)
        until = self._places[at + 1] if at + 1 < len(self._places) else end
        return self._stamps[at], until


class _Enough:
    """Counts what was found, for all threads."""

    def __init__(self, limit: int) -> None:
        self._left = 20 * limit + 1000
        self._lock = threading.Lock()
        self.reached = False

    def took(self, count: int) -> None:
        with self._lock:
            self._left -= count
            self.reached = self._left <= 0


def _tasks(part: FoundSegment) -> list[_Task]:
    """Pieces of a found segment that one thread scans; what is packed or wide stays in one."""
    if part.timed.packing or part.timed.encoding.wide:
        return [_Task(part, piece) for piece in part.ranges]
    tasks = []
    for piece in part.ranges:
        cuts = [*range(piece.start, piece.end, _TASK), piece.end]
        tasks += [_Task(part, ByteRange(start, end)) for start, end in pairwise(cuts)]
    return tasks


def _work(tasks: Sequence[_Task], query: Query, enough: _Enough) -> None:
    buffer = Block(BLOCK)
    for task in tasks:
        if enough.reached:
            return
        _scan(task, query, buffer, enough)


def _scan(task: _Task, query: Query, buffer: Block, enough: _Enough) -> None:
    timed = task.found.timed
    needle = query.needle(timed.encoding)
    try:
        if timed.packing or not isinstance(needle, WordNeedle):
            with open_text(timed.file, member=timed.member.number, segment=timed.seen) as stream:
                start = _line_start(task, stream) if needle.whole_lines else task.part.start
                start -= start % 2 if timed.encoding.wide else 0
                stream.seek(start)
                _scan_stream(task, needle, buffer, _reads_into(stream, start, timed.packing), start, enough)
        else:
            with open_raw(timed.file, segment=timed.seen) as raw:
                ahead = open_ahead()
                if ahead is not None:
                    _scan_ahead(task, needle, buffer, raw, ahead, enough)
                else:
                    raw.seek(max(0, task.part.start - 2))
                    _scan_plain(task, needle, buffer, raw.readinto, enough)
    except (OSError, PackedError):
        task.lost = True


def _reads_into(stream: BinaryIO, start: int, packing: str) -> Callable[[memoryview], int | None]:
    """Reading into a buffer from byte `start` on; of a plain file without a buffer between."""
    raw = getattr(stream, "raw", None)
    if packing or raw is None:
        return cast("io.BufferedReader", stream).readinto
    raw.seek(start)
    return cast("io.RawIOBase", raw).readinto


def _scan_ahead(
    task: _Task, needle: WordNeedle, buffer: Block, raw: io.FileIO, ahead: Ahead, enough: _Enough
) -> None:
    """A word in a plain file, by what leaves behind where it is not."""
    end = min(task.part.end + needle.overlap, task.found.ranges[-1].end)
    for places in places_ahead(raw, needle, buffer, start=task.part.start, end=end, ahead=ahead):
        inside = [place for place in places if place < task.part.end]
        task.places += inside
        enough.took(len(inside))
        if enough.reached:
            return


def _scan_plain(
    task: _Task,
    needle: WordNeedle,
    buffer: Block,
    read: Callable[[memoryview], int | None],
    enough: _Enough,
) -> None:
    """The same as `_scan_stream` for a word in a plain file, in as few steps as there can be.

    `read` begins up to two bytes before the task: they may be of the same word.
    """
    overlap, at = needle.overlap, task.part.start
    end = min(task.part.end + overlap, task.found.ranges[-1].end)
    kept = overlap + 2  # the last ones of the block before, and what stands beside them
    begin = buffer.aligned(kept)
    start = begin - overlap
    data, room = buffer.data, buffer.view[begin : begin + buffer.size]
    data[begin - kept : begin] = bytes(kept)
    if before := min(2, at):
        read(buffer.view[begin - before : begin])
    while at < end:
        count = read(room if end - at >= len(room) else room[: end - at])
        if not count:
            return
        at += count
        size = begin + count
        if needle.is_in(buffer, size, start=start):
            base = at - size
            found = [base + place for place, _end in needle.places(buffer, size, start=start)]
            inside = [place for place in found if task.part.start <= place < task.part.end]
            task.places += inside
            enough.took(len(inside))
            if enough.reached:
                return
        data[begin - kept : begin] = data[size - kept : size]


def _scan_stream(
    task: _Task,
    needle: Needle,
    buffer: Block,
    read: Callable[[memoryview], int | None],
    start: int,
    enough: _Enough,
) -> None:
    """Read block by block; what one block ends with, the next begins with."""
    end = min(task.part.end + _beyond(needle), task.found.ranges[-1].end)
    kept, at = 0, start
    wide = task.found.timed.encoding.wide
    while at < end:
        room = buffer.view[kept : min(buffer.size, kept + end - at)]
        count = read(room)
        if not count:
            return
        at += count
        size = kept + count
        usable = size
        if needle.whole_lines and at < end:
            usable = _whole_lines(buffer, size, wide=wide)
        base = at - size
        found = 0
        for begin, _until in needle.places(buffer, usable):
            if task.part.start <= base + begin < task.part.end:
                task.places.append(base + begin)
                found += 1
        if found:
            enough.took(found)
            if enough.reached:
                return
        kept = size - usable if needle.whole_lines else min(size, needle.overlap)
        kept += (kept % 2) if wide and kept < size else 0
        buffer.data[:kept] = buffer.data[size - kept : size]


def _beyond(needle: Needle) -> int:
    """Bytes behind a task's own that may belong to its last line or word."""
    return _LONGEST_RECORD if needle.whole_lines else needle.overlap


def _whole_lines(buffer: Block, size: int, *, wide: bool) -> int:
    """Bytes up to the last line feed; all of them when the buffer is full of one line."""
    at = buffer.data.rfind(b"\n", 0, size)
    while wide and at > 0 and not _is_wide_feed(buffer.data, at, size):
        at = buffer.data.rfind(b"\n", 0, at)
    if at <= 0:
        return size
    if not wide:
        return at + 1
    return at + 2 - at % 2


def _is_wide_feed(data: bytearray, at: int, size: int) -> bool:
    other = at + 1 if at % 2 == 0 else at - 1
    return 0 <= other < size and data[other] == 0


def _line_start(task: _Task, stream: BinaryIO) -> int:
    """Where the line begins that holds the first byte of a task."""
    start = task.part.start
    if task.found.timed.packing or start in {piece.start for piece in task.found.ranges}:
        return start
    back = min(start, 65_536)
    stream.seek(start - back)
    before = stream.read(back)
    at = before.rfind(b"\n")
    return start - back + at + 1 if at >= 0 else start


def _by_segment(tasks: Sequence[_Task]) -> dict[int, list[int]]:
    places: dict[int, list[int]] = {}
    for task in tasks:
        places.setdefault(id(task.found), []).extend(task.places)
    return {key: sorted(set(found)) for key, found in places.items()}


def _quoted(text: str) -> str:
    return "".join(c if c.isalnum() or ord(c) > 127 else f"\\x{{{ord(c):x}}}" for c in text)
