"""Draws a transfer: icon, name, bar, line, small rate line, figures and its buttons; and the group heads."""

from __future__ import annotations

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetrics, QHelpEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
)

from ui.pages.transfers.model import ENTRY_ROLE, Head, TransferModel
from ui.pages.transfers.rows import TransferRow, Verb, verb_icon, verb_words
from ui.theme import current_theme
from ui.widgets.glyphs import paint_sparkline
from ui.widgets.labels import small_font
from ui.widgets.life_bar import paint_bar

HEAD_HEIGHT = 30
_LEFT = 58
_RIGHT = 16
_BUTTON = 28
_GAP = 2
_FIGURES = 84
_SPARK = 92
AnyIndex = QModelIndex | QPersistentModelIndex


def right_edge(rect: QRect) -> int:
    """Where text and bar end; the small line, figures and buttons stand right of it."""
    return rect.right() - _RIGHT - 2 * (_BUTTON + _GAP) - _FIGURES - _SPARK - 28


def icon_rects(row: TransferRow, rect: QRect) -> list[tuple[Verb, QRect]]:
    """Where the icon buttons are, from left to right, flush right."""
    count = len(row.icons)
    left = rect.right() - _RIGHT - count * _BUTTON - (count - 1) * _GAP + 6
    top = rect.top() + (rect.height() - _BUTTON) // 2
    return [
        (verb, QRect(left + i * (_BUTTON + _GAP), top, _BUTTON, _BUTTON)) for i, verb in enumerate(row.icons)
    ]


