"""From a request to jobs: what the catalogue finds, what the policy sees of it, and who collects it.

What is sent is what was asked for: the records of the range, with the header of their segment, also out of
packed segments, of which nothing else is sent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from agent.catalogue import (
    ByteRange,
    Finder,
    FoundSegment,
    Lost,
    Scope,
    SegmentState,
    TimedSegment,
    TimeRange,
    open_text,
    segment_key,
)
from agent.jobs import (
    REQUEST,
    FileRow,
    Intake,
    JobJournal,
    Requested,
    SegmentMark,
    SourceMoved,
    begins_with,
    in_portions_of,
)
from agent.requests.policy import DataKind, Part
from agent.watch import still_begins_with, unpacked_name
from agent.watch.fingerprint import fingerprint_of
from app.logs import PackedError
from app.portal.contract import LogRequest

_MOST_PARTS = 20


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a request asks for, as it lies here now: of each segment the records of the range.

    Attributes:
        segments: what can be sent.
        lost: what may be of the range and cannot be read.
    """

    segments: tuple[FoundSegment, ...]
    lost: tuple[Lost, ...] = ()

    @property
    def missing(self) -> str:
        """What cannot be sent and why, for people and support; empty when all can."""
        reasons = [_nameless(one.reason, one.timed) for one in self.lost]
        what = "cannot be read" if reasons else "cannot be read to the end"
        reasons += [_nameless(f.timed.member.broken, f.timed) for f in self.segments if _breaks_off(f)]
        if not reasons:
            return ""
        logs = "1 log" if len(reasons) == 1 else f"{len(reasons)} logs"
        return f"{logs} that may be of the range {what}: {reasons[0]}"

    @property
    def size(self) -> int:
        """Bytes that would be sent, before masking."""
        return sum(found.size for found in self.segments)

    def parts(self) -> list[Part]:
        """By application and kind of data, as the policy looks at it."""
        sizes: dict[tuple[str, DataKind], int] = {}
        for found in self.segments:
            pair = (found.timed.application, _kind(found))
            sizes[pair] = sizes.get(pair, 0) + found.size
        return [Part(application, kind, size) for (application, kind), size in sorted(sizes.items())]


@dataclass(frozen=True, slots=True)
class Collection:
    """Finds, and makes the jobs."""

    finder: Finder
    intake: Intake
    journal: JobJournal

    def look(self, request: LogRequest) -> Wanted:
        """The segments that a request asks for."""
        found = self.finder.find(scope_of(request))
        segments = tuple(part for part in found.segments if part.timed.segment.size)
        return Wanted(segments, tuple(one for one in found.lost if one.timed.segment.size))

    def begun(self, request: LogRequest) -> list[str]:
        """Ids of the jobs that are made of it: some, when a kill came between the first and the last."""
        made: list[str] = []
        while self.journal.job(_job_id(request, len(made))) is not None:
            made.append(_job_id(request, len(made)))
        return made

    def begin(self, request: LogRequest) -> list[str]:
        """Make the jobs; ids of all of them. Repeated after a kill, it makes those that are missing.

        Of a segment that grows, what it holds now is sent, whatever becomes of it until it is collected.

        Raises:
            SourceMoved: a segment was moved just now; it is to be tried again.
        """
        source = source_of(request)
        made = self.begun(request)
        files = [file for each in self.journal.files_of(made).values() for file in each]
        left = [
            wanted
            for found in self.look(request).segments
            for wanted in _requested(found)
            if not any(_is_taken(wanted, file) for file in files)
        ]
        for portion in in_portions_of(left, size=lambda wanted: wanted.size):
            job = _job_id(request, len(made))
            self.intake.collect(portion, case=request.case, source=source, job=job)
            made.append(job)
        return made


def source_of(request: LogRequest) -> str:
    """What its jobs name as their source."""
    return f"{REQUEST}{request.id}"


def scope_of(request: LogRequest) -> Scope:
    """Applications and range, for the catalogue."""
    return Scope(tuple(request.applications), range=TimeRange.between(request.first, request.last))


