"""Agreeing to a certificate or a host key that nothing vouches for: shown, and compared by a person."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QHBoxLayout, QVBoxLayout, QWidget

from ui.shell.scrim import Scrim
from ui.widgets.buttons import push_button
from ui.widgets.glyphs import Note
from ui.widgets.labels import TextLabel


class TrustDialog(QDialog):
    """Shows the fingerprint; the agreement needs a tick of its own, and Esc and Enter do not give it.

    Args:
        text: why a person is asked.
        digest: what kind of fingerprint it is.
        fingerprint: as people compare it.
        trust: the words of the button that agrees.

    Signals:
        agreed: the person has compared it and agrees.
    """

    agreed = Signal()

    def __init__(self, text: str, *, digest: str, fingerprint: str, trust: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._scrim = Scrim(parent.window())
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setWindowTitle(self.tr("Trust this server?"))
        self.setFixedWidth(600)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(10)
        column.addWidget(TextLabel(self.tr("Trust this server?"), scale="subtitle"))
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
        self.trust = push_button(trust, self._agree, kind="danger")
        self.trust.setAutoDefault(False)
        self.trust.setEnabled(False)
        self.compared.toggled.connect(self.trust.setEnabled)
        foot.addWidget(self.refuse)
        foot.addWidget(self.trust)
        column.addLayout(foot)

    def open(self) -> None:
        """Show it in the middle of the shaded window."""
        self._scrim.cover()
        super().open()
        parent = self.parentWidget()
        if parent is not None:
            window = parent.window()
            self.move(window.mapToGlobal(window.rect().center()) - self.rect().center())

    def done(self, result: int) -> None:
        """Close, and take the shade away."""
        self._scrim.lift()
        super().done(result)

    def _agree(self) -> None:
        self.agreed.emit()
        self.accept()


def _in_two_lines(fingerprint: str) -> str:
    if len(fingerprint) < 60:
        return fingerprint
    middle = len(fingerprint) // 2 + 1
    return f"{fingerprint[:middle].rstrip(':')}\n{fingerprint[middle:].lstrip(':')}"
