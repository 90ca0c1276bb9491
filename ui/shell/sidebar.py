"""The sidebar: account, pages with badges, what is moving, the portal's state, the phone, the person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QAbstractListModel, QModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListView,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ui.models import AnyIndex
from ui.shell.switcher import AccountSwitcher
from ui.theme import bind_icon, current_theme
from ui.widgets.glyphs import Avatar, GlyphLabel, KeyCap, Sparkline, icon_label
from ui.widgets.quantities import rate_text

_ITEM_HEIGHT = 34
_COLLAPSED = Qt.ItemDataRole.UserRole + 2
_ENTRY = Qt.ItemDataRole.UserRole + 1
_NO_INDEX = QModelIndex()


@dataclass(frozen=True, slots=True)
class NavEntry:
    """A page in the sidebar: key, words, icon, its badge (0: none), perhaps a sign instead of a number."""

    key: str
    text: str
    icon: str
    badge: int = 0
    sign: str = ""


class NavModel(QAbstractListModel):
    """The pages that exist, with their badges."""

    def __init__(self, entries: Sequence[NavEntry], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries = list(entries)

    def rowCount(self, parent: AnyIndex = _NO_INDEX) -> int:
        """How many pages."""
        return 0 if parent.isValid() else len(self._entries)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The entry, and its words."""
        if not index.isValid():
            return None
        entry = self._entries[index.row()]
        if role == _ENTRY:
            return entry
        if role == Qt.ItemDataRole.AccessibleTextRole and entry.badge:
            return f"{entry.text}, {entry.badge}"
        if role in (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.AccessibleTextRole,
            Qt.ItemDataRole.ToolTipRole,
        ):
            return entry.text
        return None

    def row_of(self, key: str) -> int:
        """Where a page stands, or -1."""
        return next((row for row, each in enumerate(self._entries) if each.key == key), -1)

    def entry(self, row: int) -> NavEntry:
        """The entry in a row."""
        return self._entries[row]

    def set_badge(self, key: str, badge: int) -> None:
        """Show another number beside a page."""
        row = self.row_of(key)
        if row >= 0 and self._entries[row].badge != badge:
            old = self._entries[row]
            self._entries[row] = replace(old, badge=badge)
            self.dataChanged.emit(self.index(row), self.index(row))


