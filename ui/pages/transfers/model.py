"""The list of transfers as Qt sees it: group heads and rows, changed in one stroke."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from ui.pages.transfers.rows import Group, TransferRow

ENTRY_ROLE = Qt.ItemDataRole.UserRole + 1
AnyIndex = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a group."""

    group: Group
    count: int
    closed: bool


Entry = Head | TransferRow


def entries_of(rows: Sequence[TransferRow], closed: frozenset[Group]) -> list[Entry]:
    """Heads and rows in the order of the groups; a closed group shows its head only."""
    found: list[Entry] = []
    for group in Group:
        held = [row for row in rows if row.group is group]
        if held:
            found.append(Head(group, len(held), group in closed))
            if group not in closed:
                found += held
    return found


def _key(entry: Entry) -> str:
    return f"head:{entry.group.value}" if isinstance(entry, Head) else entry.id


class TransferModel(QAbstractListModel):
    """Entries; an update that keeps their order is one ranged ``dataChanged``."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._entries: list[Entry] = []
        self._sparks: dict[str, list[float]] = {}

    def update(self, entries: list[Entry], sparks: dict[str, list[float]]) -> None:
        """Show these entries and the rates of their small lines."""
        changed_sparks = sparks != self._sparks
        self._sparks = sparks
        if [_key(e) for e in entries] != [_key(e) for e in self._entries]:
            self.beginResetModel()
            self._entries = entries
            self.endResetModel()
            return
        different = [i for i, entry in enumerate(entries) if entry != self._entries[i]]
        if changed_sparks:
            different += [i for i, e in enumerate(entries) if isinstance(e, TransferRow) and e.id in sparks]
        self._entries = entries
        if different:
            self.dataChanged.emit(self.index(min(different)), self.index(max(different)))

    def entry(self, row: int) -> Entry:
        """The entry at a row."""
        return self._entries[row]

    def row_of(self, job_id: str) -> int:
        """Where a job is; -1 when it is not shown."""
        return next((i for i, e in enumerate(self._entries) if _key(e) == job_id), -1)

    def spark(self, job_id: str) -> list[float]:
        """The last rates of a job."""
        return self._sparks.get(job_id, [])

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's name
        """Heads and rows."""
        return 0 if parent.isValid() else len(self._entries)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The entry itself, and its words for screen readers."""
        if not index.isValid():
            return None
        entry = self._entries[index.row()]
        if role == ENTRY_ROLE:
            return entry
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{entry.group.value}, {entry.count}" if isinstance(entry, Head) else entry.spoken
        return None
