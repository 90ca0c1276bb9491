"""The Transfers page: what moves, what needs a person, what waits, and what was proven today."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QKeySequence,
    QResizeEvent,
    QShortcut,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.agentlink import Job, LimitsShown
from app.agentlink.order import waits_for_its_turn
from app.domain.errors import CaseferryError, WorldError
from app.portal.contract import Case
from ui.pages.settings.week import grid_of, limit_line
from ui.pages.transfers.asking import NotThereDialog, cancel_question
from ui.pages.transfers.day import DayUse, strip_words
from ui.pages.transfers.delegate import TransferDelegate
from ui.pages.transfers.detail import TransferDetail
from ui.pages.transfers.following import JobFollower
from ui.pages.transfers.list_view import TransferList
from ui.pages.transfers.model import Head, TransferModel, entries_of
from ui.pages.transfers.rows import (
    ACTIVE_STATES,
    Group,
    Shown,
    TransferRow,
    Verb,
    chip_text,
    group_of,
    headline,
    in_order,
    neighbour,
    passes,
    row_of,
)
from ui.pages.transfers.spoken import announcement
from ui.pages.transfers.strip import BandwidthStrip
from ui.shell.header import PageHeader
from ui.shell.services import AgentService, Services
from ui.tasks import Task
from ui.widgets.buttons import ChipRow, push_button
from ui.widgets.empty import EmptyState
from ui.widgets.glyphs import Note, error_note
from ui.widgets.labels import Rule, Surface

_TICK_MS = 1_000
_LIMIT_TICK_MS = 30_000
_DETAIL_FROM = 1280


class TransfersPage(QWidget):
    """All jobs of the agent.

    Signals:
        review_requested: id of a job whose masking is to be looked at.
        case_requested: a case number.
        send_requested: choose files and a case.
        limits_requested: show where the limits are set.
    """

    review_requested = Signal(str)
    case_requested = Signal(str)
    send_requested = Signal()
    limits_requested = Signal()

    def __init__(
        self, services: Services, *, follower: JobFollower | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._services = services
        self.follower = follower or JobFollower(services.agent, clock=services.clock, parent=self)
        self.follower.changed.connect(self._changed)
        self.follower.lost.connect(self._lost)
        self._subjects: dict[str, str] = {}
        self._asked_subjects: set[str] = set()
        self._closed: frozenset[Group] = frozenset()
        self._busy: set[str] = set()
        self._known: dict[str, Job] = {}
        self._selected = ""
        self._narrow = False
        self._limits: LimitsShown | None = None
        self.day = DayUse()
        self._build()
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self._show_jobs)
        self._limit_tick = QTimer(self)
        self._limit_tick.setInterval(_LIMIT_TICK_MS)
        self._limit_tick.timeout.connect(self._ask_for_limits)
        self._show_state()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        head = QFrame()
        head.setProperty("kind", "toolbar")
        head_column = QVBoxLayout(head)
        head_column.setContentsMargins(24, 0, 20, 10)
        self.header = PageHeader(self.tr("Transfers"))
        column.addWidget(self.header)
        self.pause_all = push_button(self.tr("Pause all"), self._pause_all, icon="pause")
        self.pause_all.setShortcut("Ctrl+Shift+P")
        self.send = push_button(self.tr("Send files"), self.send_requested.emit, kind="primary", icon="add")
        self.header.add_button(self.pause_all)
        self.header.add_button(self.send)
        self.chips = ChipRow([each.value for each in Shown], name=self.tr("Which transfers"))
        self.chips.chosen.connect(lambda _value: self._show_jobs())
        line = QHBoxLayout()
        line.addWidget(self.chips, 1)
        self.limit = push_button("", self.limits_requested.emit, kind="link", icon="arrow_up")
        self.limit.setToolTip(self.tr("Change the limits"))
        self.limit.hide()
        line.addWidget(self.limit)
        head_column.addLayout(line)
        column.addWidget(head)
        self._silence = QVBoxLayout()  # that the agent is silent: goes by itself
        column.addLayout(self._silence)
        self._problem = QVBoxLayout()  # questions and refused orders: stay until a person acts
        column.addLayout(self._problem)
        self._stack = QStackedWidget()
        column.addWidget(self._stack, 1)
        self._stack.addWidget(self._list_pane())
        self.empty = EmptyState("arrow_swap", "", "")
        ground = Surface()
        inner = QVBoxLayout(ground)
        inner.addWidget(self.empty)
        self._stack.addWidget(ground)
        self.strip = BandwidthStrip()
        self.strip.edit_requested.connect(self.limits_requested)
        self.strip.hide()
        column.addWidget(self.strip)

    def _list_pane(self) -> QWidget:
        pane = QWidget()
        row = QHBoxLayout(pane)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self.list = TransferList()
        self.model = TransferModel(self)
        self.list.setModel(self.model)
        self.delegate = TransferDelegate(self.list, self.model)
        self.delegate.pressed.connect(self.act)
        self.delegate.head_pressed.connect(self._toggle_group)
        self.list.setItemDelegate(self.delegate)
        self.list.verb.connect(self._act_on_selected)
        self.list.moved.connect(lambda up: self._move(self._selected, up=up))
        self.list.selectionModel().currentChanged.connect(self._current_changed)
        self.list.doubleClicked.connect(lambda _index: self._act_on_selected(Verb.CASE))
        row.addWidget(self.list, 1)
        row.addWidget(Rule(vertical=True, role="border.default"))
        self.detail = TransferDetail(self.follower, self._services.clock)
        self.detail.asked.connect(self.act)
        holder = Surface()
        inner = QVBoxLayout(holder)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(self.detail)
        row.addWidget(holder)
        self._pane = holder
        toggle = QShortcut(QKeySequence("Ctrl+."), self)
        toggle.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        toggle.activated.connect(lambda: holder.setVisible(not holder.isVisibleTo(pane)))
        return pane

    def showEvent(self, event: object) -> None:
        """Begin to follow; times tick only while somebody looks."""
        super().showEvent(event)  # type: ignore[arg-type]
        self.follower.start()
        self._tick.start()
        self._limit_tick.start()
        self._ask_for_limits()
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def hideEvent(self, event: object) -> None:
        """The clock stops; the jobs are still followed."""
        super().hideEvent(event)  # type: ignore[arg-type]
        self._tick.stop()
        self._limit_tick.stop()

    def _ask_for_limits(self) -> None:
        """What the agent may take of the link now; the line is left out while it cannot be said."""
        agent = self.follower.agent
        if agent is not None:
            Task.run(agent.limits, owner=self).on_done(self._show_limit).on_error(
                lambda _error: self._no_limit()
            )

    def _no_limit(self) -> None:
        self._limits = None
        self.limit.hide()
        self.strip.hide()

    def _show_limit(self, shown: LimitsShown) -> None:
        self._limits = shown
        self.limit.setText(limit_line(shown, now=self._services.clock().astimezone()))
        self.limit.show()
        self._show_strip()

    def _show_strip(self) -> None:
        """The day's limits and use; nothing before the agent has told its limits."""
        if self._limits is None:
            return
        now = self._services.clock().astimezone()
        self.strip.show_day(
            grid_of(self._limits.limits)[now.weekday()],
            self.day.rates(now=now),
            now=now.hour + now.minute / 60,
            words=strip_words(self._limits, rate=self.follower.total_rate(), now=now),
        )
        self.strip.show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a window below 1280 px the list takes the whole width; Ctrl+. shows the pane."""
        super().resizeEvent(event)
        narrow = self.window().width() < _DETAIL_FROM
        if narrow != self._narrow:
            self._narrow = narrow
            self._pane.setVisible(not narrow)

    def _changed(self) -> None:
        self.day.add(self.follower.total_rate(), at=self._services.clock().astimezone())
        _empty(self._silence)
        self._announce()
        self._ask_for_subjects()
        self._show_state()
        if self.isVisible():
            self._show_jobs()

    def _lost(self, _error: CaseferryError) -> None:
        _empty(self._silence)
        if self.follower.loaded:
            note = Note(
                "warn",
                self.tr("The agent on this PC does not answer."),
                self.tr("What you see is the last known state. Transfers that run go on in the agent."),
            )
            note.add_button(self.tr("Try again"), self.follower.refresh)
            self._silence.addWidget(note)
        self._show_state()

    def _clear_problem(self) -> None:
        _empty(self._problem)

    def _announce(self) -> None:
        """Tell a screen reader, when one listens, what is worth a word."""
        known, self._known = self._known, {job.id: job for job in self.follower.jobs}
        if not QAccessible.isActive() or not self.isVisible():
            return
        for job in self.follower.jobs:
            words = announcement(known.get(job.id), job)
            if words:
                QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.list, words))

    def _show_state(self) -> None:
        """Which of list and empty states is shown."""
        follower = self.follower
        self.header.remark.setText(headline(follower.jobs) if follower.loaded else "")
        self.pause_all.setEnabled(any(job.state in ACTIVE_STATES for job in follower.jobs))
        self.send.setEnabled(follower.agent is not None)
        shown = any(group_of(job, now=self._services.clock()) is not None for job in follower.jobs)
        if shown:
            self._stack.setCurrentIndex(0)
            return
        self._stack.setCurrentIndex(1)
        self.empty.clear_buttons()
        if follower.agent is None:
            self.empty.set_words(
                "plug_disconnected",
                self.tr("No agent on this PC"),
                self.tr(
                    "The agent masks and sends. Install it, or start it with: "
                    "caseferry-agent run --config FILE"
                ),
            )
        elif follower.problem is not None and not follower.loaded:
            error = follower.problem
            text = f"{error.happened} {error.todo}" if isinstance(error, WorldError) else str(error)
            title = error.title if isinstance(error, WorldError) else self.tr("Something went wrong")
            self.empty.set_words("plug_disconnected", title, text)
            self.empty.add_button(self.tr("Try again"), follower.refresh)
        elif not follower.loaded:
            self.empty.set_words("arrow_swap", self.tr("Asking the agent"), "")
        else:
            self.empty.set_words(
                "arrow_swap",
                self.tr("Nothing is on its way"),
                self.tr("Drop files on a case to send them. They are masked first."),
            )
            self.empty.add_button(self.tr("Send files"), self.send_requested.emit, kind="plain")

    def _show_jobs(self) -> None:
        now = self._services.clock()
        self._show_strip()
        for each in Shown:
            self.chips.set_text(each.value, chip_text(each, self.follower.jobs))
        chosen = Shown(self.chips.value())
        rows: list[TransferRow] = []
        for job in in_order(self.follower.jobs, now=now):
            group = group_of(job, now=now)
            if group is not None and passes(job, chosen):
                left = self.follower.seconds_left(job)
                rows.append(row_of(job, group=group, seconds_left=left))
        sparks = {
            job.id: self.follower.history(job.id).recent()
            for job in self.follower.jobs
            if job.state in ACTIVE_STATES and not waits_for_its_turn(job)
        }
        self.model.update(entries_of(rows, self._closed), sparks)
        self._keep_selection()
        self._show_detail()

    def _keep_selection(self) -> None:
        row = self.model.row_of(self._selected)
        if row < 0:
            row = next(
                (i for i in range(self.model.rowCount()) if isinstance(self.model.entry(i), TransferRow)), -1
            )
        if row >= 0 and self.list.currentIndex().row() != row:
            self.list.selectionModel().setCurrentIndex(
                self.model.index(row), QItemSelectionModel.SelectionFlag.ClearAndSelect
            )

    def _current_changed(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if current.isValid():
            entry = self.model.entry(current.row())
            if not isinstance(entry, Head):
                self._selected = entry.id
                self._show_detail()

    def _show_detail(self) -> None:
        job = self.follower.job(self._selected)
        self.detail.setVisible(job is not None)
        if job is not None:
            self.detail.show_job(job, subject=self._subjects.get(job.case, ""))

    def _ask_for_subjects(self) -> None:
        wanted = sorted({job.case for job in self.follower.jobs} - self._asked_subjects)
        if wanted:
            self._asked_subjects.update(wanted)
            Task.run(self._services.copy.rows, wanted, owner=self).on_done(self._take_subjects).on_error(
                lambda _error: None
            )

    def _take_subjects(self, cases: list[Case]) -> None:
        self._subjects |= {case.number: case.subject for case in cases}
        if self.isVisible():
            self._show_detail()

    def _toggle_group(self, group: Group) -> None:
        self._closed ^= {group}
        self._show_jobs()

    def select(self, job_id: str) -> None:
        """Bring a job into view."""
        self._selected = job_id
        self._show_jobs()

    def _act_on_selected(self, verb: Verb) -> None:
        row = self.list.currentIndex().row()
        entry = self.model.entry(row) if row >= 0 else None
        if isinstance(entry, Head):
            self._toggle_group(entry.group)
            return
        if entry is None:
            return
        offered = (*entry.icons, entry.main, *entry.others)
        if verb is Verb.PAUSE and Verb.RESUME in offered:
            verb = Verb.RESUME
        if verb is Verb.RETRY and verb not in offered:
            verb = entry.main or Verb.CASE
        if verb in offered or verb is Verb.CASE:
            self.act(entry.id, verb)

    def _move(self, job_id: str, *, up: bool) -> None:
        """Another place among those that wait."""
        agent, now = self.follower.agent, self._services.clock()
        waiting = [
            job for job in in_order(self.follower.jobs, now=now) if group_of(job, now=now) is Group.WAITING
        ]
        before = neighbour(waiting, job_id, up=up)
        if agent is None or before is None:
            return

        def move(job_id: str) -> Job:
            return agent.move(job_id, before=before)

        self._order(job_id, move, then=self.follower.refresh)

    def act(self, job_id: str, verb: Verb) -> None:
        """Do what a button says; a job takes one order at a time."""
        agent = self.follower.agent
        job = self.follower.job(job_id)
        if job is None or agent is None:
            return
        if verb is Verb.REVIEW:
            self.review_requested.emit(job_id)
        elif verb is Verb.CASE:
            self.case_requested.emit(job.case)
        elif verb is Verb.CANCEL and job.sent:
            self._ask_before_cancel(job)
        elif verb is Verb.NOT_THERE:
            self._ask_before_another_place(job)
        elif verb in (Verb.UP, Verb.DOWN):
            self._move(job_id, up=verb is Verb.UP)
        else:
            self._order(job_id, _call_of(agent, verb))

    def _ask_before_cancel(self, job: Job) -> None:
        """Only when something was sent already (design 8)."""
        self._clear_problem()

        def cancel() -> None:
            self._clear_problem()
            if self.follower.agent is not None:
                self._order(job.id, self.follower.agent.cancel)

        self._problem.addWidget(cancel_question(job.name, cancel=cancel, keep=self._clear_problem))

    def _ask_before_another_place(self, job: Job) -> None:
        """Nobody can check it: only a person's own word lets it go where it may arrive a second time."""
        agent = self.follower.agent
        if agent is None:
            return

        def retry(job_id: str) -> Job:
            return agent.retry(job_id, not_there=True)

        dialog = NotThereDialog(job, parent=self)
        dialog.agreed.connect(lambda: self._order(job.id, retry))
        dialog.open()

    def _order(
        self, job_id: str, call: Callable[[str], Job], *, then: Callable[[], object] = lambda: None
    ) -> None:
        if job_id in self._busy:
            return
        self._busy.add(job_id)

        def done(job: Job) -> None:
            self._busy.discard(job_id)
            self.follower.take_job(job)
            then()

        def failed(error: CaseferryError) -> None:
            self._busy.discard(job_id)
            self._clear_problem()
            self._problem.addWidget(error_note(error))

        Task.run(call, job_id, owner=self).on_done(done).on_error(failed)

    def _pause_all(self) -> None:
        agent = self.follower.agent
        for job in self.follower.jobs:
            if job.state in ACTIVE_STATES and agent is not None:
                self._order(job.id, agent.pause)


def _call_of(agent: AgentService, verb: Verb) -> Callable[[str], Job]:
    return {
        Verb.PAUSE: agent.pause,
        Verb.RESUME: agent.resume,
        Verb.CANCEL: agent.cancel,
        Verb.RETRY: agent.retry,
        Verb.FIRST: lambda job: agent.prioritise(job, 1),
        Verb.USUAL: lambda job: agent.prioritise(job, 0),
    }[verb]


def _empty(layout: QVBoxLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
