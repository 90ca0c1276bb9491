"""Collecting: find the claimed files where they lie now, and prove that they are what was claimed."""

from __future__ import annotations

import hashlib
import logging
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from agent.catalogue import Catalogue, Segment
from agent.jobs.collected import SourceMoved, begins_with, digest_of_parts, open_source, parts_of
from agent.jobs.dropping import Replaced, open_dropped
from agent.jobs.journal import JobJournal
from agent.jobs.ranges import Part, part_behind
from agent.jobs.rows import FileRow, FileState, JobRow, SegmentMark
from agent.watch import open_shared, still_begins_with
from app import logs

_log = logging.getLogger(__name__)
_BLOCK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Content:
    size: int
    sha256: str
    modified_ns: int


def collect(
    job: JobRow,
    *,
    journal: JobJournal,
    catalogue: Catalogue,
    still_wanted: Callable[[], bool],
    last_try: bool,
) -> None:
    """Look up and digest every file of the job that was not yet; idempotent.

    A segment that is gone or cannot be read any more leaves the job with its reason; of one that grew, what
    was claimed is sent. What carries bytes which another job has carried for the same rule, or another rule
    for the same case, is not sent again.

    Args:
        job: in state *collecting*.
        journal: of jobs.
        catalogue: where segments lie now.
        still_wanted: asked between files; false ends the step early.
        last_try: what cannot be found now is left out rather than looked up again.

    Raises:
        SourceMoved: a file moved meanwhile; try again soon.
    """
    moved = False
    for file in journal.files(job.id):
        if file.state is not FileState.WAITING or file.raw_sha256:
            continue
        if not still_wanted():
            return
        try:
            _collect_file(job, file, journal=journal, catalogue=catalogue)
        except FileNotFoundError:
            known = bool(file.segment) or file.mark is not None  # a look at its folder may find it again
            if last_try or not known:
                if known:
                    journal.release(job.source, file)
                _leave_out(journal, file, "unreadable", "It was deleted before it could be read.")
            else:
                moved = True
        except Replaced:
            _log.info("job %s: another file lies in the place of file %d", job.id, file.number)
            _leave_out(journal, file, "unreadable", "Another file, or a link, lies in its place by now.")
        except OSError as error:
            reason = (
                "The agent may not read it." if isinstance(error, PermissionError) else f"{error.strerror}."
            )
            if file.segment or file.mark is not None:
                journal.release(job.source, file)
            _leave_out(journal, file, "unreadable", reason)
        except logs.PackedError as error:
            _leave_out(journal, file, "unreadable", error.happened)
    if moved:
        raise SourceMoved


def _collect_file(job: JobRow, file: FileRow, *, journal: JobJournal, catalogue: Catalogue) -> None:
    if file.mark is not None:
        _collect_range(job, file, file.mark, journal=journal, catalogue=catalogue)
        return
    path = file.path
    segment: Segment | None = None
    if file.segment:
        segment = catalogue.by_key(file.segment)
        if segment is None:
            raise FileNotFoundError
        path = segment.file
    with open_dropped(path, file.identity) if file.identity else open_shared(path) as stream:
        content = _digest(stream)
    if segment is not None and segment.size and not still_begins_with(path, segment.print):
        # A rotation has put another file under its path since the last look at the folder.
        raise FileNotFoundError
    if segment is not None and content.size != segment.size:
        catalogue.reopen(file.segment)
        _leave_out(
            journal, file, "unreadable", "It grew after it was closed; it is sent when it is closed again."
        )
        return
    if file.segment and not _carries(
        job, file, sha256=_inner_digest(path) or content.sha256, journal=journal
    ):
        return
    journal.collected(
        file, path=path, size=content.size, sha256=content.sha256, modified_ns=content.modified_ns
    )


