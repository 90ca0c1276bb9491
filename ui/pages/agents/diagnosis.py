"""What the doctor of an agent found, with a text to copy."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.agentlink import CheckShown, Diagnosis, Verdict
from app.domain.errors import CaseferryError
from ui.pages.agents.rows import AgentRow
from ui.shell.question import Question
from ui.widgets.buttons import IconLabel, push_button
from ui.widgets.glyphs import error_note
from ui.widgets.labels import TextLabel
from ui.widgets.quantities import plural
from ui.widgets.scroll_column import ScrollColumn

_SIGNS = {
    Verdict.OK: ("checkmark_circle", "success.fg"),
    Verdict.WARN: ("warning", "warning.fg"),
    Verdict.FAIL: ("error_circle", "danger.fg"),
}
_HEIGHT = 360


class DiagnosisDialog(Question):
    """Stands at once, and is filled when the agent has answered."""

    def __init__(self, row: AgentRow, *, parent: QWidget) -> None:
        title = QCoreApplication.translate("DiagnosisDialog", "Diagnosis of {0}").format(row.name)
        super().__init__(title, width=560, parent=parent)
        self._name = row.name
        self.text = ""
        self.summary = TextLabel(self.tr("The agent looks at all that it needs…"), role="text.secondary")
        self.column.addWidget(self.summary)
        self._list = ScrollColumn()
        self._list.setFixedHeight(_HEIGHT)
        self._list.setAccessibleName(self.tr("Checks"))
        self._list.column.setSpacing(10)
        self.column.addWidget(self._list)
        foot = QHBoxLayout()
        self.copy = push_button(self.tr("Copy text"), self._copy, icon="copy")
        self.copy.setEnabled(False)
        self.close_it = push_button(self.tr("Close"), self.reject, kind="primary")
        foot.addWidget(self.copy)
        foot.addStretch(1)
        foot.addWidget(self.close_it)
        self.column.addLayout(foot)

    def show_diagnosis(self, found: Diagnosis) -> None:
        """What was found: what is wrong first."""
        order = [Verdict.FAIL, Verdict.WARN, Verdict.OK]
        checks = sorted(found.checks, key=lambda check: order.index(check.verdict))
        wrong = sum(check.verdict is not Verdict.OK for check in checks)
        checked = plural(len(checks), "check", "checks")
        self.summary.setText(
            self.tr("{0}: {1} need a person.").format(checked, wrong)
            if wrong
            else self.tr("{0}: all is well.").format(checked)
        )
        for check in checks:
            self._list.column.addLayout(self._line(check))
        self._list.column.addStretch(1)
        self.text = diagnosis_text(self._name, found)
        self.copy.setEnabled(True)

    def show_error(self, error: CaseferryError) -> None:
        """It could not be asked."""
        self.summary.hide()
        self._list.column.addWidget(error_note(error))
        self._list.column.addStretch(1)

    def _line(self, check: CheckShown) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(10)
        icon, role = _SIGNS[check.verdict]
        row.addWidget(IconLabel(icon, size=20, role=role), 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(0)
        title = TextLabel(check.check[:1].upper() + check.check[1:], scale="body.strong", wrap=True)
        title.setAccessibleName(f"{check.check}, {check.verdict.value}")
        words.addWidget(title)
        said = " ".join(each for each in (check.result, check.todo, check.code) if each)
        words.addWidget(TextLabel(said, scale="label", role="text.secondary", wrap=True))
        row.addLayout(words, 1)
        return row

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text)


def diagnosis_text(name: str, found: Diagnosis) -> str:
    """What was found, to copy. Pure."""
    lines = [f"{name}, {found.at:%Y-%m-%d %H:%M} UTC"]
    for check in found.checks:
        code = f" [{check.code}]" if check.code else ""
        todo = f" -> {check.todo}" if check.todo else ""
        lines.append(f"{check.verdict.value.upper():4} {check.check}: {check.result}{todo}{code}")
    return "\n".join(lines) + "\n"
