"""One call through all applications: the records of its ids, and of the ids that these lead to."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from agent.catalogue.contents import open_text
from agent.catalogue.finding import EVERYWHERE, ByteRange, Finder, Scope, TimeRange
from agent.catalogue.searching import Query, Searcher
from agent.catalogue.times import TimedSegment
from app.logs import CallId, PackedError, kind_of_id, linked_ids

MOST_IDS = 64
MOST_ROUNDS = 8
_COMMON = 5000
_THOUSAND = 1000
_SECOND = 1_000_000
_WIDTH = 3600 * _SECOND
_LONGEST_RECORD = 1 << 20
LONGEST_TEXT = 65_536
"""Characters of a record that are told."""
MOST_TEXT = 16 << 20
"""Characters of all records of an answer."""

Skips = Callable[[str], Callable[[TimedSegment], bool]]
"""Tells which segments are known not to hold an id."""


def nothing_skipped(_timed: TimedSegment) -> bool:
    """Any segment may hold it."""
    return False


@dataclass(frozen=True, slots=True)
class CallQuestion:
    """Which call to follow.

    Attributes:
        ids: the ones that are known.
        scope: where to look.
        around: microseconds of the same segment before and after each of its records that are wanted, too.
        follow: whether to go on with the ids that are found.
        limit: records that are told.
        width: microseconds before the first and after the last record in which further ids are looked for.
    """

    ids: Sequence[str]
    scope: Scope = EVERYWHERE
    around: int = 0
    follow: bool = True
    limit: int = 5000
    width: int = _WIDTH


@dataclass(frozen=True, slots=True)
class CallRecord:
    """A record of the call, or one near to it.

    Attributes:
        ids: of the call, that stand in it; empty for one that is merely near.
    """

    timed: TimedSegment
    moment: int
    place: ByteRange
    text: str
    ids: tuple[str, ...]


@dataclass(slots=True)
class CallRecords:
    """The answer.

    Attributes:
        ids: of the call, in the order in which they were found.
        common: ids that stand in too many records to be one call's; they were not followed.
        records: by time.
        cut: whether there are more, or may be: there were more ids than are followed.
        lost: segments that could not be read.
    """

    ids: list[CallId] = field(default_factory=list)
    common: list[CallId] = field(default_factory=list)
    records: list[CallRecord] = field(default_factory=list)
    cut: bool = False
    lost: int = 0


@dataclass(slots=True)
class _Hits:
    """Records that were found, by segment and place."""

    segments: dict[int, TimedSegment] = field(default_factory=dict)
    records: dict[tuple[int, int], tuple[int, ByteRange]] = field(default_factory=dict)


class CallFinder:
    """Follows calls. Methods may be called from any thread."""

    def __init__(
        self, finder: Finder, searcher: Searcher, *, skips: Skips = lambda _value: nothing_skipped
    ) -> None:
        """Use finder and searcher; `skips` tells which segments cannot hold an id."""
        self._finder = finder
        self._searcher = searcher
        self._skips = skips

    def follow(self, question: CallQuestion) -> CallRecords:
        """All records of a call.

        Raises:
            InputError: an id cannot be searched for.
        """
        answer = CallRecords()
        waiting = [CallId(value, kind_of_id(value)) for value in dict.fromkeys(question.ids)]
        seen = {known.value for known in waiting}
        hits = _Hits()
        scope = question.scope
        for _round in range(MOST_ROUNDS):
            fresh: dict[tuple[int, int], tuple[int, ByteRange]] = {}
            room = MOST_IDS - len(answer.ids)
            answer.cut = answer.cut or len(waiting) > room
            for known in waiting[:room]:
                fresh |= self._look_for(known, scope, answer, hits)
            if not question.follow or not fresh:
                break
            scope = replace(scope, range=_narrowed(scope.range, hits, width=question.width))
            waiting = []
            for linked in sorted(self._links(hits, fresh)):
                if linked.value not in seen:
                    seen.add(linked.value)
                    waiting.append(linked)
            if not waiting:
                break
        else:
            answer.cut = True  # ids of the last round were not followed
        self._tell(question, answer, hits)
        return answer

    def _look_for(
        self, known: CallId, scope: Scope, answer: CallRecords, hits: _Hits
    ) -> dict[tuple[int, int], tuple[int, ByteRange]]:
        """The records of one id that were not found before; none of an id that is too common."""
        found = self._searcher.search(
            scope, Query(known.value, whole=True), limit=_COMMON, skip=self._skips(known.value)
        )
        answer.lost = max(answer.lost, found.lost)
        if found.cut:
            answer.common.append(known)
            return {}
        answer.ids.append(known)
        fresh = {}
        for hit in found.hits:
            key = (hit.timed.id, hit.record.start)
            if key not in hits.records:
                hits.segments[hit.timed.id] = hit.timed
                hits.records[key] = fresh[key] = (hit.moment, hit.record)
        return fresh

    def _links(self, hits: _Hits, fresh: dict[tuple[int, int], tuple[int, ByteRange]]) -> Iterable[CallId]:
        linked: set[CallId] = set()
        for number, places in _by_segment(fresh).items():
            for raw in self._read(hits.segments[number], places):
                linked |= linked_ids(raw)
        return linked

    def _tell(self, question: CallQuestion, answer: CallRecords, hits: _Hits) -> None:
        """The records of the call, and with what room is left those near to them."""
        ordered = sorted(hits.records.items(), key=lambda item: (item[1][0], item[0]))
        chosen = dict(ordered[: question.limit])
        answer.cut = answer.cut or len(ordered) > question.limit
        if question.around > 0:
            near = _Near(question.limit - len(chosen))
            self._look_around(question, hits, near)
            answer.cut = answer.cut or near.cut
            chosen |= near.records()
        fitting, cut = _that_fit(sorted(chosen.items(), key=lambda item: (item[1][0], item[0])))
        answer.cut = answer.cut or cut
        chosen = dict(fitting)
        values = [known.value for known in answer.ids]
        records = []
        for number, places in _by_segment(chosen).items():
            timed = hits.segments[number]
            for place, raw in zip(places, self._read(timed, places), strict=False):
                text = raw.decode("utf-8", "replace")
                ids: tuple[str, ...] = ()
                if (number, place.start) in hits.records:
                    ids = tuple(value for value in values if value in text)
                moment = chosen[number, place.start][0]
                records.append(CallRecord(timed, moment, place, text[:LONGEST_TEXT], ids))
        answer.records = sorted(
            records, key=lambda r: (r.moment, r.timed.host, r.timed.application, r.place.start)
        )

    def _look_around(self, question: CallQuestion, hits: _Hits, near: _Near) -> None:
        """Records of the same applications and hosts within seconds of those of the call."""
        moments: dict[tuple[str, str], list[int]] = {}
        for (number, _start), (moment, _place) in hits.records.items():
            timed = hits.segments[number]
            moments.setdefault((timed.application, timed.host), []).append(moment)
        windows = {pair: _windows(sorted(found), question.around) for pair, found in moments.items()}
        every = [moment for found in moments.values() for moment in found]
        if not every:
            return
        reach = TimeRange(min(every) - question.around, max(every) + question.around + 1)
        for timed in sorted(self._finder.candidates(Scope(range=reach)), key=lambda timed: timed.least or 0):
            mine = windows.get((timed.application, timed.host))
            if mine is not None and not timed.problem:
                hits.segments.setdefault(timed.id, timed)
                self._within(timed, mine, hits, near)

    def _within(self, timed: TimedSegment, windows: Sequence[TimeRange], hits: _Hits, near: _Near) -> None:
        entries = timed.entries
        ends = [entry.offset for entry in entries[1:]] + [timed.upto]
        try:
            with open_text(timed.file, member=timed.member.number, segment=timed.seen) as stream:
                for entry, end in zip(entries, ends, strict=True):
                    touched = [window for window in windows if not window.misses(entry)]
                    if not touched or not near.takes(entry.least * _THOUSAND):
                        continue
                    stamps = self._finder.stamps(timed, entry, end=end, stream=stream)
                    places = [stamp.place for stamp in stamps[1:]] + [end]
                    for stamp, until in zip(stamps, places, strict=True):
                        key = (timed.id, stamp.place)
                        if key not in hits.records and any(w.holds(stamp.moment) for w in touched):
                            near.add(key, stamp.moment, ByteRange(stamp.place, until))
        except (OSError, PackedError):
            return

    def _read(self, timed: TimedSegment, places: Sequence[ByteRange]) -> Iterable[bytes]:
        """The bytes of ascending places in UTF-8, each up to a mebibyte.

        It ends early when the segment is gone.
        """
        try:
            with open_text(timed.file, member=timed.member.number, segment=timed.seen) as stream:
                for place in places:
                    stream.seek(place.start)
                    raw = stream.read(min(place.size, _LONGEST_RECORD))
                    yield raw.decode(timed.encoding.name, "replace").encode("utf-8", "replace")
        except (OSError, PackedError):
            return


class _Near:
    """The earliest records near to those of a call, as many as there is room for."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._latest_first: list[tuple[int, tuple[int, int], ByteRange]] = []
        self.cut = room <= 0

    def takes(self, moment: int) -> bool:
        """Whether a record of this moment or a later one may be among them; when not, there are more."""
        full = len(self._latest_first) >= self._room
        if full and (not self._latest_first or moment > -self._latest_first[0][0]):
            self.cut = True
            return False
        return True

    def add(self, key: tuple[int, int], moment: int, place: ByteRange) -> None:
        """A record that is near."""
        if not self.takes(moment):
            return
        heapq.heappush(self._latest_first, (-moment, key, place))
        if len(self._latest_first) > self._room:
            heapq.heappop(self._latest_first)
            self.cut = True

    def records(self) -> dict[tuple[int, int], tuple[int, ByteRange]]:
        """Them, by segment and place."""
        return {key: (-moment, place) for moment, key, place in self._latest_first}


