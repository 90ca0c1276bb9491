"""The week as cells: drag or use the arrows to select hours, press 1 to 5 to give them a limit."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.agentlink import TransferLimits
from ui.pages.settings.week import DAY_NAMES, DAYS, HOURS, PRESETS, Block, Grid, grid_of, said, shade_of
from ui.theme import current_theme

_LEFT, _TOP = 46, 24
_ROW = 30
_GAP = 2
_STRENGTH = (0.0, 0.27, 0.48, 0.72, 1.0)


def shade(index: int) -> QColor:
    """One of the five shades, from nothing sent to no limit."""
    theme = current_theme()
    if index == 0:
        return theme.color("border.subtle")
    accent, ground, strength = theme.color("accent.base"), theme.color("bg.surface"), _STRENGTH[index]
    return QColor.fromRgbF(
        ground.redF() + (accent.redF() - ground.redF()) * strength,
        ground.greenF() + (accent.greenF() - ground.greenF()) * strength,
        ground.blueF() + (accent.blueF() - ground.blueF()) * strength,
    )


class WeekGrid(QWidget):
    """Seven days of 24 hours.

    Signals:
        selected: a `Block`.
        limit_chosen: place of a limit in `PRESETS`, for the selection.
    """

    selected = Signal(object)
    limit_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Limits by hour of the week"))
        self._grid: Grid = grid_of(TransferLimits())
        self._anchor = self._end = (0, 9)
        self._now: tuple[int, float] | None = None
        current_theme().changed.connect(self.update)

    @property
    def block(self) -> Block:
        """What is selected."""
        return Block.between(self._anchor, self._end)

    def show_grid(self, grid: Grid) -> None:
        """Show these limits."""
        self._grid = grid
        self._tell()

    def show_now(self, *, day: int, hour: float) -> None:
        """Mark this moment; `hour` with its fraction."""
        self._now = (day, hour)
        self.update()

    def select(self, block: Block) -> None:
        """Select a rectangle."""
        self._anchor = (block.first_day, block.first_hour)
        self._end = (block.last_day, block.last_hour)
        self._tell()

    def sizeHint(self) -> QSize:
        """Seven rows, as wide as the page."""
        return QSize(840, _TOP + DAYS * _ROW)

    def minimumSizeHint(self) -> QSize:
        """Cells that can still be hit."""
        return QSize(_LEFT + HOURS * 16, _TOP + DAYS * _ROW)

    def cell_rect(self, day: int, hour: int) -> QRectF:
        """Where a cell lies."""
        step = (self.width() - _LEFT) / HOURS
        return QRectF(_LEFT + hour * step, _TOP + day * _ROW, step - _GAP, _ROW - _GAP)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to select."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._end = self._cell_at(event.position().toPoint())
            if not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self._anchor = self._end
            self._tell()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Select as far as here."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._end = self._cell_at(event.position().toPoint())
            self._tell()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move, with Shift they select; 1 to 5 set the limit."""
        moves = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
        }
        key = Qt.Key(event.key())
        if key in moves:
            day, hour = moves[key]
            self._end = (
                min(max(self._end[0] + day, 0), DAYS - 1),
                min(max(self._end[1] + hour, 0), HOURS - 1),
            )
            if not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self._anchor = self._end
            self._tell()
        elif event.text().isdigit() and 1 <= int(event.text()) <= len(PRESETS):
            self.limit_chosen.emit(int(event.text()) - 1)
        else:
            super().keyPressEvent(event)

    def _cell_at(self, point: QPoint) -> tuple[int, int]:
        step = (self.width() - _LEFT) / HOURS
        day, hour = int((point.y() - _TOP) // _ROW), int((point.x() - _LEFT) // step)
        return min(max(day, 0), DAYS - 1), min(max(hour, 0), HOURS - 1)

    def _tell(self) -> None:
        self.setAccessibleDescription(said(self._grid, self.block))
        self.selected.emit(self.block)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's name
        """Times, days, cells, the selection and this moment."""
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font("label"))
        painter.setPen(theme.color("text.secondary"))
        for hour in range(0, HOURS, 3):
            painter.drawText(int(self.cell_rect(0, hour).left()), 14, f"{hour:02}:00")
        for day, name in enumerate(DAY_NAMES):
            today = self._now is not None and self._now[0] == day
            painter.setPen(theme.color("text.primary" if today else "text.secondary"))
            painter.drawText(
                QRectF(0, _TOP + day * _ROW, _LEFT - 8, _ROW - _GAP), Qt.AlignmentFlag.AlignVCenter, name
            )
        painter.setPen(Qt.PenStyle.NoPen)
        for day, rates in enumerate(self._grid):
            for hour, rate in enumerate(rates):
                painter.setBrush(shade(shade_of(rate)))
                painter.drawRoundedRect(self.cell_rect(day, hour), 3, 3)
        self._paint_selection(painter)
        self._paint_now(painter)
        painter.end()

    def _paint_selection(self, painter: QPainter) -> None:
        block = self.block
        first = self.cell_rect(block.first_day, block.first_hour)
        last = self.cell_rect(block.last_day, block.last_hour)
        role = "border.focus" if self.hasFocus() else "accent.base"
        painter.setPen(QPen(current_theme().color(role), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(first.united(last).adjusted(-1, -1, 1, 1), 4, 4)

    def _paint_now(self, painter: QPainter) -> None:
        if self._now is None:
            return
        day, hour = self._now
        rect = self.cell_rect(day, 0)
        step = (self.width() - _LEFT) / HOURS
        line = QRectF(_LEFT + hour * step - 1, rect.top() - 1, 2, rect.height() + 2)
        painter.fillRect(line, current_theme().color("text.primary"))
