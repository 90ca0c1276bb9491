"""The preview beside the list: the timer, what support needs, its last message, the facts, the ways on."""

from __future__ import annotations

import html
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.domain.cases import CaseState, Status, Substatus, Turn, turn_of
from app.domain.files import may_send_files
from app.domain.followup import FollowUp, FollowUpDays, files_deleted_at, follow_up
from app.domain.verdicts import Verdict
from app.portal.contract import Case
from ui.theme import bind_icon, current_theme
from ui.widgets.glyphs import FollowUpRing, KeyCap, Note, priority_label, status_badge
from ui.widgets.moments import date_text, moment_text

_ASKS = {
    Substatus.INFORMATION_REQUIRED: "Support needs information",
    Substatus.REPLIED: "Support proposed a solution",
    Substatus.FIXED: "Support provided software",
}


class PreviewPane(QFrame):
    """Shows one case.

    Signals:
        reply_wanted, attach_wanted, open_wanted: the case's number.
    """

    reply_wanted = Signal(str)
    attach_wanted = Signal(str)
    open_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.days = FollowUpDays()
        self._number = ""
        self.setProperty("kind", "rail")
        self.setAccessibleName(self.tr("Preview"))
        self.setFixedWidth(372)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column.addWidget(self._scroll, 1)
        self._actions = _Actions()
        self._actions.reply.clicked.connect(lambda: self.reply_wanted.emit(self._number))
        self._actions.attach.clicked.connect(lambda: self.attach_wanted.emit(self._number))
        self._actions.open.clicked.connect(lambda: self.open_wanted.emit(self._number))
        column.addWidget(self._actions)
        self.clear()

    def number(self) -> str:
        """The case shown; empty for none."""
        return self._number

    def reply_button(self) -> QPushButton:
        """The button that begins a reply."""
        return self._actions.reply

    def press_reply(self) -> None:
        """As a click on Reply, when it is enabled."""
        self._actions.reply.click()

    def press_attach(self) -> None:
        """As a click on Attach files, when it is enabled."""
        self._actions.attach.click()

    def clear(self) -> None:
        """Show that nothing is selected."""
        self._number = ""
        body = QWidget()
        column = QVBoxLayout(body)
        words = QLabel(self.tr("Select a case to see its timer, its last message and its facts."))
        words.setProperty("role", "text.tertiary")
        words.setWordWrap(True)
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        words.setContentsMargins(32, 0, 32, 0)
        column.addWidget(words)
        self._scroll.setWidget(body)
        self._actions.hide()

    def show_case(
        self, case: Case, *, now: datetime, me: str, may_change: Verdict, designated: list[str]
    ) -> None:
        """Show a case as it stands now.

        Args:
            case: which.
            now: aware.
            me: the signed-in contact's name.
            may_change: whether the access level allows to change cases.
            designated: names of those who may, for the note of a read-only contact.
        """
        keep = self._scroll.verticalScrollBar().value() if case.number == self._number else 0
        self._number = case.number
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(20, 14, 12, 16)
        column.setSpacing(0)
        for part in self._parts(case, now=now, me=me):
            column.addWidget(part)
            column.addSpacing(part.property("below") or 0)
        if not may_change.allowed:
            column.addSpacing(16)
            column.addWidget(_read_only_note(designated))
        column.addStretch(1)
        self._scroll.setWidget(body)
        self._scroll.verticalScrollBar().setValue(keep)
        self._actions.allow(case, may_change)
        self._actions.show()

    def _parts(self, case: Case, *, now: datetime, me: str) -> list[QWidget]:
        parts = [_below(self._head(case), 4), _below(_title(case), 4), _below(_kind_line(case), 12)]
        timer = follow_up(
            CaseState(case.status, case.substatus),
            priority=case.priority,
            since=case.waiting_since,
            days=self.days,
        )
        if timer is not None:
            parts.append(_below(_timer_card(case, timer, now=now), 14))
        elif case.status is Status.CLOSED:
            parts.append(_below(_closed_note(case, now=now), 14))
        if case.last_message:
            parts += _message(case, now=now)
        elif case.description:
            parts += [_below(_heading(self.tr("Description")), 4), _below(_text(case.description), 14)]
        parts += [_below(_heading(self.tr("Facts")), 4), _facts(case, now=now, me=me)]
        return parts

    def _head(self, case: Case) -> QWidget:
        row_widget = QWidget()
        row = QHBoxLayout(row_widget)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        number = QLabel(case.number)
        number.setProperty("role", "text.secondary")
        number.setFont(current_theme().font("body", tabular=True))
        number.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        number.setAccessibleName(self.tr("Case {0}").format(" ".join(case.number)))
        row.addWidget(number)
        row.addWidget(status_badge(case.status, case.substatus))
        row.addStretch(1)
        button = QToolButton()
        button.setProperty("kind", "icon")
        button.setAccessibleName(self.tr("Open this case"))
        button.setToolTip(self.tr("Open (Enter)"))
        bind_icon(button, "external")
        button.clicked.connect(lambda: self.open_wanted.emit(self._number))
        row.addWidget(button)
        return row_widget


