"""Keeps the time table level with the segments: reads what was written since it was last read."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from fnmatch import fnmatch

from agent.catalogue.contents import SeveralInside, open_content, skip_to
from agent.catalogue.listening import HeardBlock, HeardSegment, Listener
from agent.catalogue.reading import HEAD, SLOT, SegmentHead, SegmentTimes, read_head, read_times
from agent.catalogue.segments import Segment, SegmentState
from agent.catalogue.times import Origin, TimeTable
from agent.watch import open_shared
from app.logs import (
    Header,
    PackedError,
    SystemZone,
    application_of,
    describe_packed,
    is_binary,
)
from app.masking.native.times import block_scan

_LONGEST_NAME = 128
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class NamingRule:
    """Files that match `pattern` (of the whole path, ``/`` between parts) are written by `application`."""

    pattern: str
    application: str


class TimeIndexer:
    """Reads segments and records what their lines tell. Methods may be called from any thread."""

    def __init__(
        self,
        table: TimeTable,
        *,
        host: str,
        rules: tzinfo | None = None,
        naming: Sequence[NamingRule] = (),
        listener: Listener | None = None,
    ) -> None:
        """Nothing is read yet.

        Args:
            table: where it is recorded.
            host: name of this server, for segments that do not tell theirs.
            rules: time zone of this server; the system's own when None.
            naming: applications of files whose header and name do not tell them.
            listener: is told of every line that is read, before it counts as read.
        """
        self._listener = listener
        self._table = table
        self._host = host
        self._rules = rules or SystemZone()
        self._naming = tuple(naming)
        self._scan = block_scan(SLOT * 1000)
        self._reading = threading.Lock()
        self._ceased = threading.Event()

    def cease(self) -> None:
        """Read nothing more, for good: what is being read is kept as far as it was read."""
        self._ceased.set()

    def catch_up(self) -> int:
        """Read everything that waits, the newest first; how many segments."""
        done = 0
        for segment in self._table.waiting():
            if self._ceased.is_set():
                break
            done += self.read(segment)
        return done

    def read_growing(self) -> None:
        """Read what growing segments got since they were last looked at, whatever the last scan saw."""
        for segment, upto in self._table.growing():
            try:
                size = segment.file.stat().st_size
            except OSError:
                continue  # the next scan tells what became of it
            if size != upto:
                self.read(segment)

    def read(self, segment: Segment) -> bool:
        """Read on in one segment; false when it is not there any more, or cannot be read now."""
        with self._reading:
            if self._ceased.is_set():
                return False
            try:
                self._read(segment)
            except PackedError as error:
                self._cannot(segment, f"{error.happened}")
            except OSError:
                return False  # the next scan tells what became of it
        return True

    def _read(self, segment: Segment) -> None:
        try:
            with open_content(segment.file, segment=segment) as (stream, packing):
                head_bytes = stream.read(HEAD)
                if is_binary(head_bytes):
                    self._cannot(segment, "It is not a text log.")
                    return
                head = read_head(head_bytes, file_name=segment.path, rules=self._rules)
                times = self._table.progress(segment.id) or SegmentTimes(upto=len(head.encoding.bom))
                closed = segment.state is SegmentState.CLOSED
                stream.seek(0)
                skip_to(stream, times.upto, packing=packing)
                before = times.upto
                changed = _EPOCH + timedelta(microseconds=segment.modified_ns // 1000)
                origin = self._origin(segment, head.header)
                hear = self._ear(head_bytes, head, application=origin.application)
                whole = read_times(
                    stream,
                    head,
                    times=times,
                    to_end=closed,
                    changed=changed,
                    hear=hear,
                    wanted=lambda: not self._ceased.is_set(),
                    scan=self._scan,
                )
        except SeveralInside:
            self._as_a_whole(segment)
            return
        if not whole and head.opened is None and before == len(head.encoding.bom):
            return  # it is dated by its last line, which was not reached
        skew = None
        if (
            whole
            and not closed
            and before < times.upto
            and times.last is not None
            and times.upto <= segment.size
        ):
            skew = times.last - round((changed - _EPOCH) / _MILLISECOND)
        self._table.keep(segment, times, head=head, origin=origin, packing=packing, skew=skew, whole=whole)

    def _ear(
        self, head_bytes: bytes, head: SegmentHead, *, application: str
    ) -> Callable[[HeardBlock], None] | None:
        """Tells the listener of the blocks of one segment."""
        listener = self._listener
        if listener is None:
            return None
        heard = HeardSegment(
            application=application,
            version=head.header.version[:_LONGEST_NAME],
            head=head_bytes,
            dated=head.opened is not None,
        )
        return lambda block: listener.hear(heard, block)

    def _as_a_whole(self, segment: Segment) -> None:
        with open_shared(segment.file) as stream:
            told = describe_packed(stream, file_name=segment.path)
        times = SegmentTimes(upto=segment.size)
        for moment in (told.first, told.last):
            if moment is not None:
                times.last = round((moment - _EPOCH) / _MILLISECOND)
                times.least = min(times.last, times.least if times.least is not None else times.last)
                times.most = max(times.last, times.most if times.most is not None else times.last)
        header = Header(application=told.application, host=told.host)
        self._table.keep(
            segment,
            times,
            head=None,
            origin=self._origin(segment, header),
            problem="It is an archive of several files.",
        )

    def _cannot(self, segment: Segment, problem: str) -> None:
        self._table.keep(
            segment,
            SegmentTimes(upto=segment.size),
            head=None,
            origin=self._origin(segment, Header()),
            problem=problem,
        )

    def _origin(self, segment: Segment, header: Header) -> Origin:
        application, witness = header.application, "header"
        if not application:
            application, witness = application_of(segment.path), "name"
        if not application:
            path = segment.file.as_posix()
            application = next((r.application for r in self._naming if fnmatch(path, r.pattern)), "")
            witness = "rule"
        if not application:
            application, witness = segment.application, "name"
        return Origin(
            application=application[:_LONGEST_NAME],
            host=(header.host or self._host)[:_LONGEST_NAME],
            witness=witness,
        )
