"""What is asked before a transfer is ended, or is sent where it may arrive a second time."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QWidget

from app.agentlink import Job
from ui.shell.question import Question
from ui.widgets.buttons import push_button
from ui.widgets.glyphs import Note
from ui.widgets.labels import TextLabel


def cancel_question(name: str, *, cancel: Callable[[], object], keep: Callable[[], object]) -> Note:
    """The note that asks before something is cancelled of which a part was sent already."""
    translate = QCoreApplication.translate
    note = Note(
        "warn",
        translate("CancelQuestion", "Cancel {0}?").format(name),
        translate(
            "CancelQuestion",
            "Something was sent already. The portal throws the unfinished upload away; your files stay.",
        ),
    )
    note.add_button(translate("CancelQuestion", "Cancel transfer"), cancel)
    note.add_button(translate("CancelQuestion", "Keep sending"), keep)
    return note


class NotThereDialog(Question):
    """Takes a person's word that a place which is gone has not got a bundle.

    The word needs a tick of its own, and Esc and Enter do not give it: where it is wrong, the case has the
    bundle twice.

    Signals:
        agreed: the person knows that it is not there, nor will be.
    """

    def __init__(self, job: Job, *, parent: QWidget) -> None:
        title = QCoreApplication.translate("NotThereDialog", "Send it to another place?")
        super().__init__(title, width=600, parent=parent)
        column = self.column
        column.addWidget(TextLabel(job.name, scale="body.strong", wrap=True))
        if job.problem is not None:
            column.addWidget(TextLabel(job.problem.happened, role="text.secondary", wrap=True))
        column.addWidget(
            Note(
                "warn",
                self.tr("Nothing can check this."),
                self.tr(
                    "If that place has it, or still gets it, the case has it twice. If the place is only "
                    "away for a while, leave it: then only its proof is missing. Your word is recorded, with "
                    "the place and the time."
                ),
            )
        )
        self.known = QCheckBox(self.tr("I know that it is not there, and will not be"))
        column.addWidget(self.known)
        foot = QHBoxLayout()
        foot.addStretch(1)
        self.leave = push_button(self.tr("Leave it"), self.reject)
        self.leave.setDefault(True)
        self.send = push_button(self.tr("Send it again"), self.agree, kind="danger")
        self.send.setAutoDefault(False)
        self.send.setEnabled(False)
        self.known.toggled.connect(self.send.setEnabled)
        foot.addWidget(self.leave)
        foot.addWidget(self.send)
        column.addLayout(foot)
