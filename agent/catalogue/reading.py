"""Reading what the lines of one segment tell: entries of the time index, volumes, silences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from typing import BinaryIO

from agent.catalogue.entries import TimeEntry, add_entry
from agent.catalogue.listening import HeardBlock
from app.logs import (
    BlockScan,
    BlockTimes,
    Encoding,
    Header,
    LineBlock,
    MessageKind,
    SegmentZone,
    Stamp,
    Timeline,
    check_point_of,
    line_blocks,
    parse_name,
    plain_block,
    read_header,
    sniff_encoding,
)

HEAD = 65_536
SLOT = 600_000
"""Milliseconds of which volumes are counted together."""
SILENCE = 900_000
"""Milliseconds without a line from which on an application counts as silent."""
MOST_SILENCES = 200
_THOUSAND = 1000
_QUARTER = 900 * 1_000_000
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SegmentHead:
    """What the first bytes of a segment tell.

    Attributes:
        opened: local time of the first line, as far as header, name or a check point tell it.
        zone: of its local times.
    """

    encoding: Encoding
    header: Header
    opened: datetime | None
    zone: SegmentZone


@dataclass(slots=True)
class Volume:
    """What was written in ten minutes."""

    size: int = 0
    records: int = 0
    kinds: Counter[MessageKind] = field(default_factory=Counter)


@dataclass(slots=True)
class SegmentTimes:
    """What the lines of a segment tell; milliseconds UTC.

    Attributes:
        upto: bytes that were read; whole lines.
        least, most: of all stamps; None while there is none.
        last: of the last one.
        local, offset: of the last one, microseconds, to read on.
        volumes: by `SLOT`.
        silences: from the last line before to the first one after.
    """

    upto: int = 0
    records: int = 0
    least: int | None = None
    most: int | None = None
    last: int | None = None
    local: int | None = None
    offset: int | None = None
    entries: list[TimeEntry] = field(default_factory=list)
    volumes: dict[int, Volume] = field(default_factory=dict)
    silences: list[tuple[int, int]] = field(default_factory=list)


def read_head(head: bytes, *, file_name: str, rules: tzinfo) -> SegmentHead:
    """What a segment says of itself before its first line.

    Args:
        head: its first bytes, up to `HEAD`.
        file_name: with or without folders.
        rules: zone of the machine that wrote it, as far as one knows.
    """
    encoding = sniff_encoding(head)
    plain = plain_block(0, head[len(encoding.bom) :], encoding).plain
    header = read_header(plain)
    return SegmentHead(
        encoding=encoding,
        header=header,
        opened=header.local or parse_name(file_name).started or _first_check_point(plain),
        zone=SegmentZone.of(header, rules=rules),
    )


def read_times(
    stream: BinaryIO,
    head: SegmentHead,
    *,
    times: SegmentTimes,
    to_end: bool,
    changed: datetime,
    hear: Callable[[HeardBlock], None] | None = None,
    wanted: Callable[[], bool] = lambda: True,
    scan: BlockScan | None = None,
) -> bool:
    """Read on where `times` stops, and add to it; whether it came to the end.

    A segment whose clocks have no date anywhere is dated by its time of change: that of its last line.

    Args:
        stream: standing at byte ``times.upto``.
        head: of the segment.
        times: what was read before; changed in place.
        to_end: whether a last line without a line feed counts.
        changed: when the file was changed last, aware.
        hear: is told every block that is read.
        wanted: asked before every block; false ends it there.
        scan: reads most blocks, and counts by `SLOT`.
    """
    opened = head.opened
    if opened is None:
        opened = changed.astimezone(head.zone.rules).replace(tzinfo=None)
    begin = times.upto
    reader = _Reader(head, times, opened=opened, hear=hear, scan=scan)
    if not reader.read(stream, to_end=to_end, wanted=wanted):
        return False
    if head.opened is None and begin == 0 and times.last is not None:
        ahead = timedelta(milliseconds=times.last) - (changed - _EPOCH)
        if ahead > _DAY / 2:
            _move(times, days=-round(ahead / _DAY))
    return True


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Reader:
    def __init__(
        self,
        head: SegmentHead,
        times: SegmentTimes,
        *,
        opened: datetime,
        hear: Callable[[HeardBlock], None] | None,
        scan: BlockScan | None,
    ) -> None:
        self._head = head
        self._hear = hear
        self._times = times
        self._timeline = Timeline(
            head.zone,
            opened=opened,
            local=times.local,
            offset=None if times.local is None else times.offset,
            scan=scan,
        )

    def read(self, stream: BinaryIO, *, to_end: bool, wanted: Callable[[], bool]) -> bool:
        times, whole = self._times, True
        for block in line_blocks(stream, self._head.encoding, start=times.upto, to_end=to_end):
            if not wanted():
                whole = False
                break
            before = times.last
            found = self._timeline.read(block.plain)
            if found is not None:
                self._take(block, found)
            elif times.last is not None:
                self._volume(times.last).size += len(block.raw)
            if self._hear is not None:
                self._hear(self._heard(block, found, before=before))
            times.upto = block.end
        times.local, times.offset = self._timeline.local, self._timeline.offset
        return whole

    def _take(self, block: LineBlock, found: BlockTimes) -> None:
        times = self._times
        least, most = found.least // _THOUSAND, found.most // _THOUSAND
        before, times.last = times.last, found.last // _THOUSAND
        entry = TimeEntry(
            offset=block.offsets([found.first_at])[0],
            least=least,
            most=most,
            local=found.local // _THOUSAND,
            zone=round(found.offset / _QUARTER),
        )
        add_entry(times.entries, entry)
        times.records += found.records
        times.least = least if times.least is None else min(times.least, least)
        times.most = most if times.most is None else max(times.most, most)
        if most // SLOT == least // SLOT:
            volume = self._volume(least)
            volume.size += len(block.raw)
            volume.records += found.records
            volume.kinds += found.kinds
            if before is not None:
                self._silent(before, least)
            return
        if found.parts and found.pause < SILENCE * _THOUSAND and len(block.raw) == len(block.plain):
            self._by_parts(found, before=before)
            return
        self._line_by_line(block, found, before=before)

    def _by_parts(self, found: BlockTimes, *, before: int | None) -> None:
        for part in found.parts:
            volume = self._times.volumes.setdefault(part.number, Volume())
            volume.size += part.size
            volume.records += part.records
            volume.kinds += part.kinds
        if before is not None:
            self._silent(before, (found.local - found.offset) // _THOUSAND)

    def _line_by_line(self, block: LineBlock, found: BlockTimes, *, before: int | None) -> None:
        stamps = self._stamps(block, found)
        borders = [*block.offsets([stamp.place for stamp in stamps]), block.end]
        self._volume(stamps[0].moment // _THOUSAND).size += borders[0] - block.start
        for stamp, start, end in zip(stamps, borders, borders[1:], strict=False):
            before = self._line(stamp, end - start, before=before)

    def _stamps(self, block: LineBlock, found: BlockTimes | None) -> list[Stamp]:
        """Every stamped line of a block."""
        if found is None or found.stamps is not None:
            return [] if found is None or found.stamps is None else found.stamps
        at_start = Timeline(self._head.zone, opened=None, local=found.local, offset=found.offset)
        again = at_start.read(block.plain, singly=True)
        return [] if again is None or again.stamps is None else again.stamps

    def _heard(self, block: LineBlock, found: BlockTimes | None, *, before: int | None) -> HeardBlock:
        first = self._times.entries[0] if self._times.entries else None
        earlier = None if before is None else before * _THOUSAND
        return HeardBlock(
            lines=block,
            before=earlier,
            latest=_latest(found, earlier=earlier),
            first_stamp=None if first is None else first.offset,
            first_moment=None if first is None else first.least,
            stamps=cache(lambda: self._stamps(block, found)),
        )

    def _line(self, stamp: Stamp, size: int, *, before: int | None) -> int:
        moment = stamp.moment // _THOUSAND
        volume = self._volume(moment)
        volume.size += size
        volume.records += 1
        volume.kinds[stamp.kind] += 1
        if before is not None:
            self._silent(before, moment)
        return moment

    def _silent(self, first: int, last: int) -> None:
        if last - first >= SILENCE and len(self._times.silences) < MOST_SILENCES:
            self._times.silences.append((first, last))

    def _volume(self, moment: int) -> Volume:
        return self._times.volumes.setdefault(moment // SLOT, Volume())


def _latest(found: BlockTimes | None, *, earlier: int | None) -> int | None:
    """Of all lines of a block; those without a stamp were written when the one before was."""
    if found is None:
        return earlier
    if earlier is None:
        return None if found.first_at else found.most
    return max(found.most, earlier)


def _first_check_point(plain: bytes) -> datetime | None:
    """The date that the first check point tells; a clock before it may be of the day before."""
    at = plain.find(b"Check point ")
    if at < 0:
        return None
    return check_point_of(plain[at : at + 31])


def _move(times: SegmentTimes, *, days: int) -> None:
    shift = days * 86_400_000
    for entry in times.entries:
        entry.least += shift
        entry.most += shift
        entry.local += shift
    times.least, times.most, times.last = (
        None if moment is None else moment + shift for moment in (times.least, times.most, times.last)
    )
    if times.local is not None:
        times.local += shift * _THOUSAND
    times.volumes = {slot + shift // SLOT: volume for slot, volume in times.volumes.items()}
    times.silences = [(first + shift, last + shift) for first, last in times.silences]
