"""Text labels by scale and role, and the one-pixel rule between panes."""

from __future__ import annotations

import html

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from ui.theme import current_theme

_LEADING = 122
"""Line height of wrapped text in percent of the font's own."""


def small_font() -> QFont:
    """The label size in regular weight, for painted second lines."""
    font = current_theme().font("label")
    font.setWeight(QFont.Weight.Normal)
    return font


class TextLabel(QLabel):
    """A label whose size and colour come from the theme; its text is never read as markup.

    Small secondary text is of regular weight unless ``medium``; wrapped text gets the design's line height.
    """

    def __init__(
        self,
        text: str = "",
        *,
        scale: str = "body",
        role: str = "text.primary",
        wrap: bool = False,
        selectable: bool = False,
        medium: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._words = ""
        self._heights: dict[int, int] = {}
        self.setTextFormat(Qt.TextFormat.RichText if wrap else Qt.TextFormat.PlainText)
        self.setProperty("scale", scale)
        self.setProperty("role", role)
        if scale == "label" and not medium and role != "text.primary":
            self.setProperty("plain", True)
        self.setWordWrap(wrap)
        if selectable:
            self.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
        self.setText(text)

    @property
    def words(self) -> str:
        """The text as it is read."""
        return self._words

    def setText(self, text: str) -> None:
        """Set plain text."""
        self._words = text
        self._heights.clear()
        if self.wordWrap():
            body = html.escape(text).replace("\n", "<br>")
            super().setText(f'<p style="margin:0; line-height:{_LEADING}%">{body}</p>')
            self.setAccessibleName(text)
        else:
            super().setText(text)

    def set_rich(self, markup: str) -> None:
        """Set markup that the caller has escaped."""
        self._words = markup
        self._heights.clear()
        super().setText(f'<p style="margin:0; line-height:{_LEADING}%">{markup}</p>')

    def heightForWidth(self, width: int) -> int:
        """The height at the width it really gets, which its maximum may limit; remembered: it is costly."""
        real = min(width, self.maximumWidth())
        height = self._heights.get(real)
        if height is None:
            height = self._heights[real] = super().heightForWidth(real)
        return height

    def changeEvent(self, event: QEvent) -> None:
        """Another font or style wraps otherwise."""
        self._heights.clear()
        super().changeEvent(event)

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
        self.setAccessibleName(text)
        self.setToolTip(text)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's name
        """Draw the text cut to the width."""
        painter = QPainter(self)
        painter.setFont(self.font())
        painter.setPen(current_theme().color(self.property("role") if self.isEnabled() else "text.disabled"))
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
