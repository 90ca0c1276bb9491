"""Call support: the numbers this installation knows, and what to say of the case in view."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.domain.cases import Priority
from app.portal.contract import Case
from ui.shell.configuration import Phone
from ui.shell.shaded import ShadedDialog
from ui.theme import bind_icon
from ui.widgets.glyphs import Note, priority_label

_SAY_WIDTH = 254


def briefing(case: Case) -> str:
    """What support needs to hear first, as plain lines."""
    lines = [f"Case {case.number}: {case.subject}", f"{case.stage.value}, priority {case.priority.value}"]
    if case.agents_affected:
        lines.append(f"{case.agents_affected} agents affected")
    lines.append(f"{case.component} {case.version}".strip())
    if case.reference:
        lines.append(f"Our reference {case.reference}")
    return "\n".join(line for line in lines if line)


class CallDialog(ShadedDialog):
    """Numbers on the left, the case in view on the right."""

    def __init__(self, phones: Sequence[Phone], case: Case | None, *, parent: QWidget) -> None:
        super().__init__(QCoreApplication.translate("CallDialog", "Call support"), parent=parent)
        self.setFixedWidth(680)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(14)
        head = QLabel(self.tr("Call support"))
        head.setProperty("scale", "subtitle")
        column.addWidget(head)
        remark = QLabel(self.tr("Calling is the only way to make a case Critical."))
        remark.setProperty("role", "text.secondary")
        column.addWidget(remark)
        row = QHBoxLayout()
        row.setSpacing(24)
        row.addLayout(self._numbers(phones), 1)
        if case is not None:
            row.addWidget(self._say(case))
        column.addLayout(row)
        if case is not None and case.priority is Priority.CRITICAL:
            column.addWidget(
                Note(
                    "warn",
                    "",
                    self.tr(
                        "While a case is Critical, you or another Designated Contact must be "
                        "reachable at any time."
                    ),
                )
            )
        foot = QHBoxLayout()
        foot.addStretch(1)
        done = QPushButton(self.tr("Done"))
        done.setDefault(True)
        done.clicked.connect(self.accept)
        foot.addWidget(done)
        column.addLayout(foot)

    def _numbers(self, phones: Sequence[Phone]) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(8)
        for phone in phones:
            row = QHBoxLayout()
            row.setSpacing(8)
            region = QLabel(phone.region)
            row.addWidget(region)
            row.addStretch(1)
            number = QLabel(phone.number)
            number.setProperty("scale", "body.strong")
            number.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            row.addWidget(number)
            call = QPushButton(self.tr("Call"))
            bind_icon(call, "call")
            call.setAccessibleName(self.tr("Call {0}").format(phone.region))
            call.clicked.connect(lambda _checked=False, number=phone.number: _dial(number))
            row.addWidget(call)
            column.addLayout(row)
        if not phones:
            column.addWidget(
                Note(
                    "info",
                    self.tr("No number is set on this PC"),
                    self.tr("Your support contract names the numbers. They are set in desktop.toml."),
                )
            )
        column.addStretch(1)
        return column

    def _say(self, case: Case) -> QFrame:
        card = QFrame()
        card.setProperty("kind", "sunken")
        card.setFixedWidth(_SAY_WIDTH)
        column = QVBoxLayout(card)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(6)
        head = QLabel(self.tr("Say this"))
        head.setProperty("scale", "label")
        head.setProperty("role", "text.secondary")
        column.addWidget(head)
        column.addWidget(priority_label(case.priority))
        text = briefing(case)
        words = QLabel(text)
        words.setWordWrap(True)
        words.setTextFormat(Qt.TextFormat.PlainText)
        words.setFixedWidth(_SAY_WIDTH - 32)
        words.setMinimumHeight(words.heightForWidth(_SAY_WIDTH - 32))
        column.addWidget(words)
        copy = QPushButton(self.tr("Copy"))
        copy.setProperty("compact", True)
        bind_icon(copy, "copy")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(text))
        column.addWidget(copy, 0, Qt.AlignmentFlag.AlignLeft)
        return card


def _dial(number: str) -> None:
    QDesktopServices.openUrl(QUrl(f"tel:{''.join(ch for ch in number if ch.isdigit() or ch == '+')}"))
