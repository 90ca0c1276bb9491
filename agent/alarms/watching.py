"""New lines become alarms: spotted, masked, folded, and kept, all before they count as read."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from agent.alarms.book import AlarmBook, BookPage
from agent.alarms.folding import Series, Step, step
from agent.alarms.masked import LineMask, MaskedBlock
from agent.alarms.rows import MOST_LINES, NewAlarm, SeenLine
from agent.alarms.rules import AlarmRule
from agent.alarms.spotting import Spotted, Spotter, message_id
from agent.catalogue import HeardBlock, HeardSegment, generation_of, micros_of

_log = logging.getLogger(__name__)

MAX_AGE = timedelta(days=1)
"""Lines that are older when they are first read are history: a new agent raises no old alarms."""


@dataclass(slots=True)
class _Course:
    """A rule and an application, while lines are read.

    Attributes:
        kept: lines that count towards the rate.
        storm: number of the alarm that stands for a storm.
        shown: lines of the storm that are shown already.
        folded, lines, last: what this block adds to it.
    """

    series: Series
    storm: int | None
    kept: list[SeenLine]
    shown: int = 0
    folded: int = 0
    last: int = 0
    lines: list[SeenLine] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the lines of a block stand."""

    segment: HeardSegment
    block: HeardBlock
    masked: MaskedBlock
    generation: str
    now: int


class AlarmWatch:
    """The catalogue's listener. Called by one thread at a time."""

    def __init__(
        self,
        rules: Sequence[AlarmRule],
        *,
        book: AlarmBook,
        mask: LineMask,
        wall: Callable[[], datetime],
        raised: Callable[[], None] = lambda: None,
    ) -> None:
        """Nothing is read yet.

        Args:
            rules: of the rule file.
            book: keeps alarms.
            mask: of lines.
            wall: aware UTC time.
            raised: called after alarms were kept; must return at once.
        """
        self._rules = tuple(rules)
        self._spotter = Spotter(rules)
        self._book = book
        self._mask = mask
        self._wall = wall
        self._raised = raised
        self._courses: dict[tuple[str, str], _Course] = {}

    def hear(self, segment: HeardSegment, block: HeardBlock) -> None:
        """Look at new lines; alarms that they raise are kept when it returns.

        Raises:
            LocalError: they cannot be kept; the lines must be read again.
        """
        now = micros_of(self._wall())
        if block.latest is not None and _is_history(block.latest, now=now):
            return
        found = self._spotter.find(block.lines.plain, application=segment.application)
        if not found:
            return
        place = _Place(
            segment=segment,
            block=block,
            masked=self._mask.block(block.lines.plain),
            generation=generation_of(segment, block),
            now=now,
        )
        try:
            alarms = self._take(place, found)
        except BaseException:
            self._courses.clear()  # what was kept is read anew
            raise
        if alarms:
            _log.info("%d alarms in the lines of one block", alarms)
            self._raised()

    def forget_storm(self, rule: str, source: str) -> None:
        """A storm was ended by someone else."""
        self._courses.pop((rule, source), None)

    def _take(self, place: _Place, found: Sequence[Spotted]) -> int:
        offsets = place.block.lines.offsets([spotted.start for spotted in found])
        marks: dict[str, int] = {}
        fresh: list[tuple[Spotted, int]] = []
        for spotted, offset in zip(found, offsets, strict=True):
            name = spotted.rule.name
            if name not in marks:
                marks[name] = self._book.mark(name, place.generation)
            if offset > marks[name]:
                fresh.append((spotted, offset))
                marks[name] = offset
        if not fresh:
            return 0
        alarms = 0
        with self._book.writing() as page:
            for spotted, offset in fresh:
                alarms += self._line(page, place, spotted, offset)
            for rule in {spotted.rule.name: spotted.rule for spotted, _offset in fresh}.values():
                self._settle(page, place, rule)
                page.mark(rule.name, place.generation, marks[rule.name], now=place.now)
        return alarms

    def _line(self, page: BookPage, place: _Place, spotted: Spotted, offset: int) -> int:
        """Take one line; how many alarms it raises."""
        told = place.block.moment_at(spotted.start)
        moment = place.now if told is None else min(told, place.now)
        if _is_history(moment, now=place.now):
            return 0
        rule, source = spotted.rule, place.segment.application
        course = self._course(rule, source)
        before = course.series
        course.series, what = step(before, moment, rate=rule.rate)
        if before.storm is not None and what is not Step.FOLDED:
            self._settle(page, place, rule)
            page.end_storms(rule.name, source, at=place.now)
            course.storm, course.shown = None, 0
        if what is Step.FOLDED and course.storm is not None:
            self._fold(course, place, spotted, moment)
            return 0
        seen = SeenLine(moment, place.masked.line(spotted.start))
        known, left = [*course.kept, seen], set(course.series.counted)
        course.kept = [each for each in known if each.moment in left]
        if what is Step.COUNTED:
            return 0
        near = [each for each in known if abs(moment - each.moment) < rule.rate.micros]
        lines = near[-rule.rate.count :]
        line = place.block.lines.plain[spotted.start : spotted.end]
        number = page.raise_alarm(
            NewAlarm(
                rule=rule,
                source=source,
                application=self._mask.name(source),
                version=self._mask.version(place.segment.version),
                message=message_id(line),
                generation=place.generation,
                offset=offset,
                lines=lines,
                folded=what is Step.STORM,
            ),
            now=place.now,
        )
        if what is Step.STORM:
            course.storm, course.shown = number, len(lines)
        return int(number is not None)

    def _fold(self, course: _Course, place: _Place, spotted: Spotted, moment: int) -> None:
        course.folded += 1
        course.last = max(course.last, moment)
        if course.shown < MOST_LINES:
            course.shown += 1
            course.lines.append(SeenLine(moment, place.masked.line(spotted.start)))

    def _settle(self, page: BookPage, place: _Place, rule: AlarmRule) -> None:
        """Write what a course gathered in this block."""
        course = self._course(rule, place.segment.application)
        if course.folded and course.storm is not None:
            page.fold(course.storm, course.lines, count=course.folded, last=course.last, now=place.now)
        course.folded, course.last, course.lines = 0, 0, []
        if rule.rate.count > 1:
            page.sightings(rule.name, place.segment.application, course.kept)

    def _course(self, rule: AlarmRule, source: str) -> _Course:
        known = self._courses.get((rule.name, source))
        if known is None:
            series, storm = self._book.series(rule, source)
            if storm is None:
                series = replace(series, storm=None)
            kept = self._book.sightings(rule.name, source)
            shown = 0
            if storm is not None:
                row = self._book.alarm(storm)
                shown = 0 if row is None else len(row.lines) + row.left_out
            known = _Course(series=series, storm=storm, kept=kept, shown=shown)
            self._courses[rule.name, source] = known
        return known


def _is_history(moment: int, *, now: int) -> bool:
    return now - moment > MAX_AGE / timedelta(microseconds=1)
