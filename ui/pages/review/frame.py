"""The parts of the review page and their places; what they do is the page's."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ui.pages.review.panels import FoundPane, SelectedPane
from ui.widgets.buttons import IconLabel, icon_button, push_button
from ui.widgets.empty import EmptyState
from ui.widgets.glyphs import KeyCap
from ui.widgets.labels import Rule, Surface, TextLabel
from ui.widgets.life_bar import LifeBar
from ui.widgets.mask_diff import RAIL, MaskDiff


class ReviewFrame(QWidget):
    """Head, the two side panes around the lines, and the foot with the word of R-FILE-1.

    Signals:
        back_requested: leave the review; the job waits.
        confirm_wanted, discard_wanted: the buttons of the head.
        hit_wanted: to the next hit (True) or the previous one.
    """

    back_requested = Signal()
    confirm_wanted = Signal()
    discard_wanted = Signal()
    hit_wanted = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._build()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head())
        self._problem = QVBoxLayout()
        column.addLayout(self._problem)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        self.found = FoundPane()
        middle.addWidget(self.found)
        middle.addWidget(Rule(vertical=True, role="border.default"))
        middle.addWidget(self._centre(), 1)
        middle.addWidget(Rule(vertical=True, role="border.default"))
        self.selected = SelectedPane()
        middle.addWidget(self.selected)
        column.addLayout(middle, 1)
        column.addWidget(self._foot())
        for key, forward in (("F", True), ("Shift+F", False)):
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(partial(self.hit_wanted.emit, forward))
        send = QShortcut(QKeySequence("Ctrl+Return"), self)
        send.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        send.activated.connect(self.confirm_wanted)

    def _head(self) -> QWidget:
        head = QFrame()
        head.setProperty("kind", "toolbar")
        row = QHBoxLayout(head)
        row.setContentsMargins(16, 10, 20, 10)
        row.setSpacing(10)
        row.addWidget(
            icon_button("arrow_left", self.tr("Back; the job waits for you"), self.back_requested.emit)
        )
        row.addWidget(TextLabel(self.tr("Review masking"), scale="title"))
        row.addStretch(1)
        self._what = TextLabel(scale="label", role="text.secondary")
        row.addWidget(self._what)
        self.discard = push_button(self.tr("Do not send"), self.discard_wanted.emit)
        row.addWidget(self.discard)
        self.send = push_button(
            self.tr("Confirm and send"), self.confirm_wanted.emit, kind="primary", icon="send"
        )
        cap = self._send_cap = KeyCap("Ctrl", "↵", on_accent=True)
        inside = QHBoxLayout(self.send)
        inside.setContentsMargins(0, 0, 8, 0)
        inside.addStretch(1)
        inside.addWidget(cap)
        self.send.setStyleSheet("QPushButton { text-align: left; padding-left: 12px; }")
        self.send.setMinimumWidth(self.send.sizeHint().width() + cap.sizeHint().width() + 14)
        row.addWidget(self.send)
        return head

    def _centre(self) -> QWidget:
        holder = Surface()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._bar = QWidget()
        bar = QHBoxLayout(self._bar)
        bar.setContentsMargins(0, 0, 0, 0)
        bar.setSpacing(0)
        raw = self._pane_head("lock_closed", "text.primary", self.tr("Raw"), self.tr("only on this PC"))
        masked = self._pane_head(
            "shield_lock", "accent.base", self.tr("Masked"), self.tr("what support gets")
        )
        self._number = TextLabel(scale="label", role="text.secondary")
        self.previous = icon_button(
            "arrow_up", self.tr("Previous hit"), lambda: self.hit_wanted.emit(False), shortcut="Shift+F"
        )
        self.next = icon_button(
            "arrow_down", self.tr("Next hit"), lambda: self.hit_wanted.emit(True), shortcut="F"
        )
        inner = masked.layout()
        if inner is not None:
            for widget in (self._number, self.previous, self.next):
                inner.addWidget(widget)
        bar.addWidget(raw, 1)
        bar.addSpacing(RAIL)
        bar.addWidget(masked, 1)
        column.addWidget(self._bar)
        column.addWidget(Rule())
        self._stack = QStackedWidget()
        self.diff = MaskDiff()
        self._stack.addWidget(self.diff)
        state = QWidget()
        state_column = QVBoxLayout(state)
        state_column.setContentsMargins(60, 40, 60, 40)
        self.state = EmptyState("shield_lock", "", "")
        self.progress = LifeBar(self.tr("Masking"))
        state_column.addStretch(1)
        state_column.addWidget(self.state)
        state_column.addWidget(self.progress)
        state_column.addStretch(2)
        self._stack.addWidget(state)
        column.addWidget(self._stack, 1)
        return holder

    def _pane_head(self, icon: str, role: str, title: str, text: str) -> QWidget:
        half = QWidget()
        half.setMinimumWidth(0)
        half.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(half)
        row.setContentsMargins(14, 5, 10, 5)
        row.setSpacing(8)
        row.addWidget(IconLabel(icon, role=role))
        row.addWidget(TextLabel(title, scale="body.strong"))
        row.addWidget(TextLabel(text, scale="label", role="text.secondary"))
        row.addStretch(1)
        return half

    def _foot(self) -> QWidget:
        foot = QFrame()
        foot.setProperty("kind", "footer")
        row = QHBoxLayout(foot)
        row.setContentsMargins(20, 12, 20, 12)
        row.setSpacing(10)
        self.acknowledge = QCheckBox(
            self.tr("I checked the masking. The bundle has no regulated, sensitive or personal data.")
        )
        row.addWidget(self.acknowledge)
        self.reason = TextLabel(scale="label", role="wait.fg")
        row.addWidget(self.reason)
        row.addStretch(1)
        row.addWidget(IconLabel("lock_closed"))
        row.addWidget(
            TextLabel(self.tr("The raw column never leaves this PC"), scale="label", role="text.secondary")
        )
        return foot