def _that_fit(
    ordered: Sequence[tuple[tuple[int, int], tuple[int, ByteRange]]],
) -> tuple[Sequence[tuple[tuple[int, int], tuple[int, ByteRange]]], bool]:
    """The first records that one answer may hold, and whether there are more."""
    size = 0
    for number, (_key, (_moment, place)) in enumerate(ordered):
        size += min(place.size, LONGEST_TEXT)
        if size > MOST_TEXT:
            return ordered[:number], True
    return ordered, False


def _by_segment(
    found: dict[tuple[int, int], tuple[int, ByteRange]],
) -> dict[int, list[ByteRange]]:
    places: dict[int, list[ByteRange]] = {}
    for (number, _start), (_moment, place) in found.items():
        places.setdefault(number, []).append(place)
    return {number: sorted(ranges) for number, ranges in places.items()}


def _narrowed(wanted: TimeRange, hits: _Hits, *, width: int) -> TimeRange:
    """The range in which the rest of the call lies: around what was found of it."""
    moments = [moment for moment, _place in hits.records.values()]
    if not moments:
        return wanted
    first, last = min(moments) - width, max(moments) + width
    return TimeRange(
        first if wanted.first is None else max(first, wanted.first),
        last if wanted.last is None else min(last, wanted.last),
    )


def _windows(moments: Sequence[int], around: int) -> list[TimeRange]:
    windows: list[TimeRange] = []
    for moment in moments:
        if windows and windows[-1].last is not None and moment - around <= windows[-1].last:
            windows[-1] = TimeRange(windows[-1].first, moment + around + 1)
        else:
            windows.append(TimeRange(moment - around, moment + around + 1))
    return windows
