"""A box to choose from, with the chevron that says so, and a box for a whole number."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QIntValidator, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from ui.theme import current_theme


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


class NumberBox(QLineEdit):
    """A whole number between two others: typed, or stepped by the arrow keys; what is none is not taken."""

    def __init__(self, least: int, most: int, parent: QWidget | None = None) -> None:
        super().__init__(str(least), parent)
        self._least, self._most = least, most
        self._taken = least
        self.setValidator(QIntValidator(0, most, self))
        self.editingFinished.connect(lambda: self.setValue(self.value()))

    def value(self) -> int:
        """The number; the last one that was right while something else stands there."""
        text = self.text()
        if text.isascii() and text.isdigit() and self._least <= int(text) <= self._most:
            self._taken = int(text)
        return self._taken

    def setValue(self, value: int) -> None:
        """Show a number, the nearest that is allowed."""
        self._taken = min(max(value, self._least), self._most)
        self.setText(str(self._taken))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and Down step; whoever leaves the field, or presses Enter, is done."""
        step = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self.setValue(self.value() + step)
