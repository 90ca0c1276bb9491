"""The case list: rows of two heights whose places are computed, so that 100 000 cases scroll at once."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import (
    QAbstractItemModel,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QRegion,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QStyle, QWidget

from ui.pages.cases.delegate import CaseDelegate
from ui.pages.cases.groups import CaseListModel
from ui.theme import current_theme

GROUP_HEIGHT = 32
_PREVIEW_DELAY_MS = 120
_NO_INDEX = QModelIndex()


class CaseListView(QAbstractItemView):
    """Shows a `CaseListModel`.

    Signals:
        looked_at: the number of the selected case, 120 ms after it was selected; empty for none.
        opened: the number of a case that was double-clicked or opened with Enter.
        menu_wanted: number and global position.
        scroll_bar_width: px that the rows leave free on the right.
    """

    looked_at = Signal(str)
    opened = Signal(str)
    menu_wanted = Signal(str, QPoint)
    scroll_bar_width = Signal(int)

    def __init__(self, *, clock: Callable[[], datetime], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        # Qt calls the methods below from its own set-up: there is a model from the first moment.
        self._cases = CaseListModel(lambda _numbers: None, clock=clock, parent=self)
        self.painter_of_rows = CaseDelegate(clock)
        self._headers: list[int] = []
        self._hover = -1
        self.setAccessibleName(self.tr("Cases"))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self._delay = QTimer(self)
        self._delay.setSingleShot(True)
        self._delay.setInterval(_PREVIEW_DELAY_MS)
        self._delay.timeout.connect(self._say_looked_at)
        current_theme().changed.connect(self._restyle)

    def setModel(self, model: QAbstractItemModel | None) -> None:
        """Show this list of cases.

        Raises:
            TypeError: the model is of another kind.
        """
        if not isinstance(model, CaseListModel):
            raise TypeError("the case list shows a CaseListModel")
        self._cases = model
        super().setModel(model)

    def cases(self) -> CaseListModel:
        """The model, typed; an empty one before `setModel`."""
        return self._cases

    def current_number(self) -> str:
        """The selected case's number; empty when a header or nothing is selected."""
        index = self.currentIndex()
        if not index.isValid():
            return ""
        row_id = self.cases().id_at(index.row())
        return "" if self.cases().group_at(index.row()) else row_id

    def select_number(self, number: str) -> bool:
        """Select a case and bring it into view; False when the list does not hold it."""
        place = self.cases().place_of(number)
        if place < 0:
            return False
        self.setCurrentIndex(self.cases().index(place))
        return True

    def select_first(self) -> None:
        """Select the first case."""
        for place in range(min(len(self.cases().ids()), len(self._headers) + 1)):
            if self.cases().group_at(place) is None:
                self.setCurrentIndex(self.cases().index(place))
                return

    def move_by(self, step: int) -> None:
        """Select the next (1) or previous (-1) case, over headers."""
        place = self._next_case(self.currentIndex().row(), step)
        if place >= 0:
            self.setCurrentIndex(self.cases().index(place))

    def top_of(self, place: int) -> int:
        """Where a row begins, in px from the top of the whole list."""
        headers = bisect_left(self._headers, place)
        return headers * GROUP_HEIGHT + (place - headers) * self.painter_of_rows.row_height()

    def place_at(self, y: int) -> int:
        """Which row covers a position of the whole list; -1 below the last."""
        count = len(self.cases().ids())
        if y < 0 or not count or y >= self.top_of(count):
            return -1
        tops = [self.top_of(header) for header in self._headers]
        section = bisect_right(tops, y) - 1
        if section < 0:
            return y // self.painter_of_rows.row_height()
        below = y - tops[section] - GROUP_HEIGHT
        if below < 0:
            return self._headers[section]
        return self._headers[section] + 1 + below // self.painter_of_rows.row_height()

    def visualRect(self, index: QModelIndex | QPersistentModelIndex) -> QRect:
        """A row's rectangle in the viewport."""
        if not index.isValid():
            return QRect()
        top = self.top_of(index.row()) - self.verticalOffset()
        height = self.top_of(index.row() + 1) - self.top_of(index.row())
        return QRect(0, top, self.viewport().width(), height)

    def indexAt(self, point: QPoint) -> QModelIndex:
        """The row under a position of the viewport."""
        place = self.place_at(point.y() + self.verticalOffset())
        return self.cases().index(place) if place >= 0 else QModelIndex()

    def scrollTo(
        self,
        index: QModelIndex | QPersistentModelIndex,
        hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible,
    ) -> None:
        """Bring a row into view with the least movement, or to the middle."""
        if not index.isValid():
            return
        top = self.top_of(index.row())
        bottom = self.top_of(index.row() + 1)
        bar, height = self.verticalScrollBar(), self.viewport().height()
        if hint == QAbstractItemView.ScrollHint.PositionAtCenter:
            bar.setValue(top - (height - (bottom - top)) // 2)
        elif hint == QAbstractItemView.ScrollHint.PositionAtTop or top < bar.value():
            bar.setValue(top)
        elif bottom > bar.value() + height:
            bar.setValue(bottom - height)

    def verticalOffset(self) -> int:
        """How far the list is scrolled, in px."""
        return self.verticalScrollBar().value()

    def horizontalOffset(self) -> int:
        """Always 0: columns follow the width."""
        return 0

    def isIndexHidden(self, index: QModelIndex | QPersistentModelIndex) -> bool:  # noqa: ARG002
        """Folded rows are not in the model at all."""
        return False

    def updateGeometries(self) -> None:
        """Set the scroll bar's range from the heights of all rows."""
        self._headers = self.cases().headers()
        whole = self.top_of(len(self.cases().ids()))
        bar = self.verticalScrollBar()
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(self.painter_of_rows.row_height())
        bar.setRange(0, max(whole - self.viewport().height(), 0))
        self.scroll_bar_width.emit(self.width() - self.viewport().width())
        super().updateGeometries()

    def reset(self) -> None:
        """The order changed: measure again."""
        super().reset()
        self._hover = -1
        self.updateGeometries()
        self.viewport().update()

    def scrollContentsBy(self, dx: int, dy: int) -> None:  # noqa: ARG002 - Qt's name
        """Move what is painted."""
        self.viewport().scroll(0, dy)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The scroll bar's range depends on the height."""
        super().resizeEvent(event)
        self.updateGeometries()

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        """Select the row under a rectangle's first corner; headers are not selected by the mouse."""
        index = self.indexAt(rect.topLeft())
        if not index.isValid() or self.cases().group_at(index.row()) is not None:
            return
        self.selectionModel().select(QItemSelection(index, index), command)

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        """What must be painted again when these rows change their state."""
        region = QRegion()
        for index in selection.indexes():
            region = region.united(self.visualRect(index))
        return region

    def moveCursor(
        self,
        action: QAbstractItemView.CursorAction,
        modifiers: Qt.KeyboardModifier,  # noqa: ARG002 - Qt's name
    ) -> QModelIndex:
        """Where a key leads: over headers, by pages, to the ends."""
        moves = QAbstractItemView.CursorAction
        count = len(self.cases().ids())
        here = self.currentIndex().row()
        page = max(self.viewport().height() // self.painter_of_rows.row_height() - 1, 1)
        match action:
            case moves.MoveDown | moves.MoveNext:
                place = self._next_case(here, 1)
            case moves.MoveUp | moves.MovePrevious:
                place = self._next_case(here, -1)
            case moves.MovePageDown:
                place = self._next_case(min(here + page, count) - 1, 1)
            case moves.MovePageUp:
                place = self._next_case(max(here - page, -1) + 1, -1)
            case moves.MoveHome:
                place = self._next_case(-1, 1)
            case moves.MoveEnd:
                place = self._next_case(count, -1)
            case _:
                place = here
        return self.cases().index(place if place >= 0 else max(here, 0)) if count else QModelIndex()

    def currentChanged(
        self,
        current: QModelIndex | QPersistentModelIndex,
        previous: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """The preview follows after a moment."""
        super().currentChanged(current, previous)
        self._delay.start()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """J and K, Enter, and Left or Right to fold a group."""
        key = event.key()
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        if plain and key in (Qt.Key.Key_J, Qt.Key.Key_K):
            self.move_by(1 if key == Qt.Key.Key_J else -1)
        elif plain and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open_current()
        elif plain and key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._fold_around_current(folded=key == Qt.Key.Key_Left)
        elif plain and key == Qt.Key.Key_Space:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on a header folds its group."""
        index = self.indexAt(event.position().toPoint())
        group = self.cases().group_at(index.row()) if index.isValid() else None
        if group is not None and event.button() == Qt.MouseButton.LeftButton:
            self._fold(group.row_id, folded=not self.cases().folded(group.turn))
            return
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open."""
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and self.cases().group_at(index.row()) is None:
            self.opened.emit(self.cases().id_at(index.row()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Hover."""
        super().mouseMoveEvent(event)
        self._hover_over(self.place_at(round(event.position().y()) + self.verticalOffset()))

    def leaveEvent(self, event: object) -> None:  # noqa: ARG002 - Qt's name
        """No hover any more."""
        self._hover_over(-1)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The menu of the row under the pointer, or of the selected one for the menu key."""
        keyboard = event.reason() == QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if keyboard else self.indexAt(event.pos())
        if index.isValid() and self.cases().group_at(index.row()) is None:
            self.setCurrentIndex(index)
            place = (
                self.viewport().mapToGlobal(self.visualRect(index).center())
                if keyboard
                else event.globalPos()
            )
            self.menu_wanted.emit(self.cases().id_at(index.row()), place)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows that the event touches, and no others."""
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), current_theme().color("bg.surface"))
        self.painter_of_rows.begin()
        offset = self.verticalOffset()
        place = self.place_at(event.rect().top() + offset)
        count = len(self.cases().ids())
        current = self.currentIndex().row()
        ring = self.hasFocus() and self.window().testAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange)
        while 0 <= place < count:
            index = self.cases().index(place)
            rect = self.visualRect(index)
            if rect.top() > event.rect().bottom():
                break
            self._paint_row(
                painter, rect, place, selected=place == current, focused=ring and place == current
            )
            place += 1
        painter.end()

    def _paint_row(
        self, painter: QPainter, rect: QRect, place: int, *, selected: bool, focused: bool
    ) -> None:
        model = self.cases()
        group = model.group_at(place)
        if group is not None:
            folded = model.folded(group.turn)
            self.painter_of_rows.paint_group(painter, rect, group, folded=folded, focused=focused or selected)
            return
        state = QStyle.StateFlag.State_Enabled | QStyle.StateFlag.State_Active
        if selected:
            state |= QStyle.StateFlag.State_Selected
        if place == self._hover:
            state |= QStyle.StateFlag.State_MouseOver
        case = model.row_at(place)
        if case is None:
            self.painter_of_rows.paint_placeholder(painter, rect, state)
        else:
            self.painter_of_rows.paint_case(painter, rect, case, state=state, focused=focused)

    def _hover_over(self, place: int) -> None:
        if place == self._hover:
            return
        before, self._hover = self._hover, place
        for each in (before, place):
            if 0 <= each < len(self.cases().ids()):
                self.viewport().update(self.visualRect(self.cases().index(each)))

    def _next_case(self, place: int, step: int) -> int:
        count = len(self.cases().ids())
        place += step
        while 0 <= place < count and self.cases().group_at(place) is not None:
            place += step
        return place if 0 <= place < count else -1

    def _fold_around_current(self, *, folded: bool) -> None:
        here = self.currentIndex().row()
        if here < 0:
            return
        header = self._headers[max(bisect_right(self._headers, here) - 1, 0)] if self._headers else -1
        group = self.cases().group_at(header) if header >= 0 else None
        if group is not None:
            self._fold(group.row_id, folded=folded)

    def _fold(self, row_id: str, *, folded: bool) -> None:
        model = self.cases()
        group = model.group_at(model.place_of(row_id))
        kept, offset = self.current_number(), self.verticalOffset()
        if group is None:
            return
        model.fold(group.turn, folded=folded)
        self.verticalScrollBar().setValue(offset)
        if not kept or model.place_of(kept) < 0:
            kept = row_id
        self.selectionModel().setCurrentIndex(
            model.index(model.place_of(kept)), QItemSelectionModel.SelectionFlag.ClearAndSelect
        )

    def _open_current(self) -> None:
        number = self.current_number()
        if number:
            self.opened.emit(number)
            return
        here = self.currentIndex().row()
        group = self.cases().group_at(here) if here >= 0 else None
        if group is not None:
            self._fold(group.row_id, folded=not self.cases().folded(group.turn))

    def _say_looked_at(self) -> None:
        self.looked_at.emit(self.current_number())

    def _restyle(self) -> None:
        self.painter_of_rows.restyle()
        self.updateGeometries()
        self.viewport().update()
