"""Tabs with counts and an accent line; what does not fit goes behind ⋯."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QTabBar, QToolButton, QWidget

from ui.theme import bind_icon, current_theme

_GAP = 20
_COUNT_GAP = 7
_HEIGHT = 36


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab's key, its words, and its count (None: no count is shown)."""

    key: str
    text: str
    count: int | None = None


class _Bar(QTabBar):
    """Paints words and count in two colours; the selected one in semi-bold over a line of 2 px."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: list[int | None] = []
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setUsesScrollButtons(False)
        self.setMouseTracking(True)
        self.setElideMode(Qt.TextElideMode.ElideNone)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        current_theme().changed.connect(self.update)

    def tabSizeHint(self, index: int) -> QSize:
        theme = current_theme()
        width = QFontMetrics(theme.font("body.strong")).horizontalAdvance(self.tabText(index))
        count = self.counts[index] if index < len(self.counts) else None
        if count is not None:
            width += _COUNT_GAP + QFontMetrics(theme.font("body", tabular=True)).horizontalAdvance(str(count))
        return QSize(width + _GAP, _HEIGHT)

    def minimumTabSizeHint(self, index: int) -> QSize:
        return self.tabSizeHint(index)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's name
        painter = QPainter(self)
        pointer = self.mapFromGlobal(self.cursor().pos()) if self.underMouse() else QPoint(-1, -1)
        for index in range(self.count()):
            if self.isTabVisible(index):
                self._paint_tab(painter, index, hovered=self.tabRect(index).contains(pointer))
        painter.end()

    def _paint_tab(self, painter: QPainter, index: int, *, hovered: bool) -> None:
        theme = current_theme()
        rect = self.tabRect(index).adjusted(0, 0, -_GAP, 0)
        selected = index == self.currentIndex()
        font = theme.font("body.strong" if selected else "body")
        painter.setFont(font)
        role = "text.primary" if selected or hovered else "text.secondary"
        painter.setPen(theme.color(role if self.isEnabled() else "text.disabled"))
        vertical = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(rect, vertical | Qt.AlignmentFlag.AlignLeft, self.tabText(index))
        count = self.counts[index] if index < len(self.counts) else None
        if count is not None:
            painter.setFont(theme.font("body", tabular=True))
            painter.setPen(theme.color("text.tertiary"))
            width = QFontMetrics(font).horizontalAdvance(self.tabText(index))
            painter.drawText(rect.adjusted(width + _COUNT_GAP, 0, _GAP, 0), vertical, str(count))
        if selected:
            painter.fillRect(
                QRect(rect.left(), rect.bottom() - 1, rect.width(), 2), theme.color("accent.base")
            )
        if (
            selected
            and self.hasFocus()
            and self.window().testAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange)
        ):
            painter.setPen(theme.color("border.focus"))
            painter.drawRect(rect.adjusted(-3, 5, 2, -5))


class CountTabs(QWidget):
    """A row of tabs by key.

    Signals:
        selected: the key of the tab a person chose.
    """

    selected = Signal(str)

    def __init__(self, parent: QWidget | None = None, *, name: str = "") -> None:
        super().__init__(parent)
        self._tabs: list[Tab] = []
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self._bar = _Bar()
        self._bar.setAccessibleName(name or self.tr("Views"))
        row.addWidget(self._bar)
        self._more = QToolButton()
        self._more.setProperty("kind", "icon")
        self._more.setAccessibleName(self.tr("More views"))
        self._more.setToolTip(self.tr("More views"))
        bind_icon(self._more, "more")
        self._more.clicked.connect(self._open_more)
        self._more.hide()
        row.addWidget(self._more)
        row.addStretch(1)
        self.setFixedHeight(_HEIGHT)
        self.setFocusProxy(self._bar)
        self._bar.currentChanged.connect(self._announce)
        self._bar.installEventFilter(self)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def set_tabs(self, tabs: Sequence[Tab]) -> None:
        """Replace the tabs; the selected key stays selected when it still exists."""
        keys = [tab.key for tab in tabs]
        if keys == [tab.key for tab in self._tabs]:
            self._rename(tabs)
            return
        before = self.current()
        self._bar.blockSignals(True)
        while self._bar.count():
            self._bar.removeTab(0)
        self._tabs = list(tabs)
        self._bar.counts = [tab.count for tab in tabs]
        for tab in tabs:
            self._bar.addTab(tab.text)
        self._bar.blockSignals(False)
        self.select(before if before in keys else (keys[0] if keys else ""))
        self._fit()

    def select(self, key: str) -> None:
        """Select by key, without a signal."""
        for place, tab in enumerate(self._tabs):
            if tab.key == key:
                self._bar.blockSignals(True)
                self._bar.setCurrentIndex(place)
                self._bar.blockSignals(False)
                self._fit()

    def current(self) -> str:
        """The selected key; empty without tabs."""
        place = self._bar.currentIndex()
        return self._tabs[place].key if 0 <= place < len(self._tabs) else ""

    def choose(self, key: str) -> None:
        """Select by key as a person would: with the signal."""
        if key != self.current():
            self.select(key)
            self.selected.emit(key)

    def keys(self) -> list[str]:
        """All keys in order."""
        return [tab.key for tab in self._tabs]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Decide again what fits."""
        super().resizeEvent(event)
        self._fit()

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        """A changed font changes what fits."""
        if watched is self._bar and event.type() == QEvent.Type.FontChange:
            self._fit()
        return False

    def _rename(self, tabs: Sequence[Tab]) -> None:
        if list(tabs) == self._tabs:
            return
        self._tabs = list(tabs)
        self._bar.counts = [tab.count for tab in tabs]
        for place, tab in enumerate(tabs):
            self._bar.setTabText(place, tab.text + " ")
            self._bar.setTabText(place, tab.text)
        self._fit()

    def _announce(self, place: int) -> None:
        if 0 <= place < len(self._tabs):
            self.selected.emit(self._tabs[place].key)

    def _fit(self) -> None:
        room = self.width() or 10_000
        sizes = [self._bar.tabSizeHint(place).width() for place in range(len(self._tabs))]
        if sum(sizes) > room:
            room -= 32
        used, hidden = 0, False
        for place, size in enumerate(sizes):
            fits = used + size <= room or place == self._bar.currentIndex()
            self._bar.setTabVisible(place, fits)
            used += size if fits else 0
            hidden = hidden or not fits
        self._more.setVisible(hidden)
        self._bar.setFixedWidth(max(used, 1))

    def _open_more(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for place, tab in enumerate(self._tabs):
            if not self._bar.isTabVisible(place):
                text = tab.text if tab.count is None else f"{tab.text}  {tab.count}"
                menu.addAction(text).triggered.connect(lambda _=False, key=tab.key: self.choose(key))
        menu.popup(self._more.mapToGlobal(QPoint(0, self._more.height())))
