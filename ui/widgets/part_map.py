"""The map of parts as cells: filled, light, outlined and empty, never told by colour alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import ceil

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import current_theme

_CELL = 10
_GAP = 0.5
LEGEND = ("checked", "sent", "in flight", "to do")


def paint_cells(painter: QPainter, cells: Iterable[tuple[QRectF, str]]) -> None:
    """Draw cells, each in a state of `LEGEND`; colours are looked up where the state changes."""
    dressed: str | None = None
    for rect, state in cells:
        if state != dressed:
            dressed = state
            _dress(painter, state)
        if state == "in flight":
            rect = rect.adjusted(0.75, 0.75, -0.75, -0.75)
        painter.drawRoundedRect(rect, 1.5, 1.5)


def _dress(painter: QPainter, state: str) -> None:
    theme = current_theme()
    painter.setPen(Qt.PenStyle.NoPen)
    match state:
        case "checked":
            painter.setBrush(theme.color("accent.base"))
        case "sent":
            painter.setBrush(theme.color("accent.border"))
        case "in flight":
            painter.setPen(QPen(theme.color("accent.base"), 1.5))
            painter.setBrush(theme.color("bg.surface"))
        case _:
            painter.setBrush(theme.color("border.subtle"))


class PartMap(QWidget):
    """A grid of cells as wide as the pane."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cells: Sequence[str] = ()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_cells(self, cells: Sequence[str], *, spoken: str) -> None:
        """Show these states, in order."""
        if len(cells) != len(self._cells):
            self._cells = cells
            self.updateGeometry()
        self._cells = cells
        self.setAccessibleName(spoken)
        self.update()

    def hasHeightForWidth(self) -> bool:
        """The grid grows downwards."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Rows needed at this width."""
        return max(ceil(len(self._cells) / self._columns(width)), 1) * _CELL

    def sizeHint(self) -> QSize:
        """A usual pane."""
        return QSize(380, self.heightForWidth(380))

    def _columns(self, width: int) -> int:
        return max(width // _CELL, 1)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's name
        """Draw the cells."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_cells(painter, self._placed())

    def _placed(self) -> Iterator[tuple[QRectF, str]]:
        columns = self._columns(self.width())
        step = self.width() / columns
        for index, state in enumerate(self._cells):
            row, column = divmod(index, columns)
            yield QRectF(column * step + _GAP, row * _CELL + _GAP, step - 2 * _GAP, _CELL - 2 * _GAP), state


class PartLegend(QWidget):
    """What the cells mean."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(18)
        self.setAccessibleName(f"Legend: {', '.join(LEGEND)}")

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's name
        """Draw a cell and its word for each state."""
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font("caption"))
        left = 0
        for state in LEGEND:
            paint_cells(painter, [(QRectF(left, 4, 9, 9), state)])
            painter.setPen(theme.color("text.secondary"))
            painter.drawText(left + 14, 13, state)
            left += 14 + painter.fontMetrics().horizontalAdvance(state) + 14
