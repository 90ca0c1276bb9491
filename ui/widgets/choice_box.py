"""A box to choose from, with the chevron that says so, and a box for a whole number without arrows."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QSpinBox, QWidget

from ui.theme import current_theme

_HEIGHT = 32


class ChoiceBox(QComboBox):
    """A `QComboBox` in the theme's colours, whose parts all have its name."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        current_theme().changed.connect(self.update)

    def setAccessibleName(self, name: str) -> None:
        """Name the box, its list and its field."""
        super().setAccessibleName(name)
        self.view().setAccessibleName(name)
        editor = self.lineEdit()
        if editor is not None:
            editor.setAccessibleName(name)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The chevron at the right."""
        super().paintEvent(event)
        painter = QPainter(self)
        role = "text.secondary" if self.isEnabled() else "text.disabled"
        pixmap = current_theme().pixmap("chevron_down", 16, role, dpr=self.devicePixelRatioF())
        painter.drawPixmap(self.width() - 24, (self.height() - 16) // 2, pixmap)
        painter.end()


class NumberBox(QSpinBox):
    """A `QSpinBox` that is typed into; the arrow keys and the wheel step."""

    def __init__(self, least: int, most: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setRange(least, most)
        self.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumHeight(_HEIGHT)
