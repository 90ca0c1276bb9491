"""Small painted widgets: initials, a key of the keyboard, a rate over time."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import current_theme


def initials_of(name: str) -> str:
    """First letters of the first and the last word: ``Nadia Ferrow`` gives ``NF``."""
    words = [word for word in name.split() if word[0].isalnum()]
    if not words:
        return "?"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


class Avatar(QWidget):
    """Initials of a person on a disc; support's people get the accent."""

    def __init__(
        self, name: str, *, size: int = 24, support: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._initials = initials_of(name)
        self._support = support
        self.setFixedSize(size, size)
        self.setAccessibleName(name)
        current_theme().changed.connect(self.update)

    def set_name(self, name: str) -> None:
        """Another person."""
        self._initials = initials_of(name)
        self.setAccessibleName(name)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's name
        """Disc and initials."""
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._support:
            painter.setPen(QPen(theme.color("accent.border"), 1))
            painter.setBrush(theme.color("accent.subtle"))
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("text.secondary"))
        painter.drawEllipse(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        font = theme.font("caption")
        font.setWeight(QFont.Weight.DemiBold)
        font.setPixelSize(max(9, round(self.height() * 0.42)))
        painter.setFont(font)
        painter.setPen(theme.color("text.link" if self._support else "bg.surface"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._initials)
        painter.end()


class KeyCap(QWidget):
    """A shortcut such as ``Ctrl K``: each key framed; on a primary button without frames."""

    def __init__(
        self, *keys: str, on_accent: bool = False, framed: bool = True, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._keys = keys
        self._on_accent = on_accent
        self._framed = framed and not on_accent
        self.setAccessibleName(" ".join(keys))
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        current_theme().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """All keys with a gap between them."""
        return QSize(sum(self._widths()) + 8 * (len(self._keys) - 1), 20)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's name
        """One frame and one text per key."""
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font("caption"))
        left = 0.0
        middle = self.height() / 2
        for key, width in zip(self._keys, self._widths(), strict=True):
            cap = QRectF(left + 0.5, middle - 9, width - 1, 18)
            if self._framed:
                painter.setPen(QPen(theme.color("border.default"), 1))
                painter.setBrush(theme.color("bg.surface"))
                painter.drawRoundedRect(cap, 3.5, 3.5)
            painter.setPen(theme.color("text.on.accent" if self._on_accent else "text.secondary"))
            painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, key)
            left += width + 8
        painter.end()

    def _widths(self) -> list[int]:
        metrics = QFontMetrics(current_theme().font("caption"))
        return [max(18, metrics.horizontalAdvance(key) + 11) for key in self._keys]


class Sparkline(QWidget):
    """A small curve of the last values, newest on the right, filled below."""

    def __init__(self, *, points: int = 16, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values: deque[float] = deque(maxlen=points)
        self.setFixedSize(64, 18)
        self.setAccessibleName(self.tr("Rate over the last minute"))
        current_theme().changed.connect(self.update)

    def add(self, value: float) -> None:
        """One more value."""
        self._values.append(max(value, 0.0))
        self.update()

    def set_values(self, values: Sequence[float]) -> None:
        """All values anew."""
        self._values.clear()
        self._values.extend(max(value, 0.0) for value in values)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's name
        """Area and line."""
        painter = QPainter(self)
        paint_sparkline(painter, QRectF(self.rect()), list(self._values))
        painter.end()


def paint_sparkline(painter: QPainter, rect: QRectF, values: Sequence[float]) -> None:
    """Paint a curve over its filled area; fewer than two values paint nothing."""
    top = max(values, default=0.0)
    if len(values) < 2 or top <= 0:
        return
    theme = current_theme()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    step = rect.width() / (len(values) - 1)
    height = rect.height() - 2
    points = [
        QPointF(rect.left() + place * step, rect.bottom() - height * value / top)
        for place, value in enumerate(values)
    ]
    area = theme.color("accent.base")
    area.setAlphaF(0.16)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(area)
    painter.drawPolygon(QPolygonF([*points, rect.bottomRight(), rect.bottomLeft()]))
    painter.setPen(QPen(theme.color("accent.base"), 1.5))
    painter.drawPolyline(points)
    painter.restore()