class NavDelegate(QStyledItemDelegate):
    """Icon, words, badge; collapsed: icon and a dot."""

    collapsed = False

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:  # noqa: ARG002
        """One row of 34 px."""
        return QSize(40 if self.collapsed else 200, _ITEM_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Paint one entry."""
        theme = current_theme()
        entry: NavEntry = index.data(_ENTRY)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        rect = QRect(option.rect).adjusted(0, 1, 0, -1)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if selected or hovered:
            painter.setBrush(theme.color("bg.pressed" if selected else "bg.hover"))
            painter.drawRoundedRect(QRectF(rect), 5, 5)
        if selected:
            painter.setBrush(theme.color("accent.base"))
            painter.drawRoundedRect(QRectF(rect.left(), rect.center().y() - 7, 3, 16), 1.5, 1.5)
        icon_left = rect.left() + (10 if self.collapsed else 9)
        pixmap = theme.pixmap(
            entry.icon,
            20,
            "accent.base" if selected else "text.secondary",
            filled=selected,
            dpr=painter.device().devicePixelRatioF(),
        )
        painter.drawPixmap(icon_left, rect.center().y() - 9, pixmap)
        if self.collapsed:
            self._dot(painter, rect, entry)
        else:
            self._words(painter, rect, entry, selected=selected)
        if (
            option.state & QStyle.StateFlag.State_HasFocus
            and option.state & QStyle.StateFlag.State_KeyboardFocusChange
        ):
            painter.setPen(theme.color("border.focus"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(rect).adjusted(1, 1, -1, -1), 5, 5)
        painter.restore()

    def _words(self, painter: QPainter, rect: QRect, entry: NavEntry, *, selected: bool) -> None:
        theme = current_theme()
        painter.setFont(theme.font("body.strong" if selected else "body"))
        painter.setPen(theme.color("text.primary" if selected else "text.secondary"))
        area = rect.adjusted(38, 0, -8, 0)
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, entry.text)
        if entry.badge and entry.sign:
            dpr = painter.device().devicePixelRatioF()
            sign = theme.pixmap(entry.sign, 16, "warning.fg", dpr=dpr)
            painter.drawPixmap(area.right() - 15, area.center().y() - 7, sign)
        elif entry.badge:
            font = theme.font("label", tabular=True)
            painter.setFont(font)
            painter.drawText(
                area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, str(entry.badge)
            )

    def _dot(self, painter: QPainter, rect: QRect, entry: NavEntry) -> None:
        if entry.badge:
            painter.setBrush(current_theme().color("accent.base"))
            painter.drawEllipse(QRectF(rect.left() + 26, rect.top() + 3, 7, 7))


class Sidebar(QFrame):
    """The whole sidebar, 216 or 56 px wide.

    Signals:
        page_chosen: the key of a page.
        account_chosen: id of a combination.
        call_wanted: the phone button; carries it.
        profile_wanted: the person's menu; carries the button.
    """

    page_chosen = Signal(str)
    account_chosen = Signal(str)
    call_wanted = Signal(QWidget)
    profile_wanted = Signal(QWidget)

    def __init__(self, entries: Sequence[NavEntry], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "sidebar")
        self.setAccessibleName(self.tr("Sidebar"))
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 9, 7, 12)
        column.setSpacing(0)
        self.switcher = AccountSwitcher()
        self.switcher.chosen.connect(self.account_chosen)
        column.addWidget(self.switcher)
        column.addSpacing(10)
        self.nav = self._make_nav(entries)
        column.addWidget(self.nav, 1)
        column.addWidget(self._make_rate())
        self.portal_state = icon_label("plug_connected", "", parent=self)
        self._portal_holder = _held(self.portal_state, left=8)
        column.addWidget(self._portal_holder)
        column.addSpacing(4)
        self.call = self._make_call()
        column.addWidget(self.call)
        column.addSpacing(8)
        column.addWidget(self._make_person())
        self._collapsed = False
        self.set_collapsed(False)
        self.set_rate(0.0)

    def _make_nav(self, entries: Sequence[NavEntry]) -> QListView:
        nav = QListView()
        nav.setAccessibleName(self.tr("Pages"))
        self.entries = NavModel(entries, self)
        nav.setModel(self.entries)
        self._delegate = NavDelegate(nav)
        nav.setItemDelegate(self._delegate)
        nav.setMouseTracking(True)
        nav.setFrameShape(QFrame.Shape.NoFrame)
        nav.setStyleSheet("background: transparent;")
        nav.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        nav.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        nav.selectionModel().currentChanged.connect(self._page_changed)
        nav.setMinimumHeight(60)
        return nav

    def _make_rate(self) -> QWidget:
        self._rate_row = QWidget()
        row = QHBoxLayout(self._rate_row)
        row.setContentsMargins(8, 6, 8, 6)
        row.setSpacing(8)
        self._rate = icon_label("arrow_up", "", icon_role="accent.base", parent=self)
        row.addWidget(self._rate)
        row.addStretch(1)
        self._curve = Sparkline()
        row.addWidget(self._curve)
        return self._rate_row

    def _make_call(self) -> QPushButton:
        button = QPushButton(self.tr("Call support"))
        button.setStyleSheet("text-align: left; padding-left: 9px;")
        bind_icon(button, "call", role="text.primary")
        button.setToolTip(self.tr("Call support (F8)"))
        button.setAccessibleName(self.tr("Call support"))
        button.clicked.connect(lambda: self.call_wanted.emit(button))
        self._call_cap = KeyCap("F8", framed=False, parent=button)
        self._call_cap.setAccessibleName("")
        self._call_cap.move(163, 6)
        self._call_cap.resize(self._call_cap.sizeHint())
        return button

    def _make_person(self) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(4, 0, 4, 0)
        row.setSpacing(8)
        self.avatar = Avatar("")
        row.addWidget(self.avatar)
        self.person = QLabel()
        self.person.setProperty("role", "text.secondary")
        row.addWidget(self.person, 1)
        self.more = QToolButton()
        self.more.setProperty("kind", "icon")
        self.more.setAccessibleName(self.tr("Profile and appearance"))
        self.more.setToolTip(self.tr("Profile and appearance"))
        bind_icon(self.more, "more")
        self.more.clicked.connect(lambda: self.profile_wanted.emit(self.more))
        row.addWidget(self.more)
        self._person_row = row
        return holder

    def set_person(self, name: str) -> None:
        """Who is signed in."""
        self.avatar.set_name(name or "?")
        metrics = QFontMetrics(current_theme().font("body"))
        self.person.setText(metrics.elidedText(name, Qt.TextElideMode.ElideRight, 118))

    def set_portal(self, *, online: bool, words: str) -> None:
        """Whether the portal answers."""
        self.portal_state.set_sign(
            "plug_connected" if online else "plug_disconnected",
            role="text.secondary" if online else "danger.fg",
            icon_role="success.fg" if online else "danger.fg",
        )
        self.portal_state.set_text("" if self._collapsed else words)
        self.portal_state.setAccessibleName(words)
        self.portal_state.setToolTip(words)

    def set_rate(self, bytes_per_second: float) -> None:
        """How much the agent sends now; the line goes away when nothing moves."""
        self._curve.add(bytes_per_second)
        self._rate.set_text(rate_text(bytes_per_second))
        self._rate.setToolTip(self.tr("Sent by the agent now"))
        self._rate_row.setVisible(bytes_per_second > 0 and not self._collapsed)

    def set_badge(self, key: str, badge: int) -> None:
        """The number beside a page."""
        self.entries.set_badge(key, badge)

    def show_page(self, key: str) -> None:
        """Mark a page as the one in view, without a signal."""
        row = self.entries.row_of(key)
        if row >= 0 and self.nav.currentIndex().row() != row:
            self.nav.selectionModel().blockSignals(True)
            self.nav.setCurrentIndex(self.entries.index(row))
            self.nav.selectionModel().blockSignals(False)
            self.nav.viewport().update()

    def set_collapsed(self, collapsed: bool) -> None:
        """56 px with icons only, or 216 px."""
        self._collapsed = collapsed
        theme = current_theme()
        self.setFixedWidth(theme.size("sidebar", "collapsed" if collapsed else "expanded"))
        self._delegate.collapsed = collapsed
        self.switcher.set_collapsed(collapsed)
        self.person.setVisible(not collapsed)
        self.more.setVisible(not collapsed)
        self._call_cap.setVisible(not collapsed)
        self.call.setText("" if collapsed else self.tr("Call support"))
        words = self.portal_state.accessibleName()
        self.portal_state.set_text("" if collapsed else words)
        self.portal_state.setAccessibleName(words)
        self._person_row.setContentsMargins(8 if collapsed else 4, 0, 4, 0)
        self.nav.doItemsLayout()
        if collapsed:
            self._rate_row.hide()

    def _page_changed(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if current.isValid():
            self.page_chosen.emit(self.entries.entry(current.row()).key)


def _held(label: GlyphLabel, *, left: int) -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(left, 6, 0, 6)
    row.addWidget(label)
    row.addStretch(1)
    return holder
