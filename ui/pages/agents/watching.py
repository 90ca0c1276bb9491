"""One more folder for the agent of this PC, and the question before an agent begins anew."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QWidget

from ui.pages.agents.rows import AgentRow
from ui.shell.question import Question
from ui.widgets.buttons import push_button
from ui.widgets.choice_box import ChoiceBox
from ui.widgets.labels import TextLabel


class WatchDialog(Question):
    """Asks for a folder, and for the rule that is to watch it.

    Signals:
        agreed: watch `folder` by the rule `rule`.
    """

    def __init__(self, rules: Sequence[str], *, parent: QWidget) -> None:
        title = QCoreApplication.translate("WatchDialog", "Watch another folder")
        super().__init__(title, width=520, parent=parent)
        self.column.addWidget(
            TextLabel(
                self.tr("Its logs go where the rule sends them. The agent takes it without a restart."),
                role="text.secondary",
                wrap=True,
            )
        )
        row = QHBoxLayout()
        self._path = QLineEdit()
        self._path.setAccessibleName(self.tr("Folder"))
        self._path.setPlaceholderText(self.tr("Folder of this PC"))
        self._path.textChanged.connect(lambda _text: self._show_ready())
        row.addWidget(self._path, 1)
        row.addWidget(push_button(self.tr("Browse…"), self._browse))
        self.column.addLayout(row)
        self._rules = ChoiceBox()
        self._rules.setAccessibleName(self.tr("Rule"))
        self._rules.addItems(list(rules))
        self._rules.setVisible(len(rules) > 1)
        self.column.addWidget(self._rules)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(push_button(self.tr("Cancel"), self.reject))
        self.watch = push_button(self.tr("Watch"), self.agree, kind="primary")
        foot.addWidget(self.watch)
        self.column.addLayout(foot)
        self._show_ready()

    @property
    def folder(self) -> str:
        """As it was typed or chosen."""
        return self._path.text().strip()

    @property
    def rule(self) -> str:
        """The name of the rule."""
        return self._rules.currentText()

    def choose(self, folder: str) -> None:
        """Take a folder."""
        if folder:
            self._path.setText(folder)

    def _browse(self) -> None:
        dialog = QFileDialog(self, self.tr("Choose a folder"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(self.choose)
        dialog.open()

    def _show_ready(self) -> None:
        self.watch.setEnabled(bool(self.folder and self._rules.count()))


class RestartDialog(Question):
    """Asks before an agent begins anew.

    Signals:
        agreed: restart it.
    """

    def __init__(self, row: AgentRow, *, parent: QWidget) -> None:
        title = QCoreApplication.translate("RestartDialog", "Restart the agent of {0}?").format(row.name)
        super().__init__(title, width=460, parent=parent)
        self.column.addWidget(
            TextLabel(
                self.tr("What it sends stops, and goes on from the same part. No log is missed."),
                role="text.secondary",
                wrap=True,
            )
        )
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(push_button(self.tr("Cancel"), self.reject))
        self.restart = push_button(self.tr("Restart agent"), self.agree, kind="primary")
        foot.addWidget(self.restart)
        self.column.addLayout(foot)
