"""Filter chips: a pill that opens a list with checks, and carries its own cross while it filters."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QFrame,
    QListWidget,
    QListWidgetItem,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ui.theme import current_theme

_PAD = 11
_GAP = 6
_ICON = 12


class Popover(QFrame):
    """A frame that opens below a widget; Esc closes it and gives the focus back."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("kind", "popover")
        self._anchor = parent

    def open_below(self, anchor: QWidget, *, align_right: bool = False) -> None:
        """Show it under the anchor, inside the screen."""
        self._anchor = anchor
        self.adjustSize()
        left = anchor.width() - self.width() if align_right else 0
        place = anchor.mapToGlobal(QPoint(left, anchor.height() + 4))
        area = anchor.screen().availableGeometry().united(anchor.window().frameGeometry())
        place.setX(max(area.left(), min(place.x(), area.right() - self.width())))
        self.move(place)
        self.show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()
            self._anchor.setFocus(Qt.FocusReason.PopupFocusReason)
            return
        super().keyPressEvent(event)


class FilterChip(QToolButton):
    """One member of a filter.

    Signals:
        changed: the chosen values, in the order of the list.
    """

    changed = Signal(list)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._values: list[tuple[str, str]] = []
        self._chosen: list[str] = []
        self.setProperty("kind", "chip")
        self.setFixedHeight(26)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.clicked.connect(self._open)
        current_theme().changed.connect(self.update)
        self._describe()

    def set_values(self, values: Sequence[tuple[str, str]]) -> None:
        """What can be chosen: key and words."""
        self._values = list(values)
        self._describe()

    def chosen(self) -> list[str]:
        """The chosen keys."""
        return list(self._chosen)

    def choose(self, keys: Sequence[str]) -> None:
        """Choose without a signal."""
        self._chosen = list(keys)
        self._describe()

    def clear(self) -> None:
        """Choose nothing, with a signal."""
        if self._chosen:
            self._chosen = []
            self._describe()
            self.changed.emit([])

    def words(self) -> str:
        """``Component``, or ``Component: MCP, URS``."""
        if not self._chosen:
            return self._name
        names = dict(self._values)
        words = ", ".join(names.get(key, key) for key in self._chosen)
        return f"{self._name}: {words}"

    def sizeHint(self) -> QSize:
        """Words, gap, icon."""
        metrics = QFontMetrics(current_theme().font("label"))
        return QSize(min(metrics.horizontalAdvance(self._short(metrics)), 260) + 2 * _PAD + _GAP + _ICON, 26)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The cross clears, the rest opens the list."""
        if self._chosen and event.position().x() > self.width() - _PAD - _ICON - 3:
            self.clear()
            return
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Backspace clears."""
        if event.key() in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
            self.clear()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's name
        """Pill, words, cross or arrow."""
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        on = bool(self._chosen)
        keyboard = self.hasFocus() and self.window().testAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange)
        border = "border.focus" if keyboard else "accent.border" if on else "border.default"
        ground = "accent.subtle" if on else "bg.hover" if self.underMouse() else "bg.surface"
        painter.setPen(QPen(theme.color(border), 2 if keyboard else 1))
        painter.setBrush(theme.color(ground))
        inset = 1.0 if keyboard else 0.5
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), 12.5, 12.5)
        painter.setFont(theme.font("label"))
        painter.setPen(theme.color("text.link" if on else "text.secondary"))
        words = self._short(QFontMetrics(theme.font("label")))
        painter.drawText(
            self.rect().adjusted(_PAD, 0, 0, 0),
            Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft,
            words,
        )
        icon, role = ("dismiss", "text.link") if on else ("chevron_down", "text.secondary")
        pixmap = theme.pixmap(icon, _ICON, role, dpr=self.devicePixelRatioF())
        painter.drawPixmap(self.width() - _PAD - _ICON + 2, (self.height() - _ICON) // 2, pixmap)
        painter.end()

    def _short(self, metrics: QFontMetrics) -> str:
        return metrics.elidedText(self.words(), Qt.TextElideMode.ElideRight, 258)

    def _describe(self) -> None:
        self.setAccessibleName(self.tr("Filter by {0}").format(self._name))
        self.setAccessibleDescription(self.words())
        self.setToolTip(self.words())
        self.updateGeometry()
        self.update()

    def _open(self) -> None:
        popover = Popover(self)
        popover.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        column = QVBoxLayout(popover)
        column.setContentsMargins(6, 6, 6, 6)
        names = QListWidget()
        names.setAccessibleName(self._name)
        for key, words in self._values:
            item = QListWidgetItem(words)
            item.setData(Qt.ItemDataRole.UserRole, key)
            item.setFlags(
                Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsSelectable
            )
            on = key in self._chosen
            item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
            item.setSizeHint(QSize(180, 28))
            names.addItem(item)
        names.setFixedSize(236, min(28 * max(len(self._values), 1) + 4, 300))
        names.itemChanged.connect(lambda _item: self._take(names))
        column.addWidget(names)
        popover.open_below(self)
        names.setFocus()

    def _take(self, names: QListWidget) -> None:
        items = [names.item(row) for row in range(names.count())]
        self._chosen = [
            item.data(Qt.ItemDataRole.UserRole)
            for item in items
            if item.checkState() == Qt.CheckState.Checked
        ]
        self._describe()
        self.changed.emit(self.chosen())
