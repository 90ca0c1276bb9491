"""What people ask of alarms: list, one, drafts of cases, taking one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from agent.alarms.book import AlarmBook
from agent.alarms.drafts import Drafts, description_of, summary_of
from agent.alarms.rows import AlarmRow, DraftRow
from agent.alarms.rules import AlarmRule
from agent.catalogue import micros_of, moment_of
from app.agentlink import Alarms, AlarmsAsk, AlarmShown, CaseDraft, CaseDrafts
from app.domain.errors import InputError

_MOST = 500


class AlarmDesk:
    """Answers about alarms. Methods may be called from any thread."""

    def __init__(
        self,
        rules: Sequence[AlarmRule],
        *,
        book: AlarmBook,
        drafts: Drafts,
        wall: Callable[[], datetime],
    ) -> None:
        self._rules = {rule.name: rule for rule in rules}
        self._book = book
        self._drafts = drafts
        self._wall = wall

    def alarms(self, ask: AlarmsAsk) -> Alarms:
        """Alarms, the newest first.

        Raises:
            InputError: the limit is out of range.
        """
        if not 1 <= ask.limit <= _MOST:
            raise InputError(
                "A number is out of range",
                happened=f"limit must be 1 to {_MOST}.",
                todo="Ask for fewer at once.",
                code="CF-1189",
            )
        found = self._book.alarms(limit=ask.limit)
        return Alarms(alarms=[self._shown(row) for row in found], rules=len(self._rules))

    def alarm(self, number: int) -> AlarmShown:
        """One alarm.

        Raises:
            InputError: there is none of this number.
        """
        row = self._book.alarm(number)
        if row is None:
            raise InputError(
                "There is no such alarm",
                happened="No alarm of this number is kept.",
                todo="Ask for the list of alarms again.",
                code="CF-1108",
            )
        return self._shown(row)

    def drafts(self) -> CaseDrafts:
        """Drafts of cases that nobody has taken."""
        return CaseDrafts(drafts=[self._draft(row) for row in self._drafts.open()])

    def draft(self, number: int) -> CaseDraft:
        """One draft.

        Raises:
            InputError: there is none of this number.
        """
        return self._draft(self._known(number))

    def take_draft(self, number: int) -> CaseDraft:
        """A person takes a draft, and opens the case; taking it again changes nothing.

        Raises:
            InputError: there is none of this number.
        """
        self._known(number)
        self._drafts.take(number, now=micros_of(self._wall()))
        return self.draft(number)

    def _known(self, number: int) -> DraftRow:
        row = self._drafts.draft(number)
        if row is None:
            raise InputError(
                "There is no such draft",
                happened="No draft of a case is kept under this number.",
                todo="Ask for the list of drafts again.",
                code="CF-1109",
            )
        return row

    def _shown(self, row: AlarmRow) -> AlarmShown:
        rule = self._rules.get(row.rule)
        return AlarmShown(
            alarm=row.id,
            rule=row.rule,
            severity=row.severity.value,
            text="" if rule is None else rule.text,
            application=row.application,
            version=row.version,
            message=row.message,
            raised=moment_of(row.raised),
            first=moment_of(row.first),
            last=moment_of(row.last),
            count=row.count,
            storm=row.folded,
            ended=None if row.ended is None else moment_of(row.ended),
            lines=list(row.lines),
            left_out=row.left_out,
            waiting=[action.value for action in row.pending],
        )

    def _draft(self, row: DraftRow) -> CaseDraft:
        return CaseDraft(
            draft=row.id,
            rule=row.rule,
            severity=row.severity.value,
            component=row.application,
            version=row.version,
            message=row.message,
            summary=summary_of(row, self._rules),
            description=description_of(row, self._rules),
            first=moment_of(row.first),
            last=moment_of(row.last),
            count=row.count,
            lines=list(row.lines),
            left_out=row.left_out,
            made=moment_of(row.made),
            taken=None if row.taken is None else moment_of(row.taken),
            alarms=list(row.alarms),
        )
