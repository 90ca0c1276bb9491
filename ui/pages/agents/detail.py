"""The rail beside the agents' list: one agent, its folders, its key, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.agentlink import Status, WatchedFolder
from ui.pages.agents.rows import AgentRow, Health
from ui.shell.services import HERE
from ui.widgets.buttons import IconLabel, push_button
from ui.widgets.glyphs import Note
from ui.widgets.labels import ElidedLabel, TextLabel
from ui.widgets.quantities import count_text, plural
from ui.widgets.scroll_column import ScrollColumn

WIDTH = 308


class AgentDetail(ScrollColumn):
    """One agent.

    Signals:
        chosen: place of the agent whose transfers are to be shown.
        unpair_wanted: place of the agent that is to be forgotten.
    """

    chosen = Signal(str)
    unpair_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
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
        wanted = (row, row.agent.place == followed)
        if self._shown is not None and _same(self._shown, wanted):
            return
        self._shown = wanted
        self._put(self._made(row, followed=wanted[1]))

    def _put(self, body: QWidget | None) -> None:
        if self._body is not None:
            self._body.hide()
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
        words = " · ".join(each for each in (row.place if row.place != row.name else "", version) if each)
        column.addWidget(TextLabel(words, scale="label", role="text.secondary"))
        if row.explained:
            column.addSpacing(6)
            kind = "danger" if row.health is Health.OFFLINE else "warn"
            column.addWidget(Note(kind, row.words, row.explained))
        if row.status is not None:
            self._add_folders(column, row.status)
        self._add_facts(column, row)
        self._add_buttons(column, row, followed=followed)
        column.addStretch(1)
        return body

    def _add_folders(self, column: QVBoxLayout, status: Status) -> None:
        column.addSpacing(8)
        column.addWidget(
            TextLabel(self.tr("Watched folders"), scale="label", role="text.secondary", medium=True)
        )
        if not status.folders:
            column.addWidget(TextLabel(self.tr("None. It sends what a person attaches."), wrap=True))
        for folder in status.folders:
            column.addLayout(self._folder(folder))

    def _folder(self, folder: WatchedFolder) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        sign = ("checkmark", "success.fg") if folder.readable else ("warning", "warning.fg")
        icon = IconLabel(sign[0], role=sign[1])
        row.addWidget(icon)
        words = QVBoxLayout()
        words.setSpacing(0)
        path = ElidedLabel(folder.path, scale="mono")
        path.setToolTip(folder.path)
        words.addWidget(path)
        said = folder.problem or self.tr("{0}, {1} growing").format(
            plural(folder.segments, "file", "files"), count_text(folder.growing)
        )
        words.addWidget(TextLabel(said, scale="label", role="text.secondary", wrap=bool(folder.problem)))
        row.addLayout(words, 1)
        return row

    def _add_facts(self, column: QVBoxLayout, row: AgentRow) -> None:
        column.addSpacing(8)
        column.addWidget(TextLabel(self.tr("This agent"), scale="label", role="text.secondary", medium=True))
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(3)
        grid.setColumnStretch(1, 1)
        key = bytes.fromhex(row.agent.sha256).hex(":").upper() if row.agent.sha256 else ""
        facts = [(self.tr("Portal"), "" if row.status is None else row.status.portal, "")]
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

    def _add_buttons(self, column: QVBoxLayout, row: AgentRow, *, followed: bool) -> None:
        column.addSpacing(10)
        place = row.agent.place
        if followed:
            column.addWidget(
                TextLabel(self.tr("Transfers shows what this agent does."), role="text.secondary", wrap=True)
            )
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        if not followed:
            show = push_button(
                self.tr("Show its transfers"), lambda: self.chosen.emit(place), icon="arrow_swap", small=True
            )
            buttons.addWidget(show)
        if place != HERE:
            unpair = push_button(
                self.tr("Unpair"), lambda: self.unpair_wanted.emit(place), kind="danger-outline", small=True
            )
            buttons.addWidget(unpair)
        buttons.addStretch(1)
        column.addLayout(buttons)


def _same(before: tuple[AgentRow, bool], now: tuple[AgentRow, bool]) -> bool:
    """Whether nothing that is shown is another: when it was seen stands in the list only."""
    old, new = before[0], now[0]
    return before[1] == now[1] and (old.agent, old.words, old.explained, old.status) == (
        new.agent,
        new.words,
        new.explained,
        new.status,
    )
