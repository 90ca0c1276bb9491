"""Text labels by scale and role, and the one-pixel rule between panes."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from ui.theme import current_theme


class TextLabel(QLabel):
    """A label whose size and colour come from the theme; plain text unless told otherwise."""

    def __init__(
        self,
        text: str = "",
        *,
        scale: str = "body",
        role: str = "text.primary",
        wrap: bool = False,
        selectable: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("scale", scale)
        self.setProperty("role", role)
        self.setWordWrap(wrap)
        if selectable:
            self.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
        self.setText(text)

    def set_role(self, role: str) -> None:
        """Change the colour role."""
        if self.property("role") != role:
            self.setProperty("role", role)
            self.style().unpolish(self)
            self.style().polish(self)


class ElidedLabel(TextLabel):
    """A one-line label that cuts its text in the middle or at the end instead of widening its pane."""

    def __init__(
        self,
        text: str = "",
        *,
        scale: str = "body",
        role: str = "text.primary",
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, scale=scale, role=role, parent=parent)
        self._mode = mode
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setMinimumWidth(40)

    def setText(self, text: str) -> None:
        """Set the text; the tooltip holds it whole."""
        super().setText(text)
        self.setToolTip(text)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's name
        """Draw the text cut to the width."""
        painter = QPainter(self)
        painter.setPen(current_theme().color(self.property("role")))
        text = self.fontMetrics().elidedText(self.text(), self._mode, self.width())
        painter.drawText(self.rect(), int(self.alignment()), text)


class Rule(QWidget):
    """A line of one pixel in a border colour."""

    def __init__(self, *, vertical: bool = False, role: str = "border.subtle") -> None:
        super().__init__()
        self._role = role
        if vertical:
            self.setFixedWidth(1)
        else:
            self.setFixedHeight(1)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's name
        """Fill the line."""
        QPainter(self).fillRect(self.rect(), current_theme().color(self._role))


class Surface(QWidget):
    """A pane filled with a background role."""

    def __init__(self, role: str = "bg.surface", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._role = role
        current_theme().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Fill the pane."""
        QPainter(self).fillRect(event.rect(), current_theme().color(self._role))
