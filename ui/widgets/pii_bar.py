"""Shares of personal values by category: the thin bar of a file, and the legend above a manifest."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import current_theme
from ui.widgets.kinds import Category
from ui.widgets.labels import small_font
from ui.widgets.quantities import count_text

_GAP = 1
_LEAST = 2


def _number_font() -> QFont:
    font = current_theme().font("label")
    font.setWeight(QFont.Weight.DemiBold)
    return font


def widths_of(parts: Sequence[tuple[Category, int]], width: int) -> list[int]:
    """Pixels per category: proportional, but never below two, and together at most `width`."""
    if not parts:
        return []
    room = max(width - _GAP * (len(parts) - 1), len(parts) * _LEAST)
    whole = sum(count for _, count in parts)
    found = [max(_LEAST, count * room // whole) for _, count in parts]
    found[0] = max(_LEAST, found[0] - max(sum(found) - room, 0))
    return found


def paint_pii_bar(painter: QPainter, rect: QRect, parts: Sequence[tuple[Category, int]]) -> None:
    """Draw the shares into a rectangle, largest first."""
    theme = current_theme()
    left = rect.left()
    for (category, _), width in zip(parts, widths_of(parts, rect.width()), strict=True):
        painter.fillRect(QRect(left, rect.top(), width, rect.height()), theme.color(category.role))
        left += width + _GAP


def spoken_parts(parts: Sequence[tuple[Category, int]]) -> str:
    """The bar for a screen reader: ``Phone numbers 742, Names 12``."""
    return ", ".join(f"{category.label} {count}" for category, count in parts) or "none found"


class PiiLegend(QWidget):
    """Coloured squares with names and counts; wraps to as many lines as it needs."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parts: list[tuple[Category, int]] = []
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_parts(self, parts: Sequence[tuple[Category, int]]) -> None:
        """Show these counts."""
        self._parts = list(parts)
        self.setAccessibleName(f"Values masked: {spoken_parts(self._parts)}")
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:
        """The legend wraps."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Lines needed at this width."""
        return 20 * (max((line for line, _, _ in self._places(width)), default=0) + 1)

    def sizeHint(self) -> QSize:
        """One line."""
        return QSize(400, 20)

    def _places(self, width: int) -> list[tuple[int, int, int]]:
        label, number = QFontMetrics(small_font()), QFontMetrics(_number_font())
        places: list[tuple[int, int, int]] = []
        line = left = 0
        for category, count in self._parts:
            text = label.horizontalAdvance(category.label)
            needs = 14 + text + 6 + number.horizontalAdvance(count_text(count)) + 18
            if left and left + needs - 18 > width:
                line, left = line + 1, 0
            places.append((line, left, text))
            left += needs
        return places

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's name
        """Draw squares, names and counts."""
        theme = current_theme()
        painter = QPainter(self)
        for (category, count), (line, left, text) in zip(
            self._parts, self._places(self.width()), strict=True
        ):
            top = line * 20
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color(category.role))
            painter.drawRoundedRect(QRectF(left, top + 6, 8, 8), 2, 2)
            painter.setFont(small_font())
            painter.setPen(theme.color("text.secondary"))
            painter.drawText(
                QRect(left + 14, top, text + 2, 20), Qt.AlignmentFlag.AlignVCenter, category.label
            )
            painter.setFont(_number_font())
            painter.setPen(theme.color("text.primary"))
            painter.drawText(
                QRect(left + 14 + text + 6, top, 120, 20), Qt.AlignmentFlag.AlignVCenter, count_text(count)
            )