def _collect_range(
    job: JobRow, file: FileRow, mark: SegmentMark, *, journal: JobJournal, catalogue: Catalogue
) -> None:
    """Look up what was claimed of a segment: what it grew by since belongs to a later job."""
    if mark.kept:
        _collect_kept(job, file, mark, journal=journal, catalogue=catalogue)
        return
    if 0 < file.upto <= file.start:
        _leave_out(journal, file, "duplicate", "It was rescued and taken up before it was found again.")
        return
    segment = catalogue.by_key(file.segment or mark.generation)
    segment = segment or catalogue.continued(
        mark.device, mark.inode, mark.print, member=mark.member if mark.inside else None
    )
    if segment is None:
        raise FileNotFoundError
    path, claimed = segment.file, mark
    if mark.print.size and not begins_with(path, mark):
        # It was packed since; or a rotation has put another file under its path since the last look at it.
        mark = replace(mark, inside=True, device=segment.device, inode=segment.inode)
        if claimed.inside or not begins_with(path, mark):
            raise FileNotFoundError
    more = [] if job.requested else journal.taken.with_more(job.source, file, case=job.case)
    if any(begins_with(path, other, inside=mark) for other in more):
        # It could not be sent at first; a job that came meanwhile sends it together with what was added.
        _leave_out(journal, file, "duplicate", "It is sent together with what was added to it.")
        return
    taken = journal.taken.before(job.source, file, case=job.case) if file.start and not job.requested else 0
    with open_source(path, mark) as stream:
        whole = digest_of_parts(stream, [(0, file.upto)])
        if not whole:
            raise FileNotFoundError
        asked = Part(header=file.header, start=file.start)
        part = asked if job.requested else part_behind(stream, taken=taken)
        parts = parts_of(replace(file, start=part.start, header=part.header))
        sent = digest_of_parts(stream, parts) if part.start else whole
    # Of a range, too, all of its segment counts: its packed form, which comes later, is nothing new then.
    # Parts that were asked for are told apart by their own bytes: two may end at the same place.
    content = sent if job.requested and part.start else whole
    if not mark.inside and content is whole:
        content = _inner_digest(path) or whole
    if not _carries(job, file, sha256=content, journal=journal):
        return
    journal.collected(
        file,
        path=path,
        size=sum(end - begin for begin, end in parts),
        sha256=sent,
        modified_ns=path.stat().st_mtime_ns,
        start=part.start,
        header=part.header,
        mark=mark,
    )


def _collect_kept(
    job: JobRow, file: FileRow, mark: SegmentMark, *, journal: JobJournal, catalogue: Catalogue
) -> None:
    """Digest the masked text that was kept of a destroyed segment, unless the whole of that is sent."""
    raw = replace(mark, inside=False)
    for other in journal.taken.with_more(job.source, file, case=job.case, same_job=True):
        whole = None if other.kept else catalogue.by_key(other.generation)
        if whole is not None and _is_in(whole.file, raw, whole=other):
            _leave_out(journal, file, "duplicate", "It was found again, and is sent with all that it became.")
            return
    digest, size = hashlib.sha256(), 0
    with open_source(file.path, mark) as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
            size += len(block)
    if _carries(job, file, sha256=digest.hexdigest(), journal=journal):
        journal.collected(
            file,
            path=file.path,
            size=size,
            sha256=digest.hexdigest(),
            modified_ns=file.path.stat().st_mtime_ns,
            mark=mark,
        )


def _is_in(path: Path, raw: SegmentMark, *, whole: SegmentMark) -> bool:
    """Whether a file begins with these bytes; not when it cannot be told now: twice is better than lost."""
    try:
        return begins_with(path, raw, inside=whole)
    except OSError:
        return False


def _carries(job: JobRow, file: FileRow, *, sha256: str, journal: JobJournal) -> bool:
    """Whether this file is the one that carries the bytes; one that does not leaves the job."""
    carrier = journal.taken.carrier(file, rule=job.source, sha256=sha256, case=job.case)
    if (carrier.job, carrier.number) == (file.job, file.number):
        return True
    if carrier.rule == job.source:
        _leave_out(journal, file, "duplicate", "The same content was taken up before.")
        return False
    if file.segment and carrier.segment == file.segment:
        journal.release(job.source, file)  # should the other job not send it after all, it is claimed anew
    _leave_out(journal, file, "duplicate", f"Rule {carrier.rule} has taken up the same for this case.")
    return False


def _digest(stream: BinaryIO) -> _Content:
    """The digest of a whole regular file, as it is now.

    Raises:
        OSError: it cannot be read.
    """
    found = os.fstat(stream.fileno())
    if not stat.S_ISREG(found.st_mode):
        raise IsADirectoryError(21, "Not a regular file")
    digest = hashlib.sha256()
    size = 0
    while block := stream.read(_BLOCK):
        digest.update(block)
        size += len(block)
    return _Content(size=size, sha256=digest.hexdigest(), modified_ns=found.st_mtime_ns)


def _inner_digest(path: Path) -> str | None:
    """The digest of what a packed segment was before it was packed: a segment that was sent is not new then.

    None for what is not packed, for an archive of several files, and for one that cannot be opened.
    """
    with open_shared(path) as stream:
        try:
            return logs.content_digest(stream)
        except logs.PackedError:
            return None


def _leave_out(journal: JobJournal, file: FileRow, kind: str, reason: str) -> None:
    journal.without(file, state=FileState.LEFT_OUT, kind=kind, reason=reason)
