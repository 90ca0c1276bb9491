"""The head of a case: where one is, its state, its title, and what may be done."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from app.domain.cases import Substatus
from app.portal.contract import Case
from ui.pages.case.actions import CaseAction, Offer
from ui.theme import bind_icon
from ui.widgets.buttons import icon_button, push_button
from ui.widgets.glyphs import GlyphLabel, KeyCap, priority_label, status_role
from ui.widgets.labels import ElidedLabel, TextLabel
from ui.widgets.tabs import CountTabs, Tab

UPDATES, FILES = "updates", "files"
_SHORT = {Substatus.INFORMATION_REQUIRED: "Information required"}


def state_text(case: Case) -> str:
    """Status and sub-status as the badge shows them: ``Awaiting Information · Information required``."""
    return f"{case.status.value} · {_SHORT.get(case.substatus, case.substatus.value)}"


class CaseHeader(QFrame):
    """Back, number, status, priority, who changed it; title and actions; tabs.

    Signals:
        back: to the list.
        action: a `CaseAction`.
        tab: `UPDATES` or `FILES`.
        refresh: ask for everything again.
    """

    back = Signal()
    action = Signal(object)
    tab = Signal(str)
    refresh = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "toolbar")
        self._number = ""
        self._shown: tuple[Case, tuple[Offer, ...]] | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 10, 20, 0)
        column.setSpacing(2)
        self._crumbs = QHBoxLayout()
        self._crumbs.setSpacing(10)
        self._back = push_button(self.tr("Cases"), self.back.emit, kind="quiet", small=True)
        bind_icon(self._back, "arrow_left")
        self._back.setAccessibleName(self.tr("Back to cases"))
        self._back.setStyleSheet("QPushButton { padding-left: 0; }")
        self._crumbs.addWidget(self._back)
        self._number_label = TextLabel(role="text.secondary", selectable=True)
        self._crumbs.addWidget(self._number_label)
        self._state = QWidget()
        self._state_row = QHBoxLayout(self._state)
        self._state_row.setContentsMargins(0, 0, 0, 0)
        self._state_row.setSpacing(12)
        self._crumbs.addWidget(self._state)
        self._changed = TextLabel(scale="label", role="text.secondary")
        self._crumbs.addWidget(self._changed)
        self._crumbs.addStretch(1)
        column.addLayout(self._crumbs)
        line = QHBoxLayout()
        line.setSpacing(8)
        self._title = ElidedLabel(scale="title")
        line.addWidget(self._title, 1)
        self.reply = push_button(
            self.tr("Reply"), lambda: self.action.emit(CaseAction.REPLY), icon="arrow_reply"
        )
        self._reply_key = KeyCap("R")
        self._reply_key_on_accent = KeyCap("R", on_accent=True)
        self._reply_key_on_accent.hide()
        keyed = QHBoxLayout(self.reply)
        keyed.setContentsMargins(0, 0, 8, 0)
        keyed.addStretch(1)
        keyed.addWidget(self._reply_key)
        keyed.addWidget(self._reply_key_on_accent)
        self.reply.setStyleSheet("QPushButton { text-align: left; padding-left: 12px; }")
        self.reply.setMinimumWidth(self.reply.sizeHint().width() + self._reply_key.sizeHint().width() + 12)
        self.attach = push_button(
            self.tr("Attach files"), lambda: self.action.emit(CaseAction.ATTACH), icon="attach"
        )
        self.more = icon_button("more_horizontal", self.tr("More actions"), self._open_menu)
        for button in (self.reply, self.attach, self.more):
            line.addWidget(button)
        column.addLayout(line)
        self.tabs = CountTabs(name=self.tr("Parts of the case"))
        self.tabs.selected.connect(self.tab)
        column.addSpacing(2)
        column.addWidget(self.tabs)
        self.show_counts(None, None)

    def show_case(self, case: Case, offers: Sequence[Offer], *, changed: str) -> None:
        """Show a case and its actions; a refused one is disabled, its reason stands in the rail."""
        self._changed.setText(changed)
        if self._shown == (case, tuple(offers)):
            return
        self._shown = (case, tuple(offers))
        self._number = case.number
        self._number_label.setText(case.number)
        self._number_label.setAccessibleName(f"Case {' '.join(case.number)}")
        while (item := self._state_row.takeAt(0)) is not None:
            old = item.widget()
            if old is not None:
                old.hide()
                old.deleteLater()
        role = status_role(case.status)
        badge = GlyphLabel(
            state_text(case), substatus=case.substatus, role=f"{role}.fg", ground=f"{role}.bg", scale="label"
        )
        self._state_row.addWidget(badge)
        self._state_row.addWidget(priority_label(case.priority))
        self._title.setText(case.subject)
        by_action = {offer.action: offer for offer in offers}
        for button, which in ((self.reply, CaseAction.REPLY), (self.attach, CaseAction.ATTACH)):
            offer = by_action[which]
            button.setEnabled(offer.enabled)
            button.setAccessibleDescription("" if offer.enabled else offer.line)
            button.setToolTip("" if offer.enabled else offer.line)

    def show_counts(self, updates: int | None, files: int | None) -> None:
        """Numbers beside the tabs."""
        self.tabs.set_tabs([Tab(UPDATES, self.tr("Updates"), updates), Tab(FILES, self.tr("Files"), files)])

    def make_reply_primary(self, primary: bool) -> None:
        """*Reply* is the primary action only where no other one is (never more than one)."""
        self.reply.setProperty("kind", "primary" if primary else "plain")
        self.reply.style().unpolish(self.reply)
        self.reply.style().polish(self.reply)
        self._reply_key.setVisible(not primary)
        self._reply_key_on_accent.setVisible(primary)
        bind_icon(self.reply, "arrow_reply", role="text.on.accent" if primary else "text.secondary")

    def _open_menu(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        number, title = self._number, self._title.text()
        clipboard = QGuiApplication.clipboard()
        menu.addAction(self.tr("Copy number"), lambda: clipboard.setText(number))
        menu.addAction(self.tr("Copy number and title"), lambda: clipboard.setText(f"{number} {title}"))
        menu.addAction(self.tr("Refresh"), self.refresh.emit)
        menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))
