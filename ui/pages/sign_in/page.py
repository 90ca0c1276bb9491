"""Signing in: the portal's address, the system browser, and what was found on the way."""

from __future__ import annotations

import threading
from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.domain.access import AccessLevel, level_name
from app.domain.errors import CaseferryError, InputError, TrustError
from app.portal import PersonTokens, PortalClient, sign_in_with_browser
from app.portal.contract import Capabilities, Me, SftpHost
from app.secrets import SecretStore
from app.transfer.network import ShownCertificate
from ui.pages.sign_in.checks import (
    Answer,
    Check,
    Outcome,
    clean_address,
    gateway_check,
    look_at_portal,
    look_at_sftp,
)
from ui.pages.sign_in.trusting import NOT_VOUCHED_FOR, Trusting
from ui.shell.trust_dialog import TrustDialog
from ui.tasks import Latest, Task
from ui.theme import application_mark, bind_icon, current_theme
from ui.widgets.glyphs import error_note

_SIGNS = {
    Outcome.GOOD: ("checkmark_circle", "success.fg"),
    Outcome.WARN: ("warning", "warning.fg"),
    Outcome.BAD: ("error_circle", "danger.fg"),
    Outcome.RUNNING: ("clock", "text.tertiary"),
}
_LEVELS = (
    (AccessLevel.BASIC, "person", "Knowledge, tutorials"),
    (AccessLevel.READ_ONLY, "eye", "and see cases of your company"),
    (AccessLevel.READ_WRITE, "edit", "and open, change, close cases; downloads; licenses"),
)
SignIn = Callable[..., PersonTokens]


