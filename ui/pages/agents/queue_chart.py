"""What waited on an agent's disk during the last day, below the most that may."""

from __future__ import annotations

from datetime import datetime, timedelta

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.agentlink import BEAT_SECONDS, Beat, Health
from ui.pages.agents.beats import NEARLY_FULL
from ui.theme import current_theme
from ui.widgets.quantities import size_text

_DAY = timedelta(days=1)
_BREAK = timedelta(seconds=2 * BEAT_SECONDS)
_TOP = 4


class QueueChart(QWidget):
    """A line over its area, broken where the agent did not run; the dashed line is what its disk may hold."""

    def __init__(self, figures: Health, *, now: datetime, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._figures, self._now = figures, now
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Queue on disk, 24 hours"))
        peak = max((beat.queue for beat in figures.beats), default=figures.queue)
        self.setAccessibleDescription(
            self.tr("Now {0} of {1}, at most {2}").format(
                size_text(figures.queue), size_text(figures.queue_most), size_text(max(peak, figures.queue))
            )
        )
        current_theme().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """52 px high."""
        return QSize(240, 52)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's name
        """Draw limit, floor, area and line."""
        theme, figures = current_theme(), self._figures
        painter = QPainter(self)
        floor = self.height() - 1
        painter.fillRect(0, floor, self.width(), 1, theme.color("border.default"))
        limit = QPen(theme.color("danger.solid"), 1, Qt.PenStyle.CustomDashLine)
        limit.setDashPattern([4, 3])
        painter.setPen(limit)
        painter.drawLine(QPointF(0, _TOP + 0.5), QPointF(self.width(), _TOP + 0.5))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        plot = QRectF(0, _TOP, self.width(), floor - _TOP)
        full = figures.queue_most and figures.queue >= NEARLY_FULL * figures.queue_most
        colour = theme.color("warning.fg" if full else "accent.base")
        for run in _runs(figures.beats):
            points = [self._point(beat, plot) for beat in run]
            if len(points) == 1:
                points.append(points[0] + QPointF(2, 0))
            area = QPainterPath(QPointF(points[0].x(), floor))
            for point in points:
                area.lineTo(point)
            area.lineTo(QPointF(points[-1].x(), floor))
            fill = theme.color("warning.fg" if full else "accent.base")
            fill.setAlpha(38)
            painter.fillPath(area, fill)
            painter.setPen(QPen(colour, 1.5))
            painter.drawPolyline(QPolygonF(points))
        painter.end()

    def _point(self, beat: Beat, plot: QRectF) -> QPointF:
        share = min(1.0, beat.queue / max(1, self._figures.queue_most))
        back = min(1.0, max(0.0, (self._now - beat.at) / _DAY))
        return QPointF(plot.right() - back * plot.width(), plot.bottom() - share * plot.height())


def _runs(beats: list[Beat]) -> list[list[Beat]]:
    """Beats that follow each other."""
    runs: list[list[Beat]] = []
    for beat in beats:
        if runs and beat.at - runs[-1][-1].at < _BREAK:
            runs[-1].append(beat)
        else:
            runs.append([beat])
    return runs
