"""The bell's popover: what happened, newest first; a click leads to the case, or to the transfers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from ui.shell.notices import Notice
from ui.theme import current_theme
from ui.widgets.chips import Popover
from ui.widgets.moments import date_text, is_today, time_text

_WIDTH = 430


class _Line(QPushButton):
    """One notice: icon, bold title while unseen, text, time."""

    def __init__(self, notice: Notice, now: datetime) -> None:
        super().__init__()
        self.setProperty("kind", "row")
        self.setFixedHeight(55)
        self.setAccessibleName(f"{notice.title}. {notice.text}")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 16, 8)
        row.setSpacing(12)
        sign = QLabel()
        sign.setPixmap(current_theme().pixmap(notice.icon, 20, notice.role, dpr=self.devicePixelRatioF()))
        row.addWidget(sign)
        words = QVBoxLayout()
        words.setSpacing(0)
        title = QLabel(notice.title)
        title.setProperty("scale", "body" if notice.seen else "body.strong")
        words.addWidget(title)
        text = QLabel(notice.text)
        text.setProperty("scale", "label")
        text.setProperty("role", "text.tertiary")
        text.setStyleSheet("font-weight: 400;")
        words.addWidget(text)
        row.addLayout(words, 1)
        today = is_today(notice.at, now=now)
        when = QLabel(time_text(notice.at) if today else date_text(notice.at, now=now))
        when.setProperty("scale", "label")
        when.setProperty("role", "text.tertiary")
        row.addWidget(when)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The whole line is the button."""
        super().mousePressEvent(event)


class BellPopover(Popover):
    """Signals lead out of the popover.

    Signals:
        case_wanted: a case number.
        transfers_wanted: what the agent does.
        all_read: the link on the right was chosen.
    """

    case_wanted = Signal(str)
    transfers_wanted = Signal()
    all_read = Signal()

    def __init__(self, notices: Sequence[Notice], *, now: datetime, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Notices"))
        self.setFixedWidth(_WIDTH)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        head = QHBoxLayout()
        head.setContentsMargins(16, 6, 12, 6)
        title = QLabel(self.tr("For you"))
        title.setProperty("scale", "body.strong")
        head.addWidget(title)
        head.addStretch(1)
        link = QPushButton(self.tr("Mark all read"))
        link.setProperty("kind", "link")
        link.setEnabled(any(not each.seen for each in notices))
        link.clicked.connect(self.all_read)
        link.clicked.connect(self.close)
        head.addWidget(link)
        column.addLayout(head)
        column.addWidget(_rule())
        if not notices:
            empty = QLabel(self.tr("Nothing new. Replies, verified files, reminders and alarms appear here."))
            empty.setWordWrap(True)
            empty.setProperty("role", "text.secondary")
            empty.setContentsMargins(16, 18, 16, 20)
            column.addWidget(empty)
            return
        column.addWidget(self._list(notices, now))

    def _list(self, notices: Sequence[Notice], now: datetime) -> QScrollArea:
        body = QWidget()
        lines = QVBoxLayout(body)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(0)
        for notice in notices:
            line = _Line(notice, now)
            line.clicked.connect(lambda _checked=False, number=notice.case: self._go(number))
            lines.addWidget(line)
            lines.addWidget(_rule())
        lines.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(body)
        scroll.setFixedHeight(min(56 * len(notices) + 2, 470))
        return scroll

    def _go(self, number: str) -> None:
        self.close()
        if number:
            self.case_wanted.emit(number)
        else:
            self.transfers_wanted.emit()


def _rule() -> QFrame:
    rule = QFrame()
    rule.setProperty("kind", "line")
    return rule
