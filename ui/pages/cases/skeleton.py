"""Rows that keep their place while the first list is read."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QStyle, QWidget

from ui.pages.cases.delegate import CaseDelegate
from ui.theme import current_theme


class Skeleton(QWidget):
    """As many placeholder rows as there is room for."""

    def __init__(self, painter_of_rows: CaseDelegate, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = painter_of_rows
        self.setAccessibleName(self.tr("Cases are being read"))
        current_theme().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's name
        """Bars where words will be."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), current_theme().color("bg.surface"))
        height = self._rows.row_height()
        for top in range(0, min(self.height(), height * 12), height):
            row = QRect(0, top, self.width(), height)
            self._rows.paint_placeholder(painter, row, QStyle.StateFlag.State_None)
        painter.end()
