"""What alarms ask for is done here, later than they are kept: a kill in between loses nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from agent.alarms.book import AlarmBook
from agent.alarms.drafts import Drafts
from agent.alarms.folding import is_quiet
from agent.alarms.rows import AlarmRow
from agent.alarms.rules import MICROSECOND, Action, AlarmRule
from agent.catalogue import Evidence, HoldReason, Scope, TimeRange, micros_of
from app.domain.errors import InputError, WorldError

_log = logging.getLogger(__name__)

_KEEP = timedelta(days=14)
_AROUND = timedelta(minutes=15)
_PRUNE_EVERY = timedelta(hours=1)


class AlarmActions:
    """Does what pending alarms ask for, and ends storms. Used by one thread."""

    def __init__(
        self,
        rules: Sequence[AlarmRule],
        *,
        book: AlarmBook,
        drafts: Drafts,
        evidence: Evidence,
        publish: Callable[[str, str], None],
        ended: Callable[[str, str], None],
        wall: Callable[[], datetime],
    ) -> None:
        """Nothing is done yet.

        Args:
            rules: of the rule file.
            book: of alarms.
            drafts: of cases.
            evidence: keeps segments.
            publish: an event: kind and subject.
            ended: a storm of this rule and application is over.
            wall: aware UTC time.
        """
        self._rules: Mapping[str, AlarmRule] = {rule.name: rule for rule in rules}
        self._book = book
        self._drafts = drafts
        self._evidence = evidence
        self._publish = publish
        self._ended = ended
        self._wall = wall
        self._pruned: datetime | None = None

    def act(self) -> bool:
        """Do everything that is pending, each until it has succeeded once; none waits for another.

        Returns:
            Whether something was done for an alarm.

        Raises:
            LocalError: something cannot be done or recorded now; it is in a later round.
        """
        trouble: WorldError | None = None
        pending = self._book.pending()
        for alarm in pending:
            for action in alarm.pending:
                try:
                    self._do(alarm, action)
                    self._book.done(alarm, action)
                except WorldError as error:
                    trouble = trouble or error
        if trouble is not None:
            raise trouble
        ended = self._end_storms()
        now = self._wall()
        if self._pruned is None or not timedelta() <= now - self._pruned < _PRUNE_EVERY:
            self._book.prune(now=now)
            self._drafts.prune(now=now)
            self._pruned = now
        return bool(pending) or ended

    def _do(self, alarm: AlarmRow, action: Action) -> None:
        if action is Action.NOTIFY:
            self._publish("alarm", str(alarm.id))
        elif action is Action.HOLD:
            self._hold(alarm, label=_label(alarm))
        else:
            self._drafts.propose(alarm, now=micros_of(self._wall()))

    def _hold(self, alarm: AlarmRow, *, label: str) -> None:
        held = {hold.label for hold in self._evidence.holds() if hold.reason is HoldReason.ALARM}
        if label in held:
            return  # held before a kill
        around = self._around(alarm)
        scope = Scope((alarm.source,), range=TimeRange(alarm.first - around, alarm.last + around))
        try:
            self._evidence.hold(HoldReason.ALARM, label=label, scope=scope, keep=_KEEP)
        except InputError as error:
            _log.info("alarm %d holds nothing (%s)", alarm.id, error.code)

    def _around(self, alarm: AlarmRow) -> int:
        rule = self._rules.get(alarm.rule)
        return (rule.around if rule is not None else _AROUND) // MICROSECOND

    def _end_storms(self) -> bool:
        """Whether one is over."""
        over = False
        now = micros_of(self._wall())
        for alarm in self._book.going_on():
            if not is_quiet(alarm.touched, now=now):
                # A storm may last longer than its logs: what it has written by now is held.
                end = alarm.last + self._around(alarm)
                self._evidence.reach(HoldReason.ALARM, _label(alarm), last=end)
                continue
            if not self._book.end(alarm, at=now):
                continue
            over = True
            self._ended(alarm.rule, alarm.source)
            self._drafts.grown(alarm)
            rule = self._rules.get(alarm.rule)
            if rule is not None and Action.HOLD in rule.actions:
                self._hold(alarm, label=f"{_label(alarm)}, whole")
                self._evidence.release_labelled(HoldReason.ALARM, _label(alarm))
            self._publish("alarm", str(alarm.id))
        return over


def _label(alarm: AlarmRow) -> str:
    return f"alarm {alarm.id}: {alarm.rule}"
