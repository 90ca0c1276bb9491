"""Bytes per second over time: the chart of one transfer."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, log10

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import current_theme

_AXIS = 30
_FOOT = 20


def nice_top(peak: float) -> float:
    """The smallest of 1, 2, 2.5, 5 times a power of ten, doubled, that holds the peak; 1 for nothing."""
    if peak <= 0:
        return 1.0
    power = 10.0 ** (ceil(log10(peak)) - 1)
    return next(step * power for step in (1, 2, 2.5, 3, 4, 5, 6, 8, 10, 20) if step * power >= peak)


def _paint_area(painter: QPainter, points: Sequence[QPointF], *, floor: float, line: QColor) -> None:
    fill = QColor(line)
    fill.setAlpha(38)
    area = QPainterPath(QPointF(points[0].x(), floor))
    for point in points:
        area.lineTo(point)
    area.lineTo(QPointF(points[-1].x(), floor))
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillPath(area, fill)
    pen = QPen(line, 1.5)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.drawPolyline(QPolygonF(list(points)))
    painter.restore()


class ThroughputChart(QWidget):
    """The rate of one transfer over the last minutes, with an axis in MB/s and times below."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._readings: list[tuple[float, float]] = []
        self._labels: tuple[str, str] = ("", "")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Throughput")

    def show_readings(self, readings: Sequence[tuple[float, float]], *, first: str, last: str) -> None:
        """Show pairs of (seconds, bytes per second), with the times at both ends in words."""
        self._readings = list(readings)
        self._labels = (first, last)
        if readings:
            peak = max(rate for _, rate in readings) / 1e6
            self.setAccessibleDescription(
                f"Now {readings[-1][1] / 1e6:.1f}, at most {peak:.1f} megabytes per second"
            )
        self.update()

    def sizeHint(self) -> QSize:
        """104 px high."""
        return QSize(240, 104)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's name
        """Draw grid, axis and line."""
        theme = current_theme()
        painter = QPainter(self)
        plot = QRectF(_AXIS, 8, self.width() - _AXIS - 1, self.height() - _FOOT - 8)
        top = nice_top(max((rate for _, rate in self._readings), default=0.0) / 1e6)
        painter.setFont(theme.font("caption"))
        for share in (0.0, 0.5, 1.0):
            y = round(plot.bottom() - share * plot.height())
            role = "border.default" if share == 0 else "border.subtle"
            painter.fillRect(QRect(int(plot.left()), y, int(plot.width()), 1), theme.color(role))
            painter.setPen(theme.color("text.tertiary"))
            painter.drawText(
                QRect(0, y - 8, _AXIS - 6, 16),
                Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                f"{top * share:g}",
            )
        first, last = self._labels
        foot = QRect(int(plot.left()), self.height() - 16, int(plot.width()), 16)
        painter.drawText(foot, Qt.AlignmentFlag.AlignLeft, first)
        painter.drawText(foot, Qt.AlignmentFlag.AlignRight, last)
        self._paint_line(painter, plot, top)

    def _paint_line(self, painter: QPainter, plot: QRectF, top: float) -> None:
        if len(self._readings) < 2:
            return
        start, end = self._readings[0][0], self._readings[-1][0]
        span = max(end - start, 1e-6)
        points = [
            QPointF(
                plot.left() + (at - start) / span * plot.width(),
                plot.bottom() - min(rate / 1e6 / top, 1.0) * plot.height(),
            )
            for at, rate in self._readings
        ]
        _paint_area(painter, points, floor=plot.bottom(), line=current_theme().color("accent.base"))
