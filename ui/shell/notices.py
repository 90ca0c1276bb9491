"""What the bell holds: one notice per event worth a look, newest first, merged within ten minutes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from PySide6.QtCore import QObject, Signal

from app.agentlink import AlarmShown
from app.domain.cases import CaseState
from app.domain.files import FileCheck
from app.domain.followup import FollowUpDays, follow_up
from app.portal.contract import Case, CaseFile, Event, EventKind
from ui.shell.services import Services
from ui.tasks import Task

_MERGE_WITHIN = timedelta(minutes=10)
_KEPT = 50
_DUE_WITHIN = timedelta(hours=24)
_CRITICAL, _MINOR = "critical", "minor"


@dataclass(frozen=True, slots=True)
class Notice:
    """One line of the bell.

    Attributes:
        key: equal keys within ten minutes are one notice.
        case: the case it leads to; empty for one that leads to the transfers.
    """

    key: str
    icon: str
    role: str
    title: str
    text: str
    case: str
    at: datetime
    seen: bool = False


def reminder_notice(case: Case, *, now: datetime, days: FollowUpDays) -> Notice | None:
    """A reminder or a close that is due within a day (design 10), or None."""
    state = CaseState(case.status, case.substatus)
    timer = follow_up(state, priority=case.priority, since=case.waiting_since, days=days)
    if timer is None:
        return None
    steps = (
        (timer.first_reminder, "Reminder 1 goes out"),
        (timer.second_reminder, "Reminder 2 goes out"),
        (timer.closes, "The case closes without an answer"),
    )
    for moment, words in steps:
        if now < moment <= now + _DUE_WITHIN:
            local = moment.astimezone()
            day = "today" if local.date() == now.astimezone().date() else "tomorrow"
            return Notice(
                key=f"due {case.number} {moment.isoformat()}",
                icon="clock",
                role="wait.fg",
                title=f"{words} {day} at {local:%H:%M}",
                text=f"{case.number} {case.subject}",
                case=case.number,
                at=now,
            )
    return None


class Notices(QObject):
    """Collects notices; the bell shows them and marks them as seen.

    Signals:
        changed: the list or what was seen of it.
    """

    changed = Signal()

    def __init__(self, services: Services, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._kept: list[Notice] = []
        self.is_open: Callable[[str], bool] = lambda _case: False

    def all(self) -> list[Notice]:
        """Newest first."""
        return list(self._kept)

    def unseen(self) -> int:
        """How many were not looked at."""
        return sum(1 for each in self._kept if not each.seen)

    def mark_seen(self) -> None:
        """All were looked at."""
        self._kept = [replace(each, seen=True) for each in self._kept]
        self.changed.emit()

    def add(self, notice: Notice) -> None:
        """One more, or the same again."""
        for place, each in enumerate(self._kept):
            if each.key == notice.key and notice.at - each.at <= _MERGE_WITHIN:
                self._kept[place] = replace(notice, seen=each.seen)
                self.changed.emit()
                return
            if each.key == notice.key and notice.key.startswith("due "):
                return
        self._kept = [notice, *self._kept][:_KEPT]
        self.changed.emit()

    def take_event(self, event: Event) -> None:
        """Something happened at the portal: look what it is, unless the open page shows it."""
        if not event.case or self.is_open(event.case):
            return
        if event.kind is EventKind.UPDATE_ADDED:
            Task.run(self._services.copy.row, event.case, owner=self).on_done(
                lambda case: self._add_update(event, case)
            ).on_error(lambda _error: None)
        elif event.kind is EventKind.FILE_CHANGED and event.subject:
            Task.run(self._services.portal.files, event.case, owner=self).on_done(
                lambda files: self._add_file(event, files)
            ).on_error(lambda _error: None)

    def take_alarm(self, number: int) -> None:
        """The agent has seen something in the logs: look what it is."""
        agent = self._services.agent
        if agent is not None:
            Task.run(agent.alarm, number, owner=self).on_done(self._add_alarm).on_error(lambda _error: None)

    def look_for_reminders(self, cases: list[Case], *, days: FollowUpDays) -> None:
        """Which of these waiting cases have a reminder due."""
        for case in cases:
            notice = reminder_notice(case, now=self._services.clock(), days=days)
            if notice is not None:
                self.add(notice)

    def _add_alarm(self, alarm: AlarmShown) -> None:
        if alarm.ended is not None:
            title = self.tr("A storm of alarms is over")
        elif alarm.storm:
            title = self.tr("A storm of alarms in the logs")
        elif alarm.severity == _CRITICAL:
            title = self.tr("Critical alarm in the logs")
        else:
            title = self.tr("Alarm in the logs")
        # The agent masks the name of the application; the rule's text is an administrator's. No line.
        self.add(
            Notice(
                key=f"alarm {alarm.rule} {alarm.application} {title}",
                icon="warning",
                role="wait.fg" if alarm.ended is not None or alarm.severity == _MINOR else "danger.fg",
                title=title,
                text=f"{alarm.application} · {alarm.text or alarm.rule}",
                case="",
                at=self._services.clock(),
            )
        )

    def _add_update(self, event: Event, case: Case | None) -> None:
        if case is None or not case.unread:
            return
        self.add(
            Notice(
                key=f"update {case.number}",
                icon="note",
                role="accent.base",
                title="Support replied",
                text=f"{case.number} {case.subject}",
                case=case.number,
                at=event.at,
            )
        )

    def _add_file(self, event: Event, files: list[CaseFile]) -> None:
        file = next((each for each in files if each.id == event.subject), None)
        if file is None or file.check not in (FileCheck.VERIFIED, FileCheck.DIFFERS):
            return
        good = file.check is FileCheck.VERIFIED
        self.add(
            Notice(
                key=f"file {file.check} {event.case}",
                icon="verify" if good else "error_circle",
                role="success.fg" if good else "danger.fg",
                title="A file was delivered and verified" if good else "A delivered file differs",
                text=f"{event.case} · {file.name}",
                case=event.case,
                at=event.at,
            )
        )
