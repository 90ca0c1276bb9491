"""The Cases page: views, filters, the grouped list and the preview, all from the offline copy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from PySide6.QtCore import QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QStackedWidget, QVBoxLayout, QWidget

from app.domain.access import AccessLevel, Action
from app.domain.cases import Status
from app.domain.errors import CaseferryError
from app.domain.followup import FollowUpDays
from app.portal import CopyFilter
from app.portal.contract import Case, CaseView, Contact, ViewCounts
from ui.pages.cases.columns import ColumnHeader
from ui.pages.cases.filters import FilterBar, Filters
from ui.pages.cases.groups import CaseListModel
from ui.pages.cases.list_view import CaseListView
from ui.pages.cases.listing import FIRST_SIGHT, Listing, Wanted, read_listing
from ui.pages.cases.preview import PreviewPane
from ui.pages.cases.skeleton import Skeleton
from ui.pages.cases.states import CasesState, empty_words, locked_words
from ui.shell.header import PageHeader
from ui.shell.services import Services
from ui.shell.session import Session
from ui.tasks import Latest, Task
from ui.theme import current_theme
from ui.widgets.empty import EmptyState
from ui.widgets.glyphs import error_note
from ui.widgets.tabs import CountTabs, Tab

_SLIDE_BELOW = 1280
_SKELETON_AFTER_MS = 300
_SORTS = {CaseView.CLOSED: "-updated", CaseView.ADMIN: "-updated"}
_FIRST_SORT = "closes"
"""What closes first comes first; cases without a timer follow by their last change."""
_VIEWS = (
    (CaseView.MINE, "Open, mine"),
    (CaseView.GROUP, "Group cases"),
    (CaseView.WAITING, "Waiting on me"),
    (CaseView.URGENT, "High and critical"),
    (CaseView.CLOSED, "Closed, last 30 days"),
    (CaseView.ADMIN, "Admin cases"),
)


class CasesPage(QWidget):
    """Signals reach the shell; the page opens nothing itself.

    Signals:
        case_opened: a case's number, and whether to begin a reply.
        call_wanted: the person wants to talk to support.
        attach_wanted: a case's number.
        waiting_changed: how many cases wait for the person.
    """

    case_opened = Signal(str, bool)
    attach_wanted = Signal(str)
    call_wanted = Signal()
    waiting_changed = Signal(int)

    def __init__(self, services: Services, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._session = session
        self._view = CaseView.MINE
        self._sorts: dict[CaseView, str] = {}
        self._wanted_number = ""
        self._contacts: dict[str, list[str]] = {}
        self._listed = False
        self._counts = ViewCounts(counts={})
        self._preview_wanted = True
        self._locked = False
        self._wanted: Wanted | None = None
        self._lists, self._arounds, self._shows = Latest(self), Latest(self), Latest(self)
        self._build()
        self._skeleton = QTimer(self)
        self._skeleton.setSingleShot(True)
        self._skeleton.setInterval(_SKELETON_AFTER_MS)
        self._skeleton.timeout.connect(lambda: self._show_state(CasesState.LOADING))
        self._clock_tick = QTimer(self)
        self._clock_tick.setInterval(60_000)
        self._clock_tick.timeout.connect(self._minute)
        self._clock_tick.start()
        session.account_changed.connect(self.reload)
        session.person_changed.connect(self.reload)
        session.portal_changed.connect(self._portal_changed)

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.header = PageHeader(self.tr("Cases"))
        column.addWidget(self.header)
        column.addWidget(self._make_tabs())
        self.filters = FilterBar()
        self.filters.changed.connect(self.reload)
        self.filters.number_given.connect(self.jump_to)
        self.filters.preview_toggled.connect(self.toggle_preview)
        self.filters.left_field.connect(lambda: self.list.setFocus(Qt.FocusReason.ShortcutFocusReason))
        column.addWidget(self.filters)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        column.addLayout(row, 1)
        row.addWidget(self._make_list(), 1)
        self.preview = PreviewPane(self)
        self.preview.reply_wanted.connect(lambda number: self.case_opened.emit(number, True))
        self.preview.attach_wanted.connect(self.attach_wanted)
        self.preview.open_wanted.connect(lambda number: self.case_opened.emit(number, False))
        self._row = row
        row.addWidget(self.preview)
        toggle = QShortcut(QKeySequence("Ctrl+."), self)
        toggle.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        toggle.activated.connect(self.toggle_preview)

    def _make_tabs(self) -> QWidget:
        holder = QFrame()
        holder.setProperty("kind", "toolbar")
        row = QHBoxLayout(holder)
        row.setContentsMargins(24, 0, 20, 0)
        self.tabs = CountTabs(name=self.tr("Case views"))
        self.tabs.set_tabs([Tab(view.value, self.tr(text)) for view, text in _VIEWS])
        self.tabs.selected.connect(self._choose_view)
        row.addWidget(self.tabs)
        return holder

    def _make_list(self) -> QWidget:
        pane = QFrame()
        pane.setProperty("kind", "surface")
        column = QVBoxLayout(pane)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.columns = ColumnHeader()
        self.columns.show_sort(self.sort())
        self.columns.sort_chosen.connect(self._choose_sort)
        column.addWidget(self.columns)
        self._note_place = QVBoxLayout()
        self._note_place.setContentsMargins(24, 0, 24, 0)
        column.addLayout(self._note_place)
        self._note: QWidget | None = None
        self.model = CaseListModel(self._ask_rows, clock=self._services.clock, parent=self)
        self.list = CaseListView(clock=self._services.clock)
        self.list.setModel(self.model)
        self.list.scroll_bar_width.connect(self.columns.reserve)
        self.list.looked_at.connect(self._look_at)
        self.list.opened.connect(lambda number: self.case_opened.emit(number, False))
        self.list.menu_wanted.connect(self._open_menu)
        self.empty = EmptyState("checkmark_circle", "", "")
        self.loading = Skeleton(self.list.painter_of_rows)
        self._stack = QStackedWidget()
        for widget in (self.list, self.empty, self.loading):
            self._stack.addWidget(widget)
        column.addWidget(self._stack, 1)
        return pane

    def activate(self) -> None:
        """The page came into view: the list gets the focus."""
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def reload(self) -> None:
        """Read the order, the counts and the components again; the rows in view stay until new ones come."""
        if not self._session.name:
            self._skeleton.start()
            return
        if not self._session.may(Action.SEE_CASES).allowed:
            self._lock()
            return
        if not self._listed:
            self._skeleton.start()
        copy, me = self._services.copy, self._session.name
        chosen = self.filters.filters()
        wanted = Wanted(
            view=self._view,
            me=me,
            sort=self.sort(),
            words=chosen.words,
            filters=self._copy_filter(chosen),
        )
        self._wanted = wanted
        accounts = wanted.filters.accounts
        month = CopyFilter(accounts=accounts, closed_since=self._month_ago())

        def around() -> tuple[ViewCounts, list[str]]:
            return copy.counts(me=me, filters=month), copy.components(accounts)

        def take(found: Listing) -> None:
            self._take_listing(found)
            # What is not in view yet may come a moment later, after a paint.
            QTimer.singleShot(0, self, look_around if found.order.whole else read_all)

        def read_all() -> None:
            if self._wanted is not wanted:
                return  # another list is on its way already
            self._lists.run(read_listing, copy, wanted).on_done(take).on_error(self._list_failed)

        def look_around() -> None:
            self._arounds.run(around).on_done(self._take_around).on_error(self._list_failed)

        first = None if self._listed else FIRST_SIGHT
        self._lists.run(read_listing, copy, wanted, limit=first).on_done(take).on_error(self._list_failed)

    def cases_changed(self, numbers: set[str]) -> None:
        """Cases changed in the copy; an empty set means all of them."""
        self.model.invalidate(numbers or None)
        self.reload()
        shown = self.preview.number()
        if shown and (not numbers or shown in numbers):
            self._look_at(shown)

    def sort(self) -> str:
        """The order inside the groups of the view."""
        return self._sorts.get(self._view, _SORTS.get(self._view, _FIRST_SORT))

    def view(self) -> CaseView:
        """Which list is shown."""
        return self._view

    @Slot(str)
    def jump_to(self, number: str) -> None:
        """Select a case by its number, in whatever view it is; open it when no view holds it."""
        self._wanted_number = number
        if self.list.select_number(number):
            self._wanted_number = ""
            self.list.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self.case_opened.emit(number, False)

    def toggle_preview(self) -> None:
        """Show or hide the preview; below 1280 px it slides over the list."""
        if self._locked:
            return
        self._preview_wanted = not self.preview.isVisible()
        self._place_preview()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Decide again where the preview stands."""
        super().resizeEvent(event)
        self._place_preview(resized=True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Single letters, while no text field has the focus."""
        number = self.list.current_number()
        match event.key():
            case Qt.Key.Key_Space:
                self.toggle_preview()
            case Qt.Key.Key_Escape if self._slides() and self.preview.isVisible():
                self.toggle_preview()
            case Qt.Key.Key_R if number and self.preview.number() == number:
                self.preview.press_reply()
            case Qt.Key.Key_A if number and self.preview.number() == number:
                self.preview.press_attach()
            case Qt.Key.Key_C if event.modifiers() == Qt.KeyboardModifier.ControlModifier and number:
                self._copy_reference(number)
            case _:
                super().keyPressEvent(event)

    def _copy_filter(self, chosen: Filters) -> CopyFilter:
        account = self._session.account
        return CopyFilter(
            accounts=(account.id,) if account is not None else (),
            status=chosen.status,
            priority=chosen.priority,
            component=chosen.component,
            closed_since=self._month_ago(),
        )

    def _month_ago(self) -> datetime:
        days = self._session.capabilities.limits.reopen_days if self._session.capabilities else 30
        return self._services.clock() - timedelta(days=days)

    def _take_around(self, found: tuple[ViewCounts, list[str]]) -> None:
        counts, components = found
        self._show_counts(counts)
        self.filters.set_components(components)
        if self._stack.currentWidget() is self.empty:
            self._show_state(CasesState.EMPTY)

    def _lock(self) -> None:
        """The access level does not reach: no case is shown, not even an old copy's."""
        self._wanted = None
        self._lists.cancel()
        self._arounds.cancel()
        self._skeleton.stop()
        self._listed = False
        self.model.set_groups([])
        self._show_state(CasesState.LOCKED)
        self._show_counts(ViewCounts(counts={}))

    def _take_listing(self, listing: Listing) -> None:
        self._skeleton.stop()
        self._listed = True
        self._clear_note()
        self._learn_limits()
        kept, offset = self.list.current_number(), self.list.verticalScrollBar().value()
        self.model.set_groups(listing.groups())
        self.model.put_rows((case.number, case) for case in listing.rows)
        self.list.updateGeometries()
        self.list.verticalScrollBar().setValue(offset)
        wanted = self._wanted_number or kept
        if not (wanted and self.list.select_number(wanted)):
            self.list.select_first()
        self._wanted_number = ""
        self._show_state(CasesState.LIST if listing.order.numbers else CasesState.EMPTY)

    def _show_counts(self, counts: ViewCounts) -> None:
        self._counts = counts
        self.tabs.set_tabs(
            [Tab(view.value, self.tr(text), counts.counts.get(view.value)) for view, text in _VIEWS]
        )
        self.waiting_changed.emit(counts.counts.get(CaseView.WAITING.value, 0))

    def _show_state(self, state: CasesState) -> None:
        if state is CasesState.EMPTY:
            words = empty_words(self._view, self.filters.filters(), self._counts)
            self.empty.set_words(words.icon, words.title, words.text)
            self.empty.clear_buttons()
            if self.filters.filters().narrowed:
                self.empty.add_button(self.tr("Clear filters"), self.filters.clear)
            elif self._view is not CaseView.GROUP:
                self.empty.add_button(
                    self.tr("Show all cases"), lambda: self.tabs.choose(CaseView.GROUP.value)
                )
            self.preview.clear()
        locked = state is CasesState.LOCKED
        if locked:
            words = locked_words()
            self.empty.set_words(words.icon, words.title, words.text)
            self.empty.clear_buttons()
            self.empty.add_button(self.tr("Call support"), self.call_wanted.emit)
            self.preview.clear()
        if locked is not self._locked:
            self._locked = locked
            for widget in (self.columns, self.filters, self.tabs):
                widget.setVisible(not locked)
            self._place_preview(resized=True)
        target = {CasesState.LIST: self.list, CasesState.LOADING: self.loading}
        self._stack.setCurrentWidget(target.get(state, self.empty))

    def _learn_limits(self) -> None:
        if self._session.capabilities is None:
            return
        limits = self._session.capabilities.limits
        days = FollowUpDays(
            first_reminder=limits.first_reminder_days,
            second_reminder=limits.second_reminder_days,
            close=limits.close_days,
        )
        self.list.painter_of_rows.days = self.model.days = self.preview.days = days
        self.list.painter_of_rows.files_kept_days = limits.files_kept_days

    def _ask_rows(self, numbers: Sequence[str]) -> None:
        Task.run(self._services.copy.rows, list(numbers), owner=self).on_done(self._take_rows).on_error(
            lambda error: self._rows_failed(numbers, error)
        )

    def _take_rows(self, cases: list[Case]) -> None:
        self.model.put_rows((case.number, case) for case in cases)
        self.list.viewport().update()

    def _rows_failed(self, numbers: Sequence[str], error: CaseferryError) -> None:
        self.model.give_up(numbers)
        self._list_failed(error)

    def _list_failed(self, error: CaseferryError) -> None:
        self._skeleton.stop()
        self._clear_note()
        self._note = error_note(error, retry=self.reload)
        self._note_place.setContentsMargins(24, 12, 24, 12)
        self._note_place.addWidget(self._note)

    def _clear_note(self) -> None:
        if self._note is not None:
            self._note.deleteLater()
            self._note = None
            self._note_place.setContentsMargins(24, 0, 24, 0)

    def _choose_view(self, key: str) -> None:
        self._view = CaseView(key)
        self.columns.show_sort(self.sort())
        self.reload()

    def _choose_sort(self, sort: str) -> None:
        self._sorts[self._view] = sort
        self.reload()

    def _look_at(self, number: str) -> None:
        if not number:
            self.preview.clear()
            return
        self._shows.run(self._services.copy.row, number).on_done(self._show_case)

    def _show_case(self, case: Case | None) -> None:
        if case is None:
            self.preview.clear()
            return
        verdict = self._session.may(Action.CHANGE_CASES)
        if not verdict.allowed and case.account not in self._contacts and self._session.online:
            self._contacts[case.account] = []
            Task.run(self._services.portal.contacts, case.account, owner=self).on_done(
                lambda contacts: self._take_contacts(case, contacts)
            ).on_error(lambda _error: None)
        self.preview.show_case(
            case,
            me=self._session.name,
            now=self._services.clock(),
            may_change=verdict,
            designated=self._contacts.get(case.account, []),
        )

    def _take_contacts(self, case: Case, contacts: list[Contact]) -> None:
        self._contacts[case.account] = [
            f"{each.first_name} {each.last_name}" for each in contacts if each.level is AccessLevel.READ_WRITE
        ]
        if self.preview.number() == case.number:
            self._look_at(case.number)

    def _open_menu(self, number: str, place: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        theme = current_theme()
        change = self._session.may(Action.CHANGE_CASES)
        case = self.model.known_row(number)
        closed = case is not None and case.status is Status.CLOSED
        open_case = menu.addAction(self.tr("Open"))
        open_case.triggered.connect(lambda: self.case_opened.emit(number, False))
        reply = menu.addAction(theme.icon("reply"), self.tr("Reply"))
        reply.triggered.connect(lambda: self.case_opened.emit(number, True))
        attach = menu.addAction(theme.icon("attach"), self.tr("Attach files"))
        attach.triggered.connect(lambda: self.attach_wanted.emit(number))
        for action in (reply, attach):
            action.setEnabled(change.allowed and not closed)
            if not action.isEnabled():
                reason = change.reason or self.tr("The case is closed.")
                action.setText(f"{action.text()}  –  {reason}")
        menu.addSeparator()
        copy = menu.addAction(theme.icon("copy"), self.tr("Copy number and title"))
        copy.triggered.connect(lambda: self._copy_reference(number))
        menu.popup(place)

    def _copy_reference(self, number: str) -> None:
        case = self.model.known_row(number)
        QGuiApplication.clipboard().setText(f"{number} {case.subject}" if case is not None else number)

    def _portal_changed(self) -> None:
        self.reload()

    def _minute(self) -> None:
        self.list.viewport().update()
        if self.preview.number():
            self._look_at(self.preview.number())

    def _slides(self) -> bool:
        return self.window().width() < _SLIDE_BELOW

    def _place_preview(self, *, resized: bool = False) -> None:
        """Wide: a pane beside the list. Narrow: over the list, and only when asked for."""
        if self._locked:
            self.preview.hide()
            return
        if self._slides():
            if self._row.indexOf(self.preview) >= 0:
                self._row.removeWidget(self.preview)
                self.preview.hide()
            elif not resized:
                self.preview.setVisible(self._preview_wanted)
            top = self.columns.mapTo(self, QPoint(0, 0)).y()
            self.preview.setGeometry(
                self.width() - self.preview.width(), top, self.preview.width(), self.height() - top
            )
            self.preview.raise_()
            return
        if self._row.indexOf(self.preview) < 0:
            self._row.addWidget(self.preview)
            self._preview_wanted = True
        self.preview.setVisible(self._preview_wanted)
