"""Agreeing to a certificate or a host key that nothing vouches for: shown, and compared by a person."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QWidget

from ui.shell.question import Question
from ui.widgets.buttons import push_button
from ui.widgets.glyphs import Note
from ui.widgets.labels import TextLabel


class TrustDialog(Question):
    """Shows the fingerprint; the agreement needs a tick of its own, and Esc and Enter do not give it.

    Args:
        text: why a person is asked.
        digest: what kind of fingerprint it is.
        fingerprint: as people compare it.
        trust: the words of the button that agrees.

    Signals:
        agreed: the person has compared it and agrees.
    """

    def __init__(self, text: str, *, digest: str, fingerprint: str, trust: str, parent: QWidget) -> None:
        title = QCoreApplication.translate("TrustDialog", "Trust this server?")
        super().__init__(title, width=600, parent=parent)
        column = self.column
        column.addWidget(TextLabel(text, role="text.secondary", wrap=True))
        column.addWidget(TextLabel(digest, scale="label", role="text.secondary"))
        self.fingerprint = TextLabel(_in_two_lines(fingerprint), scale="mono", selectable=True)
        self.fingerprint.setAccessibleName(f"{digest} {fingerprint}")
        column.addWidget(self.fingerprint)
        column.addWidget(
            Note(
                "warn",
                self.tr("Compare it first."),
                self.tr(
                    "Ask the server's operator for the fingerprint by another way, such as the telephone. "
                    "Somebody in between would show one of their own."
                ),
            )
        )
        self.compared = QCheckBox(self.tr("I have compared it, and it is the same"))
        column.addWidget(self.compared)
        foot = QHBoxLayout()
        foot.addStretch(1)
        self.refuse = push_button(self.tr("Do not trust"), self.reject)
        self.refuse.setDefault(True)
        self.trust = push_button(trust, self.agree, kind="danger")
        self.trust.setAutoDefault(False)
        self.trust.setEnabled(False)
        self.compared.toggled.connect(self.trust.setEnabled)
        foot.addWidget(self.refuse)
        foot.addWidget(self.trust)
        column.addLayout(foot)


def _in_two_lines(fingerprint: str) -> str:
    if len(fingerprint) < 60:
        return fingerprint
    middle = len(fingerprint) // 2 + 1
    return f"{fingerprint[:middle].rstrip(':')}\n{fingerprint[middle:].lstrip(':')}"
