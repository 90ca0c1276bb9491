"""The account switcher: which (Sold To, End User) pair is in view, with one's access level there."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.domain.access import AccessLevel, level_name
from app.portal.contract import Membership
from ui.theme import current_theme
from ui.widgets.chips import Popover

_SEARCH_FROM = 8
LEVEL_ICONS = {
    AccessLevel.BASIC: "person",
    AccessLevel.READ_ONLY: "eye",
    AccessLevel.READ_WRITE: "edit",
}


class AccountSwitcher(QToolButton):
    """Shows the combination in view and opens the list of all.

    Signals:
        chosen: id of the combination a person chose.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._memberships: list[Membership] = []
        self._current = ""
        self._collapsed = False
        self._demo = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.clicked.connect(self._open)
        current_theme().changed.connect(self.update)
        self._describe()

    def set_memberships(self, memberships: Sequence[Membership], *, current: str, demo: bool) -> None:
        """Which combinations there are, and which is in view."""
        self._memberships = list(memberships)
        self._current = current
        self._demo = demo
        self._describe()

    def set_collapsed(self, collapsed: bool) -> None:
        """Show the building only."""
        self._collapsed = collapsed
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """44 px high."""
        return QSize(40 if self._collapsed else 200, 44)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's name
        """Tile with the building, name over access level, double chevron."""
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.underMouse():
            painter.setBrush(theme.color("bg.hover"))
            painter.drawRoundedRect(QRectF(self.rect()), 5, 5)
        if self.hasFocus() and self.window().testAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange):
            painter.setPen(theme.color("border.focus"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 5, 5)
            painter.setPen(Qt.PenStyle.NoPen)
        left = 6 if self._collapsed else 8
        tile = QRect(left, 8, 28, 28)
        painter.setBrush(theme.color("bg.pressed"))
        painter.drawRoundedRect(QRectF(tile), 6, 6)
        ratio = self.devicePixelRatioF()
        painter.drawPixmap(tile.left() + 6, tile.top() + 6, theme.pixmap("building", 16, dpr=ratio))
        if not self._collapsed:
            self._paint_words(painter)
            chevron = theme.pixmap("chevron_up_down", 16, dpr=ratio)
            painter.drawPixmap(self.width() - 24, 14, chevron)
        painter.end()

    def _paint_words(self, painter: QPainter) -> None:
        theme = current_theme()
        found = self._membership()
        font = theme.font("body.strong")
        painter.setFont(font)
        painter.setPen(theme.color("text.primary"))
        room = self.width() - 44 - 28
        words = found.account.name if found is not None else self.tr("No account")
        short = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRect(44, 4, room + 4, 18), Qt.AlignmentFlag.AlignVCenter, short)
        if found is None:
            return
        painter.drawPixmap(
            44,
            23,
            theme.pixmap(LEVEL_ICONS[found.level], 12, "text.tertiary", dpr=self.devicePixelRatioF()),
        )
        small = theme.font("caption")
        painter.setFont(small)
        painter.setPen(theme.color("text.tertiary"))
        level = level_name(found.level)
        painter.drawText(QRect(60, 21, room - 12, 17), Qt.AlignmentFlag.AlignVCenter, level)

    def _membership(self) -> Membership | None:
        return next((each for each in self._memberships if each.account.id == self._current), None)

    def _describe(self) -> None:
        found = self._membership()
        if found is None:
            self.setAccessibleName(self.tr("No account"))
        else:
            words = f"{found.account.name}, {level_name(found.level)}"
            if self._demo:
                words += self.tr(", demo portal")
            self.setAccessibleName(self.tr("Account {0}").format(words))
            self.setToolTip(words)
        self.update()

    def _open(self) -> None:
        popover = Popover(self)
        popover.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        column = QVBoxLayout(popover)
        column.setContentsMargins(6, 6, 6, 6)
        column.setSpacing(6)
        names = QListWidget()
        names.setAccessibleName(self.tr("Accounts"))
        for each in self._memberships:
            item = QListWidgetItem(f"{each.account.name}\n{self._remark(each)}")
            item.setIcon(current_theme().icon(LEVEL_ICONS[each.level], 16))
            item.setData(Qt.ItemDataRole.UserRole, each.account.id)
            item.setSizeHint(QSize(260, 46))
            names.addItem(item)
            if each.account.id == self._current:
                names.setCurrentItem(item)
        names.setFixedSize(300, min(46 * max(len(self._memberships), 1) + 4, 420))
        names.itemActivated.connect(lambda item: self._take(item, popover))
        names.itemClicked.connect(lambda item: self._take(item, popover))
        if len(self._memberships) >= _SEARCH_FROM:
            column.addWidget(_search_field(names))
        column.addWidget(names)
        popover.open_below(self)
        names.setFocus()

    def _remark(self, each: Membership) -> str:
        if each.account.direct:
            return level_name(each.level)
        return self.tr("{0}, through {1}").format(level_name(each.level), each.account.sold_to)

    def _take(self, item: QListWidgetItem, popover: Popover) -> None:
        popover.close()
        self.chosen.emit(item.data(Qt.ItemDataRole.UserRole))


def _search_field(names: QListWidget) -> QLineEdit:
    field = QLineEdit()
    field.setProperty("compact", True)
    field.setPlaceholderText(field.tr("Find an account"))
    field.setAccessibleName(field.tr("Find an account"))

    def narrow(words: str) -> None:
        for row in range(names.count()):
            item = names.item(row)
            item.setHidden(words.casefold() not in item.text().casefold())

    field.textChanged.connect(narrow)
    return field
