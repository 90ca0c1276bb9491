"""Adding a server: its address, its certificate as a person has compared it, its code."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.domain.errors import CaseferryError
from app.transfer.network import ShownCertificate
from ui.shell.services import AgentBook, KnownAgent
from ui.shell.trust_dialog import TrustDialog
from ui.tasks import Task
from ui.widgets.buttons import IconLabel, push_button
from ui.widgets.glyphs import error_note
from ui.widgets.labels import TextLabel


class AddServer(QFrame):
    """The card below the list. The code leaves this PC only after the certificate was agreed to.

    Signals:
        paired: the `KnownAgent`.
    """

    paired = Signal(object)

    def __init__(self, book: AgentBook, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._book = book
        self.setProperty("kind", "card")
        self.setAccessibleName(self.tr("Add a server"))
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(8)
        row = QHBoxLayout()
        row.setSpacing(14)
        column.addLayout(row)
        row.addWidget(IconLabel("plug_connected", size=20), 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(TextLabel(self.tr("Add a server"), scale="body.strong"))
        words.addWidget(
            TextLabel(
                self.tr("Install the agent there and run caseferry-agent pair. Enter address and code here."),
                scale="label",
                role="text.secondary",
                wrap=True,
            )
        )
        row.addLayout(words, 1)
        self.address = self._field(self.tr("Address"), "sip-a01.example:8443", 210)
        self.code = self._field(self.tr("Code"), "7KQ2-M9XD", 120)
        self.pair: QPushButton = push_button(self.tr("Pair"), self.begin)
        for widget in (self.address, self.code, self.pair):
            row.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        self._trouble = QVBoxLayout()
        column.addLayout(self._trouble)
        self.dialog: TrustDialog | None = None
        self._show_ready()

    def begin(self) -> None:
        """Look at the certificate that is shown at the address."""
        place = self.address.text().strip()
        if not self.pair.isEnabled():
            return
        self._clear()
        self._busy(self.tr("Looking…"))
        Task.run(self._book.look, place, owner=self).on_done(lambda shown: self._ask(place, shown)).on_error(
            self._failed
        )

    def _ask(self, place: str, shown: ShownCertificate) -> None:
        self._show_ready()
        self.dialog = TrustDialog(
            self.tr(
                "The agent at {0} shows this certificate. On that server, caseferry-agent pair shows it, too."
            ).format(shown.place),
            digest="SHA-256",
            fingerprint=shown.fingerprint,
            trust=self.tr("Pair with it"),
            parent=self,
        )
        self.dialog.agreed.connect(lambda: self._pair(place, shown))
        self.dialog.destroyed.connect(self._forget_dialog)
        self.dialog.open()

    def _forget_dialog(self) -> None:
        self.dialog = None

    def _pair(self, place: str, shown: ShownCertificate) -> None:
        self._busy(self.tr("Pairing…"))
        code = self.code.text()
        Task.run(self._book.pair, place, code, shown=shown, owner=self).on_done(self._done).on_error(
            self._failed
        )

    def _done(self, agent: KnownAgent) -> None:
        self.address.clear()
        self.code.clear()
        self._show_ready()
        self.paired.emit(agent)

    def _failed(self, error: CaseferryError) -> None:
        self._show_ready()
        self._clear()
        self._trouble.addWidget(error_note(error))

    def _field(self, name: str, example: str, width: int) -> QLineEdit:
        field = QLineEdit()
        field.setAccessibleName(name)
        field.setPlaceholderText(example)
        field.setFixedWidth(width)
        field.textChanged.connect(lambda _text: self._show_ready())
        field.returnPressed.connect(self.begin)
        return field

    def _busy(self, words: str) -> None:
        self.pair.setText(words)
        for widget in (self.address, self.code, self.pair):
            widget.setEnabled(False)

    def _show_ready(self) -> None:
        self.pair.setText(self.tr("Pair"))
        for field in (self.address, self.code):
            field.setEnabled(True)
        self.pair.setEnabled(bool(self.address.text().strip() and self.code.text().strip()))

    def _clear(self) -> None:
        while (item := self._trouble.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
