"""Settings, Network and proxy: the way out, whom to trust, and what was agreed to by hand."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from app.domain.errors import CaseferryError
from app.transfer.network import parse_proxy
from ui.pages.settings.cards import Card
from ui.shell.configuration import NetworkChoice, ProxyUse
from ui.tasks import Latest, Task
from ui.widgets.buttons import ChipRow, push_button
from ui.widgets.choice_box import ChoiceBox, NumberBox
from ui.widgets.glyphs import Note, error_note
from ui.widgets.labels import TextLabel

_USES = {
    ProxyUse.SYSTEM: "System proxy",
    ProxyUse.THIS: "This proxy",
    ProxyUse.NONE: "No proxy",
}
_KINDS = (("HTTP", "http"), ("SOCKS 5", "socks5"), ("SOCKS 4", "socks4"))
_PORTS = {"http": 8080, "socks5": 1080, "socks4": 1080}


class WayKeeper(Protocol):
    """Tries, keeps and forgets. Every call may block: go through `Task`."""

    def try_way(self, choice: NetworkChoice, password: str | None) -> str:
        """Reach the portal this way, without keeping it; what was found, for people.

        Raises:
            WorldError: it cannot be reached.
        """

    def keep_way(self, choice: NetworkChoice, password: str | None) -> None:
        """Keep the choice; a password only when one is given (empty forgets it)."""

    def agreed(self) -> dict[str, str]:
        """Servers whose certificate was agreed to by hand, with the fingerprint."""

    def forget_agreed(self, place: str) -> dict[str, str]:
        """Agree to it no longer; what is left."""


class NetworkPane(QWidget):
    """The way out of this network.

    Signals:
        kept: the `NetworkChoice` that is in force from now on.
    """

    kept = Signal(object)

    def __init__(
        self, choice: NetworkChoice, keeper: WayKeeper | None, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._choice, self._keeper = choice, keeper
        self._trying = Latest(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(18)
        self._notes = QVBoxLayout()
        column.addLayout(self._notes)
        column.addWidget(self._proxy_card())
        column.addWidget(self._trust_card())
        self.agreed_card = Card(
            self.tr("Agreed to by hand"),
            self.tr("Certificates that you compared and agreed to. Forget one to be asked anew."),
        )
        column.addWidget(self.agreed_card)
        column.addStretch(1)
        self._show_choice()
        self._show_agreed({})

    def _proxy_card(self) -> QWidget:
        card = Card(
            self.tr("Proxy"),
            self.tr("For the portal, for downloads and for SFTP. The agent has its own configuration."),
        )
        self.use = ChipRow(list(_USES.values()), name=self.tr("Which proxy"))
        self.use.chosen.connect(lambda _word: self._show_fields())
        card.add_row(self.tr("Use"), "", self.use)
        self._address = QWidget()
        fields = QHBoxLayout(self._address)
        fields.setContentsMargins(16, 9, 16, 12)
        fields.setSpacing(12)
        self.kind = ChoiceBox()
        self.kind.addItems([words for words, _scheme in _KINDS])
        self.host, self.port = QLineEdit(), NumberBox(1, 65535)
        self.port.setValue(8080)
        self.host.setPlaceholderText("proxy.example.com")
        _field(fields, self.tr("Kind"), self.kind, width=110)
        _field(fields, self.tr("Address"), self.host)
        _field(fields, self.tr("Port"), self.port, width=96)
        self.kind.currentIndexChanged.connect(self._kind_chosen)
        card.add(self._address)
        self._sign_in = QWidget()
        names = QHBoxLayout(self._sign_in)
        names.setContentsMargins(16, 9, 16, 12)
        names.setSpacing(12)
        self.user, self.password = QLineEdit(), QLineEdit()
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.user.setPlaceholderText(self.tr("None"))
        _field(names, self.tr("User"), self.user)
        _field(names, self.tr("Password, kept in the vault"), self.password)
        card.add(self._sign_in)
        self.no_proxy = QLineEdit()
        self.no_proxy.setPlaceholderText("example.com, 10.0.0.0/8, <local>")
        self.no_proxy.setMinimumWidth(360)
        self._except = card.add_row(
            self.tr("Without a proxy"), self.tr("Names, addresses, networks"), self.no_proxy
        )
        return card

    def _trust_card(self) -> QWidget:
        card = Card(
            self.tr("Certificates"),
            self.tr("The system's authorities count. Nothing of REQUESTS_CA_BUNDLE or the like is read."),
        )
        self.ca_files = QLineEdit()
        self.ca_files.setMinimumWidth(360)
        self.ca_files.setPlaceholderText(self.tr("Files in PEM form, separated by commas"))
        card.add_row(
            self.tr("Further authorities"),
            self.tr("Such as that of a proxy that looks inside"),
            self.ca_files,
        )
        self.certificate, self.key = QLineEdit(), QLineEdit()
        for line in (self.certificate, self.key):
            line.setMinimumWidth(360)
        card.add_row(
            self.tr("Client certificate"), self.tr("What this PC shows; a file in PEM form"), self.certificate
        )
        card.add_row(self.tr("Its key"), self.tr("When it is another file"), self.key)
        buttons = QWidget()
        row = QHBoxLayout(buttons)
        row.setContentsMargins(16, 9, 16, 9)
        row.setSpacing(8)
        self.found = TextLabel(scale="label", role="text.secondary", wrap=True)
        row.addWidget(self.found, 1)
        self.test = push_button(self.tr("Test"), self.try_it)
        self.keep = push_button(self.tr("Keep"), self.keep_it, kind="primary")
        row.addWidget(self.test)
        row.addWidget(self.keep)
        card.add(buttons)
        return card

    def activate(self) -> None:
        """Ask what was agreed to."""
        if self._keeper is not None:
            Task.run(self._keeper.agreed, owner=self).on_done(self._show_agreed).on_error(self._failed)

    def choice(self) -> NetworkChoice:
        """What the fields say."""
        use = next(use for use, words in _USES.items() if words == self.use.value())
        host = self.host.text().strip()
        shown = f"[{host}]" if ":" in host and not host.startswith("[") else host
        scheme = _KINDS[self.kind.currentIndex()][1]
        return NetworkChoice(
            use=use,
            proxy=f"{scheme}://{shown}:{self.port.value()}" if host else "",
            proxy_user=self.user.text().strip(),
            no_proxy=_listed(self.no_proxy.text()),
            ca_files=_listed(self.ca_files.text()),
            client_certificate=self.certificate.text().strip(),
            client_key=self.key.text().strip(),
        )

    def try_it(self) -> None:
        """Reach the portal the way that the fields say, without keeping it."""
        if self._keeper is None:
            return
        self._clear_notes()
        self.found.setText(self.tr("Trying…"))
        self._trying.run(self._keeper.try_way, self.choice(), self._typed()).on_done(
            self.found.setText
        ).on_error(self._failed)

    def keep_it(self) -> None:
        """Keep what the fields say; it is in force at once."""
        if self._keeper is None:
            return
        self._clear_notes()
        choice = self.choice()

        def done(_none: None) -> None:
            self._choice = choice
            self.password.clear()
            self._show_choice()
            self.kept.emit(choice)

        Task.run(self._keeper.keep_way, choice, self._typed(), owner=self).on_done(done).on_error(
            self._failed
        )

    def _typed(self) -> str | None:
        """The password that was typed; None leaves the kept one, empty forgets it, for there is no user."""
        if not self.user.text().strip():
            return ""
        return self.password.text() or None

    def _show_choice(self) -> None:
        choice = self._choice
        self.use.choose(_USES[choice.use])
        if choice.proxy:
            proxy = parse_proxy(choice.proxy)
            with QSignalBlocker(self.kind):
                self.kind.setCurrentIndex([scheme for _words, scheme in _KINDS].index(proxy.kind.value))
            self.host.setText(proxy.host)
            self.port.setValue(proxy.port)
        self.user.setText(choice.proxy_user)
        self.password.setPlaceholderText(self.tr("Unchanged") if choice.proxy_user else "")
        self.no_proxy.setText(", ".join(choice.no_proxy))
        self.ca_files.setText(", ".join(choice.ca_files))
        self.certificate.setText(choice.client_certificate)
        self.key.setText(choice.client_key)
        self._show_fields()

    def _show_fields(self) -> None:
        use = self.choice().use
        self._address.setVisible(use is ProxyUse.THIS)
        self._sign_in.setVisible(use is not ProxyUse.NONE)
        self._except.setVisible(use is not ProxyUse.NONE)

    def _kind_chosen(self, index: int) -> None:
        if self.port.value() in _PORTS.values():
            self.port.setValue(_PORTS[_KINDS[index][1]])

    def _show_agreed(self, agreed: dict[str, str]) -> None:
        self.agreed_card.clear()
        for place, fingerprint in agreed.items():
            button = push_button(self.tr("Forget"), lambda place=place: self._forget(place), small=True)  # type: ignore[misc]
            button.setAccessibleName(self.tr("Forget {0}").format(place))
            self.agreed_card.add_row(place, f"SHA-256 {fingerprint}", button)
        if not agreed:
            self.agreed_card.add_row(self.tr("None"), self.tr("You have agreed to no certificate by hand"))

    def _forget(self, place: str) -> None:
        if self._keeper is not None:
            Task.run(self._keeper.forget_agreed, place, owner=self).on_done(self._show_agreed).on_error(
                self._failed
            )

    def _failed(self, error: CaseferryError) -> None:
        self.found.setText("")
        self._clear_notes()
        note: Note = error_note(error)
        self._notes.addWidget(note)

    def _clear_notes(self) -> None:
        while (item := self._notes.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()


def _field(row: QHBoxLayout, name: str, control: QWidget, *, width: int = 0) -> None:
    column = QVBoxLayout()
    column.setSpacing(3)
    label = QLabel(name)
    label.setProperty("scale", "label")
    label.setBuddy(control)
    control.setAccessibleName(name)
    column.addWidget(label)
    column.addWidget(control)
    if width:
        control.setFixedWidth(width)
    row.addLayout(column, 0 if width else 1)


def _listed(text: str) -> list[str]:
    return [each.strip() for each in text.split(",") if each.strip()]
