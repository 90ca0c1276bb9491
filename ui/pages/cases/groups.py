"""Cases grouped by whose turn it is, flattened for the list: group headers and cases as one row of places."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, Qt

from app.domain.cases import CaseState, Turn
from app.domain.followup import FollowUpDays, follow_up
from app.portal.contract import Case
from ui.models import AnyIndex, IdListModel
from ui.widgets.quantities import span_text

GROUP_ROLE = int(Qt.ItemDataRole.UserRole) + 10
"""The `Group` of a header row; None for a case."""
FOLDED_ROLE = int(Qt.ItemDataRole.UserRole) + 11

_MARK = "#"


@dataclass(frozen=True, slots=True)
class Group:
    """One turn and its cases, in order; not `whole` while only the first of them were read."""

    turn: Turn
    numbers: tuple[str, ...]
    whole: bool = True

    @property
    def row_id(self) -> str:
        """The id of its header row; never a case number."""
        return f"{_MARK}{self.turn.value}"


class CaseListModel(IdListModel[Case]):
    """Headers and cases as places; folding takes a group's cases out of the list."""

    def __init__(
        self,
        ask: Callable[[Sequence[str]], object],
        *,
        clock: Callable[[], datetime],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(ask, parent=parent)
        self._clock = clock
        self._groups: dict[str, Group] = {}
        self._folded: set[Turn] = set()
        self.days = FollowUpDays()

    def set_groups(self, groups: Iterable[Group]) -> None:
        """Replace the groups; empty ones are left out."""
        self._groups = {group.row_id: group for group in groups if group.numbers}
        self._flatten()

    def groups(self) -> list[Group]:
        """The groups in order."""
        return list(self._groups.values())

    def headers(self) -> list[int]:
        """The places of the headers, ascending."""
        places, place = [], 0
        for group in self._groups.values():
            places.append(place)
            place += 1 + (0 if group.turn in self._folded else len(group.numbers))
        return places

    def group_at(self, place: int) -> Group | None:
        """The group whose header stands at this place, or None for a case."""
        return self._groups.get(self.id_at(place))

    def folded(self, turn: Turn) -> bool:
        """Whether a group shows its header only."""
        return turn in self._folded

    def fold(self, turn: Turn, *, folded: bool) -> None:
        """Hide or show a group's cases."""
        if folded != (turn in self._folded):
            self._folded ^= {turn}
            self._flatten()

    def row_at(self, place: int) -> Case | None:
        """The case at a place; None for a header or while it is fetched."""
        return None if self.id_at(place) in self._groups else super().row_at(place)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """As the list of ids has it, and the groups of the headers."""
        if not index.isValid() or index.row() >= len(self.ids()):
            return None
        group = self.group_at(index.row())
        if role == GROUP_ROLE:
            return group
        if group is None:
            return super().data(index, role)
        if role == FOLDED_ROLE:
            return group.turn in self._folded
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            title = group_title(group.turn)
            return f"{title}, {len(group.numbers)}" if group.whole else title
        return None

    def text_of(self, row: Case) -> str:
        """The case in words; the number digit by digit, so that screen readers do not say millions."""
        words = [
            row.subject,
            self.tr("case {0}").format(" ".join(row.number)),
            self.tr("priority {0}").format(row.priority.value),
            f"{row.status.value} {row.substatus.value}",
        ]
        state = CaseState(row.status, row.substatus)
        timer = follow_up(state, priority=row.priority, since=row.waiting_since, days=self.days)
        if timer is not None:
            words.append(self.tr("closes in {0}").format(span_text(timer.remaining(self._clock()))))
        if row.unread:
            words.append(self.tr("unread"))
        return ", ".join(words)

    def _ask_around(self, place: int) -> None:
        headers = set(self._groups)
        first = max(0, place - self._window // 2)
        self._ask_for(each for each in self._ids[first : first + self._window] if each not in headers)

    def _flatten(self) -> None:
        ids: list[str] = []
        for row_id, group in self._groups.items():
            ids.append(row_id)
            if group.turn not in self._folded:
                ids.extend(group.numbers)
        self.set_ids(ids)


def group_title(turn: Turn) -> str:
    """The words of a group's header."""
    translate = QCoreApplication.translate
    return {
        Turn.YOU: translate("CaseGroups", "Waiting on you"),
        Turn.SUPPORT: translate("CaseGroups", "With support"),
        Turn.THIRD_PARTY: translate("CaseGroups", "With a third party"),
        Turn.NOBODY: translate("CaseGroups", "Closed in the last 30 days"),
    }[turn]


def group_remark(turn: Turn) -> str:
    """What a group's header adds after its count."""
    translate = QCoreApplication.translate
    return {
        Turn.YOU: translate("CaseGroups", "the follow-up timer is running"),
        Turn.SUPPORT: "",
        Turn.THIRD_PARTY: translate("CaseGroups", "no timer"),
        Turn.NOBODY: translate("CaseGroups", "can be reopened; files are deleted after 30 days"),
    }[turn]
