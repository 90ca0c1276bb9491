"""A list model that holds ids in order and fetches rows by window, so that 100 000 rows cost 100 000 ids."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

Row = TypeVar("Row")
AnyIndex = QModelIndex | QPersistentModelIndex

ROW_ROLE = int(Qt.ItemDataRole.UserRole) + 1
"""The row's dataclass, or None while it is being fetched."""
ID_ROLE = int(Qt.ItemDataRole.UserRole) + 2
"""The row's id."""

_NO_INDEX = QModelIndex()


class IdListModel(QAbstractListModel, Generic[Row]):
    """Ids in order, and a bounded cache of rows.

    The model never fetches: it asks with ``fetch(ids, model)`` for the window around a row that was looked
    at, and whoever has the rows gives them with `put_rows` (usually from a `Task`). Until then the row is
    None and delegates paint a placeholder.
    """

    def __init__(
        self,
        ask: Callable[[Sequence[str]], object],
        *,
        window: int = 60,
        cache: int = 2000,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._ask = ask
        self._window = window
        self._cache_size = cache
        self._ids: list[str] = []
        self._places: dict[str, int] | None = None
        self._rows: OrderedDict[str, Row] = OrderedDict()
        self._asked: set[str] = set()
        self._stale: set[str] = set()

    def ids(self) -> Sequence[str]:
        """All ids, in order."""
        return self._ids

    def id_at(self, place: int) -> str:
        """The id at a place."""
        return self._ids[place]

    def place_of(self, row_id: str) -> int:
        """Where an id stands, or -1."""
        if self._places is None:
            self._places = {each: place for place, each in enumerate(self._ids)}
        return self._places.get(row_id, -1)

    def set_ids(self, ids: Sequence[str]) -> None:
        """Replace the order. Rows that are known stay known."""
        if list(ids) == self._ids:
            return
        self.beginResetModel()
        self._ids = list(ids)
        self._places = None
        self._asked.clear()
        self.endResetModel()

    def put_rows(self, rows: Iterable[tuple[str, Row]]) -> None:
        """Give rows that were asked for."""
        touched: list[int] = []
        for row_id, row in rows:
            self._rows[row_id] = row
            self._rows.move_to_end(row_id)
            self._asked.discard(row_id)
            self._stale.discard(row_id)
            place = self.place_of(row_id)
            if place >= 0:
                touched.append(place)
        while len(self._rows) > self._cache_size:
            self._rows.popitem(last=False)
        if touched:
            self.dataChanged.emit(self.index(min(touched)), self.index(max(touched)))

    def give_up(self, ids: Iterable[str]) -> None:
        """Take back an ask that failed; the next look asks again."""
        self._asked.difference_update(ids)

    def invalidate(self, ids: Iterable[str] | None = None) -> None:
        """Ask again for these rows (or all) when they are looked at; the old ones stay visible until then."""
        if ids is None:
            self._stale = set(self._rows)
            self._asked.clear()
        else:
            changed = set(ids)
            self._stale |= changed
            self._asked -= changed
        if self._ids:
            self.dataChanged.emit(self.index(0), self.index(len(self._ids) - 1))

    def known_row(self, row_id: str) -> Row | None:
        """A row if it is in the cache; never asks."""
        return self._rows.get(row_id)

    def row_at(self, place: int) -> Row | None:
        """The row at a place; asks for the window around it when it is not known."""
        row_id = self._ids[place]
        row = self._rows.get(row_id)
        if (row is None or row_id in self._stale) and row_id not in self._asked:
            self._ask_around(place)
            row = self._rows.get(row_id)
        return row

    def rowCount(self, parent: AnyIndex = _NO_INDEX) -> int:
        """How many ids."""
        return 0 if parent.isValid() else len(self._ids)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The row, its id, and its texts for people and screen readers."""
        if not index.isValid() or index.row() >= len(self._ids):
            return None
        if role == ID_ROLE:
            return self._ids[index.row()]
        if role not in (ROW_ROLE, Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        row = self.row_at(index.row())
        if role == ROW_ROLE:
            return row
        if row is None:
            return self.tr("Loading")
        return self.text_of(row)

    def text_of(self, row: Row) -> str:
        """The row in words, for screen readers and type-ahead; models with better words override it."""
        return str(row)

    def _ask_around(self, place: int) -> None:
        first = max(0, place - self._window // 2)
        self._ask_for(self._ids[first : first + self._window])

    def _ask_for(self, ids: Iterable[str]) -> None:
        """Ask for those of a window that are neither known nor asked for already."""
        wanted = [
            each
            for each in ids
            if (each not in self._rows or each in self._stale) and each not in self._asked
        ]
        if wanted:
            self._asked.update(wanted)
            self._ask(wanted)
