"""The list of agents: rows of two lines, painted; ids are their places."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ui.models import ID_ROLE, AnyIndex
from ui.pages.agents.rows import SIGNS, AgentRow, Health, folders_text, seen_text, spoken
from ui.theme import current_theme
from ui.widgets.quantities import plural

ROW_HEIGHT = 52
_ROW = Qt.ItemDataRole.UserRole + 7
_SIGN, _NAME, _STATE = 24, 58, 300
_SEEN, _WAITING, _MARGIN = 190, 100, 20
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_NO_INDEX = QModelIndex()


class AgentModel(QAbstractListModel):
    """The rows in order."""

    def __init__(self, clock: Callable[[], datetime], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self._rows: list[AgentRow] = []

    def show(self, rows: Sequence[AgentRow]) -> None:
        """Other rows; nothing moves when only their words are others."""
        places = [row.agent.place for row in rows]
        if places == [row.agent.place for row in self._rows]:
            self._rows = list(rows)
            if rows:
                self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
            return
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()

    def rowCount(self, parent: AnyIndex = _NO_INDEX) -> int:
        """How many agents."""
        return 0 if parent.isValid() else len(self._rows)

    def row_at(self, index: AnyIndex) -> AgentRow | None:
        """The agent in a row."""
        return self._rows[index.row()] if index.isValid() and index.row() < len(self._rows) else None

    def index_of(self, place: str) -> QModelIndex:
        """Where an agent stands; invalid when it is not there."""
        found = next((n for n, row in enumerate(self._rows) if row.agent.place == place), -1)
        return self.index(found) if found >= 0 else QModelIndex()

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The row, its id, and its words for people who hear them."""
        row = self.row_at(index)
        if row is None:
            return None
        if role == _ROW:
            return row
        if role == ID_ROLE:
            return row.agent.place
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return spoken(row, now=self._clock())
        return row.explained or None if role == Qt.ItemDataRole.ToolTipRole else None


class AgentDelegate(QStyledItemDelegate):
    """Paints a row: sign, server and place, folders and state, last seen, what waits."""

    def __init__(self, clock: Callable[[], datetime], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clock = clock

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:  # noqa: ARG002 - Qt's names
        """One row."""
        return QSize(400, ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Paint one agent."""
        row: AgentRow = index.data(_ROW)
        theme, rect = current_theme(), QRect(option.rect)
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, theme.color("bg.selected"))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, theme.color("bg.hover"))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, theme.color("border.subtle"))
        icon, role = SIGNS[row.health]
        dpr = painter.device().devicePixelRatioF()
        top = rect.top() + (rect.height() - 20) // 2
        painter.drawPixmap(rect.left() + _SIGN, top, theme.pixmap(icon, 20, role, dpr=dpr))
        right = rect.right() - _MARGIN
        state = rect.left() + _state_left(rect.width())
        self._two(painter, rect, rect.left() + _NAME, state - 12, row.name, row.place, "text.secondary")
        words = role if row.health in (Health.OFFLINE, Health.WARNING) else "text.secondary"
        self._two(painter, rect, state, right - _SEEN, folders_text(row), row.words, words)
        self._one(painter, rect, right - _SEEN, right - _WAITING, seen_text(row.seen, now=self._clock()))
        self._one(painter, rect, right - _WAITING, right, _waiting(row))
        if option.state & QStyle.StateFlag.State_HasFocus and _by_keyboard(option):
            painter.setPen(theme.color("border.focus"))
            painter.drawRect(rect.adjusted(1, 1, -2, -2))
        painter.restore()

    def _two(
        self, painter: QPainter, rect: QRect, left: int, right: int, first: str, second: str, role: str
    ) -> None:
        theme = current_theme()
        half = rect.height() // 2
        for text, scale, colour, top in (
            (first, "body", "text.primary", rect.top() + 6),
            (second, "label", role, rect.top() + half),
        ):
            font = theme.font(scale)
            font.setWeight(QFont.Weight.Normal)
            painter.setFont(font)
            painter.setPen(theme.color(colour))
            area = QRect(left, top, max(0, right - left), half - 6)
            shown = QFontMetrics(painter.font()).elidedText(text, Qt.TextElideMode.ElideRight, area.width())
            painter.drawText(area, _LEFT, shown)

    def _one(self, painter: QPainter, rect: QRect, left: int, right: int, text: str) -> None:
        theme = current_theme()
        painter.setFont(theme.font("body", tabular=True))
        painter.setPen(theme.color("text.primary"))
        painter.drawText(QRect(left, rect.top(), right - left, rect.height()), _RIGHT, text)


class AgentHead(QWidget):
    """The words over the columns."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(30)
        current_theme().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's name
        """Each over its column."""
        theme = current_theme()
        painter = QPainter(self)
        painter.fillRect(0, self.height() - 1, self.width(), 1, theme.color("border.default"))
        font = theme.font("label")
        font.setWeight(QFont.Weight.Normal)
        painter.setFont(font)
        painter.setPen(theme.color("text.secondary"))
        right, state = self.width() - 1 - _MARGIN, _state_left(self.width())
        for text, left, end, side in (
            (self.tr("Server"), _NAME, state, _LEFT),
            (self.tr("Folders"), state, right - _SEEN, _LEFT),
            (self.tr("Last seen"), right - _SEEN, right - _WAITING, _RIGHT),
            (self.tr("Waiting"), right - _WAITING, right, _RIGHT),
        ):
            painter.drawText(QRect(left, 0, end - left, self.height() - 1), side, text)
        painter.end()


class AgentList(QListView):
    """Shows the agents; the arrow keys and J/K move."""

    def __init__(self, clock: Callable[[], datetime], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Agents"))
        self.setItemDelegate(AgentDelegate(clock, self))
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        current_theme().changed.connect(self.viewport().update)


def _state_left(width: int) -> int:
    return min(_STATE, max(_NAME + 120, width // 3))


def _waiting(row: AgentRow) -> str:
    if row.status is None:
        return "?"
    return plural(row.waiting, "job", "jobs") if row.waiting else "–"


def _by_keyboard(option: QStyleOptionViewItem) -> bool:
    return bool(option.state & QStyle.StateFlag.State_KeyboardFocusChange)
