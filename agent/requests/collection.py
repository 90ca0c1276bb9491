"""From a request to jobs: what the catalogue finds, what the policy sees of it, and who collects it.

What is sent is what was asked for: the records of the range, with the header of their segment. What the
catalogue does not know line by line, and what lies packed, goes as a whole.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from agent.catalogue import (
    ByteRange,
    Finder,
    FoundSegment,
    Scope,
    SegmentState,
    TimeRange,
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
    in_portions_of,
)
from agent.requests.policy import DataKind, Part
from agent.watch import still_begins_with, take_fingerprint
from app.portal.contract import LogRequest

_MOST_PARTS = 20


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a request asks for, as it lies here now: of each segment the records of the range."""

    segments: tuple[FoundSegment, ...]

    @property
    def size(self) -> int:
        """Bytes that would be sent, before masking."""
        return sum(_size(found) for found in self.segments)

    def parts(self) -> list[Part]:
        """By application and kind of data, as the policy looks at it."""
        sizes: dict[tuple[str, DataKind], int] = {}
        for found in self.segments:
            pair = (found.timed.application, _kind(found))
            sizes[pair] = sizes.get(pair, 0) + _size(found)
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
        return Wanted(tuple(part for part in found.segments if part.timed.segment.size))

    def begin(self, request: LogRequest) -> list[str]:
        """Make the jobs; ids of all of them. Repeated after a kill, it makes those that are missing.

        Of a segment that grows, what it holds now is sent, whatever becomes of it until it is collected.

        Raises:
            SourceMoved: a segment was moved just now; it is to be tried again.
        """
        source = source_of(request)
        made: list[str] = []
        while self.journal.job(_job_id(request, len(made))) is not None:
            made.append(_job_id(request, len(made)))
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


def _job_id(request: LogRequest, number: int) -> str:
    """The same job for the same request, whenever it is made."""
    return hashlib.sha256(f"{request.id}\n{number}".encode()).hexdigest()[:16]


def _kind(found: FoundSegment) -> DataKind:
    if found.timed.packing:
        return DataKind.PACKED
    return DataKind.WHOLE if found.whole else DataKind.TIMED


def _size(found: FoundSegment) -> int:
    return found.timed.segment.size if _as_a_whole(found) else found.size


def _as_a_whole(found: FoundSegment) -> bool:
    """Whether no range of it can be sent: ranges are those of what was unpacked."""
    return found.whole or bool(found.timed.packing)


def _requested(found: FoundSegment) -> list[Requested]:
    """The parts of a segment that are sent; one of them carries its key."""
    segment = found.timed.segment
    parts = [(0, segment.size)] if _as_a_whole(found) else _parts(found)
    key = segment.key if segment.state is not SegmentState.GROWING else ""
    return [
        Requested(
            key=key if number == 0 else "",
            file=found.timed.file,
            name=segment.path.rpartition("/")[2],
            application=found.timed.application,
            size=end - start + (found.header.size if start else 0),
            mark=_mark(found, key=key, size=end),
            start=start,
            header=found.header.size if start else 0,
        )
        for number, (start, end) in enumerate(parts)
    ]


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
    segment, path = found.timed.segment, found.timed.file
    try:
        upto = take_fingerprint(path, size=size)
        if segment.size and not still_begins_with(path, segment.print):
            raise SourceMoved  # another file came in its place meanwhile
    except PermissionError:
        return None
    except OSError as error:
        raise SourceMoved from error
    generation = key or segment_key(
        segment.application, device=segment.device, inode=segment.inode, fingerprint=upto
    )
    return SegmentMark(generation, segment.device, segment.inode, upto)


def _is_taken(wanted: Requested, file: FileRow) -> bool:
    """Whether an earlier job of the request has this part: a segment may have grown or been renamed since."""
    if wanted.mark is None or file.mark is None:
        return wanted.file == file.path
    if (wanted.mark.device, wanted.mark.inode, wanted.start) != (
        file.mark.device,
        file.mark.inode,
        file.start,
    ):
        return False
    return still_begins_with(wanted.file, file.mark.print)
