"""What people ask of the logs: find, search, follow a call, hold, readiness, coverage."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from agent.catalogue.activity import Activity
from agent.catalogue.backlog import Backlog
from agent.catalogue.calls import (
    LONGEST_TEXT,
    MOST_TEXT,
    CallFinder,
    CallQuestion,
    Skips,
    nothing_skipped,
)
from agent.catalogue.contents import open_text
from agent.catalogue.evidence import Evidence, Hold, HoldReason
from agent.catalogue.finding import (
    Finder,
    FoundSegment,
    Lost,
    Scope,
    TimeRange,
    micros_of,
    moment_of,
)
from agent.catalogue.indexing import TimeIndexer
from agent.catalogue.readiness import (
    Gap,
    GapKind,
    Readiness,
    gaps_between,
    judge,
    silent_now,
    usual_silences_left_out,
)
from agent.catalogue.reading import SLOT
from agent.catalogue.searching import Hit, Query, Searcher
from agent.catalogue.times import TimedSegment, TimeTable
from app.agentlink import (
    CallAsk,
    CallView,
    Coverage,
    CoverageAsk,
    CoverageGap,
    CoverageLane,
    CoverageSlot,
    ErrorReply,
    FindAsk,
    FoundLog,
    FoundLogs,
    HeldEvidence,
    HoldAsk,
    HoldRef,
    Holds,
    KnownId,
    LogReadiness,
    LogRecord,
    LogScope,
    ReadinessReport,
    SearchAnswer,
    SearchAsk,
)
from app.domain.errors import InputError
from app.logs import MessageKind, PackedError

_SECOND = 1_000_000
_DAY_OF_SLOTS = 144
_HABIT = 30 * 86_400_000
"""Milliseconds of the past that show how long an application is silent by habit."""
_MOST_BYTES = 4
"""Of a character."""
_MOST_HITS = 1000
_MOST_RECORDS = 5000
_MOST_AROUND = 600.0
_MOST_IDS = 64
_MOST_DAYS = 365.0
_LONGEST_COVERAGE = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class LogDesk:
    """Answers about logs. Methods may be called from any thread."""

    table: TimeTable
    indexer: TimeIndexer
    finder: Finder
    searcher: Searcher
    calls: CallFinder
    evidence: Evidence
    activity: Activity
    skips: Skips
    backlog: Callable[[], Backlog]
    wall: Callable[[], datetime]

    def find(self, ask: FindAsk) -> FoundLogs:
        """The exact bytes of the records of a scope.

        Raises:
            InputError: the range has no zone, or ends before it begins.
        """
        found = self.finder.find(_scope(ask.scope))
        logs = [_found(part) for part in found.segments] + [_lost(part) for part in found.lost]
        return FoundLogs(logs=logs, size=found.size)

    def search(self, ask: SearchAsk) -> SearchAnswer:
        """Records that hold a text.

        Raises:
            InputError: text, range or limit is not right.
        """
        _in_range("limit", ask.limit, 1, _MOST_HITS)
        query = Query(ask.text, expression=ask.expression, whole=ask.whole, fold=ask.fold)
        whole = ask.whole and not ask.expression and not ask.fold
        skip = self.skips(ask.text) if whole else nothing_skipped
        found = self.searcher.search(_scope(ask.scope), query, limit=ask.limit, skip=skip)
        records, cut = _within_reason(_read_hits(found.hits))
        return SearchAnswer(records=records, scanned=found.scanned, cut=found.cut or cut, lost=found.lost)

    def call(self, ask: CallAsk) -> CallView:
        """The records of one call.

        Raises:
            InputError: an id, the range or a number is not right.
        """
        _in_range("limit", ask.limit, 1, _MOST_RECORDS)
        _in_range("around", ask.around, 0, _MOST_AROUND)
        _in_range("the number of ids", len(ask.ids), 1, _MOST_IDS)
        found = self.calls.follow(
            CallQuestion(
                ids=ask.ids, scope=_scope(ask.scope), around=round(ask.around * _SECOND), limit=ask.limit
            )
        )
        records, cut = _within_reason(
            _record(record.timed, record.moment, record.place.start, record.text, record.ids)
            for record in found.records
        )
        return CallView(
            ids=[KnownId(one.value, one.kind.value) for one in found.ids],
            records=records,
            common=[KnownId(one.value, one.kind.value) for one in found.common],
            cut=found.cut or cut,
            lost=found.lost,
        )

    def hold(self, ask: HoldAsk) -> HeldEvidence:
        """Keep the segments of a range.

        Raises:
            InputError: label, range or days are not right.
        """
        _in_range("days", ask.days, 0.01, _MOST_DAYS)
        scope = _scope(LogScope(applications=ask.applications, first=ask.first, last=ask.last))
        return self.mark(HoldReason.INCIDENT, label=ask.label, scope=scope, keep=timedelta(days=ask.days))

    def mark(self, reason: HoldReason, *, label: str, scope: Scope, keep: timedelta) -> HeldEvidence:
        """Keep the segments of a scope, for whatever reason.

        Raises:
            InputError: label or range are not right.
        """
        self.indexer.catch_up()
        return _shown_hold(self.evidence.hold(reason, label=label, scope=scope, keep=keep))

    def release(self, ask: HoldRef) -> Holds:
        """End a hold.

        Raises:
            InputError: there is none of this number.
        """
        self.evidence.release(ask.hold)
        return self.holds()

    def holds(self) -> Holds:
        """What is held, the newest first."""
        return Holds(
            holds=[_shown_hold(hold) for hold in self.evidence.holds()],
            used=self.evidence.used(),
            quota=self.evidence.quota,
        )

    def readiness(self) -> ReadinessReport:
        """How well the logs of each application would serve."""
        return ReadinessReport(
            applications=[_shown_readiness(one) for one in readiness_of(self.table, now=self._now())],
            waiting=len(self.table.waiting()),
            problem=self.backlog_problem(),
        )

    def backlog_problem(self) -> ErrorReply | None:
        """That what waits to be sent has hardly any room among the evidence; None while it has."""
        return self.backlog().problem()

    def coverage(self, ask: CoverageAsk) -> Coverage:
        """What was written when.

        Raises:
            InputError: the range is not right, or longer than 31 days.
        """
        wanted = _scope(LogScope(first=ask.first, last=ask.last)).range
        if ask.last - ask.first > _LONGEST_COVERAGE:
            raise _wrong("The range has more than 31 days.")
        first, last = (wanted.first or 0) // 1000, (wanted.last or 0) // 1000
        lanes: dict[tuple[str, str], CoverageLane] = {}
        for application, host, slot, volume in self.table.volumes(first=first // SLOT, last=last // SLOT):
            lane = lanes.setdefault((application, host), CoverageLane(application, host, [], []))
            kinds = {kind.value: count for kind, count in volume.kinds.items()}
            lane.slots.append(CoverageSlot(_moment(slot * SLOT), volume.size, volume.records, kinds))
        for gap in self._gaps(first, last):
            pair = (gap.application, gap.host)
            lane = lanes.setdefault(pair, CoverageLane(gap.application, gap.host, [], []))
            lane.gaps.append(_shown_gap(gap.kind, gap.first, gap.last))
        off = self.activity.off(first=first, last=last, now=self._now())
        return Coverage(
            lanes=[lanes[pair] for pair in sorted(lanes)],
            gaps=[_shown_gap(GapKind.AGENT_OFF, begin, end) for begin, end in off],
        )

    def _now(self) -> int:
        return micros_of(self.wall()) // 1000

    def _gaps(self, first: int, last: int) -> list[Gap]:
        gaps = [
            Gap(GapKind.SILENT, application, host, begin, end)
            for application, host, begin, end in self.table.silences(first=first, last=last)
        ]
        for segments in _by_origin(self.table.segments()).values():
            present = silent_now(segments, now=self._now())
            found = [*gaps_between(segments), *([] if present is None else [present])]
            gaps += [gap for gap in found if gap.last >= first and gap.first <= last]
        return sorted(usual_silences_left_out(gaps), key=lambda gap: gap.first)


def readiness_of(table: TimeTable, *, now: int) -> list[Readiness]:
    """Every application on every host; `now` in milliseconds UTC."""
    slots = now // SLOT
    volumes: dict[tuple[str, str], list[tuple[int, int, Counter[MessageKind]]]] = {}
    for application, host, slot, volume in table.volumes(first=slots - _DAY_OF_SLOTS, last=slots):
        volumes.setdefault((application, host), []).append((slot, volume.size, volume.kinds))
    silences: dict[tuple[str, str], list[Gap]] = {}
    for application, host, begin, end in table.silences(first=now - _HABIT, last=now):
        gap = Gap(GapKind.SILENT, application, host, begin, end)
        silences.setdefault((application, host), []).append(gap)
    return [
        judge(segments, volumes.get(pair, ()), now=now, silences=silences.get(pair, ()))
        for pair, segments in _by_origin(table.segments()).items()
    ]


def _by_origin(segments: Sequence[TimedSegment]) -> dict[tuple[str, str], list[TimedSegment]]:
    found: dict[tuple[str, str], list[TimedSegment]] = {}
    for timed in segments:
        if not timed.problem or timed.least is not None:
            found.setdefault((timed.application, timed.host), []).append(timed)
    return found


def _scope(scope: LogScope) -> Scope:
    for moment in (scope.first, scope.last):
        if moment is not None and moment.tzinfo is None:
            raise _wrong("A time has no zone.")
    if scope.first is not None and scope.last is not None and scope.last <= scope.first:
        raise _wrong("The range ends before it begins.")
    return Scope(
        applications=tuple(scope.applications),
        hosts=tuple(scope.hosts),
        range=TimeRange.between(scope.first, scope.last),
    )


def _wrong(happened: str) -> InputError:
    return InputError(
        "The range is not right",
        happened=happened,
        todo="Say from when to when, with the zone: 2023-06-09T10:15:00+02:00.",
        code="CF-1107",
    )


def _in_range(name: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:
        raise InputError(
            "A number is out of range",
            happened=f"{name} must be {least:g} to {most:g}.",
            todo="Ask for fewer at once.",
            code="CF-1189",
        )


def _found(part: FoundSegment) -> FoundLog:
    log = _log_of(part.timed, size=part.size)
    ranges = [(piece.start, piece.end) for piece in part.ranges]
    return FoundLog(
        segment=log.segment,
        name=log.name,
        application=log.application,
        host=log.host,
        first=log.first,
        last=log.last,
        size=log.size,
        header=part.header.end,
        ranges=ranges,
        packed=bool(part.timed.packing),
        held=part.timed.pinned,
        problem=part.timed.member.broken,
    )


def _lost(part: Lost) -> FoundLog:
    return _log_of(part.timed, size=0, problem=part.reason)


def _log_of(timed: TimedSegment, *, size: int, problem: str = "") -> FoundLog:
    return FoundLog(
        segment=timed.segment.id,
        name=timed.path,
        application=timed.application,
        host=timed.host,
        first=None if timed.least is None else _moment(timed.least),
        last=None if timed.most is None else _moment(timed.most),
        size=size,
        problem=problem,
    )


def _read_hits(hits: Sequence[Hit]) -> Iterable[LogRecord]:
    """The text of hits, which come segment by segment and ascending."""
    at = 0
    while at < len(hits):
        timed = hits[at].timed
        end = at
        while end < len(hits) and hits[end].timed is timed:
            end += 1
        try:
            with open_text(timed.file, member=timed.member.number, segment=timed.seen) as stream:
                for hit in hits[at:end]:
                    start = hit.record.start
                    stream.seek(start)
                    raw = stream.read(min(hit.record.size, _MOST_BYTES * LONGEST_TEXT))
                    yield _record(timed, hit.moment, start, raw.decode(timed.encoding.name, "replace"))
        except (OSError, PackedError):
            pass  # it went away between finding and reading
        at = end


def _record(timed: TimedSegment, moment: int, offset: int, text: str, ids: Iterable[str] = ()) -> LogRecord:
    return LogRecord(
        host=timed.host,
        application=timed.application,
        segment=timed.segment.id,
        name=timed.path,
        offset=offset,
        at=moment_of(moment),
        text=text[:LONGEST_TEXT],
        ids=list(ids),
    )


def _within_reason(records: Iterable[LogRecord]) -> tuple[list[LogRecord], bool]:
    """As many records as one answer may hold, and whether there are more."""
    kept: list[LogRecord] = []
    size = 0
    for record in records:
        size += len(record.text)
        if size > MOST_TEXT:
            return kept, True
        kept.append(record)
    return kept, False


def _shown_hold(hold: Hold) -> HeldEvidence:
    ranged = bool(hold.range.last)
    return HeldEvidence(
        hold=hold.id,
        reason=hold.reason.value,
        label=hold.label,
        made=hold.made,
        expires=hold.expires,
        first=moment_of(hold.range.first or 0) if ranged else None,
        last=moment_of(hold.range.last or 0) if ranged else None,
        applications=list(hold.applications),
        segments=hold.segments,
        size=hold.size,
        missing=hold.missing,
        problem=hold.problem,
    )


def _shown_readiness(found: Readiness) -> LogReadiness:
    return LogReadiness(
        application=found.application,
        host=found.host,
        segments=found.segments,
        size=found.size,
        first=None if found.first is None else _moment(found.first),
        last=None if found.last is None else _moment(found.last),
        rate=found.rate,
        hours=found.hours,
        missing=list(found.missing),
        verbosity=found.verbosity.value,
        skew=found.skew,
        zone_known=found.zone_known,
        warnings=list(found.warnings),
    )


def _shown_gap(kind: GapKind, first: int, last: int) -> CoverageGap:
    return CoverageGap(kind=kind.value, first=_moment(first), last=_moment(last))


def _moment(milliseconds: int) -> datetime:
    return moment_of(milliseconds * 1000)
