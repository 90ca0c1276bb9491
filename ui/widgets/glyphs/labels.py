"""A sign with its words: status badges, priority, icons with text."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.domain.cases import Priority, Status, Substatus
from ui.theme import current_theme
from ui.widgets.glyphs.painters import paint_priority_bars, paint_status_glyph, status_role


class GlyphLabel(QWidget):
    """A small sign followed by a text on one line.

    Make it with `status_badge`, `priority_label` or `icon_label`.
    """

    def __init__(
        self,
        text: str,
        *,
        substatus: Substatus | None = None,
        priority: Priority | None = None,
        icon: str = "",
        role: str = "text.secondary",
        icon_role: str = "",
        ground: str = "",
        scale: str = "label",
        filled: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._text = text
        self._substatus = substatus
        self._priority = priority
        self._icon = icon
        self._role = role
        self._icon_role = icon_role or role
        self._ground = ground
        self._scale = scale
        self._filled = filled
        self.setAccessibleName(text)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        current_theme().changed.connect(self._restyle)

    def text(self) -> str:
        """The words."""
        return self._text

    def set_text(self, text: str) -> None:
        """Other words beside the same sign."""
        self._text = text
        self.setAccessibleName(text)
        self._restyle()

    def set_sign(self, icon: str, *, role: str, icon_role: str = "") -> None:
        """Another icon and other colours beside the same words."""
        self._icon, self._role, self._icon_role = icon, role, icon_role or role
        self._restyle()

    def sizeHint(self) -> QSize:
        """Sign, gap, text, and a margin when there is a ground."""
        metrics = QFontMetrics(self._words_font())
        margin = 6 if self._ground else 0
        height = max(metrics.height(), 16) + (4 if self._ground else 0)
        return QSize(self._sign_width() + metrics.horizontalAdvance(self._text) + 2 * margin + 2, height)

    def minimumSizeHint(self) -> QSize:
        """The same: the words are never cut."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's name
        """Ground, sign, text."""
        theme = current_theme()
        painter = QPainter(self)
        left = 0
        if self._ground:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color(self._ground))
            radius = theme.radius("badge")
            painter.drawRoundedRect(QRectF(self.rect()), radius, radius)
            left = 6
        self._paint_sign(painter, left)
        painter.setFont(self._words_font())
        painter.setPen(theme.color(self._role if self.isEnabled() else "text.disabled"))
        words = self.rect().adjusted(left + self._sign_width(), 0, 0, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self._text)
        painter.end()

    def _paint_sign(self, painter: QPainter, left: int) -> None:
        theme = current_theme()
        middle = self.height() / 2
        if self._substatus is not None:
            ground = self._ground or "bg.surface"
            paint_status_glyph(
                painter, QRectF(left, middle - 7, 14, 14), self._substatus, theme, ground=ground
            )
        elif self._priority is not None:
            paint_priority_bars(painter, QRectF(left + 1, middle - 6.5, 12, 12), self._priority, theme)
        elif self._icon:
            ratio = self.devicePixelRatioF()
            role = self._icon_role if self.isEnabled() else "text.disabled"
            pixmap = theme.pixmap(self._icon, 16, role, filled=self._filled, dpr=ratio)
            painter.drawPixmap(left, round(middle - 8), pixmap)

    def _words_font(self) -> QFont:
        """Words on a ground of their own are medium, words in a line are regular."""
        font = current_theme().font(self._scale)
        if self._scale == "label" and not self._ground:
            font.setWeight(QFont.Weight.Normal)
        return font

    def _sign_width(self) -> int:
        if self._substatus is not None or self._priority is not None:
            return 18
        return 21 if self._icon else 0

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()


def status_badge(status: Status, substatus: Substatus, parent: QWidget | None = None) -> GlyphLabel:
    """The status with its sign on its own ground."""
    role = status_role(status)
    return GlyphLabel(
        status.value,
        substatus=substatus,
        role=f"{role}.fg",
        ground=f"{role}.bg",
        scale="label",
        parent=parent,
    )


def priority_label(priority: Priority, parent: QWidget | None = None) -> GlyphLabel:
    """The priority's bars and its name."""
    return GlyphLabel(priority.value, priority=priority, parent=parent)


def icon_label(
    icon: str,
    text: str,
    *,
    role: str = "text.secondary",
    icon_role: str = "",
    scale: str = "label",
    parent: QWidget | None = None,
) -> GlyphLabel:
    """An icon of 16 px and a text."""
    return GlyphLabel(text, icon=icon, role=role, icon_role=icon_role, scale=scale, parent=parent)
