"""The foot of the Transfers page: what the link was allowed and what was used of it, over the day."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from ui.pages.transfers.day import SLOTS, top_of
from ui.theme import current_theme
from ui.widgets.buttons import push_button
from ui.widgets.labels import TextLabel

_HOURS = 24
_BARS = 40
_HEIGHT = _BARS + 20


class _Key(QWidget):
    """A small square in a colour of the theme."""

    def __init__(self, role: str) -> None:
        super().__init__()
        self._role = role
        self.setFixedSize(9, 9)
        current_theme().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's name
        painter = QPainter(self)
        painter.fillRect(self.rect(), current_theme().color(self._role))
        painter.end()


class DayChart(QWidget):
    """24 hours: limits as light bars, use as dark ones, this moment as a line."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._limits: Sequence[int | None] = [None] * _HOURS
        self._used: Sequence[float] = [0.0] * SLOTS
        self._now = 0.0
        current_theme().changed.connect(self.update)

    def show_day(self, limits: Sequence[int | None], used: Sequence[float], *, now: float) -> None:
        """Show a day; `now` in hours with their fraction."""
        self._limits, self._used, self._now = limits, used, now
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as the page."""
        return QSize(900, _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's name
        """Bars first, then the line of now, then the hours."""
        theme = current_theme()
        painter = QPainter(self)
        step = self.width() / _HOURS
        top = top_of(self._limits, self._used)
        for hour, limit in enumerate(self._limits):
            height = _BARS if limit is None else round(_BARS * limit / top)
            self._bar(painter, hour * step, step, height, theme.color("border.subtle"))
        for slot, rate in enumerate(self._used):
            height = round(_BARS * min(rate / top, 1.0))
            if rate > 0:
                self._bar(painter, slot * step / 2, step / 2, max(height, 1), theme.color("accent.base"))
        painter.fillRect(QRectF(self._now * step - 1, 0, 2, _BARS + 2), theme.color("text.primary"))
        painter.setFont(theme.font("caption"))
        painter.setPen(theme.color("text.secondary"))
        for hour in range(0, _HOURS, 3):
            painter.drawText(
                QRectF(hour * step, _BARS + 4, 60, 16), Qt.AlignmentFlag.AlignLeft, f"{hour:02}:00"
            )
        painter.end()

    def _bar(self, painter: QPainter, left: float, width: float, height: int, colour: QColor) -> None:
        painter.fillRect(QRectF(left, _BARS - height, width - 1, height), colour)


class BandwidthStrip(QFrame):
    """Title, legend, words and the chart.

    Signals:
        edit_requested: show where the schedule is set.
    """

    edit_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "footer")
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 8, 20, 6)
        column.setSpacing(6)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(TextLabel(self.tr("Bandwidth today"), scale="body.strong"))
        row.addSpacing(8)
        for role, words in (("border.subtle", self.tr("limit")), ("accent.base", self.tr("used"))):
            row.addWidget(_Key(role), 0, Qt.AlignmentFlag.AlignVCenter)
            row.addWidget(TextLabel(words, scale="label", role="text.secondary"))
            row.addSpacing(6)
        row.addStretch(1)
        self.words = TextLabel(scale="label", role="text.secondary")
        row.addWidget(self.words)
        row.addSpacing(8)
        self.edit = push_button(self.tr("Edit schedule"), self.edit_requested.emit, kind="link", small=True)
        row.addWidget(self.edit)
        column.addLayout(row)
        self.chart = DayChart()
        column.addWidget(self.chart)

    def show_day(
        self, limits: Sequence[int | None], used: Sequence[float], *, now: float, words: str
    ) -> None:
        """Show a day and what holds now."""
        self.words.setText(words)
        self.chart.show_day(limits, used, now=now)
        self.chart.setAccessibleName(self.tr("Bandwidth today: {0}").format(words))
