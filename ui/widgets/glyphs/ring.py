"""The follow-up timer as a picture: how long until the case closes, with the days of the reminders."""

from __future__ import annotations

from datetime import datetime, timedelta

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.domain.followup import FollowUp
from ui.theme import current_theme
from ui.widgets.glyphs.painters import paint_follow_up_ring
from ui.widgets.quantities import span_text

_MARGIN = 7


class FollowUpRing(QWidget):
    """A full turn is the whole period; markers stand at the reminders and at the close (R-CASE-12)."""

    def __init__(self, parent: QWidget | None = None, *, diameter: int = 88) -> None:
        super().__init__(parent)
        self._diameter = diameter
        self._follow_up: FollowUp | None = None
        self._now: datetime | None = None
        self.setFixedSize(self.sizeHint())
        self.setAccessibleName(self.tr("Follow-up timer"))
        current_theme().changed.connect(self.update)

    def set_follow_up(self, follow_up: FollowUp, *, now: datetime) -> None:
        """Show this timer as it stands now (aware times)."""
        self._follow_up, self._now = follow_up, now
        left = span_text(_to_hours(follow_up.remaining(now)))
        self.setAccessibleDescription(self.tr("{0} until the case closes").format(left))
        self.update()

    def sizeHint(self) -> QSize:
        """The ring and the markers around it."""
        side = self._diameter + 2 * _MARGIN
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's name
        """The ring, its markers and the time left in the middle."""
        if self._follow_up is None or self._now is None:
            return
        theme = current_theme()
        painter = QPainter(self)
        ring = QRectF(_MARGIN, _MARGIN, self._diameter, self._diameter)
        whole = self._follow_up.closes - self._follow_up.started
        markers = tuple(
            (
                round((moment - self._follow_up.started) / timedelta(days=1)),
                (moment - self._follow_up.started) / whole,
            )
            for moment in (
                self._follow_up.first_reminder,
                self._follow_up.second_reminder,
                self._follow_up.closes,
            )
        )
        paint_follow_up_ring(
            painter,
            ring,
            share_elapsed=self._follow_up.share_elapsed(self._now),
            markers=markers,
            theme=theme,
        )
        figure = theme.font("subtitle", tabular=True)
        figure.setWeight(QFont.Weight.DemiBold)
        painter.setFont(figure)
        painter.setPen(theme.color("text.primary"))
        middle = ring.center().y()
        left = span_text(_to_hours(self._follow_up.remaining(self._now)))
        painter.drawText(QRectF(0, middle - 18, self.width(), 22), Qt.AlignmentFlag.AlignCenter, left)
        small = theme.font("caption")
        painter.setFont(small)
        painter.setPen(theme.color("text.secondary"))
        painter.drawText(
            QRectF(0, middle + 3, self.width(), 16), Qt.AlignmentFlag.AlignCenter, self.tr("to closing")
        )
        painter.end()


def _to_hours(left: timedelta) -> timedelta:
    """Days and hours only, rounded down, while more than a day is left."""
    return timedelta(hours=left // timedelta(hours=1)) if left >= timedelta(days=1) else left
