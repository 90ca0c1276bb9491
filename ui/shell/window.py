"""The one window: sign-in first, then the shell; it remembers its place."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QSettings, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QMainWindow, QVBoxLayout, QWidget

from app.domain.errors import CaseferryError
from app.portal import PersonTokens
from app.settings import config_folder
from ui.pages.settings import NETWORK
from ui.pages.sign_in import SignInPage
from ui.shell.banner import Banner
from ui.shell.configuration import DesktopSettings, NetworkChoice, keep_setting, settings_path
from ui.shell.keeping import WayBook
from ui.shell.shell import AGENTS, TRANSFERS, Shell
from ui.shell.surroundings import Opened, Surroundings, open_services
from ui.tasks import Task
from ui.theme import Mode, current_theme

MINIMUM = (1024, 640)
_GEOMETRY = "window/geometry"


class Desktop(QMainWindow):
    """Holds the sign-in page or the shell.

    Signals:
        entered: the shell is shown.
    """

    entered = Signal()

    def __init__(
        self, settings: DesktopSettings, surroundings: Surroundings, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._settings = settings
        self._surroundings = surroundings
        self._tokens: PersonTokens | None = None
        self._address = ""
        self._store = QSettings(str(config_folder() / "window.ini"), QSettings.Format.IniFormat)
        self.shell: Shell | None = None
        self.sign_in: SignInPage | None = None
        self.setWindowTitle("Caseferry")
        self.setMinimumSize(*MINIMUM)
        self.resize(1440, 900)
        geometry = self._store.value(_GEOMETRY)
        if geometry is not None:
            self.restoreGeometry(geometry)
        self._body = QWidget()
        self._column = QVBoxLayout(self._body)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._banner = Banner()
        self._column.addWidget(self._banner)
        self.setCentralWidget(self._body)

    def begin(self) -> None:
        """Look for a kept sign-in; without one ask for it."""
        Task.run(self._surroundings.kept_tokens, owner=self).on_done(self._take_tokens).on_error(
            self._store_failed
        )

    def show_problem(self, error: CaseferryError) -> None:
        """An error over everything, such as a damaged settings file."""
        self._banner.show_error(error)

    def show_sign_in(self) -> None:
        """Ask the person to sign in."""
        self._leave_shell()
        page = SignInPage(
            address=self._surroundings.portal,
            trusting=self._surroundings,
            open_store=self._surroundings.open_store,
        )
        page.signed_in.connect(self._signed_in)
        self.sign_in = page
        self._column.addWidget(page, 1)

    def enter(self, opened: Opened) -> None:
        """Show the shell with these services."""
        self._leave_sign_in()
        self._leave_shell()
        shell = Shell(
            opened.services,
            self._settings,
            keeper=WayBook(self._surroundings, self._address or self._surroundings.portal),
        )
        shell.sign_in_wanted.connect(self.show_sign_in)
        shell.sign_out_wanted.connect(self.sign_out)
        shell.mode_chosen.connect(self.choose_mode)
        shell.network_kept.connect(self.take_network)
        shell.agent_chosen.connect(self.choose_agent)
        shell.agent_renewed.connect(self.renew_agent)
        self.shell = shell
        self._column.addWidget(shell, 1)
        shell.start()
        shell.cases.activate()
        if opened.agent_problem is not None:
            shell.banner.show_error(opened.agent_problem)
        self.entered.emit()

    def sign_out(self) -> None:
        """Forget the sign-in here and at the portal, and what was copied of it."""
        tokens, shell = self._tokens, self.shell
        if shell is None:
            return
        copy = shell.services.copy
        shell.stop()

        def leave() -> None:
            copy.clear()
            if tokens is not None:
                tokens.sign_out()

        Task.run(leave, owner=self).on_done(lambda _none: None).on_error(self.show_problem)
        self._tokens = None
        self.show_sign_in()

    def choose_mode(self, mode: str) -> None:
        """System, light or dark; kept for the next start."""
        current_theme().set_mode(Mode(mode))
        Task.run(keep_setting, settings_path(), "appearance", mode, owner=self).on_error(self.show_problem)

    def take_network(self, choice: NetworkChoice) -> None:
        """Other network settings are in force: everything that is connected is connected anew."""
        self._surroundings = replace(self._surroundings, network=choice)
        self._settings = replace(self._settings, network=choice)
        tokens = self._tokens
        if tokens is None:
            return
        address = self._address or self._surroundings.portal
        Task.run(self._open_anew, address, owner=self).on_done(self._enter_settings).on_error(
            self.show_problem
        )

    def choose_agent(self, place: str) -> None:
        """Follow another agent, and remember it; an empty place is that of this machine."""
        self._surroundings = replace(self._surroundings, chosen_agent=place)
        self._settings = replace(self._settings, chosen_agent=place)
        Task.run(keep_setting, settings_path(), "chosen_agent", place, owner=self).on_error(self.show_problem)
        self._connect_anew(TRANSFERS)

    def renew_agent(self) -> None:
        """The agent that is followed began anew: it has another token."""
        self._connect_anew(AGENTS)

    def _connect_anew(self, page: str) -> None:
        """Everything that is connected is connected anew; then this page is shown."""
        if self._tokens is None:
            return

        def enter(found: tuple[PersonTokens, Opened]) -> None:
            self._tokens, opened = found
            self.enter(opened)
            if self.shell is not None:
                self.shell.show_page(page)

        Task.run(self._open_anew, self._address or self._surroundings.portal, owner=self).on_done(
            enter
        ).on_error(self.show_problem)

    def _open_anew(self, address: str) -> tuple[PersonTokens, Opened]:
        """In a worker thread."""
        surroundings = self._surroundings
        tokens = PersonTokens(address, trust=surroundings.trust_for(address), store=surroundings.open_store())
        return tokens, open_services(surroundings, address, tokens)

    def _enter_settings(self, found: tuple[PersonTokens, Opened]) -> None:
        self._tokens, opened = found
        self.enter(opened)
        if self.shell is not None:
            self.shell.open_settings(NETWORK)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keep drafts and the window's place."""
        if self.shell is not None:
            self.shell.stop()
        self._store.setValue(_GEOMETRY, self.saveGeometry())
        super().closeEvent(event)

    def _take_tokens(self, tokens: PersonTokens | None) -> None:
        if tokens is None:
            self.show_sign_in()
            return
        self._signed_in(self._surroundings.portal, tokens)

    def _store_failed(self, error: CaseferryError) -> None:
        self.show_problem(error)
        self.show_sign_in()

    def _signed_in(self, address: str, tokens: PersonTokens) -> None:
        self._tokens, self._address = tokens, address
        if address != self._settings.portal:
            Task.run(keep_setting, settings_path(), "portal", address, owner=self).on_error(self.show_problem)
        Task.run(open_services, self._surroundings, address, tokens, owner=self).on_done(self.enter).on_error(
            self.show_problem
        )

    def _leave_sign_in(self) -> None:
        if self.sign_in is not None:
            self.sign_in.hide()
            self.sign_in.deleteLater()
            self.sign_in = None

    def _leave_shell(self) -> None:
        if self.shell is not None:
            self.shell.stop()
            self.shell.hide()
            self.shell.deleteLater()
            self.shell = None
