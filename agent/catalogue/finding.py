"""From applications, hosts and a range of time to the exact bytes of segments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import BinaryIO, NamedTuple

from agent.catalogue.contents import OtherContent, open_text
from agent.catalogue.entries import STRIDE, TimeEntry, first_offset, pack_entries
from agent.catalogue.indexing import TimeIndexer
from agent.catalogue.times import TimedSegment, TimeTable
from app.logs import (
    LONGEST_BLOCK,
    PackedError,
    SegmentZone,
    Stamp,
    SystemZone,
    Timeline,
    last_feed,
    plain_block,
    read_header,
)

LONGEST_HEADER = 16_384
_THOUSAND = 1000
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_MICROSECOND = timedelta(microseconds=1)
_FIRST, _LAST = -62_135_596_800_000_000, 253_402_300_799_999_999
"""The ends of the calendar: the years 1 and 9999, microseconds."""
_PIECE = 1 << 18
_WITH_STAMPS = STRIDE + LONGEST_BLOCK
"""Bytes of an entry in which its stamps are: it begins with one, and what has none makes no other entry."""
_MOST_ZONES = 10_000
_END_LOST = "Its end was destroyed before it was kept."


class ByteRange(NamedTuple):
    """Bytes from `start` up to `end`, of the unpacked segment."""

    start: int
    end: int

    @property
    def size(self) -> int:
        """How many."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class TimeRange:
    """From `first` up to, but without, `last`; microseconds UTC. None is open."""

    first: int | None = None
    last: int | None = None

    @classmethod
    def between(cls, first: datetime | None, last: datetime | None) -> TimeRange:
        """A range between aware times."""
        return cls(None if first is None else micros_of(first), None if last is None else micros_of(last))

    def holds(self, moment: int) -> bool:
        """Whether a moment lies in it."""
        return (self.first is None or moment >= self.first) and (self.last is None or moment < self.last)

    def holds_all(self, entry: TimeEntry) -> bool:
        """Whether every moment of an entry does, whose times are whole milliseconds."""
        return self.holds(entry.least * _THOUSAND) and self.holds(entry.most * _THOUSAND + 999)

    def misses(self, entry: TimeEntry) -> bool:
        """Whether no moment of an entry does."""
        return (self.first is not None and entry.most * _THOUSAND + 999 < self.first) or (
            self.last is not None and entry.least * _THOUSAND >= self.last
        )


ALWAYS = TimeRange()


@dataclass(frozen=True, slots=True)
class FoundSegment:
    """What of a segment lies in the range asked for.

    Attributes:
        header: what stands before its first stamped line; empty when there is nothing, or too much.
        ranges: whole records, ascending, without the header.
    """

    timed: TimedSegment
    header: ByteRange
    ranges: tuple[ByteRange, ...]

    @property
    def size(self) -> int:
        """Bytes, with the header."""
        return self.header.size + sum(part.size for part in self.ranges)


@dataclass(frozen=True, slots=True)
class Lost:
    """A segment that should hold something of the range, but cannot be read."""

    timed: TimedSegment
    reason: str


@dataclass(frozen=True, slots=True)
class Found:
    """The answer: in the order of application, host and time."""

    segments: tuple[FoundSegment, ...]
    lost: tuple[Lost, ...]

    @property
    def size(self) -> int:
        """Bytes of all."""
        return sum(segment.size for segment in self.segments)


@dataclass(frozen=True, slots=True)
class Scope:
    """Where to look.

    Attributes:
        applications, hosts: names or patterns; all when empty.
    """

    applications: Sequence[str] = ()
    hosts: Sequence[str] = ()
    range: TimeRange = ALWAYS


EVERYWHERE = Scope()


