"""One call through all applications: the records of its ids, and of the ids that these lead to."""

from __future__ import annotations

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
_SECOND = 1_000_000
_WIDTH = 3600 * _SECOND
_LONGEST_RECORD = 1 << 20

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
        wanted = dict(hits.records)
        if question.around > 0:
            wanted |= self._near(question, hits)
        ordered = sorted(wanted.items(), key=lambda item: (item[1][0], item[0]))
        answer.cut = answer.cut or len(ordered) > question.limit
        chosen = dict(ordered[: question.limit])
        values = [known.value for known in answer.ids]
        records = []
        for number, places in _by_segment(chosen).items():
            timed = hits.segments[number]
            for place, raw in zip(places, self._read(timed, places), strict=False):
                text = raw.decode("utf-8", "replace")
                ids: tuple[str, ...] = ()
                if (number, place.start) in hits.records:
                    ids = tuple(value for value in values if value in text)
                records.append(CallRecord(timed, chosen[number, place.start][0], place, text, ids))
        answer.records = sorted(
            records, key=lambda r: (r.moment, r.timed.host, r.timed.application, r.place.start)
        )

    def _near(self, question: CallQuestion, hits: _Hits) -> dict[tuple[int, int], tuple[int, ByteRange]]:
        """Records of the same applications and hosts within seconds of those of the call."""
        near: dict[tuple[int, int], tuple[int, ByteRange]] = {}
        moments: dict[tuple[str, str], list[int]] = {}
        for (number, _start), (moment, _place) in hits.records.items():
            timed = hits.segments[number]
            moments.setdefault((timed.application, timed.host), []).append(moment)
        windows = {pair: _windows(sorted(found), question.around) for pair, found in moments.items()}
        every = [moment for found in moments.values() for moment in found]
        if not every:
            return near
        reach = TimeRange(min(every) - question.around, max(every) + question.around + 1)
        for timed in self._finder.candidates(Scope(range=reach)):
            mine = windows.get((timed.application, timed.host))
            if mine is not None and not timed.problem:
                hits.segments.setdefault(timed.id, timed)
                near |= self._within(timed, mine)
        return near

    def _within(
        self, timed: TimedSegment, windows: Sequence[TimeRange]
    ) -> dict[tuple[int, int], tuple[int, ByteRange]]:
        found: dict[tuple[int, int], tuple[int, ByteRange]] = {}
        entries = timed.entries
        ends = [entry.offset for entry in entries[1:]] + [timed.upto]
        for entry, end in zip(entries, ends, strict=True):
            touched = [window for window in windows if not window.misses(entry)]
            if not touched:
                continue
            for raw in self._read(timed, [ByteRange(entry.offset, end)], plain=False):
                stamps = self._finder.stamps(timed, entry, raw)
                places = [stamp.place for stamp in stamps[1:]] + [end]
                for stamp, until in zip(stamps, places, strict=True):
                    if any(window.holds(stamp.moment) for window in touched):
                        place = ByteRange(stamp.place, until)
                        found[timed.id, stamp.place] = (stamp.moment, place)
        return found

    def _read(
        self, timed: TimedSegment, places: Sequence[ByteRange], *, plain: bool = True
    ) -> Iterable[bytes]:
        """The bytes of ascending places; in UTF-8 when `plain`. It ends early when the segment is gone."""
        try:
            with open_text(timed.file, member=timed.member.number, segment=timed.seen) as stream:
                for place in places:
                    stream.seek(place.start)
                    raw = stream.read(place.size)
                    if plain:
                        text = raw[:_LONGEST_RECORD].decode(timed.encoding.name, "replace")
                        raw = text.encode("utf-8", "replace")
                    yield raw
        except (OSError, PackedError):
            return


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