class _Actions(QWidget):
    """The buttons at the foot; a disabled one says why in the line above."""

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 8, 16, 15)
        column.setSpacing(6)
        self._why = QLabel()
        self._why.setProperty("role", "text.tertiary")
        self._why.setProperty("scale", "label")
        self._why.setWordWrap(True)
        column.addWidget(self._why)
        row = QHBoxLayout()
        row.setSpacing(8)
        column.addLayout(row)
        self.reply = _keyed_button(self.tr("Reply"), "reply", "R", kind="primary")
        self.attach = _keyed_button(self.tr("Attach files"), "attach", "A", kind="plain")
        self.open = _keyed_button(self.tr("Open"), "", "↵", kind="quiet")
        row.addWidget(self.reply)
        row.addWidget(self.attach)
        row.addStretch(1)
        row.addWidget(self.open)

    def allow(self, case: Case, may_change: Verdict) -> None:
        """Enable what is possible now."""
        files = may_send_files(case.status)
        self.reply.setEnabled(may_change.allowed and case.status is not Status.CLOSED)
        self.attach.setEnabled(may_change.allowed and files.allowed)
        reason = ""
        if may_change.allowed and not files.allowed:
            reason = f"{files.reason} {files.way_out}"
        self._why.setText(reason)
        self._why.setVisible(bool(reason))
        said = reason or may_change.reason
        for button in (self.reply, self.attach):
            button.setAccessibleDescription("" if button.isEnabled() else said)
            button.setToolTip("" if button.isEnabled() else said)


def _keyed_button(text: str, icon: str, key: str, *, kind: str) -> QPushButton:
    """A button with its shortcut drawn inside, on the right."""
    button = QPushButton(text)
    button.setProperty("kind", kind)
    if icon:
        bind_icon(button, icon, role="text.on.accent" if kind == "primary" else "text.secondary")
    cap = KeyCap(key, on_accent=kind == "primary", parent=button)
    cap.setAccessibleName("")
    button.ensurePolished()
    width = button.sizeHint().width() + cap.sizeHint().width() + 4
    button.setFixedWidth(width)
    button.setStyleSheet(f"padding-right: {cap.sizeHint().width() + 12}px; padding-left: 11px;")
    cap.setGeometry(width - cap.sizeHint().width() - 8, 6, cap.sizeHint().width(), 20)
    return button


def _below(widget: QWidget, space: int) -> QWidget:
    widget.setProperty("below", space)
    return widget


def _title(case: Case) -> QLabel:
    label = QLabel(case.subject)
    label.setProperty("scale", "subtitle")
    label.setWordWrap(True)
    return label


def _kind_line(case: Case) -> QWidget:
    line = QWidget()
    row = QHBoxLayout(line)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(12)
    row.addWidget(priority_label(case.priority))
    for words in (f"{case.component} {case.version}".strip(), case.stage.value):
        label = QLabel(words)
        label.setProperty("scale", "label")
        label.setProperty("role", "text.secondary")
        row.addWidget(label)
    row.addStretch(1)
    return line


def _timer_card(case: Case, timer: FollowUp, *, now: datetime) -> QFrame:
    card = QFrame()
    card.setProperty("kind", "card")
    row = QHBoxLayout(card)
    row.setContentsMargins(16, 8, 16, 8)
    row.setSpacing(14)
    ring = FollowUpRing()
    ring.set_follow_up(timer, now=now)
    row.addWidget(ring)
    words = QVBoxLayout()
    words.setSpacing(4)
    words.addStretch(1)
    ask = QLabel(case.ask or _ASKS.get(case.substatus, ""))
    ask.setProperty("scale", "body.strong")
    ask.setWordWrap(True)
    words.addWidget(ask)
    words.addWidget(_text(timer_sentence(timer, now=now), scale="label", rich=True))
    words.addStretch(1)
    row.addLayout(words, 1)
    return card