class Finder:
    """Finds records by time. Methods may be called from any thread."""

    def __init__(self, table: TimeTable, indexer: TimeIndexer, *, rules: tzinfo | None = None) -> None:
        """Look into `table`; `rules` is the zone that `indexer` reads with."""
        self._table = table
        self._indexer = indexer
        self._rules = rules or SystemZone()
        self._zones: dict[int, SegmentZone] = {}

    def find(self, scope: Scope, *, fresh: bool = True) -> Found:
        """The exact bytes of all records in a scope.

        Args:
            scope: applications, hosts and range.
            fresh: read first what growing segments got since they were last read.
        """
        if fresh:
            self._indexer.read_growing()
        found: list[FoundSegment] = []
        lost: list[Lost] = []
        for timed in self.candidates(scope):
            if timed.problem:
                if timed.packing:
                    lost.append(Lost(timed, timed.problem))
                continue
            try:
                kept = timed if timed.in_place or timed.packing else _as_kept(timed)
                part = self._part(kept, scope.range)
                end_lost = self._is_behind(timed, kept.upto, scope.range)
            except (PackedError, OSError):
                lost.append(Lost(timed, "It cannot be read any more."))
                continue
            if end_lost:
                lost.append(Lost(timed, _END_LOST))
            if part is not None:
                found.append(part)
            elif timed.member.broken and timed.least is None:
                lost.append(Lost(timed, timed.member.broken))  # nobody knows which times it held
        return Found(tuple(found), tuple(lost))

    def candidates(self, scope: Scope) -> list[TimedSegment]:
        """The segments that may hold a record of the scope."""
        first, last = scope.range.first, scope.range.last
        return self._table.segments(
            applications=scope.applications,
            hosts=scope.hosts,
            first=None if first is None else first // _THOUSAND,
            last=None if last is None else -(-last // _THOUSAND),
        )

    def stamps(self, timed: TimedSegment, entry: TimeEntry, *, end: int, stream: BinaryIO) -> list[Stamp]:
        """Place and time of every record of an entry; places are those of the segment.

        Behind the stamps of an entry there may be gigabytes without any: these are not read.

        Args:
            timed: the segment.
            entry: of it.
            end: of the entry.
            stream: the segment, wherever it stands.

        Raises:
            OSError, PackedError: it cannot be read.
        """
        stamps, places = self._stamped(timed, entry, end=end, stream=stream)
        return [Stamp(place, stamp.moment, stamp.kind) for stamp, place in zip(stamps, places, strict=True)]

    def _stamped(
        self, timed: TimedSegment, entry: TimeEntry, *, end: int, stream: BinaryIO
    ) -> tuple[list[Stamp], list[int]]:
        """The same, with places of their own: those of the stamps are those of the plain block."""
        stream.seek(entry.offset)
        raw = stream.read(min(end - entry.offset, _WITH_STAMPS))
        if entry.offset + len(raw) < end:
            raw = raw[: last_feed(raw, timed.encoding) or len(raw)]
        zone = self._zone(timed, entry)
        timeline = Timeline(
            zone, opened=None, local=entry.local * _THOUSAND, offset=entry.zone * 900_000 * _THOUSAND
        )
        block = plain_block(entry.offset, raw, timed.encoding)
        stamps = timeline.stamps(block.plain)
        return stamps, block.offsets([stamp.place for stamp in stamps])

    def _zone(self, timed: TimedSegment, entry: TimeEntry) -> SegmentZone:
        """The zone the segment was read with: its header tells more than the table keeps."""
        if not timed.zone_known:
            return SegmentZone(rules=self._rules, fixed=False, known=False)
        zone = self._zones.get(timed.id)
        if zone is None:
            with open_text(timed.file, member=timed.member.number) as stream:
                head = stream.read(min(LONGEST_HEADER, entry.offset))
            plain = plain_block(0, head[len(timed.encoding.bom) :], timed.encoding).plain
            zone = SegmentZone.of(read_header(plain), rules=self._rules)
            if len(self._zones) > _MOST_ZONES:
                self._zones.clear()
            self._zones[timed.id] = zone
        return zone

    def _part(self, timed: TimedSegment, wanted: TimeRange) -> FoundSegment | None:
        start = first_offset(timed.packed_entries)
        if start is None or timed.least is None or timed.most is None:
            return None
        header = ByteRange(0, start if start <= LONGEST_HEADER else 0)
        if wanted.holds_all(TimeEntry(start, timed.least, timed.most, 0, 0)):
            if not timed.file.exists():
                raise FileNotFoundError
            return FoundSegment(timed, header, (ByteRange(start, timed.upto),))
        entries = timed.entries
        ends = [entry.offset for entry in entries[1:]] + [timed.upto]
        borders = [
            (entry, end)
            for entry, end in zip(entries, ends, strict=True)
            if not wanted.misses(entry) and not wanted.holds_all(entry)
        ]
        exact = self._exact(timed, borders, wanted)
        parts: list[ByteRange] = []
        for entry, end in zip(entries, ends, strict=True):
            if wanted.holds_all(entry):
                _join(parts, ByteRange(entry.offset, end))
            elif not wanted.misses(entry):
                for part in exact[entry.offset]:
                    _join(parts, part)
        if not parts:
            return None
        return FoundSegment(timed, header, tuple(parts))

    def _is_behind(self, timed: TimedSegment, upto: int, wanted: TimeRange) -> bool:
        """Whether something of the range may have stood behind a place up to which a segment was kept."""
        if upto >= timed.upto:
            return False
        entries = timed.entries
        ends = [entry.offset for entry in entries[1:]] + [timed.upto]
        for entry, end in zip(entries, ends, strict=True):
            if end <= upto or wanted.misses(entry):
                continue
            if entry.offset >= upto:
                return True
            with open_text(timed.file, member=timed.member.number, segment=timed.seen) as stream:
                last = self.stamps(timed, entry, end=upto, stream=stream)[-1].moment // _THOUSAND
            if not wanted.misses(TimeEntry(upto, min(last, entry.most), entry.most, 0, 0)):
                return True
        return False

    def _exact(
        self, timed: TimedSegment, borders: Sequence[tuple[TimeEntry, int]], wanted: TimeRange
    ) -> dict[int, list[ByteRange]]:
        """Of the entries that lie partly in the range: the records that do."""
        found: dict[int, list[ByteRange]] = {}
        if not borders:
            if not timed.file.exists():
                raise FileNotFoundError
            return found
        with open_text(timed.file, member=timed.member.number, segment=timed.seen) as stream:
            for entry, end in borders:
                stamps, places = self._stamped(timed, entry, end=end, stream=stream)
                held = [wanted.holds(stamp.moment) for stamp in stamps]
                found[entry.offset] = _runs(held, [*places, end])
        return found


def _runs(held: Sequence[bool], places: Sequence[int]) -> list[ByteRange]:
    """The records that are held, neighbours as one; `places` has where each begins and the last ends."""
    runs: list[ByteRange] = []
    begin: int | None = None
    for place, is_held in zip(places, held, strict=False):
        if is_held and begin is None:
            begin = place
        elif begin is not None and not is_held:
            runs.append(ByteRange(begin, place))
            begin = None
    if begin is not None:
        runs.append(ByteRange(begin, places[-1]))
    return runs


def _as_kept(timed: TimedSegment) -> TimedSegment:
    """A pinned segment as far as its pin goes: one that was emptied in place may have been kept up to a line.

    Raises:
        OSError: nothing of it is there.
    """
    size = timed.file.stat().st_size
    if size >= timed.upto:
        return timed
    entries = [entry for entry in timed.entries if entry.offset < size]
    if not entries:
        raise OtherContent("nothing of it was kept")
    begin = upto = entries[-1].offset
    with timed.file.open("rb") as stream:
        while size > begin and upto == begin:
            start = begin + (size - begin - 1) // _PIECE * _PIECE
            stream.seek(start)
            if feed := last_feed(stream.read(size - start), timed.encoding):
                upto = start + feed
            size = start
    whole = entries if upto > begin else entries[:-1]
    return replace(timed, upto=upto, packed_entries=pack_entries(whole))


def read_found(found: FoundSegment, *, header: bool = True) -> Iterator[bytes]:
    """The bytes of what was found, header first.

    Raises:
        OSError: the segment is gone, or is another one by now.
        PackedError: it cannot be unpacked any more.
    """
    timed = found.timed
    parts = ([found.header] if header and found.header.size else []) + list(found.ranges)
    with open_text(timed.file, member=timed.member.number, segment=timed.seen) as stream:
        for part in parts:
            stream.seek(part.start)
            yield from _pieces(stream, part.size)


def micros_of(moment: datetime) -> int:
    """Microseconds UTC of an aware time."""
    return (moment - _EPOCH) // _MICROSECOND


def moment_of(micros: int) -> datetime:
    """The aware time of microseconds UTC; the first or last there is for what lies beyond."""
    return _EPOCH + timedelta(microseconds=min(max(micros, _FIRST), _LAST))


def _pieces(stream: BinaryIO, size: int) -> Iterator[bytes]:
    while size > 0:
        piece = stream.read(min(_PIECE, size))
        if not piece:
            raise OtherContent("the segment ended early")
        size -= len(piece)
        yield piece


def _join(parts: list[ByteRange], part: ByteRange) -> None:
    if parts and parts[-1].end == part.start:
        parts[-1] = ByteRange(parts[-1].start, part.end)
    elif part.size:
        parts.append(part)
