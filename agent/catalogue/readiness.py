"""Whether the logs that are kept would do: hours they cover, segments that are missing, verbosity, clocks.

Pure decisions over what the time table knows; times are milliseconds UTC.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from agent.catalogue.reading import SILENCE, SLOT
from agent.catalogue.segments import SegmentState
from agent.catalogue.times import TimedSegment
from app.logs import MessageKind, parse_name

HOUR = 3_600_000
ENOUGH_HOURS = 24.0
_RATE_SLOTS = 6
_SKEW_WARN = 5_000
_FEW = 20
_MOST_MISSING = 50
_MOST_TOLD = 8
"""Numbers of missing segments that a warning names."""
_NANOSECONDS = 1_000_000
"""Of a millisecond."""
_GIVEN_UP = 7 * 24 * HOUR
"""An application that is silent for longer is taken for one that was given up."""


class Verbosity(StrEnum):
    """What an application writes, as far as its last hours show it."""

    FULL = "full"
    """Debug messages as well."""
    TRACE = "trace"
    INTERACTION = "interaction"
    STANDARD = "standard"
    """Not enough for most questions of support."""
    UNKNOWN = "unknown"


class GapKind(StrEnum):
    """Why there are no lines."""

    SILENT = "silent"
    """The application wrote nothing, and went on as the same process, or has not written yet."""
    STOPPED = "stopped"
    """It was started anew behind the gap."""
    MISSING = "missing"
    """Segments that lie in it are not there any more."""
    AGENT_OFF = "agent off"
    """This agent did not run, or stood; what was written and deleted meanwhile nobody knows."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch without lines."""

    kind: GapKind
    application: str
    host: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Readiness:
    """How well one application's logs would serve.

    Attributes:
        segments, size: what is kept, bytes of the files.
        first, last: the oldest and the newest line; None when no line is dated.
        rate: bytes per hour at present; 0 when nothing was written lately.
        hours: how far back one can look if it goes on at this rate; None when the rate is 0.
        missing: numbers of segments that are not there between others that are.
        silent: begin of the stretch up to the present in which nothing was written; None when that is not so,
            is its habit, or has lasted so long that it does not run any more.
        skew: seconds by which the clock of its lines is ahead of that of its files; None when not known.
        warnings: what should be done about it, for people.
    """

    application: str
    host: str
    segments: int
    size: int
    first: int | None
    last: int | None
    rate: float
    hours: float | None
    missing: tuple[int, ...]
    verbosity: Verbosity
    skew: float | None
    zone_known: bool
    warnings: tuple[str, ...]
    silent: int | None = None


def judge(
    segments: Sequence[TimedSegment],
    volumes: Iterable[tuple[int, int, Counter[MessageKind]]],
    *,
    now: int,
    silences: Sequence[Gap] = (),
) -> Readiness:
    """Judge the segments of one application on one host.

    Args:
        segments: at least one.
        volumes: slot, bytes and records by kind, of the last day.
        now: the present.
        silences: within segments, of the last days: what is its habit is no matter.
    """
    dated = [timed for timed in segments if timed.least is not None and timed.most is not None]
    first = min((timed.least for timed in dated if timed.least is not None), default=None)
    last = max((timed.most for timed in dated if timed.most is not None), default=None)
    size = sum(timed.segment.size for timed in segments)
    plain = sum(timed.upto for timed in segments if timed.packing) or 0
    told = list(volumes)
    rate = _rate(told, now=now)
    content = size - sum(timed.segment.size for timed in segments if timed.packing) + plain
    hours = content / rate if rate else None
    kinds: Counter[MessageKind] = Counter()
    for _slot, _size, counted in told:
        kinds += counted
    verbosity = _verbosity(kinds)
    missing = missing_numbers(segments)
    skews = [timed.skew for timed in dated if timed.skew is not None]
    skew = round(_median(skews) / 1000, 1) if skews else None
    found = Readiness(
        application=segments[0].application,
        host=segments[0].host,
        segments=len(segments),
        size=size,
        first=first,
        last=last,
        rate=rate,
        hours=None if hours is None else round(hours, 1),
        missing=missing,
        verbosity=verbosity,
        skew=skew,
        zone_known=all(timed.zone_known for timed in dated),
        warnings=(),
        silent=_unusual_silence(segments, silences, now=now),
    )
    return _with_warnings(found, now=now)