def _nameless(reason: str, timed: TimedSegment) -> str:
    """Why a segment cannot be read, without the name of its file: support gets names masked only."""
    for name in (timed.path, timed.segment.path):
        reason = reason.removeprefix(f"{name}: ")
    return reason[:1].upper() + reason[1:]


def _breaks_off(found: FoundSegment) -> bool:
    """Whether more of the range may lie behind the place where nothing can be unpacked."""
    return bool(found.timed.member.broken) and found.ranges[-1].end == found.timed.upto


def _job_id(request: LogRequest, number: int) -> str:
    """The same job for the same request, whenever it is made."""
    return hashlib.sha256(f"{request.id}\n{number}".encode()).hexdigest()[:16]


def _kind(found: FoundSegment) -> DataKind:
    return DataKind.PACKED if found.timed.packing else DataKind.TIMED


def _requested(found: FoundSegment) -> list[Requested]:
    """The parts of a segment that are sent; one of them carries its key."""
    segment, member = found.timed.segment, found.timed.member
    key = segment.key if segment.state is not SegmentState.GROWING else ""
    return [
        Requested(
            key=key if number == member.number == 0 else "",
            file=found.timed.file,
            name=_name(found),
            application=found.timed.application,
            size=end - start + (found.header.size if start else 0),
            mark=_mark(found, key=key, size=end),
            start=start,
            header=found.header.size if start else 0,
        )
        for number, (start, end) in enumerate(_parts(found))
    ]


def _name(found: FoundSegment) -> str:
    """What is sent of it is called: of a packed segment that is the text in it."""
    name = found.timed.segment.path.rpartition("/")[2]
    if not found.timed.packing:
        return name
    inside = found.timed.member.name
    return f"{unpacked_name(name)}/{inside}" if inside else unpacked_name(name)


def _parts(found: FoundSegment) -> list[tuple[int, int]]:
    """First byte and the one behind the last of each part; what begins right behind the header begins at 0.

    Where a clock was set to and fro so often that there are too many, what lies between them goes, too.
    """
    ranges: Sequence[ByteRange] = found.ranges
    if len(ranges) > _MOST_PARTS:
        ranges = (ByteRange(ranges[0].start, ranges[-1].end),)
    return [(0 if part.start <= found.header.end else part.start, part.end) for part in ranges]


def _mark(found: FoundSegment, *, key: str, size: int) -> SegmentMark | None:
    """The segment as far as it is sent; None when it may not be read, which its job will say.

    Raises:
        SourceMoved: it does not lie there any more.
    """
    timed = found.timed
    segment, path, member = timed.segment, timed.file, timed.member
    inside = bool(timed.packing)
    try:
        with open_text(path, member=member.number, segment=timed.seen) as text:
            upto = fingerprint_of(text, size=size)
        if segment.size and not still_begins_with(path, segment.print):
            raise SourceMoved  # another file came in its place meanwhile
    except PermissionError:
        return None
    except (OSError, PackedError) as error:
        raise SourceMoved from error
    generation = key or segment_key(
        segment.application, device=segment.device, inode=segment.inode, fingerprint=upto
    )
    return SegmentMark(
        generation,
        segment.device,
        segment.inode,
        upto,
        inside=inside,
        member=member.number,
        broken=_nameless(member.broken, timed) if size == timed.upto else "",
        garbled=member.garbled,
    )


def _is_taken(wanted: Requested, file: FileRow) -> bool:
    """Whether an earlier job of the request has this part.

    A segment may have grown or been renamed since, or packed, which changes no place in its text.
    """
    mine, its = wanted.mark, file.mark
    if mine is None or its is None:
        return wanted.file == file.path
    if (mine.member, wanted.start) != (its.member, file.start):
        return False
    if mine.inside == its.inside and (mine.device, mine.inode) != (its.device, its.inode):
        return False
    return begins_with(wanted.file, its, inside=mine)
