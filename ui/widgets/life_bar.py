"""A thin bar that tells a share: of a life that is left, of bytes that arrived."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import current_theme


def paint_bar(painter: QPainter, rect: QRectF, *, share: float, role: str = "accent.base") -> None:
    """Draw the track and, on it, the share from the left."""
    theme = current_theme()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    radius = rect.height() / 2
    painter.setBrush(theme.color("accent.track"))
    painter.drawRoundedRect(rect, radius, radius)
    if share > 0:
        filled = QRectF(rect)
        filled.setWidth(max(rect.width() * min(share, 1.0), rect.height()))
        painter.setBrush(theme.color(role))
        painter.drawRoundedRect(filled, radius, radius)
    painter.restore()


class LifeBar(QWidget):
    """The bar as a widget, 4 px high."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._share, self._role = 0.0, "accent.base"
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_share(self, share: float, *, role: str = "accent.base", spoken: str = "") -> None:
        """Show another share, 0.0 to 1.0."""
        self._share, self._role = share, role
        self.setAccessibleDescription(spoken or f"{share:.0%}")
        self.update()

    @property
    def role(self) -> str:
        """The colour role in use."""
        return self._role

    def sizeHint(self) -> QSize:
        """4 px high."""
        return QSize(120, 4)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's name
        """Draw it."""
        paint_bar(QPainter(self), QRectF(self.rect()), share=self._share, role=self._role)
