"""A scroll area for a column of wrapping texts: it scrolls only when the texts, as wrapped, do not fit."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget


class _Inside(QWidget):
    def minimumSizeHint(self) -> QSize:
        """No height of its own: the scroll area takes the height for the width it really has."""
        return QSize(super().minimumSizeHint().width(), 0)


class ScrollColumn(QScrollArea):
    """Scrolls up and down only. Fill `column`, or `append` to it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside = _Inside()
        self.column = QVBoxLayout(inside)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(0)
        self.setWidget(inside)
        self._room_below = False

    def append(self, widget: QWidget) -> None:
        """Add it behind the others; what room is left stays below, however many of them are there yet."""
        if not self._room_below:
            self.column.addStretch(1)
            self._room_below = True
        self.column.insertWidget(self.column.count() - 1, widget)

    def clear(self) -> None:
        """Let go of all that was added."""
        self._room_below = False
        while (item := self.column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
