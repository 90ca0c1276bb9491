"""The rail beside the agents' list: one agent, its folders, its key, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QApplication,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.agentlink import FolderShown, Health, Role, Status, WatchedFolder
from ui.pages.agents.queue_chart import QueueChart
from ui.pages.agents.rows import AgentRow
from ui.pages.agents.rows import Health as State
from ui.shell.services import HERE
from ui.widgets.buttons import IconLabel, push_button
from ui.widgets.glyphs import Note
from ui.widgets.labels import ElidedLabel, TextLabel
from ui.widgets.quantities import count_text, plural, size_text, span_text
from ui.widgets.scroll_column import ScrollColumn

WIDTH = 308
_RANKS = (Role.VIEWER, Role.OPERATOR, Role.ADMIN)


class AgentDetail(ScrollColumn):
    """One agent.

    Signals:
        chosen: place of the agent whose transfers are to be shown.
        unpair_wanted, restart_wanted, diagnosis_wanted, folder_wanted: place of the agent of which a person
            wants that.
    """

    chosen = Signal(str)
    unpair_wanted = Signal(str)
    restart_wanted = Signal(str)
    diagnosis_wanted = Signal(str)
    folder_wanted = Signal(str)

    def __init__(self, clock: Callable[[], datetime], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self.setFixedWidth(WIDTH)
        self.setAccessibleName(self.tr("The chosen agent"))
        self._body: QWidget | None = None
        self._shown: tuple[AgentRow, bool] | None = None

    def show_row(self, row: AgentRow | None, *, followed: str) -> None:
        """Show an agent; `followed` is the place of the one whose transfers the window shows."""
        if row is None:
            self._put(None)
            self._shown = None
            return
        wanted = (_lasting(row), row.agent.place == followed)
        if self._shown == wanted:
            return
        again = self._shown is not None and self._shown[0].agent == row.agent
        self._shown = wanted
        focused, place = self._focused() if again else "", self.verticalScrollBar().value() if again else 0
        self._put(self._made(row, followed=wanted[1]))
        self.verticalScrollBar().setValue(place)
        for button in self.findChildren(QPushButton):
            if focused and button.text() == focused and button is not QApplication.focusWidget():
                button.setFocus()

    def _focused(self) -> str:
        """The words of the button in the rail that has the focus."""
        widget = QApplication.focusWidget()
        inside = isinstance(widget, QPushButton) and self.isAncestorOf(widget)
        return widget.text() if inside and isinstance(widget, QPushButton) else ""

    def _put(self, body: QWidget | None) -> None:
        if self._body is not None:
            self._body.hide()
            self._body.setParent(None)
            self._body.deleteLater()
        self._body = body
        if body is not None:
            self.column.addWidget(body)
            body.show()

    def _made(self, row: AgentRow, *, followed: bool) -> QWidget:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(20, 16, 20, 20)
        column.setSpacing(6)
        column.addWidget(TextLabel(row.name, scale="subtitle"))
        version = "" if row.status is None else self.tr("agent {0}").format(row.status.version)
        system = "" if row.figures is None else row.figures.system
        place = row.place if row.place != row.name else ""
        for words in (place, " · ".join(each for each in (system, version) if each)):
            if words:
                line = ElidedLabel(words, scale="label", role="text.secondary")
                line.setToolTip(words)
                column.addWidget(line)
        if row.explained:
            column.addSpacing(6)
            kind = "danger" if row.health is State.OFFLINE else "warn"
            note = Note(kind, row.words, row.explained)
            # as high as its text is at this width
            note.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
            column.addWidget(note)
        if row.figures is not None and row.seen is not None:
            self._add_queue(column, row.figures)
        if row.status is not None:
            self._add_folders(column, row, row.status)
        self._add_facts(column, row)
        self._add_buttons(column, row, followed=followed)
        column.addStretch(1)
        return body

    def _add_queue(self, column: QVBoxLayout, figures: Health) -> None:
        column.addSpacing(8)
        head = QHBoxLayout()
        head.addWidget(
            TextLabel(self.tr("Queue on disk, 24 h"), scale="label", role="text.secondary", medium=True)
        )
        head.addStretch(1)
        limit = self.tr("limit {0}").format(size_text(figures.queue_most))
        head.addWidget(TextLabel(limit, scale="label", role="text.secondary"))
        column.addLayout(head)
        column.addWidget(QueueChart(figures, now=figures.at))

    def _add_folders(self, column: QVBoxLayout, row: AgentRow, status: Status) -> None:
        column.addSpacing(8)
        column.addWidget(
            TextLabel(self.tr("Watched folders"), scale="label", role="text.secondary", medium=True)
        )
        if not status.folders:
            column.addWidget(TextLabel(self.tr("None. It sends what a person attaches."), wrap=True))
        known = {} if row.figures is None else {each.path: each for each in row.figures.folders}
        for folder in status.folders:
            column.addLayout(self._folder(folder, known.get(folder.path)))
        if row.figures is None:
            return
        if row.agent.place != HERE:
            words = self.tr("More are added on that server: caseferry-agent set.")
        elif not row.figures.rules:
            words = self.tr("The configuration has no rule that could watch another folder.")
        else:
            place = row.agent.place
            add = push_button(
                self.tr("Watch another folder"),
                lambda: self.folder_wanted.emit(place),
                icon="add",
                small=True,
            )
            line = QHBoxLayout()
            line.addWidget(add)
            line.addStretch(1)
            column.addSpacing(4)
            column.addLayout(line)
            return
        column.addWidget(TextLabel(words, scale="label", role="text.secondary", wrap=True))

    def _folder(self, folder: WatchedFolder, more: FolderShown | None) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        sign = ("checkmark", "success.fg") if folder.readable else ("warning", "warning.fg")
        icon = IconLabel(sign[0], role=sign[1])
        row.addWidget(icon)
        words = QVBoxLayout()
        words.setSpacing(0)
        head = QHBoxLayout()
        path = ElidedLabel(folder.path, scale="mono")
        path.setToolTip(folder.path)
        head.addWidget(path, 1)
        if more is not None:
            head.addWidget(TextLabel(size_text(more.size), scale="label", role="text.secondary"))
        words.addLayout(head)
        said = folder.problem or self._files(folder, more)
        words.addWidget(TextLabel(said, scale="label", role="text.secondary", wrap=bool(folder.problem)))
        row.addLayout(words, 1)
        return row

    def _files(self, folder: WatchedFolder, more: FolderShown | None) -> str:
        files = plural(folder.segments, "file", "files")
        if more is None or more.newest is None:
            return self.tr("{0}, {1} growing").format(files, count_text(folder.growing))
        now = self._clock()
        silent = now - more.newest
        if silent > timedelta(days=1):
            return self.tr("{0}, nothing new for {1}").format(files, span_text(silent))
        return self.tr("{0}, newest {1}").format(files, f"{more.newest.astimezone(now.tzinfo):%H:%M}")

    def _add_facts(self, column: QVBoxLayout, row: AgentRow) -> None:
        column.addSpacing(8)
        column.addWidget(
            TextLabel(self.tr("Rules on this server"), scale="label", role="text.secondary", medium=True)
        )
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(3)
        grid.setColumnStretch(1, 1)
        key = bytes.fromhex(row.agent.sha256).hex(":").upper() if row.agent.sha256 else ""
        facts = [] if row.figures is None else self._manners(row.figures)
        facts.append((self.tr("Portal"), "" if row.status is None else row.status.portal, ""))
        if row.status is not None:
            watching = (
                self.tr("file events and scans") if "events" in row.status.watch else self.tr("scans only")
            )
            facts.append((self.tr("Watching"), watching, row.status.watch_reason))
        if row.agent.role:
            facts.append((self.tr("Paired as"), row.agent.role, ""))
        facts.append((self.tr("Key"), f"SHA-256 {key[:8]}…{key[-5:]}" if key else "", f"SHA-256 {key}"))
        for line, (name, value, tip) in enumerate(each for each in facts if each[1]):
            grid.addWidget(TextLabel(name, role="text.secondary"), line, 0)
            shown = ElidedLabel(value)
            shown.setToolTip(tip or value)
            grid.addWidget(shown, line, 1)
        column.addLayout(grid)

    def _manners(self, figures: Health) -> list[tuple[str, str, str]]:
        """What it masks with, and how kind it is to its host."""
        most = (
            self.tr("without limit")
            if figures.cpu_most is None
            else self.tr("at most {0} % of one").format(f"{figures.cpu_most * 100:g}")
        )
        cpu = self.tr("{0}, low priority").format(most) if figures.nice else most
        memory = "" if figures.memory is None else size_text(figures.memory)
        return [
            (self.tr("Masking"), figures.masking, ""),
            (self.tr("CPU"), cpu, ""),
            (self.tr("Memory"), memory, ""),
        ]

    def _add_buttons(self, column: QVBoxLayout, row: AgentRow, *, followed: bool) -> None:
        column.addSpacing(10)
        place = row.agent.place
        if followed:
            column.addWidget(
                TextLabel(self.tr("Transfers shows what this agent does."), role="text.secondary", wrap=True)
            )
        else:
            self._line_of(
                column,
                push_button(
                    self.tr("Show its transfers"),
                    lambda: self.chosen.emit(place),
                    icon="arrow_swap",
                    small=True,
                ),
            )
        restart = push_button(
            self.tr("Restart agent"),
            lambda: self.restart_wanted.emit(place),
            icon="arrow_clockwise",
            small=True,
        )
        diagnose = push_button(
            self.tr("Diagnose"), lambda: self.diagnosis_wanted.emit(place), icon="pulse", small=True
        )
        restart.setEnabled(_may(row, Role.ADMIN))
        diagnose.setEnabled(_may(row, Role.OPERATOR))
        self._line_of(column, restart, diagnose)
        if not restart.isEnabled():
            needs = self.tr("Restart needs the role admin, Diagnose operator. You are paired as {0}.")
            reason = TextLabel(needs.format(row.agent.role), scale="label", role="text.secondary", wrap=True)
            column.addWidget(reason)
            restart.setAccessibleDescription(reason.words)
            diagnose.setAccessibleDescription("" if diagnose.isEnabled() else reason.words)
        if place != HERE:
            self._line_of(
                column,
                push_button(
                    self.tr("Unpair"),
                    lambda: self.unpair_wanted.emit(place),
                    kind="danger-outline",
                    small=True,
                ),
            )

    @staticmethod
    def _line_of(column: QVBoxLayout, *buttons: QPushButton) -> None:
        line = QHBoxLayout()
        line.setSpacing(8)
        for button in buttons:
            line.addWidget(button)
        line.addStretch(1)
        column.addLayout(line)


def _may(row: AgentRow, needed: Role) -> bool:
    """Whether this person's role is enough; that of this machine is known to the agent only."""
    if not row.agent.role:
        return True
    return _RANKS.index(Role(row.agent.role)) >= _RANKS.index(needed)


def _lasting(row: AgentRow) -> AgentRow:
    """The row without what changes with every look: the rail is made anew for the rest only."""
    figures = row.figures
    if figures is not None:
        figures = replace(
            figures,
            at=datetime.min,  # noqa: DTZ901 - the same for all
            cpu=None,
            memory=None,
            beats=[replace(beat, cpu=0.0) for beat in figures.beats],
            applications=[],
        )
    return replace(row, seen=row.seen and datetime.min, figures=figures)  # noqa: DTZ901
