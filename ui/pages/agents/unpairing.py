"""Taking a server out."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from ui.pages.agents.rows import AgentRow
from ui.shell.question import Question
from ui.widgets.buttons import push_button
from ui.widgets.labels import TextLabel
from ui.widgets.quantities import plural


class UnpairDialog(Question):
    """Asks before an agent is forgotten; its name is typed when something still waits there.

    Signals:
        agreed: forget it.
    """

    def __init__(self, row: AgentRow, *, parent: QWidget) -> None:
        title = QCoreApplication.translate("UnpairDialog", "Unpair {0}?").format(row.name)
        super().__init__(title, width=480, parent=parent)
        self._name = row.name
        column = self.column
        column.addWidget(
            TextLabel(
                self.tr(
                    "This PC forgets it. The agent goes on with its work and its rules. On that server, "
                    "caseferry-agent paired revoke takes this PC's token back."
                ),
                role="text.secondary",
                wrap=True,
            )
        )
        self.typed: QLineEdit | None = None
        if row.waiting:
            words = plural(row.waiting, "transfer there has", "transfers there have")
            column.addWidget(
                TextLabel(
                    self.tr("{0} not ended. Type the server's name to go on: {1}").format(words, row.name),
                    wrap=True,
                )
            )
            self.typed = QLineEdit()
            self.typed.setAccessibleName(self.tr("Name of the server"))
            self.typed.textChanged.connect(lambda _text: self._show_ready())
            column.addWidget(self.typed)
        foot = QHBoxLayout()
        foot.addStretch(1)
        self.keep = push_button(self.tr("Cancel"), self.reject)
        self.unpair = push_button(self.tr("Unpair"), self.agree, kind="danger")
        self.unpair.setAutoDefault(False)
        foot.addWidget(self.keep)
        foot.addWidget(self.unpair)
        column.addLayout(foot)
        self._show_ready()

    def _show_ready(self) -> None:
        self.unpair.setEnabled(self.typed is None or self.typed.text().strip() == self._name)