class SignInPage(QWidget):
    """The page before anything else.

    Signals:
        signed_in: the portal's address and the `PersonTokens`.
    """

    signed_in = Signal(str, object)

    def __init__(
        self,
        *,
        address: str,
        trusting: Trusting,
        open_store: Callable[[], SecretStore],
        sign_in: SignIn = sign_in_with_browser,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._trusting = trusting
        self._open_store = open_store
        self._sign_in = sign_in
        self._cancel = threading.Event()
        self._looks = Latest(self)
        self._sftp = Latest(self)
        self._running = False
        self._build(address)
        if address:
            self.look()

    def _build(self, address: str) -> None:
        outer = QVBoxLayout(self)
        outer.setContentsMargins(32, 20, 32, 0)
        self._mark = QLabel()
        self._mark.setPixmap(application_mark(size=24, ratio=self.devicePixelRatioF()))
        self._mark.setAccessibleName("Caseferry")
        outer.addWidget(self._mark)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        outer.addWidget(scroll, 1)
        body = QWidget()
        scroll.setWidget(body)
        row = QHBoxLayout(body)
        row.setContentsMargins(0, 28, 0, 24)
        row.addStretch(1)
        left = QWidget()
        left.setFixedWidth(640)
        row.addWidget(left)
        row.addStretch(1)
        right = QWidget()
        right.setFixedWidth(360)
        self._right = right
        row.addWidget(right, 0, Qt.AlignmentFlag.AlignTop)
        row.addStretch(1)
        self._build_left(QVBoxLayout(left), address)
        self._build_right(QVBoxLayout(right))

    def _build_left(self, column: QVBoxLayout, address: str) -> None:
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        title = QLabel(self.tr("Sign in to the portal"))
        title.setProperty("scale", "figure")
        column.addWidget(title)
        remark = QLabel(self.tr("The browser asks who you are; Caseferry never sees your password."))
        remark.setProperty("role", "text.secondary")
        remark.setWordWrap(True)
        column.addWidget(remark)
        column.addSpacing(12)
        label = QLabel(self.tr("Portal address"))
        label.setProperty("scale", "label")
        column.addWidget(label)
        self.address = QLineEdit(address)
        self.address.setFixedWidth(440)
        self.address.setPlaceholderText("https://support.example.com")
        self.address.setAccessibleName(self.tr("Portal address"))
        self.address.editingFinished.connect(self.look)
        label.setBuddy(self.address)
        column.addWidget(self.address)
        self.demo = QLabel(self.tr("Demo portal: all data lie on this PC, nothing leaves it."))
        self.demo.setProperty("scale", "label")
        self.demo.setProperty("role", "text.link")
        self.demo.hide()
        column.addWidget(self.demo)
        column.addSpacing(8)
        column.addLayout(self._buttons())
        column.addSpacing(16)
        self._problem = QVBoxLayout()
        column.addLayout(self._problem)
        self._checks = QFrame()
        self._checks.setProperty("kind", "card")
        self._lines = QVBoxLayout(self._checks)
        self._lines.setContentsMargins(16, 6, 16, 6)
        self._lines.setSpacing(0)
        self._checks.hide()
        column.addWidget(self._checks)
        column.addStretch(1)
        self._shown: dict[str, Check] = {}

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        self.button = QPushButton(self.tr("Sign in with browser"))
        self.button.setProperty("kind", "primary")
        bind_icon(self.button, "external", role="text.on.accent")
        self.button.clicked.connect(self.begin)
        row.addWidget(self.button)
        self.cancel = QPushButton(self.tr("Cancel"))
        self.cancel.clicked.connect(self._cancel_sign_in)
        self.cancel.hide()
        row.addWidget(self.cancel)
        self.waiting = QLabel(self.tr("Waiting for the browser…"))
        self.waiting.setProperty("role", "text.secondary")
        self.waiting.hide()
        row.addWidget(self.waiting)
        row.addStretch(1)
        return row

    def _build_right(self, column: QVBoxLayout) -> None:
        column.setContentsMargins(0, 0, 0, 0)
        card = QFrame()
        card.setProperty("kind", "card")
        inner = QVBoxLayout(card)
        inner.setContentsMargins(16, 16, 16, 16)
        inner.setSpacing(4)
        head = QLabel(self.tr("What your access level allows"))
        head.setProperty("scale", "body.strong")
        inner.addWidget(head)
        inner.addSpacing(6)
        for level, icon, words in _LEVELS:
            inner.addWidget(_level_line(level, icon, words))
        inner.addSpacing(6)
        note = QLabel(self.tr("A change goes through an Admin case and takes up to two working days."))
        note.setWordWrap(True)
        note.setProperty("scale", "label")
        note.setProperty("role", "text.tertiary")
        inner.addWidget(note)
        column.addWidget(card)

    def checks(self) -> list[Check]:
        """The lines that are shown."""
        return list(self._shown.values())

    def busy(self) -> bool:
        """Whether a check still runs."""
        return any(each.outcome is Outcome.RUNNING for each in self._shown.values())

    def look(self) -> None:
        """Check the portal at the address that is written."""
        self._clear_problem()
        if not self.address.text().strip():
            self._checks.hide()
            return
        try:
            address = clean_address(self.address.text())
        except InputError as error:
            self._show_problem(error)
            return
        self._shown = {}
        self._show_check("portal", Check(self.tr("Asking the portal…"), address, Outcome.RUNNING))
        self._looks.run(self._look, address).on_done(
            lambda answer: self._take_answer(address, answer.check, answer.capabilities)
        ).on_error(self._portal_failed)

    def _look(self, address: str) -> Answer:
        """In a worker thread."""
        return look_at_portal(address, self._trusting.trust_for(address))

    def _look_at_sftp(self, address: str, host: SftpHost) -> Check:
        """In a worker thread."""
        return look_at_sftp(host, self._trusting.trust_for(address))

    def begin(self) -> None:
        """Open the browser and wait for the answer."""
        if self._running:
            return
        try:
            address = clean_address(self.address.text())
        except InputError as error:
            self._show_problem(error)
            return
        self._clear_problem()
        self._set_running(True)
        self._cancel = threading.Event()
        Task.run(self._work, address, self._cancel, owner=self).on_done(
            lambda found: self._finished(address, *found)
        ).on_error(self._failed)

    def _work(self, address: str, cancel: threading.Event) -> tuple[PersonTokens, Me]:
        """In a worker thread: the vault may ask the system's key store, the browser takes its time."""
        trust = self._trusting.trust_for(address)
        tokens = self._sign_in(address, trust=trust, store=self._open_store(), cancel=cancel)
        client = PortalClient(address, trust=trust, tokens=tokens)
        try:
            return tokens, client.me()
        finally:
            client.close()

    def _finished(self, address: str, tokens: PersonTokens, me: Me) -> None:
        self._set_running(False)
        accounts = ", ".join(each.account.name for each in me.memberships[:2])
        self._show_check(
            "person",
            Check(
                self.tr("Signed in as {0} {1}").format(me.first_name, me.last_name), accounts, Outcome.GOOD
            ),
        )
        self.signed_in.emit(address, tokens)

    def _failed(self, error: CaseferryError) -> None:
        self._set_running(False)
        self._show_problem(error)

    def _cancel_sign_in(self) -> None:
        self._cancel.set()

    def _set_running(self, running: bool) -> None:
        self._running = running
        self.button.setEnabled(not running)
        self.address.setEnabled(not running)
        self.cancel.setVisible(running)
        self.waiting.setVisible(running)

    def _take_answer(self, address: str, check: Check, capabilities: Capabilities) -> None:
        self.demo.setVisible(capabilities.demo)
        self._show_check("portal", check)
        gateway = gateway_check(capabilities)
        if gateway is not None:
            self._show_check("gateway", gateway)
        if capabilities.sftp is not None:
            port = capabilities.sftp.port
            self._show_check("sftp", Check(self.tr("Trying SFTP…"), f"port {port}", Outcome.RUNNING))
            self._sftp.run(self._look_at_sftp, address, capabilities.sftp).on_done(
                lambda found: self._show_check("sftp", found)
            )

    def _portal_failed(self, error: CaseferryError) -> None:
        self.demo.hide()
        self._shown = {}
        self._checks.hide()
        self._show_problem(error)

    def _show_problem(self, error: CaseferryError) -> None:
        self._clear_problem()
        note = error_note(error, retry=self.look)
        if isinstance(error, TrustError) and error.code == NOT_VOUCHED_FOR and not self._trusting.settled:
            note.add_button(self.tr("Look at its certificate"), self._show_certificate)
        self._problem.addWidget(note)

    def _show_certificate(self) -> None:
        """Have the person compare what the portal shows; without that yes it stays untrusted."""
        address = clean_address(self.address.text())
        Task.run(self._trusting.look_at_certificate, address, owner=self).on_done(self._ask_about).on_error(
            self._show_problem
        )

    def _ask_about(self, shown: ShownCertificate) -> None:
        dialog = TrustDialog(
            self.tr("No authority that this PC trusts has signed the certificate of {0}.").format(
                shown.place
            ),
            digest="SHA-256",
            fingerprint=shown.fingerprint,
            trust=self.tr("Trust this certificate"),
            parent=self.window(),
        )
        dialog.agreed.connect(lambda: self._agree(shown))
        dialog.open()

    def _agree(self, shown: ShownCertificate) -> None:
        Task.run(self._trusting.agree, shown, owner=self).on_done(lambda _none: self.look()).on_error(
            self._show_problem
        )

    def _clear_problem(self) -> None:
        while (item := self._problem.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()

    def _show_check(self, key: str, check: Check) -> None:
        self._shown[key] = check
        while (item := self._lines.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for place, each in enumerate(self._shown.values()):
            if place:
                rule = QFrame()
                rule.setProperty("kind", "line")
                self._lines.addWidget(rule)
            self._lines.addWidget(_check_line(each))
        self._checks.show()


def _check_line(check: Check) -> QWidget:
    icon, role = _SIGNS[check.outcome]
    return _line(icon, role, check.title, check.text)


def _level_line(level: AccessLevel, icon: str, words: str) -> QWidget:
    return _line(icon, "text.secondary", level_name(level), words)


def _line(icon: str, role: str, title: str, text: str) -> QWidget:
    line = QWidget()
    row = QHBoxLayout(line)
    row.setContentsMargins(0, 7, 0, 7)
    row.setSpacing(12)
    sign = QLabel()
    sign.setPixmap(current_theme().pixmap(icon, 20, role, dpr=line.devicePixelRatioF()))
    sign.setFixedWidth(20)
    row.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
    words = QVBoxLayout()
    words.setSpacing(0)
    upper = QLabel(title)
    words.addWidget(upper)
    lower = QLabel(text)
    lower.setProperty("scale", "label")
    lower.setProperty("role", "text.secondary")
    lower.setStyleSheet("font-weight: 400;")
    lower.setWordWrap(True)
    words.addWidget(lower)
    row.addLayout(words, 1)
    return line
