"""Raw and masked lines side by side with one scroll bar, and the rail of hits between them.

It paints the rows that are visible and asks for those it does not know; it never holds a whole file.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QColor,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from app.agentlink import Hit, PreviewLine
from ui.theme import current_theme
from ui.widgets.kinds import category_of
from ui.widgets.mask_lines import LineWindows, Place

ROW = 24
RAIL = 10
_GUTTER = 42
_INDENT = 4


@dataclass(frozen=True, slots=True)
class _Side:
    left: int
    width: int
    raw: bool


def visible_text(text: str) -> str:
    """The line with one visible character per character: columns stay what they are."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else " " if c == "\t" else "·" for c in text)


def _shown_of(side: _Side, line: PreviewLine) -> str:
    return visible_text(line.before if side.raw else line.after)


class MaskDiff(QAbstractScrollArea):
    """The two panes and the rail.

    Signals:
        wanted: first row of a window of lines that is not known yet.
        hit_chosen: a `Place`, when a hit was clicked.
    """

    wanted = Signal(int)
    hit_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines = LineWindows()
        self._marks: list[tuple[int, str]] = []
        self._selected: Place | None = None
        self._token = ""
        self._offsets = [0, 0]
        self.in_step = True
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Raw and masked lines")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalScrollBar().valueChanged.connect(lambda _value: self._scrolled())
        current_theme().changed.connect(self.viewport().update)

    @property
    def lines(self) -> LineWindows:
        """What is known of the file."""
        return self._lines

    def show_rows(self, rows: int) -> None:
        """Begin with another file (or another meaning of rows), at its top."""
        self._lines.clear()
        self._lines.rows = rows
        self._marks = []
        self._selected, self._token = None, ""
        self._offsets = [0, 0]
        self._fit_scroll_bar()
        self.verticalScrollBar().setValue(0)
        self._ask()
        self.viewport().update()

    def grow(self, rows: int) -> None:
        """More rows of the same file are known."""
        self._lines.rows = rows
        self._lines.forget_partial()
        self._fit_scroll_bar()
        self._ask()
        self.viewport().update()

    def take(self, first: int, lines: list[PreviewLine]) -> None:
        """The window that begins at row `first` has come."""
        self._lines.take(first, lines)
        self.viewport().update()

    def show_marks(self, marks: list[tuple[int, str]]) -> None:
        """Draw the rail's marks: (pixel, kind)."""
        self._marks = marks
        self.viewport().update()

    def select(self, place: Place, hit: Hit, *, row: int, spoken: str) -> None:
        """Mark a hit and all with the same token, and bring its row into view."""
        self._selected, self._token = place, hit.after
        self.setAccessibleDescription(spoken)
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))
        self.show_row(row)
        self.viewport().update()

    def show_row(self, row: int) -> None:
        """Scroll so that a row is in the upper third, unless it is visible already."""
        top = self.verticalScrollBar().value()
        if not top <= row < top + self._rows_on_screen() - 1:
            self.verticalScrollBar().setValue(row - self._rows_on_screen() // 3)

    @property
    def first_row(self) -> int:
        """The uppermost visible row."""
        return self.verticalScrollBar().value()

    @property
    def horizontal_offsets(self) -> tuple[int, int]:
        """Columns by which the left and the right pane are scrolled."""
        return self._offsets[0], self._offsets[1]

    def rail_height(self) -> int:
        """Pixels of the rail."""
        return max(self.viewport().height(), 1)

    def _rows_on_screen(self) -> int:
        return max(self.viewport().height() // ROW, 1)

    def _fit_scroll_bar(self) -> None:
        bar = self.verticalScrollBar()
        bar.setRange(0, max(self._lines.rows - self._rows_on_screen(), 0))
        bar.setPageStep(self._rows_on_screen())
        bar.setSingleStep(3)

    def _scrolled(self) -> None:
        self._ask()
        self.viewport().update()

    def _ask(self) -> None:
        if self._lines.rows:
            first = self.first_row
            for window in self._lines.missing(first, first + self._rows_on_screen()):
                self.wanted.emit(window)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More or fewer rows fit."""
        super().resizeEvent(event)
        self._fit_scroll_bar()
        self._ask()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows and page keys scroll, left and right move the text sideways."""
        bar = self.verticalScrollBar()
        moves = {
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_PageUp: -bar.pageStep(),
            Qt.Key.Key_PageDown: bar.pageStep(),
            Qt.Key.Key_Home: -bar.maximum(),
            Qt.Key.Key_End: bar.maximum(),
        }
        key = Qt.Key(event.key())
        if key in moves:
            bar.setValue(bar.value() + moves[key])
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._move_sideways(-8 if key == Qt.Key.Key_Left else 8, pane=None)
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Sideways with Shift or a tilting wheel, over the pane under the pointer; else the scroll bar."""
        delta = event.angleDelta()
        sideways = delta.x() or (delta.y() if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 0)
        if sideways:
            pane = 0 if event.position().x() < self._rail_left() else 1
            self._move_sideways(-sideways // 15, pane=pane)
            event.accept()
            return
        super().wheelEvent(event)

    def _move_sideways(self, columns: int, *, pane: int | None) -> None:
        for side in (0, 1):
            if self.in_step or pane is None or side == pane:
                self._offsets[side] = max(self._offsets[side] + columns, 0)
        self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on a hit selects it; a click on the rail goes there."""
        point = event.position().toPoint()
        rail = self._rail_left()
        if rail <= point.x() < rail + RAIL:
            row = point.y() * self._lines.rows // self.rail_height()
            self.verticalScrollBar().setValue(row - self._rows_on_screen() // 2)
            return
        place = self._hit_at(point)
        if place is not None:
            self.hit_chosen.emit(place)

    def _rail_left(self) -> int:
        return (self.viewport().width() - RAIL) // 2

    def _sides(self) -> tuple[_Side, _Side]:
        rail = self._rail_left()
        right = rail + RAIL
        return _Side(0, rail, True), _Side(right, self.viewport().width() - right, False)

    def _hit_at(self, point: QPoint) -> Place | None:
        line = self._lines.at(self.first_row + point.y() // ROW)
        if line is None:
            return None
        metrics = QFontMetricsF(current_theme().font("mono"))
        for side in self._sides():
            for position, hit in enumerate(line.hits):
                if (
                    self._hit_rect(side, _shown_of(side, line), hit, 0, metrics)
                    .adjusted(-2, -99, 2, 9999)
                    .contains(float(point.x()), 0.0)
                    and side.left <= point.x() < side.left + side.width
                ):
                    return Place(line.number, position)
        return None

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's name
        """Draw the visible rows and the rail."""
        theme = current_theme()
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), theme.color("bg.surface"))
        painter.setFont(theme.font("mono"))
        metrics = QFontMetricsF(theme.font("mono"))
        first = self.first_row
        for place in range(self._rows_on_screen() + 1):
            row = first + place
            if row >= self._lines.rows:
                break
            line = self._lines.at(row)
            for side in self._sides():
                area = QRect(side.left, place * ROW, side.width, ROW)
                painter.setClipRect(area)
                if line is None:
                    painter.fillRect(
                        area.adjusted(_GUTTER, 8, -60 - row * 37 % 120, -8), theme.color("bg.sunken")
                    )
                else:
                    self._paint_line(painter, side, line, area, metrics)
        painter.setClipping(False)
        self._paint_rail(painter)

    def _paint_line(
        self, painter: QPainter, side: _Side, line: PreviewLine, area: QRect, metrics: QFontMetricsF
    ) -> None:
        theme = current_theme()
        if self._token and any(hit.after == self._token for hit in line.hits):
            painter.fillRect(area, theme.color("bg.sunken"))
        painter.setPen(theme.color("text.tertiary"))
        gutter = QRect(area.left(), area.top(), _GUTTER - 8, area.height())
        painter.drawText(
            gutter, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, str(line.number)
        )
        painter.setClipRect(area.adjusted(_GUTTER - 2, 0, 0, 0))
        text = _shown_of(side, line)
        for position, hit in enumerate(line.hits):
            rect = self._hit_rect(side, text, hit, area.top(), metrics)
            selected = self._selected == Place(line.number, position)
            self._paint_hit(painter, rect, hit, side, selected=selected)
        painter.setPen(theme.color("text.primary"))
        offset = self._offsets[0 if side.raw else 1]
        columns = int(side.width / max(metrics.averageCharWidth(), 1)) + 2
        where = QRect(area.left() + _GUTTER + _INDENT, area.top(), 1 << 20, area.height())
        painter.drawText(
            where,
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine,
            text[offset : offset + columns],
        )

    def _hit_rect(self, side: _Side, text: str, hit: Hit, top: int, metrics: QFontMetricsF) -> QRectF:
        start = hit.before_column if side.raw else hit.after_column
        value = hit.before if side.raw else hit.after
        offset = self._offsets[0 if side.raw else 1]
        end = start + len(value)
        left = metrics.horizontalAdvance(text[offset:start]) if start > offset else 0.0
        width = metrics.horizontalAdvance(text[max(start, offset) : end]) if end > offset else -4.0
        return QRectF(side.left + _GUTTER + _INDENT + left - 2, top + 2, width + 4, ROW - 4)

    def _paint_hit(self, painter: QPainter, rect: QRectF, hit: Hit, side: _Side, *, selected: bool) -> None:
        if rect.width() <= 0:
            return
        theme = current_theme()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("diff.before.bg" if side.raw else "diff.after.bg"))
        painter.drawRoundedRect(rect, 3, 3)
        painter.setBrush(theme.color(category_of(hit.kind).role))
        painter.drawRoundedRect(QRectF(rect.left(), rect.bottom() - 2, rect.width(), 2), 1, 1)
        if hit.after == self._token:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.color("text.primary"), 2 if selected else 1))
            painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        painter.restore()

    def _paint_rail(self, painter: QPainter) -> None:
        theme = current_theme()
        left, height = self._rail_left(), self.rail_height()
        painter.fillRect(QRect(left, 0, RAIL, height), theme.color("bg.sunken"))
        for pixel, kind in self._marks:
            painter.fillRect(QRect(left + 2, pixel, RAIL - 4, 3), theme.color(category_of(kind).role))
        if self._lines.rows > self._rows_on_screen():
            top = self.first_row * height // self._lines.rows
            size = max(self._rows_on_screen() * height // self._lines.rows, 24)
            frame = QColor(theme.color("text.primary"))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(frame, 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(
                QRectF(left + 0.5, min(top, height - size) + 0.5, RAIL - 1, size - 1), 2, 2
            )