def named_rects(row: TransferRow, rect: QRect) -> list[tuple[Verb, QRect]]:
    """Where the named buttons are, below the text; a single one of a waiting row stands left of the icons."""
    metrics = QFontMetrics(small_font())
    found: list[tuple[Verb, QRect]] = []
    if row.main is not None and row.icons:
        width = metrics.horizontalAdvance(verb_words(row.main)) + 20
        right = icon_rects(row, rect)[0][1].left() - 8
        return [(row.main, QRect(right - width, rect.top() + (rect.height() - 26) // 2, width, 26))]
    left = rect.left() + _LEFT
    for verb in () if row.main is None else (row.main, *row.others):
        width = metrics.horizontalAdvance(verb_words(verb)) + 20
        found.append((verb, QRect(left, rect.bottom() - 36, width, 26)))
        left += width + 8
    return found


def has_named_line(row: TransferRow) -> bool:
    """Whether the row needs a line for its named buttons."""
    return row.main is not None and not row.icons


class TransferDelegate(QStyledItemDelegate):
    """Paints rows and takes clicks on their buttons.

    Signals:
        pressed: id and `Verb` of a button.
        head_pressed: the `Group` whose head was clicked.
    """

    pressed = Signal(str, object)
    head_pressed = Signal(object)

    def __init__(self, view: QAbstractItemView, model: TransferModel) -> None:
        super().__init__(view)
        self._view, self._model = view, model

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:  # noqa: ARG002
        """Head 30, row 64, less without a bar, more for reasons and named buttons."""
        entry = index.data(ENTRY_ROLE)
        width = self._view.viewport().width()
        if isinstance(entry, Head) or entry is None:
            return QSize(width, HEAD_HEIGHT)
        height = 68 if entry.progress is not None else 52
        if has_named_line(entry):
            height = 34 + self._line_height(entry, width) + 42
        return QSize(width, height)

    def _line_height(self, row: TransferRow, width: int) -> int:
        metrics = QFontMetrics(small_font())
        room = right_edge(QRect(0, 0, width, 64)) - _LEFT
        return max(
            metrics.boundingRect(QRect(0, 0, room, 1000), Qt.TextFlag.TextWordWrap, row.line).height(), 16
        )

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Draw a head or a row."""
        theme = current_theme()
        rect: QRect = option.rect
        entry = index.data(ENTRY_ROLE)
        state = option.state
        painter.save()
        if isinstance(entry, Head):
            self._paint_head(painter, rect, entry)
        elif entry is not None:
            if state & QStyle.StateFlag.State_Selected:
                painter.fillRect(rect, theme.color("bg.selected"))
            elif state & QStyle.StateFlag.State_MouseOver:
                painter.fillRect(rect, theme.color("bg.hover"))
            self._paint_row(painter, rect, entry)
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), theme.color("border.subtle"))
        if state & QStyle.StateFlag.State_HasFocus and state & QStyle.StateFlag.State_KeyboardFocusChange:
            painter.setPen(QPen(theme.color("border.focus"), 2))
            painter.drawRect(rect.adjusted(1, 1, -2, -2))
        painter.restore()

    def _paint_head(self, painter: QPainter, rect: QRect, head: Head) -> None:
        theme = current_theme()
        ratio = painter.device().devicePixelRatioF()
        chevron = "chevron_right" if head.closed else "chevron_down"
        painter.drawPixmap(rect.left() + 24, rect.top() + 8, theme.pixmap(chevron, 16, dpr=ratio))
        font = theme.font("label")
        font.setWeight(font.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(theme.color("text.primary"))
        title = QRect(rect.left() + 45, rect.top(), 200, rect.height())
        painter.drawText(title, Qt.AlignmentFlag.AlignVCenter, head.group.value)
        left = title.left() + painter.fontMetrics().horizontalAdvance(head.group.value) + 8
        painter.setFont(small_font())
        painter.setPen(theme.color("text.secondary"))
        painter.drawText(
            QRect(left, rect.top(), 80, rect.height()), Qt.AlignmentFlag.AlignVCenter, str(head.count)
        )

    def _paint_row(self, painter: QPainter, rect: QRect, row: TransferRow) -> None:
        theme = current_theme()
        ratio = painter.device().devicePixelRatioF()
        icon = theme.pixmap(row.icon, 20, row.icon_role, dpr=ratio)
        painter.drawPixmap(rect.left() + 24, rect.top() + (rect.height() - 20) // 2, icon)
        edge = right_edge(rect)
        left = rect.left() + _LEFT
        top = rect.top() + (8 if row.progress is None else 9)
        painter.setFont(theme.font("body"))
        painter.setPen(theme.color("text.primary"))
        metrics = painter.fontMetrics()
        detail = QFontMetrics(small_font()).horizontalAdvance(row.detail)
        title = metrics.elidedText(row.title, Qt.TextElideMode.ElideMiddle, max(edge - left - detail - 8, 80))
        painter.drawText(QRect(left, top, edge - left, 18), Qt.AlignmentFlag.AlignVCenter, title)
        painter.setFont(small_font())
        painter.setPen(theme.color("text.secondary"))
        after = left + metrics.horizontalAdvance(title) + 8
        painter.drawText(QRect(after, top, detail + 8, 18), Qt.AlignmentFlag.AlignVCenter, row.detail)
        if row.progress is not None:
            bar = QRectF(left, top + 23, edge - left, 4)
            paint_bar(painter, bar, share=row.progress, role="border.control" if row.muted else "accent.base")
            top += 12
        self._paint_line(painter, QRect(left, top + 18, edge - left, rect.bottom() - top - 18), row)
        self._paint_figures(painter, rect, row)
        self._paint_buttons(painter, rect, row)

    def _paint_line(self, painter: QPainter, area: QRect, row: TransferRow) -> None:
        theme = current_theme()
        painter.setFont(small_font())
        painter.setPen(theme.color("danger.fg" if row.danger else "text.secondary"))
        if has_named_line(row):
            painter.drawText(area, Qt.TextFlag.TextWordWrap, row.line)
            return
        text = painter.fontMetrics().elidedText(row.line, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(
            QRect(area.left(), area.top(), area.width(), 18), Qt.AlignmentFlag.AlignVCenter, text
        )

    def _paint_figures(self, painter: QPainter, rect: QRect, row: TransferRow) -> None:
        theme = current_theme()
        edge = right_edge(rect)
        spark = self._model.spark(row.id)
        if spark and row.progress is not None:
            paint_sparkline(painter, QRectF(edge + 14, rect.top() + 18, _SPARK, rect.height() - 40), spark)
        right = rect.right() - _RIGHT - 2 * (_BUTTON + _GAP) - 12
        figures = QRect(right - _FIGURES, rect.top(), _FIGURES, rect.height())
        side = Qt.AlignmentFlag.AlignRight
        if not row.top:
            painter.setFont(small_font())
            painter.setPen(theme.color("text.secondary"))
            painter.drawText(figures, side | Qt.AlignmentFlag.AlignVCenter, row.bottom)
            return
        middle = figures.center().y()
        font = theme.font("label", tabular=True)
        font.setWeight(font.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(theme.color("text.primary"))
        painter.drawText(QRect(figures.left(), middle - 17, figures.width(), 17), side, row.top)
        painter.setFont(small_font())
        painter.setPen(theme.color("text.secondary"))
        painter.drawText(QRect(figures.left(), middle + 1, figures.width(), 17), side, row.bottom)

    def _paint_buttons(self, painter: QPainter, rect: QRect, row: TransferRow) -> None:
        theme = current_theme()
        ratio = painter.device().devicePixelRatioF()
        pointer = self._view.viewport().mapFromGlobal(self._view.cursor().pos())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for verb, place in icon_rects(row, rect):
            if place.contains(pointer):
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.color("bg.pressed"))
                painter.drawRoundedRect(place, 5, 5)
            painter.drawPixmap(
                place.left() + 6, place.top() + 6, theme.pixmap(verb_icon(verb), 16, dpr=ratio)
            )
        for verb, place in named_rects(row, rect):
            painter.setFont(small_font())
            if verb is row.main:
                painter.setPen(QPen(theme.color("border.default"), 1))
                painter.setBrush(theme.color("bg.surface"))
                painter.drawRoundedRect(QRectF(place).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
                painter.setPen(theme.color("text.primary"))
            else:
                painter.setPen(theme.color("text.link"))
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, verb_words(verb))

    def verb_at(self, row: TransferRow, rect: QRect, point: QPoint) -> Verb | None:
        """The button under a point."""
        places = icon_rects(row, rect) + named_rects(row, rect)
        return next((verb for verb, place in places if place.contains(point)), None)

    def editorEvent(
        self,
        event: QEvent,
        model: object,  # noqa: ARG002 - Qt's name
        option: QStyleOptionViewItem,
        index: AnyIndex,
    ) -> bool:
        """A click on a button or a head."""
        if event.type() != QEvent.Type.MouseButtonRelease or not isinstance(event, QMouseEvent):
            return False
        entry = index.data(ENTRY_ROLE)
        if isinstance(entry, Head):
            self.head_pressed.emit(entry.group)
            return True
        verb = self.verb_at(entry, option.rect, event.position().toPoint())
        if verb is not None:
            self.pressed.emit(entry.id, verb)
            return True
        return False

    def helpEvent(
        self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: AnyIndex
    ) -> bool:
        """Names of the icon buttons."""
        entry = index.data(ENTRY_ROLE)
        if isinstance(entry, TransferRow):
            verb = self.verb_at(entry, option.rect, event.pos())
            QToolTip.showText(event.globalPos(), verb_words(verb) if verb is not None else entry.line, view)
            return True
        return False
