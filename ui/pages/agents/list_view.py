"""The list of agents: rows of two lines, painted; ids are their places."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ui.models import ID_ROLE, AnyIndex
from ui.pages.agents.rows import (
    SIGNS,
    AgentRow,
    Health,
    cpu_text,
    seen_text,
    spoken,
    waiting_text,
    watched_text,
)
from ui.pages.agents.strip import WIDTH, paint_strip
from ui.theme import current_theme

ROW_HEIGHT = 52
_ROW = Qt.ItemDataRole.UserRole + 7
_SIGN, _NAME, _MARGIN = 24, 58, 20
_CPU, _WAITING, _SEEN = 58, 82, 92
_STRIP_FROM = 760
"""Width below which the heartbeats have no room."""
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


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the columns begin. There is no room for the heartbeats where `strip` is `seen`."""

    name: int
    watched: int
    strip: int
    seen: int
    waiting: int
    cpu: int
    right: int

    @classmethod
    def of(cls, left: int, width: int) -> Columns:
        """For a row of this width."""
        right = left + width - 1 - _MARGIN
        cpu = right - _CPU
        waiting = cpu - _WAITING
        seen = waiting - _SEEN
        strip = seen - WIDTH if width >= _STRIP_FROM else seen
        name = left + _NAME
        watched = name + max(110, (strip - name) * 3 // 10)
        return cls(name, watched, strip, seen, waiting, cpu, right)


class AgentDelegate(QStyledItemDelegate):
    """Paints a row: sign, server, applications and state, heartbeats, last seen, waiting, processor."""

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
        at = Columns.of(rect.left(), rect.width())
        words = role if row.health in (Health.OFFLINE, Health.WARNING) else "text.secondary"
        now = self._clock()
        self._two(painter, rect, at.name, at.watched - 12, row.name, row.system, "text.secondary")
        self._two(painter, rect, at.watched, at.strip - 12, watched_text(row), row.words, words)
        if at.seen > at.strip:
            paint_strip(painter, at.strip, rect.center().y(), row.cells(now=now))
        self._one(painter, rect, at.seen, at.waiting, seen_text(row.seen, now=now))
        self._one(painter, rect, at.waiting, at.cpu, waiting_text(row))
        self._one(painter, rect, at.cpu, at.right, cpu_text(row))
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
        at = Columns.of(0, self.width())
        day = (
            (self.tr("Last 24 hours"), at.strip, at.seen, _LEFT),
            (self.tr("now"), at.strip, at.strip + WIDTH, _RIGHT),
        )
        for text, left, end, side in (
            (self.tr("Server"), at.name, at.watched, _LEFT),
            (self.tr("Applications"), at.watched, at.strip, _LEFT),
            *(day if at.seen > at.strip else ()),
            (self.tr("Last seen"), at.seen, at.waiting, _RIGHT),
            (self.tr("Waiting"), at.waiting, at.cpu, _RIGHT),
            (self.tr("CPU"), at.cpu, at.right, _RIGHT),
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


def _by_keyboard(option: QStyleOptionViewItem) -> bool:
    return bool(option.state & QStyle.StateFlag.State_KeyboardFocusChange)