def timer_sentence(timer: FollowUp, *, now: datetime) -> str:
    """When support asked, when the next reminder goes out, when the case closes; with bold for the next."""
    asked = moment_text(timer.started, now=now)
    closes = date_text(timer.closes, now=now)
    upcoming = [each for each in (timer.first_reminder, timer.second_reminder) if each > now]
    if upcoming:
        following = moment_text(upcoming[0], now=now)
        return (
            f"Asked {asked}. Next reminder <b>{following}</b>. Without an answer the case closes on {closes}."
        )
    if timer.closes > now:
        return (
            f"Asked {asked}. Without an answer the case closes <b>{moment_text(timer.closes, now=now)}</b>."
        )
    return f"Asked {asked}. The ten days are over: the case is being closed."


def _closed_note(case: Case, *, now: datetime) -> Note:
    state = CaseState(case.status, case.substatus)
    deleted = files_deleted_at(state, closed_at=case.closed_at)
    closed = date_text(case.closed_at, now=now) if case.closed_at else ""
    title = f"Closed {closed}".strip()
    if case.closed_by_follow_up:
        text = "Closed without an answer. Reopen by phone."
    else:
        text = "It can be reopened at the portal within 30 days."
    if deleted is not None and deleted > now:
        text += f" Its files are kept until {date_text(deleted, now=now)}."
    return Note("info", title, text, icon="checkmark_circle")


def _message(case: Case, *, now: datetime) -> list[QWidget]:
    heading = "Last message from support"
    if case.last_message_at is not None:
        heading += f" · {moment_text(case.last_message_at, now=now)}"
    return [_below(_heading(heading), 4), _below(_text(opening_of(case.last_message)), 14)]


def opening_of(message: str, *, longest: int = 280) -> str:
    """The first words of a message, without its code lines; an ellipsis says that there is more."""
    lines = message.strip().split("\n")
    words: list[str] = []
    for line in lines:
        if line.startswith("    "):
            break
        words.append(line)
    text = "\n".join(words).strip()
    if len(text) > longest:
        return text[:longest].rsplit(" ", 1)[0] + " …"
    return text if len(words) == len(lines) else f"{text.removesuffix(':')} …"


def _heading(words: str) -> QLabel:
    label = QLabel(words)
    label.setProperty("scale", "label")
    label.setProperty("role", "text.secondary")
    return label


def _text(words: str, *, scale: str = "body", rich: bool = False) -> QLabel:
    """Text with the line height of the scale; what comes from the portal is never read as HTML."""
    step = current_theme().tokens.scale[scale]
    inner = words if rich else html.escape(words).replace("\n", "<br>")
    label = QLabel(f'<div style="line-height: {step.line}px">{inner}</div>')
    label.setTextFormat(Qt.TextFormat.RichText)
    label.setProperty("scale", scale)
    if scale == "label":
        label.setStyleSheet("font-weight: 400;")
    label.setProperty("role", "text.secondary")
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setAccessibleName("")
    return label


def _facts(case: Case, *, now: datetime, me: str) -> QWidget:
    rows = [
        ("Case owner", f"{case.owner}, support" if case.owner else "Not assigned yet"),
        ("Contact", f"{case.contact} (you)" if case.contact == me else case.contact),
        ("Agents affected", str(case.agents_affected) if case.agents_affected is not None else ""),
        ("Your reference", case.reference),
        ("Escalation", _escalation(case, now=now)),
        ("Opened", date_text(case.opened, now=now)),
    ]
    table = QWidget()
    grid = QGridLayout(table)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(6)
    grid.setColumnMinimumWidth(0, 104)
    grid.setColumnStretch(1, 1)
    for place, (name, value) in enumerate((name, value) for name, value in rows if value):
        key, words = QLabel(name), QLabel(value)
        key.setProperty("role", "text.secondary")
        words.setWordWrap(True)
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        grid.addWidget(key, place, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(words, place, 1)
    return table


def _escalation(case: Case, *, now: datetime) -> str:
    if case.escalated_since is None:
        waits = turn_of(CaseState(case.status, case.substatus)) is Turn.YOU
        return "Not yet: support waits for you" if waits else ""
    return f"Escalated since {date_text(case.escalated_since, now=now)}"


def _read_only_note(designated: list[str]) -> Note:
    who = " or ".join(designated) if designated else "of your company"
    return Note(
        "info",
        "You can read this case",
        f"Replies and files need a Designated Contact: {who}.",
        icon="eye",
    )
