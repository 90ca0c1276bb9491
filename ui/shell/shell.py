"""The working window's inside: sidebar, banner and pages, wired together."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint, Signal, Slot
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QMenu, QStackedWidget, QVBoxLayout, QWidget

from app.agentlink import FINAL_STATES, Job, JobState
from app.domain.access import Action
from app.domain.errors import CaseferryError, CredentialsError
from app.domain.files import may_send_files
from app.portal.contract import Case, CaseView, Event, EventKind
from ui.models import ID_ROLE
from ui.pages.agents import AgentsPage
from ui.pages.attach import Dropping, DropTarget, overlay_words
from ui.pages.case import CasePage
from ui.pages.case.header import UPDATES
from ui.pages.cases import CasesPage
from ui.pages.review import ReviewPage
from ui.pages.settings import BANDWIDTH, NETWORK, SettingsPage
from ui.pages.settings.network import WayKeeper
from ui.pages.transfers import TransfersPage
from ui.shell.banner import Banner
from ui.shell.bell import BellPopover
from ui.shell.call import CallDialog
from ui.shell.configuration import DesktopSettings
from ui.shell.header import PageHeader, shortcut_words
from ui.shell.link import PortalLink
from ui.shell.notices import Notices
from ui.shell.palette import Command, Palette
from ui.shell.services import Services
from ui.shell.session import Session
from ui.shell.sidebar import NavEntry, Sidebar
from ui.tasks import Task, task_relay
from ui.theme import Mode, current_theme
from ui.widgets.moments import time_text

CASES, TRANSFERS, AGENTS, SETTINGS = "cases", "transfers", "agents", "settings"
_COLLAPSE_BELOW = 1160
_FOUND = 6


class Shell(QWidget):
    """Everything a signed-in person sees.

    Signals:
        sign_in_wanted: the sign-in has ended.
        sign_out_wanted: the person signs out.
        mode_chosen: another appearance.
        network_kept: other network settings are in force.
        attach_wanted: a case's number and paths (empty: choose files first).
        review_wanted: id of a job whose masking is to be looked at.
        agent_chosen: place of the agent to follow from now on.
        agent_renewed: the agent that is followed began anew.
    """

    sign_in_wanted = Signal()
    sign_out_wanted = Signal()
    mode_chosen = Signal(str)
    network_kept = Signal(object)
    attach_wanted = Signal(str, list)
    review_wanted = Signal(str)
    agent_chosen = Signal(str)
    agent_renewed = Signal()

    def __init__(
        self,
        services: Services,
        settings: DesktopSettings,
        *,
        keeper: WayKeeper | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.services = services
        self.session = Session(self)
        self._settings = settings
        self._keeper = keeper
        self.link = PortalLink(services, self.session, self)
        self.notices = Notices(services, self)
        self.notices.is_open = lambda number: (
            self.stack.currentWidget() is self.case and (self.case.number == number and self.isActiveWindow())
        )
        self._build()
        self._connect()
        self._make_shortcuts()

    def _build(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self.sidebar = Sidebar(
            [
                NavEntry(CASES, self.tr("Cases"), "cases"),
                NavEntry(TRANSFERS, self.tr("Transfers"), "transfers"),
                NavEntry(AGENTS, self.tr("Agents"), "agents", sign="warning"),
                NavEntry(SETTINGS, self.tr("Settings"), "settings"),
            ]
        )
        row.addWidget(self.sidebar)
        column = QVBoxLayout()
        column.setSpacing(0)
        row.addLayout(column, 1)
        self.banner = Banner()
        column.addWidget(self.banner)
        self.stack = QStackedWidget()
        column.addWidget(self.stack, 1)
        self.cases = CasesPage(self.services, self.session)
        self.case = CasePage(self.services)
        self.transfers = TransfersPage(self.services)
        self.review = ReviewPage(self.services, follower=self.transfers.follower)
        self.settings = SettingsPage(self.services, self._settings.network, self._keeper)
        self.agents = AgentsPage(self.services)
        self.dropping = Dropping(self.services, window=self)
        for page in (self.cases, self.case, self.transfers, self.review, self.agents, self.settings):
            self.stack.addWidget(page)
        self.sidebar.show_page(CASES)
        self._show_portal()

    def _connect(self) -> None:
        self.sidebar.page_chosen.connect(self.show_page)
        self.sidebar.account_chosen.connect(self.session.choose_account)
        self.settings.network_kept.connect(self.network_kept)
        self.agents.chosen.connect(self.agent_chosen)
        self.agents.renewed.connect(self.agent_renewed)
        self.agents.troubled.connect(lambda count: self.sidebar.set_badge(AGENTS, count))
        self.transfers.limits_requested.connect(lambda: self.open_settings(BANDWIDTH))
        self.sidebar.call_wanted.connect(lambda _button: self.call_support())
        self.sidebar.profile_wanted.connect(self._open_profile)
        self.cases.case_opened.connect(self.open_case)
        self.cases.attach_wanted.connect(lambda number: self.attach_wanted.emit(number, []))
        self.cases.call_wanted.connect(self.call_support)
        self.cases.waiting_changed.connect(lambda count: self.sidebar.set_badge(CASES, count))
        for header in self._headers():
            header.palette_wanted.connect(self.open_palette)
            header.bell_wanted.connect(self.open_bell)
        self.case.back_requested.connect(lambda: self.show_page(CASES))
        self.case.attach_requested.connect(self.attach_wanted)
        self.transfers.review_requested.connect(self.review_wanted)
        self.transfers.case_requested.connect(self.open_case)
        self.transfers.send_requested.connect(lambda: self.attach_wanted.emit("", []))
        self.transfers.follower.changed.connect(self._jobs_changed)
        self.transfers.follower.alarm_raised.connect(self.notices.take_alarm)
        self.stack.currentChanged.connect(lambda _index: self._fold_sidebar())
        self.attach_wanted.connect(self.dropping.attach)
        self.review_wanted.connect(self.open_review)
        self._row_drops = DropTarget(self.cases.list.viewport(), self._words_over_row)
        self._row_drops.dropped.connect(
            lambda paths, point: self.dropping.attach(self._number_at(point), paths)
        )
        self._page_drops = DropTarget(self.transfers, lambda _point: self._words_over_transfers())
        self._page_drops.dropped.connect(lambda paths, _point: self.dropping.attach("", paths))
        self.dropping.started.connect(lambda job: self.open_review(job.id))
        self.review.back_requested.connect(lambda: self.show_page(TRANSFERS))
        self.review.sent.connect(self._show_sent)
        self.review.acknowledged.connect(self.case.show_acknowledgement)
        self.session.person_changed.connect(self._show_person)
        self.session.account_changed.connect(self._show_person)
        self.session.portal_changed.connect(self._show_portal)
        self.link.changed.connect(self._cases_changed)
        self.link.happened.connect(self._happened)
        self.notices.changed.connect(self._show_unseen)
        task_relay().unhandled.connect(self._show_unhandled)

    def _headers(self) -> tuple[PageHeader, ...]:
        return self.cases.header, self.transfers.header, self.agents.header, self.settings.header

    def _show_unseen(self) -> None:
        for header in self._headers():
            header.bell.set_unseen(self.notices.unseen())

    def _make_shortcuts(self) -> None:
        for keys, run in (
            ("Ctrl+K", self.open_palette),
            ("F8", self.call_support),
            ("Ctrl+1", lambda: self.show_page(CASES)),
            ("Ctrl+2", lambda: self.show_page(TRANSFERS)),
            ("Ctrl+3", lambda: self.show_page(AGENTS)),
            ("Ctrl+,", lambda: self.show_page(SETTINGS)),
            ("Ctrl+F", self._find),
            ("Ctrl+Shift+A", self.sidebar.switcher.click),
        ):
            QShortcut(QKeySequence(keys), self, run)

    def start(self) -> None:
        """Begin to follow the portal and the agent."""
        self.link.start()
        self.transfers.follower.start()

    def stop(self) -> None:
        """Follow nothing any more, and keep what was written."""
        self.case.save_draft()
        self.link.stop()
        self.transfers.follower.stop()

    @Slot(str)
    def show_page(self, key: str) -> None:
        """Show Cases, Transfers, Agents or Settings."""
        self.sidebar.show_page(key)
        pages = {TRANSFERS: self.transfers, AGENTS: self.agents, SETTINGS: self.settings}
        self.stack.setCurrentWidget(pages.get(key, self.cases))
        if key == CASES:
            self.cases.activate()
        elif key == SETTINGS:
            self.settings.activate()

    def open_settings(self, pane: str) -> None:
        """Show one of the settings' pages."""
        self.show_page(SETTINGS)
        self.settings.show_pane(pane)

    def open_case(self, number: str, reply: bool = False) -> None:
        """Show a case, with the cursor in the reply when it is wanted."""
        self.sidebar.show_page(CASES)
        self.case.show_case(number)
        self.stack.setCurrentWidget(self.case)
        if reply:
            self.case.show_tab(UPDATES)
            self.case.updates.composer.text.setFocus()
        else:
            self.case.setFocus()

    def open_review(self, job_id: str) -> None:
        """Show what was masked in a job, or that the agent is still at it."""
        self.sidebar.show_page(TRANSFERS)
        self.review.show_job(job_id)
        self.stack.setCurrentWidget(self.review)

    def _number_at(self, point: object) -> str:
        """The case whose row is under a point of the list; empty for none."""
        index = self.cases.list.indexAt(point) if isinstance(point, QPoint) else None
        number = str(index.data(ID_ROLE) or "") if index is not None and index.isValid() else ""
        return number if number.isdigit() else ""  # heads of groups have ids too

    def _words_over_row(self, point: object) -> tuple[str, str, bool]:
        number = self._number_at(point)
        if not number:
            return "", "", False
        verdict = self.session.may(Action.TRANSFER_FILES)
        case = self.cases.model.known_row(number)
        if verdict.allowed and case is not None:
            verdict = may_send_files(case.status)
        return overlay_words(number, refusal="" if verdict.allowed else verdict.reason)

    def _words_over_transfers(self) -> tuple[str, str, bool]:
        return (
            self.tr("Send files"),
            self.tr("Choose the case next. Files are masked on this PC first."),
            False,
        )

    def _show_sent(self, job_id: str) -> None:
        self.show_page(TRANSFERS)
        self.transfers.select(job_id)

    def open_palette(self) -> Palette:
        """Cases and commands by their words."""
        palette = Palette(self._commands(), self._finder(), parent=self.window())
        palette.case_chosen.connect(self.open_case)
        palette.open()
        return palette

    def open_bell(self, bell: QWidget) -> None:
        """What happened."""
        popover = BellPopover(self.notices.all(), now=self.services.clock(), parent=bell)
        popover.case_wanted.connect(self.open_case)
        popover.transfers_wanted.connect(lambda: self.show_page(TRANSFERS))
        popover.all_read.connect(self.notices.mark_seen)
        popover.open_below(bell, align_right=True)

    def call_support(self) -> None:
        """The numbers, and what to say of the case in view."""
        number = self.case.number if self.stack.currentWidget() is self.case else self.cases.preview.number()
        case = self.cases.model.known_row(number) if number else None
        CallDialog(self._settings.phones, case, parent=self.window()).open()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Below 1160 px the sidebar folds and the command box becomes an icon."""
        super().resizeEvent(event)
        self._fold_sidebar()
        for header in self._headers():
            header.set_narrow(self.width() < _COLLAPSE_BELOW)

    def _fold_sidebar(self) -> None:
        """A narrow window folds it, and the review, whose two columns need the width."""
        reviewing = self.stack.currentWidget() is self.review
        self.sidebar.set_collapsed(reviewing or self.width() < _COLLAPSE_BELOW)

    def _finder(self) -> Callable[[str], list[Case]]:
        copy, me = self.services.copy, self.session.name

        def find(words: str) -> list[Case]:
            if not words:
                return copy.rows(copy.ids(CaseView.WAITING, me=me, sort="closes").numbers[:_FOUND])
            found = copy.ids(CaseView.GROUP, me=me, words=words).numbers[:_FOUND]
            if len(found) < _FOUND:
                found += copy.ids(CaseView.CLOSED, me=me, words=words).numbers[: _FOUND - len(found)]
            return copy.rows(found)

        return find

    def _commands(self) -> list[Command]:
        commands = [
            Command(
                self.tr("Show cases"), "cases", lambda: self.show_page(CASES), keys=shortcut_words("Ctrl+1")
            ),
            Command(
                self.tr("Show transfers"),
                "transfers",
                lambda: self.show_page(TRANSFERS),
                keys=shortcut_words("Ctrl+2"),
            ),
            Command(
                self.tr("Show agents"),
                "agents",
                lambda: self.show_page(AGENTS),
                keys=shortcut_words("Ctrl+3"),
            ),
            Command(self.tr("Settings: network and proxy"), "globe", lambda: self.open_settings(NETWORK)),
            Command(self.tr("Settings: bandwidth"), "pulse", lambda: self.open_settings(BANDWIDTH)),
            Command(self.tr("Call support"), "call", self.call_support, keys=("F8",)),
            Command(self.tr("Refresh from the portal"), "retry", self.link.try_now),
        ]
        commands += [
            Command(self.tr(words), icon, lambda mode=mode: self.mode_chosen.emit(mode.value))  # type: ignore[misc]
            for mode, words, icon in _MODES
            if mode is not current_theme().mode
        ]
        commands.append(Command(self.tr("Sign out"), "sign_out", self.sign_out_wanted.emit))
        return commands

    def _find(self) -> None:
        if self.stack.currentWidget() is self.cases:
            self.cases.filters.words.setFocus()

    def _open_profile(self, button: QWidget) -> None:
        menu = QMenu(self)
        theme = current_theme()
        if self.session.me is not None:
            head = menu.addAction(self.session.me.email)
            head.setEnabled(False)
            menu.addSeparator()
        for mode, words, icon in _MODES:
            action = menu.addAction(theme.icon(icon), self.tr(words))
            action.setCheckable(True)
            action.setChecked(theme.mode is mode)
            action.triggered.connect(lambda _on=False, mode=mode: self.mode_chosen.emit(mode.value))
        menu.addSeparator()
        out = menu.addAction(theme.icon("sign_out", 20), self.tr("Sign out"))
        out.triggered.connect(self.sign_out_wanted)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(button.mapToGlobal(QPoint(0, -menu.sizeHint().height() - 4)))

    def _cases_changed(self, numbers: set[str]) -> None:
        self.cases.cases_changed(numbers)
        copy, me = self.services.copy, self.session.name
        Task.run(
            lambda: copy.rows(copy.ids(CaseView.WAITING, me=me, sort="closes").numbers[:50]), owner=self
        ).on_done(
            lambda cases: self.notices.look_for_reminders(cases, days=self.cases.preview.days)
        ).on_error(lambda _error: None)

    def _happened(self, event: Event) -> None:
        self.notices.take_event(event)
        if event.kind is not EventKind.RESYNC:
            self.case.take_event(event)

    def _jobs_changed(self) -> None:
        follower = self.transfers.follower
        self.sidebar.set_rate(follower.total_rate())
        self.sidebar.set_badge(TRANSFERS, _needing(follower.jobs))

    def _show_person(self) -> None:
        self._show_portal()
        me, account = self.session.me, self.session.account
        self.sidebar.set_person(self.session.name)
        self.sidebar.switcher.set_memberships(
            me.memberships if me is not None else [],
            current=account.id if account is not None else "",
            demo=self.session.demo,
        )
        window = self.window()
        window.setWindowTitle(self.tr("Demo portal") if self.session.demo else "Caseferry")

    def _show_portal(self) -> None:
        session = self.session
        if session.online:
            words = self.tr("Demo portal connected") if session.demo else self.tr("Portal connected")
            self.sidebar.set_portal(online=True, words=words)
            self.banner.portal_answers()
            return
        if session.lost_at is None:
            self.sidebar.set_portal(online=True, words=self.tr("Connecting…"))
            return
        self.sidebar.set_portal(online=False, words=self.tr("Portal unreachable"))
        if isinstance(session.problem, CredentialsError):
            self.banner.show_words(
                session.problem.title,
                f"{session.problem.happened} {session.problem.todo}",
                [(self.tr("Sign in"), "", self.sign_in_wanted.emit)],
            )
            return
        self._show_offline()

    def _show_offline(self) -> None:
        lost = self.session.lost_at
        if lost is None:
            return
        Task.run(self.services.copy.complete_at, owner=self).on_done(
            lambda at: (
                self.banner.show_words(
                    self.tr("The support portal has not answered since {0}.").format(time_text(lost)),
                    self.tr(
                        "You see the state of {0}. Written texts wait here and uploads go on by themselves."
                    ).format(time_text(at))
                    if at is not None
                    else self.tr("Nothing of it is kept on this PC yet."),
                    [
                        (self.tr("Try now"), "", self.link.try_now),
                        (self.tr("Call support"), "call", self.call_support),
                    ],
                )
                if not self.session.online
                else None
            )
        )

    @Slot(object)
    def _show_unhandled(self, error: CaseferryError) -> None:
        self.banner.show_error(error)


def _needing(jobs: Sequence[Job]) -> int:
    """Running and failed jobs, and those that wait for a review: the number beside Transfers."""
    done = FINAL_STATES | {JobState.PAUSED}
    return sum(1 for job in jobs if job.state not in done)


_MODES = (
    (Mode.SYSTEM, "Appearance: as the system", "desktop"),
    (Mode.LIGHT, "Appearance: light", "weather_sunny"),
    (Mode.DARK, "Appearance: dark", "weather_moon"),
)
