"""The shade over the window while a dialog is open."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ui.theme import current_theme

_LIGHT, _DARK = 0.32, 0.52


class Scrim(QWidget):
    """Covers a window: 32 % black, in dark colours 52 %."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def cover(self) -> None:
        """Lie over the whole parent."""
        parent = self.parentWidget()
        if parent is not None:
            self.setGeometry(parent.rect())
        self.raise_()
        self.show()

    def lift(self) -> None:
        """Go away for good."""
        self.hide()
        self.deleteLater()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's name
        """Shade."""
        shade = QColor(Qt.GlobalColor.black)
        shade.setAlphaF(_DARK if current_theme().dark else _LIGHT)
        painter = QPainter(self)
        painter.fillRect(self.rect(), shade)
        painter.end()
