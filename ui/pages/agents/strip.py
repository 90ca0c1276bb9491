"""The heartbeats of a day, painted: a bar for each half hour, and what the bars mean."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ui.pages.agents.beats import CELLS, Cell
from ui.theme import current_theme
from ui.widgets.labels import TextLabel

STEP = 4
WIDTH = CELLS * STEP
_BAR, _HEIGHT, _LOW, _HOLLOW = 3, 16, 10, 5


def paint_strip(painter: QPainter, left: int, middle: int, cells: Sequence[Cell]) -> None:
    """Paint the cells from `left` on, around the line `middle`."""
    for number, cell in enumerate(cells):
        paint_cell(painter, left + number * STEP, middle, cell)


def paint_cell(painter: QPainter, left: int, middle: int, cell: Cell) -> None:
    """A full bar, a lower one, a hollow one, or a dot."""
    theme = current_theme()
    top, bottom = middle - _HEIGHT // 2, middle + _HEIGHT // 2
    if cell is Cell.BEAT:
        painter.fillRect(left, top, _BAR, bottom - top, theme.color("success.fg"))
    elif cell is Cell.WARNED:
        painter.fillRect(left, bottom - _LOW, _BAR, _LOW, theme.color("warning.fg"))
    elif cell is Cell.BEFORE:
        painter.fillRect(left, middle, _BAR, 1, theme.color("border.default"))
    else:
        red = theme.color("danger.fg")
        box = QRect(left, middle - _HOLLOW // 2, _BAR, _HOLLOW)
        painter.fillRect(box, red)
        painter.fillRect(box.adjusted(1, 1, -1, -1), theme.color("bg.surface"))


class _Sample(QWidget):
    def __init__(self, cell: Cell) -> None:
        super().__init__()
        self._cell = cell
        self.setFixedSize(QSize(_BAR + 1, _HEIGHT))
        current_theme().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's name
        painter = QPainter(self)
        paint_cell(painter, 0, self.height() // 2, self._cell)
        painter.end()


class Legend(QWidget):
    """What the bars mean."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 10, 24, 0)
        row.setSpacing(8)
        for cell, words in (
            (Cell.BEAT, self.tr("heartbeat")),
            (Cell.WARNED, self.tr("heartbeat with a warning")),
            (Cell.NONE, self.tr("none")),
        ):
            row.addWidget(_Sample(cell), 0, Qt.AlignmentFlag.AlignVCenter)
            row.addWidget(TextLabel(words, scale="label", role="text.secondary"))
            row.addSpacing(12)
        row.addStretch(1)
