"""From a request to jobs: what the catalogue finds, what the policy sees of it, and who collects it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from agent.catalogue import Finder, FoundSegment, Scope, SegmentState, TimeRange
from agent.jobs import REQUEST, Intake, JobJournal, Requested, in_portions_of
from agent.requests.policy import DataKind, Part
from app.portal.contract import LogRequest


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a request asks for, as it lies here now: whole segments that hold a line of the range."""

    segments: tuple[FoundSegment, ...]

    @property
    def size(self) -> int:
        """Bytes of the segments."""
        return sum(found.timed.segment.size for found in self.segments)

    def parts(self) -> list[Part]:
        """By application and kind of data, as the policy looks at it."""
        sizes: dict[tuple[str, DataKind], int] = {}
        for found in self.segments:
            pair = (found.timed.application, _kind(found))
            sizes[pair] = sizes.get(pair, 0) + found.timed.segment.size
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
        """Make the jobs; ids of all of them. Repeated after a kill, it makes those that are missing."""
        source = source_of(request)
        made: list[str] = []
        while self.journal.job(_job_id(request, len(made))) is not None:
            made.append(_job_id(request, len(made)))
        taken = self.journal.claimed(source)
        paths = {file.path for files in self.journal.files_of(made).values() for file in files}
        left = [
            wanted
            for found in self.look(request).segments
            if (wanted := _requested(found)).key not in taken and wanted.file not in paths
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


def _requested(found: FoundSegment) -> Requested:
    """A segment that grows has no key yet: what it holds when it is collected is sent."""
    segment = found.timed.segment
    closed = segment.state is not SegmentState.GROWING
    return Requested(
        key=segment.key if closed else "",
        file=found.timed.file,
        name=segment.path.rpartition("/")[2],
        application=found.timed.application,
        size=segment.size,
    )
