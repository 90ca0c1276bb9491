"""Keeps the time table level with the segments: reads what was written since it was last read."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from fnmatch import fnmatch
from typing import BinaryIO

from agent.catalogue.contents import Texts, open_texts
from agent.catalogue.listening import HeardBlock, HeardSegment, Listener
from agent.catalogue.reading import HEAD, SLOT, SegmentHead, SegmentTimes, read_head, read_times
from agent.catalogue.segments import Segment, SegmentState
from agent.catalogue.times import Member, Origin, TimeTable
from app.domain.errors import WorldError
from app.logs import (
    CutOff,
    Header,
    PackedError,
    Packing,
    SystemZone,
    Text,
    application_of,
    is_binary,
    parse_name,
)
from app.masking.native.times import block_scan

_log = logging.getLogger(__name__)

_LONGEST_NAME = 128
_MOST_TEXTS = 1000
"""Of one archive: each is a row in the catalogue."""
_NO_TEXT = "It is not a text log."
_LEFT_ALONE = 3600.0
"""Seconds until a segment that brought a defect to light is tried again: what failed may have passed."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class _ReadText:
    """What was read of a text in an archive."""

    name: str
    times: SegmentTimes
    head: SegmentHead | None
    header: Header
    broken: str = ""
    garbled: bool = False
    problem: str = ""


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
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Nothing is read yet.

        Args:
            table: where it is recorded.
            host: name of this server, for segments that do not tell theirs.
            rules: time zone of this server; the system's own when None.
            naming: applications of files whose header and name do not tell them.
            listener: is told of every line that is read, before it counts as read.
            clock: monotonic seconds.
        """
        self._listener = listener
        self._table = table
        self._host = host
        self._rules = rules or SystemZone()
        self._naming = tuple(naming)
        self._scan = block_scan(SLOT * 1000)
        self._reading = threading.Lock()
        self._clock = clock
        self._defective: dict[int, tuple[int, float]] = {}
        self._ceased = threading.Event()
        self._alive: Callable[[], None] = lambda: None

    def cease(self) -> None:
        """Read nothing more, for good: what is being read is kept as far as it was read."""
        self._ceased.set()

    def catch_up(self, *, alive: Callable[[], None] = lambda: None) -> int:
        """Read everything that waits, the newest first; how many segments.

        Args:
            alive: called again and again meanwhile.
        """
        done = 0
        for segment in self._table.waiting():
            if self._ceased.is_set():
                break
            alive()
            done += self.read(segment, alive=alive)
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

    def read(self, segment: Segment, *, alive: Callable[[], None] = lambda: None) -> bool:
        """Read on in one segment; false when it is not there any more, or cannot be read now.

        One that brings a defect to light is left alone for a while, or until it has another size: the others
        must be read. `alive` is called again and again meanwhile.
        """
        with self._reading:
            self._alive = alive
            if self._ceased.is_set() or self._is_left_alone(segment):
                return False
            try:
                with open_texts(segment.file, segment=segment) as texts:
                    if texts.packing:
                        self._read_packed(segment, texts)
                    else:
                        self._read_plain(segment, next(texts.each))
            except PackedError as error:
                self._cannot(segment, f"{segment.path}: {error.happened}", packing=_packing_of(segment))
            except OSError:
                return False  # the next scan tells what became of it
            except WorldError:
                raise
            except Exception:  # noqa: BLE001 - one segment must not keep all others from being read
                self._defective[segment.id] = (segment.size, self._clock() + _LEFT_ALONE)
                _log.exception("segment %d cannot be read", segment.id)
                return False
        return True

    def _goes_on(self) -> bool:
        self._alive()
        return not self._ceased.is_set()

    def _is_left_alone(self, segment: Segment) -> bool:
        size, until = self._defective.get(segment.id, (-1, 0.0))
        return size == segment.size and self._clock() < until

    def _read_plain(self, segment: Segment, text: Text) -> None:
        stream = _stream_of(text)
        head_bytes = stream.read(HEAD)
        if is_binary(head_bytes):
            self._cannot(segment, _NO_TEXT)
            return
        head = read_head(head_bytes, file_name=segment.path, rules=self._rules)
        times = self._table.progress(segment.id) or SegmentTimes(upto=len(head.encoding.bom))
        closed = segment.state is SegmentState.CLOSED
        stream.seek(times.upto)
        before = times.upto
        changed = _changed(segment)
        origin = self._origin(segment, head.header)
        whole = read_times(
            stream,
            head,
            times=times,
            to_end=closed,
            changed=changed,
            hear=self._ear(head_bytes, head, application=origin.application),
            wanted=self._goes_on,
            scan=self._scan,
        )
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
        self._table.keep(segment, times, head=head, origin=origin, skew=skew, whole=whole)

    def _read_packed(self, segment: Segment, texts: Texts) -> None:
        """Read everything in an archive, from its begin: what was unpacked before is not kept anywhere."""
        first: _ReadText | None = None
        count = 0
        for count, text in enumerate(texts.each, 1):
            if count > _MOST_TEXTS:
                problem = f"{segment.path}: It holds more than {_MOST_TEXTS} files."
                self._cannot(segment, problem, packing=texts.packing)
                return
            read = self._read_text(segment, text)
            if read is None:
                return  # it is read again at the next start
            if first is None:
                first = read
            else:
                self._keep(segment, read, number=count - 1, name=read.name, packing=texts.packing)
        if first is None:
            self._cannot(segment, "There is nothing in it.")
            return
        name = first.name if count > 1 else ""
        self._keep(segment, first, number=0, name=name, packing=texts.packing)
        self._table.drop_members(segment.id, count=count)

    def _read_text(self, segment: Segment, text: Text) -> _ReadText | None:
        """Read a text of an archive; None when it is to be ended before."""
        place = f"{segment.path}/{text.name}" if text.name else segment.path
        times = SegmentTimes()
        if text.fault is not None:
            return _ReadText(text.name, times, None, Header(), problem=f"{place}: {text.fault.happened}")
        stream = _stream_of(text)
        head_bytes = stream.read(HEAD)
        if is_binary(head_bytes):
            return _ReadText(text.name, times, None, Header(), problem=_NO_TEXT)
        said = text.name if parse_name(text.name).started or application_of(text.name) else segment.path
        head = read_head(head_bytes, file_name=said, rules=self._rules)
        times.upto = len(head.encoding.bom)
        hear = self._ear(
            head_bytes, head, application=self._origin(segment, head.header, text.name).application
        )
        # Of what breaks off, the last line is a part of one: it is no line, and must not be masked as one.
        for to_end in (False, True):
            if to_end and (text.met.fault is not None or segment.state is not SegmentState.CLOSED):
                break
            stream.seek(times.upto)
            if not read_times(
                stream,
                head,
                times=times,
                to_end=to_end,
                changed=_changed(segment),
                hear=hear,
                wanted=self._goes_on,
                scan=self._scan,
            ):
                return None
        fault = text.met.fault
        if fault is None:
            return _ReadText(text.name, times, head, head.header)
        broken = f"{place}: behind byte {text.met.at} nothing can be unpacked. {fault.happened}"
        return _ReadText(text.name, times, head, head.header, broken, garbled=not isinstance(fault, CutOff))

    def _keep(self, segment: Segment, read: _ReadText, *, number: int, name: str, packing: str) -> None:
        self._table.keep(
            segment,
            read.times,
            head=read.head,
            origin=self._origin(segment, read.header, read.name),
            packing="" if read.problem == _NO_TEXT else packing,
            member=Member(number, name, read.broken, read.garbled),
            problem=read.problem,
        )

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

    def _cannot(self, segment: Segment, problem: str, *, packing: str = "") -> None:
        self._table.keep(
            segment,
            SegmentTimes(upto=segment.size),
            head=None,
            origin=self._origin(segment, Header()),
            packing=packing,
            problem=problem,
        )
        self._table.drop_members(segment.id, count=1)

    def _origin(self, segment: Segment, header: Header, inside: str = "") -> Origin:
        """Who wrote a text; `inside` is its name in an archive."""
        application, witness = header.application, "header"
        if not application:
            application, witness = application_of(inside) or application_of(segment.path), "name"
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


def _changed(segment: Segment) -> datetime:
    """When its file was changed last."""
    return _EPOCH + timedelta(microseconds=segment.modified_ns // 1000)


def _packing_of(segment: Segment) -> str:
    """How a packed segment is packed that cannot be opened, as far as its name tells."""
    return (Packing.ZIP if segment.path.lower().endswith(".zip") else Packing.GZIP).value


def _stream_of(text: Text) -> BinaryIO:
    if text.stream is None:
        raise OSError("it is not open")
    return text.stream