def silent_now(segments: Sequence[TimedSegment], *, now: int) -> Gap | None:
    """The stretch from the last line up to the present, when that is long; whether it runs nobody can tell.

    Args:
        segments: of one application on one host.
        now: the present.

    Returns:
        None, too, when it is not known: its live log cannot be looked at, or was not read to its end.
    """
    dated = [(timed.most, timed) for timed in segments if timed.most is not None]
    if not dated:
        return None
    last, newest = max(dated, key=lambda each: each[0])
    live = newest.segment
    written = max(last, *(timed.segment.modified_ns // _NANOSECONDS for timed in segments))
    if live.state is not SegmentState.GROWING or newest.upto < live.size or now - written < SILENCE:
        return None
    return Gap(GapKind.SILENT, newest.application, newest.host, last, now)


def _unusual_silence(segments: Sequence[TimedSegment], silences: Sequence[Gap], *, now: int) -> int | None:
    gap = silent_now(segments, now=now)
    if gap is None or gap.last - gap.first > _GIVEN_UP:
        return None
    others = [*silences, *gaps_between(segments)]
    return gap.first if gap in usual_silences_left_out([*others, gap]) else None


def missing_numbers(segments: Sequence[TimedSegment]) -> tuple[int, ...]:
    """Numbers that an application gave to segments which are not there, between those that are.

    It counts anew after each start, and of each thread with a log of its own. Where headers tell no number,
    those in ``name.log.N`` are taken.
    """
    found: list[int] = _between_names(segments)
    before: dict[tuple[str, str], int] = {}
    for timed in sorted(segments, key=lambda timed: timed.least or 0):
        if timed.number is None or timed.least is None:
            continue
        series = _series(timed)
        if series in before:
            found += range(before[series] + 1, timed.number)
        before[series] = timed.number
    return tuple(found[:_MOST_MISSING])


def _series(timed: TimedSegment) -> tuple[str, str]:
    """Which of its application's logs a segment is one of, by its name."""
    name = parse_name(timed.segment.path)
    return name.application, name.thread


def _between_names(segments: Sequence[TimedSegment]) -> list[int]:
    """Of names like ``mcp.log.3``: the numbers that are not there below the highest."""
    series: dict[tuple[str, str, str], set[int]] = {}
    for timed in segments:
        number = parse_name(timed.segment.path).number
        if timed.number is None and number is not None:
            series.setdefault((str(timed.segment.file.parent), *_series(timed)), set()).add(number)
    return [
        number
        for numbers in series.values()
        for number in range(min(numbers), max(numbers))
        if number not in numbers
    ]


def gaps_between(segments: Sequence[TimedSegment]) -> list[Gap]:
    """Stretches without lines between consecutive segments of one application on one host."""
    found: list[Gap] = []
    before: TimedSegment | None = None
    for timed in sorted(segments, key=lambda timed: timed.least or 0):
        if timed.least is None or timed.most is None:
            continue
        if before is not None and before.most is not None:
            kind = _between(before, timed)
            if kind is not None:
                found.append(Gap(kind, timed.application, timed.host, before.most, timed.least))
        if before is None or before.most is None or timed.most >= before.most:
            before = timed
    return found


def usual_silences_left_out(gaps: Sequence[Gap]) -> list[Gap]:
    """Without the silences that are an application's habit: many alike, none twice as long as most."""
    lengths: dict[tuple[str, str], list[int]] = {}
    for gap in gaps:
        if gap.kind is GapKind.SILENT:
            lengths.setdefault((gap.application, gap.host), []).append(gap.last - gap.first)
    left = []
    for gap in gaps:
        others = lengths.get((gap.application, gap.host), [])
        usual = gap.kind is GapKind.SILENT and len(others) >= _FEW
        if not usual or gap.last - gap.first > 2 * sorted(others)[len(others) * 9 // 10]:
            left.append(gap)
    return left


def _between(before: TimedSegment, after: TimedSegment) -> GapKind | None:
    if before.most is None or after.least is None:
        return None
    same = before.number is not None and after.number is not None and _series(before) == _series(after)
    skipped = same and (after.number or 0) > (before.number or 0) + 1
    if skipped and after.least > before.most:
        return GapKind.MISSING
    if after.least - before.most < SILENCE:
        return None
    fresh = after.started is not None and after.started > before.most and (after.number or 1) == 1
    return GapKind.STOPPED if fresh else GapKind.SILENT


def _rate(volumes: Sequence[tuple[int, int, Counter[MessageKind]]], *, now: int) -> float:
    """Bytes in the last hour, or in the busiest one of the day when that had over four times as many."""
    present = now // SLOT
    by_slot: dict[int, int] = {}
    for slot, size, _kinds in volumes:
        by_slot[slot] = by_slot.get(slot, 0) + size
    if not by_slot:
        return 0.0
    last = sum(size for slot, size in by_slot.items() if present - _RATE_SLOTS <= slot < present)
    busiest = max(
        sum(by_slot.get(slot, 0) for slot in range(start, start + _RATE_SLOTS)) for start in by_slot
    )
    return float(last if last * 4 >= busiest else busiest)


def _verbosity(kinds: Counter[MessageKind]) -> Verbosity:
    if sum(kinds.values()) < _FEW:
        return Verbosity.UNKNOWN
    if kinds[MessageKind.DEBUG]:
        return Verbosity.FULL
    if kinds[MessageKind.TRACE] or kinds[MessageKind.MESSAGE]:
        return Verbosity.TRACE
    return Verbosity.INTERACTION if kinds[MessageKind.INTERACTION] else Verbosity.STANDARD


def _median(values: Sequence[float]) -> float:
    """Of at least one; the library's brings fractions and decimals along, for which an agent has no use."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    return (ordered[middle] + ordered[~middle]) / 2


def _missing_told(numbers: Sequence[int]) -> str:
    """Which segments are missing, the first of them by their numbers."""
    shown = ", ".join(map(str, numbers[:_MOST_TOLD]))
    more = f" and {len(numbers) - _MOST_TOLD} more" if len(numbers) > _MOST_TOLD else ""
    if len(numbers) == 1:
        return f"Segment {shown} is missing between others."
    return f"Segments {shown}{more} are missing between others."


def _with_warnings(found: Readiness, *, now: int) -> Readiness:
    warnings = []
    if found.silent is not None:
        hours = round((now - found.silent) / HOUR, 1)
        warnings.append(f"Nothing was written for {hours:g} hours: look whether it runs.")
    if found.hours is not None and found.hours < ENOUGH_HOURS:
        warnings.append(
            f"At the present rate {found.hours:g} hours are kept: raise the number or the size of segments."
        )
    if found.missing:
        warnings.append(_missing_told(found.missing))
    if found.verbosity is Verbosity.STANDARD:
        warnings.append("Only standard messages are written: support will ask for more.")
    if found.skew is not None and abs(found.skew) * 1000 > _SKEW_WARN:
        warnings.append(f"Its clock is {found.skew:+,.1f} s apart from that of its files.")
    if found.first is None:
        warnings.append("The date of its lines is not known.")
    return replace(found, warnings=tuple(warnings))
