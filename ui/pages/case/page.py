"""The Case page: loads a case piece by piece and keeps what is shown while it asks again."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.domain.access import AccessLevel
from app.domain.cases import Status
from app.domain.errors import CaseferryError
from app.portal.contract import (
    Acknowledgement,
    Case,
    CaseFile,
    Contact,
    Event,
    Limits,
    Me,
    Page,
    SftpAccount,
    Update,
)
from ui.pages.attach.overlay import DropTarget, overlay_words
from ui.pages.case import actions
from ui.pages.case.actions import CaseAction
from ui.pages.case.feed_text import changed_by_support
from ui.pages.case.files_tab import FilesTab
from ui.pages.case.header import FILES, UPDATES, CaseHeader
from ui.pages.case.rails import CaseRail, FilesRail
from ui.pages.case.typed_text import Check, find_personal
from ui.pages.case.updates_tab import UpdatesTab
from ui.shell.services import Services
from ui.tasks import Latest, Task
from ui.widgets.glyphs import error_note
from ui.widgets.labels import Rule, Surface

_RAIL_FROM = 1280


class CasePage(QWidget):
    """One case with Updates and Files.

    Signals:
        back_requested: to the list, with its selection kept.
        attach_requested: case number and paths; an empty list asks for a choice of files first.
    """

    back_requested = Signal()
    attach_requested = Signal(str, list)

    def __init__(
        self, services: Services, *, check: Check = find_personal, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._services = services
        self._number = ""
        self._case: Case | None = None
        self._level: AccessLevel | None = None
        self._level_known = False
        self._contacts: list[str] = []
        self._limits = Limits()
        self._files: list[CaseFile] = []
        self._files_known = False
        self._update_count: int | None = None
        self._account: SftpAccount | None = None
        self._newest: list[Update] = []
        self._loads = {
            name: Latest(self) for name in ("case", "updates", "files", "account", "older", "copy")
        }
        self._narrow = False
        self._build(check)
        self.refusal = ""

    def _build(self, check: Check) -> None:
        clock = self._services.clock
        self.header = CaseHeader()
        self.header.back.connect(self.back_requested)
        self.header.action.connect(self._act)
        self.header.tab.connect(self.show_tab)
        self.header.refresh.connect(self.refresh)
        self.updates = UpdatesTab(self._services.portal, self._services.drafts, clock=clock, check=check)
        self.updates.posted.connect(lambda _update: self.refresh())
        self.updates.add_files.connect(lambda: self._ask_to_attach([]))
        self.updates.files_dropped.connect(self._ask_to_attach)
        self.updates.file_chosen.connect(self._reveal_file)
        self.updates.older_wanted.connect(self._load_older)
        self.files = FilesTab(self._services.portal, clock=clock, pace=self._services.pace)
        self.files.attach.connect(lambda: self._ask_to_attach([]))
        self.rail = CaseRail(clock)
        self.rail.action.connect(self._act)
        self.rail.account_wanted.connect(self._create_account)
        self.files_rail = FilesRail(clock)
        self._tabs = QStackedWidget()
        for tab, rail in ((self.updates, self.rail), (self.files, self.files_rail)):
            pane = QWidget()
            row = QHBoxLayout(pane)
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(0)
            ground = Surface("bg.surface")
            inner = QVBoxLayout(ground)
            inner.setContentsMargins(0, 0, 0, 0)
            inner.addWidget(tab)
            row.addWidget(ground, 1)
            row.addWidget(Rule(vertical=True, role="border.default"))
            row.addWidget(rail)
            self._tabs.addWidget(pane)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        self._problem = QVBoxLayout()
        self._problem.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._problem)
        column.addWidget(self._tabs, 1)
        self.drop_target = DropTarget(self, lambda _point: overlay_words(self._number, refusal=self.refusal))
        self.drop_target.dropped.connect(lambda paths, _point: self._ask_to_attach(paths))
        QShortcut(
            QKeySequence("F5"), self, self.refresh, context=Qt.ShortcutContext.WidgetWithChildrenShortcut
        )
        QShortcut(
            QKeySequence("Ctrl+."),
            self,
            self._toggle_rail,
            context=Qt.ShortcutContext.WidgetWithChildrenShortcut,
        )

    @property
    def number(self) -> str:
        """The case that is shown."""
        return self._number

    def show_case(self, number: str, *, tab: str = UPDATES) -> None:
        """Open a case: at once what the offline copy knows, then what the portal says."""
        if number != self._number:
            self._number, self._case = number, None
            self._account, self._files, self._newest = None, [], []
            self._level_known = self._files_known = False
            self._update_count = None
            self.updates.clear()
            self.files.show_files(number, [])
            self.header.show_counts(None, None)
        self.show_tab(tab)
        self._loads["copy"].run(self._services.copy.row, number).on_done(self._take_copied).on_error(
            lambda _error: None
        )
        self.refresh()

    def show_tab(self, tab: str) -> None:
        """Show Updates or Files."""
        self.header.tabs.select(tab)
        self._tabs.setCurrentIndex(1 if tab == FILES else 0)
        self.header.make_reply_primary(tab == FILES)

    def refresh(self) -> None:
        """Ask for everything again; what is shown stays until the answers come."""
        number, portal = self._number, self._services.portal
        if not number:
            return

        def head() -> tuple[Case, Me, Limits]:
            return portal.case(number), portal.me(), portal.capabilities().limits

        self._loads["case"].run(head).on_done(self._take_head).on_error(self._show_problem)
        self._loads["updates"].run(portal.updates, number).on_done(self._take_updates).on_error(
            lambda error: self.updates.show_error(error, self.refresh)
        )
        self._loads["files"].run(portal.files, number).on_done(self._take_files).on_error(lambda _error: None)
        self._loads["account"].run(portal.sftp_account, number).on_done(self._take_account).on_error(
            lambda _error: None
        )

    def take_event(self, event: Event) -> None:
        """Something changed at the portal."""
        if event.case == self._number and self.isVisible():
            self.refresh()

    def _take_copied(self, case: Case | None) -> None:
        if case is not None and self._case is None and case.number == self._number:
            self._show(case)

    def _take_head(self, found: tuple[Case, Me, Limits]) -> None:
        case, me, self._limits = found
        if case.number != self._number:
            return
        self._clear_problem()
        levels = {each.account.id: each.level for each in me.memberships}
        self._level, self._level_known = levels.get(case.account), True
        self._show(case)
        if self._level is not AccessLevel.READ_WRITE:
            Task.run(self._services.portal.contacts, case.account, owner=self).on_done(
                self._take_contacts
            ).on_error(lambda _error: None)

    def _take_contacts(self, contacts: list[Contact]) -> None:
        self._contacts = [
            f"{each.first_name} {each.last_name}" for each in contacts if each.level is AccessLevel.READ_WRITE
        ][:3]
        if self._case is not None:
            self._show(self._case)

    def _show(self, case: Case) -> None:
        self._case = case
        level = self._level if self._level_known else AccessLevel.READ_WRITE
        offered = actions.offers(
            case,
            level,
            now=self._services.clock(),
            contacts=self._contacts,
            reopen_days=self._limits.reopen_days,
        )
        by_support = changed_by_support(self._newest, case.updated)
        changed = actions.changed_by_text(case, now=self._services.clock(), by_support=by_support)
        self.header.show_case(case, offered, changed=changed)
        self.rail.show_case(case, offered, self._limits)
        attach = next(offer for offer in offered if offer.action is CaseAction.ATTACH)
        self.refusal = "" if attach.enabled else attach.line
        self.files.attach_button.setEnabled(attach.enabled)
        self.files.attach_button.setToolTip(self.refusal)
        self.updates.composer.show_case(case.number, hint=actions.posting_hint(case))
        closed = case.status is Status.CLOSED
        title = self.tr("This case is closed") if closed else self.tr("You can read this case")
        self.updates.refuse_writing(title, self.refusal)
        self._show_account()
        self._show_files()

    def _take_updates(self, page: Page[Update]) -> None:
        if page.items and page.items[0].case != self._number:
            return
        self.updates.show_page(page, append=False)
        self._newest = page.items
        self._update_count = page.total
        self.header.show_counts(page.total, len(self._files) if self._files_known else None)
        if self._case is not None:
            self._show(self._case)

    def _load_older(self, cursor: str) -> None:
        self._loads["older"].run(self._services.portal.updates, self._number, cursor).on_done(
            lambda page: self.updates.show_page(page, append=True)
        ).on_error(self._show_problem)

    def _take_files(self, files: list[CaseFile]) -> None:
        self._files, self._files_known = files, True
        self.files.show_files(self._number, files)
        self.updates.show_files({file.id: file for file in files})
        self.header.show_counts(self._update_count, len(files))
        self._show_files()

    def _show_files(self) -> None:
        if self._case is not None:
            self.files_rail.show_files(self._case, self._files, self._limits)

    def show_acknowledgement(self, acknowledgement: Acknowledgement | None) -> None:
        """What the person acknowledged in this session, for the Files rail."""
        self.files_rail.show_acknowledgement(acknowledgement)

    def _take_account(self, account: SftpAccount | None) -> None:
        self._account = account
        self._show_account()

    def _show_account(self) -> None:
        self.rail.show_account(self._account, refusal=self.refusal)
        self.files_rail.show_ways(self._account)

    def _create_account(self) -> None:
        if self.rail.create_button is not None:
            self.rail.create_button.setEnabled(False)
        Task.run(self._services.portal.create_sftp_account, self._number, owner=self).on_done(
            self._take_account
        ).on_error(self._account_failed)

    def _account_failed(self, error: CaseferryError) -> None:
        if self.rail.create_button is not None:
            self.rail.create_button.setEnabled(True)
        self._show_problem(error)

    def _act(self, action: CaseAction) -> None:
        if action is CaseAction.REPLY:
            self.show_tab(UPDATES)
            self.updates.composer.text.setFocus(Qt.FocusReason.ShortcutFocusReason)
        elif action is CaseAction.ATTACH:
            self._ask_to_attach([])

    def _ask_to_attach(self, paths: list[Path]) -> None:
        if not self.refusal:
            self.attach_requested.emit(self._number, paths)

    def _reveal_file(self, file_id: str) -> None:
        self.show_tab(FILES)
        self.files.reveal(file_id)

    def _toggle_rail(self) -> None:
        self._show_rails(self.rail.isHidden())

    def _show_rails(self, shown: bool) -> None:
        for rail in (self.rail, self.files_rail):
            rail.setVisible(shown)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a window below 1280 px the rail gives its width to the feed; Ctrl+. brings it back."""
        super().resizeEvent(event)
        narrow = self.window().width() < _RAIL_FROM
        if narrow != self._narrow:
            self._narrow = narrow
            self._show_rails(not narrow)

    def _show_problem(self, error: CaseferryError) -> None:
        self._clear_problem()
        self._problem.addWidget(error_note(error, retry=self.refresh))

    def _clear_problem(self) -> None:
        while (item := self._problem.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()

    def save_draft(self) -> None:
        """Keep what is written; the shell calls it before it closes."""
        self.updates.composer.save_draft()

    def hideEvent(self, event: object) -> None:
        """Leaving the page keeps the draft at once."""
        self.save_draft()
        super().hideEvent(event)  # type: ignore[arg-type]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """R replies, A attaches, Backspace and Alt+Left go back; only while no text field has the focus."""
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        if plain and event.key() == Qt.Key.Key_R:
            if not self.refusal:
                self._act(CaseAction.REPLY)
        elif plain and event.key() == Qt.Key.Key_A:
            self._act(CaseAction.ATTACH)
        elif event.key() == Qt.Key.Key_Backspace or event.matches(QKeySequence.StandardKey.Back):
            self.back_requested.emit()
        else:
            super().keyPressEvent(event)
