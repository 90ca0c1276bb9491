"""The Agents page: every agent that this person may call, how it is, and the way to one more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.domain.errors import CaseferryError
from ui.pages.agents.acting import AgentActions
from ui.pages.agents.adding import AddServer
from ui.pages.agents.detail import AgentDetail
from ui.pages.agents.list_view import AgentHead, AgentList, AgentModel
from ui.pages.agents.rows import SIGNS, AgentRow, Health, in_order, row_of
from ui.pages.agents.strip import Legend
from ui.shell.header import PageHeader
from ui.shell.question import Question
from ui.shell.services import HERE, AgentBook, AgentGlance, KnownAgent, Services
from ui.tasks import Task
from ui.widgets.buttons import IconLabel, push_button
from ui.widgets.empty import EmptyState
from ui.widgets.glyphs import error_note
from ui.widgets.labels import Rule, Surface, TextLabel
from ui.widgets.quantities import plural, size_text

ASK_MS = 10_000
RESTART_MS = 2_000
"""How often an agent that begins anew is asked."""
_LONGEST_RESTART = timedelta(minutes=2)
_NARROW_BELOW = 1160
_COUNTED = (
    (Health.HEALTHY, "healthy", "healthy"),
    (Health.WARNING, "needs attention", "need attention"),
    (Health.OFFLINE, "offline", "offline"),
)


class AgentsPage(QWidget):
    """Agents are asked while the page is shown, each by a task of its own: one that is silent holds up none.

    Signals:
        chosen: place of the agent that the window is to follow from now on.
        renewed: the agent of this PC began anew; whoever calls it needs its new token.
        troubled: how many agents need a person.
    """

    chosen = Signal(str)
    renewed = Signal()
    troubled = Signal(int)

    def __init__(self, services: Services, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._known: dict[str, KnownAgent] = {}
        self._answers: dict[str, tuple[AgentGlance, datetime]] = {}
        self._problems: dict[str, CaseferryError] = {}
        self._asking: set[str] = set()
        self._loading = False
        self._wanted: str | None = None
        self._restarting: dict[str, datetime] = {}
        book = services.agents
        self.acts = None if book is None else AgentActions(book, self)
        self._build()
        self._tick = QTimer(self)
        self._tick.setInterval(ASK_MS)
        self._tick.timeout.connect(self.ask)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(RESTART_MS)
        self._soon.timeout.connect(self.ask)

    @property
    def book(self) -> AgentBook | None:
        """Where agents are kept."""
        return self._services.agents

    def rows(self) -> list[AgentRow]:
        """What is known, problems first."""
        made = []
        for place, agent in self._known.items():
            glance, seen = self._answers.get(place, (None, None))
            problem = self._problems.get(place)
            anew = place in self._restarting
            made.append(row_of(agent, glance, seen=seen, problem=problem, restarting=anew))
        return in_order(made)

    @property
    def dialog(self) -> Question | None:
        """What a person is asked at present."""
        return None if self.acts is None else self.acts.dialog

    def activate(self) -> None:
        """Read anew which agents there are, and ask them."""
        book = self.book
        if book is None or self._loading:
            return
        self._loading = True
        Task.run(book.all, owner=self).on_done(self._take).on_error(self._failed)

    def ask(self) -> None:
        """Ask every agent that is not being asked."""
        book = self.book
        if book is None:
            return
        for place in self._known.keys() - self._asking:
            self._asking.add(place)
            Task.run(book.glance, place, owner=self).on_done(partial(self._answered, place)).on_error(
                partial(self._silent, place)
            )

    def select(self, place: str) -> None:
        """Show an agent in the rail; the choice holds when it comes later."""
        self._wanted = place
        self._show()

    def showEvent(self, event: object) -> None:
        """Ask while somebody looks."""
        super().showEvent(event)  # type: ignore[arg-type]
        self._tick.start()
        self.activate()
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def hideEvent(self, event: object) -> None:
        """Ask no more."""
        super().hideEvent(event)  # type: ignore[arg-type]
        self._tick.stop()
        self._soon.stop()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A narrow window has no room for the rail until it is asked for: Enter, a double click, Ctrl+."""
        super().resizeEvent(event)
        self._rail.setVisible(self.window().width() >= _NARROW_BELOW)

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.header = PageHeader(self.tr("Agents"))
        column.addWidget(self.header)
        add = push_button(self.tr("Add server"), self._add, kind="primary", icon="add")
        self.header.add_button(add)
        self._stack = QStackedWidget()
        column.addWidget(self._stack, 1)
        pane = QWidget()
        row = QHBoxLayout(pane)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        ground = Surface()
        left = QVBoxLayout(ground)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(0)
        left.addWidget(self._counts())
        self._trouble = QVBoxLayout()
        self._trouble.setContentsMargins(24, 0, 24, 0)
        left.addLayout(self._trouble)
        self.list = AgentList(self._services.clock)
        self.model = AgentModel(self._services.clock, self)
        self.list.setModel(self.model)
        self.list.selectionModel().currentChanged.connect(self._current)
        self.empty = EmptyState(
            "server",
            self.tr("No agent yet"),
            self.tr("The agent of this PC was not found, and none of another server is paired."),
        )
        left.addWidget(AgentHead())
        self._lists = QStackedWidget()
        self._lists.addWidget(self.list)
        self._lists.addWidget(self.empty)
        left.addWidget(self._lists, 1)
        left.addWidget(Legend())
        book = self.book
        self.adding: AddServer | None = None
        if book is not None:
            self.adding = AddServer(book)
            self.adding.paired.connect(self._paired)
            holder = QVBoxLayout()
            holder.setContentsMargins(24, 12, 24, 20)
            holder.addWidget(self.adding)
            left.addLayout(holder)
        row.addWidget(ground, 1)
        self._rail = Surface()
        rail = QHBoxLayout(self._rail)
        rail.setContentsMargins(0, 0, 0, 0)
        rail.setSpacing(0)
        rail.addWidget(Rule(vertical=True, role="border.default"))
        self.detail = AgentDetail(self._services.clock)
        self.detail.chosen.connect(self.chosen)
        self._connect_actions()
        rail.addWidget(self.detail)
        row.addWidget(self._rail)
        toggle = QShortcut(QKeySequence("Ctrl+."), self)
        toggle.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        toggle.activated.connect(lambda: self._rail.setVisible(not self._rail.isVisibleTo(self)))
        self.list.activated.connect(lambda _index: self._rail.show())
        self._stack.addWidget(pane)
        self._show()

    def _connect_actions(self) -> None:
        acts = self.acts
        if acts is None:
            return
        for wanted, act in (
            (self.detail.unpair_wanted, acts.unpair),
            (self.detail.restart_wanted, acts.restart),
            (self.detail.diagnosis_wanted, acts.diagnose),
            (self.detail.folder_wanted, acts.watch),
        ):
            wanted.connect(partial(self._act, act))
        acts.failed.connect(self._failed)
        acts.forgotten.connect(self._forgotten)
        acts.restarting.connect(self._begins_anew)
        acts.changed.connect(lambda _place: self.ask())

    def _act(self, act: Callable[[AgentRow], None], place: str) -> None:
        row = next((each for each in self.rows() if each.agent.place == place), None)
        if row is not None:
            act(row)

    def _begins_anew(self, place: str) -> None:
        """Until it answers as another run of itself, or is silent for too long."""
        self._restarting[place] = self._services.clock()
        self._show()
        self._soon.start()

    def _counts(self) -> QFrame:
        """How many are well and how many are not, what they watch, and what waits."""
        bar = QFrame()
        bar.setProperty("kind", "toolbar")
        row = QHBoxLayout(bar)
        row.setContentsMargins(24, 10, 24, 10)
        row.setSpacing(12)
        self._numbers: dict[Health, tuple[TextLabel, TextLabel]] = {}
        for health, one, _many in _COUNTED:
            icon, role = SIGNS[health]
            self._numbers[health] = self._count(row, icon, one, role=role)
        self._watched = self._count(row, "document_text", self.tr("applications watched"))
        self._waiting = self._count(row, "arrow_up", self.tr("waiting to send"))
        row.addStretch(1)
        return bar

    @staticmethod
    def _count(
        row: QHBoxLayout, icon: str, named: str, *, role: str = "text.secondary"
    ) -> tuple[TextLabel, TextLabel]:
        """A large figure over what it counts."""
        row.addWidget(IconLabel(icon, size=20, role=role))
        words = QVBoxLayout()
        words.setSpacing(0)
        number = TextLabel("0", scale="subtitle")
        text = TextLabel(named, scale="label", role="text.secondary")
        words.addWidget(number)
        words.addWidget(text)
        row.addLayout(words)
        row.addSpacing(24)
        return number, text

    def _take(self, agents: list[KnownAgent]) -> None:
        self._loading = False
        self._clear_trouble()
        self._known = {agent.place: agent for agent in agents}
        for kept in (self._answers, self._problems):
            for place in kept.keys() - self._known.keys():
                del kept[place]
        self._show()
        self.ask()

    def _failed(self, error: CaseferryError) -> None:
        self._loading = False
        self._clear_trouble()
        self._trouble.addWidget(error_note(error, retry=self.activate))

    def _answered(self, place: str, glance: AgentGlance) -> None:
        self._asking.discard(place)
        self._problems.pop(place, None)
        if place in self._known:
            before = self._answers.get(place)
            self._answers[place] = (glance, self._services.clock())
            if before is not None and before[0].status.started != glance.status.started:
                self._restarting.pop(place, None)
                if place == HERE == self._services.agent_place:
                    self.renewed.emit()
        self._show()

    def _silent(self, place: str, error: CaseferryError) -> None:
        self._asking.discard(place)
        if place in self._known:
            self._problems[place] = error
        since = self._restarting.get(place)
        if since is not None and self._services.clock() - since > _LONGEST_RESTART:
            del self._restarting[place]
        elif since is not None:
            self._soon.start()
        self._show()

    def _show(self) -> None:
        rows = self.rows()
        before = self._wanted if self._wanted is not None else self._current_place()
        self.model.show(rows)
        self._lists.setCurrentWidget(self.list if rows or self._loading else self.empty)
        count = len(rows)
        self.header.remark.setText(plural(count, "server", "servers") if count else "")
        for health, one, many in _COUNTED:
            number, text = self._numbers[health]
            found = sum(row.health is health for row in rows)
            number.setText(str(found))
            text.setText(one if found == 1 else many)
        known = [row.figures for row in rows if row.figures is not None]
        self._watched[0].setText(str(sum(len(figures.applications) for figures in known)))
        self._waiting[0].setText(size_text(sum(figures.queue for figures in known)))
        self.troubled.emit(sum(row.health in (Health.OFFLINE, Health.WARNING) for row in rows))
        index = self.model.index_of(before) if before is not None else QModelIndex()
        if not index.isValid() and rows:
            index = self.model.index(0)
        if index.isValid() and index != self.list.currentIndex():
            self.list.selectionModel().setCurrentIndex(
                index, QItemSelectionModel.SelectionFlag.ClearAndSelect
            )
        self._show_detail()

    def _current(self, _now: QModelIndex, _before: QModelIndex) -> None:
        self._wanted = None
        self._show_detail()

    def _current_place(self) -> str | None:
        row = self.model.row_at(self.list.currentIndex())
        return None if row is None else row.agent.place

    def _show_detail(self) -> None:
        row = self.model.row_at(self.list.currentIndex())
        self.detail.show_row(row, followed=self._services.agent_place)

    def _add(self) -> None:
        if self.adding is not None:
            self.adding.address.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _paired(self, agent: KnownAgent) -> None:
        self._known[agent.place] = agent
        self._problems.pop(agent.place, None)
        self.select(agent.place)
        self.ask()

    def _forgotten(self, place: str) -> None:
        self._known.pop(place, None)
        self._answers.pop(place, None)
        self._problems.pop(place, None)
        self._wanted = None
        self._show()
        if place == self._services.agent_place:
            self.chosen.emit("")

    def _clear_trouble(self) -> None:
        while (item := self._trouble.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
