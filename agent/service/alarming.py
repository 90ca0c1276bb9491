"""The alarms of an agent, put together over its catalogue."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from agent.alarms import (
    AlarmActions,
    AlarmBook,
    AlarmDesk,
    AlarmRule,
    AlarmWatch,
    Drafts,
    LineMask,
    open_alarm_database,
)
from agent.catalogue import Evidence, moment_of

_LOOKED_BACK = timedelta(days=30)
"""Alarms that sets of rules are made around."""


@dataclass(frozen=True, slots=True)
class AlarmRoom:
    """The parts that concern alarms.

    Attributes:
        watch: the catalogue's listener; None without rules, so that reading costs nothing more.
    """

    rules: tuple[AlarmRule, ...]
    book: AlarmBook
    drafts: Drafts
    desk: AlarmDesk
    watch: AlarmWatch | None
    close: Callable[[], None]

    def actions(self, evidence: Evidence, publish: Callable[[str, str], None]) -> AlarmActions:
        """What does what alarms ask for."""
        return AlarmActions(
            self.rules,
            book=self.book,
            drafts=self.drafts,
            evidence=evidence,
            publish=publish,
            ended=self._ended,
            wall=_now,
        )

    def times(self, rule: str) -> Sequence[tuple[datetime, datetime]]:
        """Begin and end of the alarms of a rule, of the last 30 days."""
        found = self.book.times(rule, since=_now() - _LOOKED_BACK)
        return [(moment_of(first), moment_of(last)) for first, last in found]

    def _ended(self, rule: str, source: str) -> None:
        if self.watch is not None:
            self.watch.forget_storm(rule, source)


def open_alarms(
    data: Path, rules: tuple[AlarmRule, ...], *, mask: LineMask, raised: Callable[[], None]
) -> AlarmRoom:
    """Open the rows of alarms; nothing is read or done yet.

    Args:
        data: the agent's data folder.
        rules: of the rule file.
        mask: of lines.
        raised: called after alarms were kept; must return at once.

    Raises:
        LocalError: the rows cannot be opened.
    """
    database = open_alarm_database(data / "alarms.db")
    book, drafts = AlarmBook(database), Drafts(database)
    return AlarmRoom(
        rules=rules,
        book=book,
        drafts=drafts,
        desk=AlarmDesk(rules, book=book, drafts=drafts, wall=_now),
        watch=AlarmWatch(rules, book=book, mask=mask, wall=_now, raised=raised) if rules else None,
        close=database.close,
    )


def _now() -> datetime:
    return datetime.now(UTC)
