"""Agreeing to a certificate that no authority vouches for: shown, compared by a person, then pinned."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QHBoxLayout, QVBoxLayout, QWidget

from app.settings import Trust
from app.transfer.network import ShownCertificate
from ui.shell.scrim import Scrim
from ui.widgets.buttons import push_button
from ui.widgets.glyphs import Note
from ui.widgets.labels import TextLabel

NOT_VOUCHED_FOR = "CF-1470"
"""The code of the one error that a person's agreement mends."""


class Trusting(Protocol):
    """Whom to trust, and the way there. Every call may block: go through `Task`."""

    @property
    def settled(self) -> bool:
        """Whether an authority was named, so that nobody is asked; does not block."""

    def trust_for(self, address: str) -> Trust:
        """For this portal.

        Raises:
            WorldError: the settings cannot be used, or the portal shows another certificate than agreed to.
        """

    def look_at_certificate(self, address: str) -> ShownCertificate:
        """What the portal shows.

        Raises:
            WorldError: it cannot be reached.
        """

    def agree(self, shown: ShownCertificate) -> None:
        """Pin it, because a person has compared it."""


class TrustDialog(QDialog):
    """Shows the fingerprint; the agreement needs a tick of its own, and Esc and Enter do not give it.

    Signals:
        agreed: the `ShownCertificate`.
    """

    agreed = Signal(object)

    def __init__(self, shown: ShownCertificate, *, parent: QWidget) -> None:
        super().__init__(parent)
        self._shown = shown
        self._scrim = Scrim(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setWindowTitle(self.tr("Trust this server?"))
        self.setFixedWidth(600)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(10)
        column.addWidget(TextLabel(self.tr("Trust this server?"), scale="subtitle"))
        column.addWidget(
            TextLabel(
                self.tr("No authority that this PC trusts has signed the certificate of {0}.").format(
                    shown.place
                ),
                role="text.secondary",
                wrap=True,
            )
        )
        column.addWidget(TextLabel("SHA-256", scale="label", role="text.secondary"))
        self.fingerprint = TextLabel(_in_two_lines(shown.fingerprint), scale="mono", selectable=True)
        self.fingerprint.setAccessibleName(self.tr("SHA-256 {0}").format(shown.fingerprint))
        column.addWidget(self.fingerprint)
        column.addWidget(
            Note(
                "warn",
                self.tr("Compare it first."),
                self.tr(
                    "Ask the portal's operator for the fingerprint by another way, such as the telephone. "
                    "Somebody in between would show a certificate of their own."
                ),
            )
        )
        self.compared = QCheckBox(self.tr("I have compared it, and it is the same"))
        column.addWidget(self.compared)
        foot = QHBoxLayout()
        foot.addStretch(1)
        self.refuse = push_button(self.tr("Do not trust"), self.reject)
        self.refuse.setDefault(True)
        self.trust = push_button(self.tr("Trust this certificate"), self._agree, kind="danger")
        self.trust.setAutoDefault(False)
        self.trust.setEnabled(False)
        self.compared.toggled.connect(self.trust.setEnabled)
        foot.addWidget(self.refuse)
        foot.addWidget(self.trust)
        column.addLayout(foot)

    def open(self) -> None:
        """Show it over the shaded window."""
        self._scrim.cover()
        super().open()

    def done(self, result: int) -> None:
        """Close, and take the shade away."""
        self._scrim.lift()
        super().done(result)

    def _agree(self) -> None:
        self.agreed.emit(self._shown)
        self.accept()


def _in_two_lines(fingerprint: str) -> str:
    middle = len(fingerprint) // 2 + 1
    return f"{fingerprint[:middle].rstrip(':')}\n{fingerprint[middle:].lstrip(':')}"
