"""An open collection holds its segments, so that rotation cannot delete what was not collected yet."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta

from agent.catalogue import Catalogue, Evidence, HoldReason, Segment
from agent.jobs import REQUEST, FileRow, JobJournal
from app.agentlink import FINAL_STATES
from app.domain.errors import WorldError

_log = logging.getLogger(__name__)
_KEPT = timedelta(days=90)
"""For a job that nobody looks at; all others end before."""


class HeldCollections:
    """Follows jobs: the segments of one that is open are pinned, those of one that ended are not."""

    def __init__(self, journal: JobJournal, catalogue: Catalogue, evidence: Evidence) -> None:
        self._journal = journal
        self._catalogue = catalogue
        self._evidence = evidence
        self._open: set[str] = set()
        self._lock = threading.Lock()

    def take_stock(self) -> None:
        """At the start: hold for jobs that a kill left open without it, release what jobs that ended left."""
        try:
            unfinished = self._journal.unfinished()
            held = {hold.label for hold in self._evidence.holds() if hold.reason is HoldReason.COLLECTION}
            for label in held - unfinished:
                if not label.startswith(REQUEST):  # a request's, which ends with the request
                    self._evidence.release_labelled(HoldReason.COLLECTION, label)
        except WorldError as error:
            _log.info("the holds of jobs are not looked through (%s)", error.code)
            return
        for job in sorted(unfinished):
            self.follow(job)

    def follow(self, job: str) -> None:
        """Look at a job that was made or changed; trouble with evidence never stops a job."""
        try:
            self._follow(job)
        except WorldError as error:
            _log.info("the segments of job %s are not held (%s)", job, error.code)

    def _follow(self, job: str) -> None:
        row = self._journal.job(job)
        if row is None or row.dropped:
            return
        if row.state in FINAL_STATES:
            self._end(job)
            return
        with self._lock:
            if job in self._open:
                return
        segments = [
            segment for file in self._journal.files(job) if (segment := self._segment_of(file)) is not None
        ]
        if segments:
            self._evidence.hold_segments(HoldReason.COLLECTION, label=job, segments=segments, keep=_KEPT)
        with self._lock:
            self._open.add(job)  # not before: what could not be held is tried again
        row = self._journal.job(job)
        if row is None or row.state in FINAL_STATES:
            self._end(job)  # while it was held: nobody else releases what was held after its end

    def _end(self, job: str) -> None:
        with self._lock:
            self._open.discard(job)
        self._evidence.release_labelled(HoldReason.COLLECTION, job)

    def _segment_of(self, file: FileRow) -> Segment | None:
        """What a file of a job is of, closed or growing; None when it is of no segment, or that is gone."""
        mark = file.mark
        key = file.segment or (mark.generation if mark is not None and mark.inside else "")
        if key and (segment := self._catalogue.by_key(key)) is not None:
            return segment
        if mark is None or mark.kept or not mark.print.size:
            return None
        return self._catalogue.continued(
            mark.device, mark.inode, mark.print, member=mark.member if mark.inside else None
        )
