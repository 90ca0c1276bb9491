"""Settings, Bandwidth: the week's limits, idle times and connections of the agent on this PC."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QBoxLayout, QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from app.agentlink import LimitsFrom, LimitsShown, TransferLimits
from app.domain.errors import CaseferryError, InputError
from app.transfer import MOST_CONNECTIONS, parse_rate
from ui.pages.settings.cards import Card
from ui.pages.settings.week import (
    PRESETS,
    Block,
    grid_of,
    is_whole,
    limit_words,
    limits_of,
    shade_of,
    with_block,
)
from ui.pages.settings.week_grid import WeekGrid, shade
from ui.shell.services import AgentService, FetchingPace
from ui.tasks import Latest, Task
from ui.theme import current_theme
from ui.widgets.buttons import push_button
from ui.widgets.choice_box import ChoiceBox, NumberBox
from ui.widgets.empty import EmptyState
from ui.widgets.glyphs import KeyCap, Note, error_note
from ui.widgets.labels import TextLabel


class _Swatch(QWidget):
    """The colour of a limit."""

    def __init__(self, index: int) -> None:
        super().__init__()
        self._index = index
        self.setFixedSize(14, 14)
        current_theme().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's name
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(shade(self._index))
        painter.drawRoundedRect(self.rect(), 3, 3)
        painter.end()


class BandwidthPane(QWidget):
    """What the agent, and this desktop, may take of the link; a change applies at once and can be undone."""

    def __init__(
        self,
        agent: AgentService | None,
        clock: Callable[[], datetime],
        *,
        pace: FetchingPace | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._agent, self._clock, self._pace = agent, clock, pace
        self._asking = Latest(self)
        self._shown: LimitsShown | None = None
        self._before: TransferLimits | None = None
        self._under_way: TransferLimits | None = None
        self._next: TransferLimits | None = None
        self._filling = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(18)
        self._notes = QVBoxLayout()
        column.addLayout(self._notes)
        self._body = QWidget()
        column.addWidget(self._body)
        self._build(QVBoxLayout(self._body))
        self._body.setVisible(False)
        self.empty = EmptyState(
            "plug_disconnected",
            self.tr("No agent on this PC"),
            self.tr("The agent masks and sends; its limits are set here once it runs."),
        )
        self.empty.setVisible(agent is None)
        column.addWidget(self.empty, 1)
        column.addStretch(1)

    def _build(self, column: QVBoxLayout) -> None:
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(18)
        week = Card(
            self.tr("Weekly schedule"),
            self.tr(
                "One limit for what the agent sends and what is fetched here, together. Drag over hours, then"
                " pick a limit; arrow keys and Shift select, 1 to 5 set the limit."
            ),
        )
        inner = QWidget()
        cells = QVBoxLayout(inner)
        cells.setContentsMargins(16, 12, 16, 12)
        cells.setSpacing(12)
        self.grid = WeekGrid()
        self.grid.selected.connect(self._selected)
        self.grid.limit_chosen.connect(lambda index: self.choose(PRESETS[index]))
        cells.addWidget(self.grid)
        cells.addLayout(self._legend())
        week.add(inner)
        column.addWidget(week)
        manners = Card(self.tr("Manners"))
        self.only_idle = QCheckBox()
        self.only_idle.toggled.connect(self._idle_chosen)
        manners.add_row(
            self.tr("Only while this PC is idle"),
            self.tr("Nothing is sent or fetched while others use its processors or its network"),
            self.only_idle,
        )
        self.connections = NumberBox(1, MOST_CONNECTIONS)
        self.connections.setFixedWidth(96)
        self.connections.editingFinished.connect(self._connections_chosen)
        manners.add_row(
            self.tr("Parallel connections"),
            self.tr(
                "At most, for one bundle; how many it has is found by measuring. More helps on long ways"
            ),
            self.connections,
        )
        self.reset = push_button(self.tr("Use the configuration's"), self._reset, small=True)
        self._source = manners.add_row(self.tr("Who set this"), "", self.reset)
        column.addWidget(manners)

    def _legend(self) -> QBoxLayout:
        self._foot = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._foot.setSpacing(10)
        self._foot.addLayout(self._keys(), 1)
        self._foot.addLayout(self._choice())
        return self._foot

    def set_narrow(self, narrow: bool) -> None:
        """The selection stands below the legend where there is little room."""
        direction = QBoxLayout.Direction
        self._foot.setDirection(direction.TopToBottom if narrow else direction.LeftToRight)

    def _keys(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(7)
        for index, rate in enumerate(PRESETS):
            row.addWidget(_Swatch(shade_of(rate)))
            row.addWidget(KeyCap(str(index + 1)))
            row.addWidget(TextLabel(limit_words(rate), scale="label", role="text.secondary"))
            row.addSpacing(8)
        row.addStretch(1)
        return row

    def _choice(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        self._selection = TextLabel(scale="label", role="text.secondary")
        row.addWidget(self._selection)
        self.limit = ChoiceBox()
        self.limit.setEditable(True)
        self.limit.setInsertPolicy(ChoiceBox.InsertPolicy.NoInsert)
        self.limit.addItems([limit_words(rate) for rate in PRESETS])
        self.limit.setAccessibleName(self.tr("Limit of the selected hours"))
        self.limit.setFixedWidth(120)
        self.limit.activated.connect(lambda _index: self._limit_typed())
        editor = self.limit.lineEdit()
        if editor is not None:
            editor.returnPressed.connect(self._limit_typed)
        row.addWidget(self.limit)
        return row

    def activate(self) -> None:
        """Ask the agent for its limits."""
        if self._agent is not None:
            self._asking.run(self._agent.limits).on_done(self._take).on_error(self._failed)

    @property
    def shown(self) -> LimitsShown | None:
        """What the agent said last."""
        return self._shown

    def choose(self, rate: int | None) -> None:
        """Give the selected hours a limit."""
        if self._shown is None or self._shown.fixed:
            return
        limits = self._wanted(self._shown)
        self._set(limits_of(with_block(grid_of(limits), self.grid.block, rate), beside=limits))

    def _limit_typed(self) -> None:
        text = self.limit.currentText().strip()
        for rate in PRESETS:
            if text.lower() == limit_words(rate).lower():
                self.choose(rate)
                return
        try:
            self.choose(parse_rate(text))
        except InputError as error:
            self._show_note(error_note(error))

    def _idle_chosen(self, on: bool) -> None:
        if self._shown is not None and not self._filling:
            self._set(replace(self._wanted(self._shown), only_idle=on))

    def _connections_chosen(self) -> None:
        if self._shown is None or self._filling:
            return
        self._set(replace(self._wanted(self._shown), connections=self.connections.value()))

    def _wanted(self, shown: LimitsShown) -> TransferLimits:
        """What was asked for last: another change is one of that, though the agent may not have answered."""
        return self._next or self._under_way or shown.limits

    def _set(self, limits: TransferLimits) -> None:
        if self._shown is None or limits == self._wanted(self._shown):
            return
        if self._under_way is None:
            self._send(limits, before=self._shown.limits)
        else:
            self._next = limits

    def _send(self, limits: TransferLimits, *, before: TransferLimits) -> None:
        """One at a time, in the order in which they were asked for."""
        if self._agent is None:
            return
        self._under_way = limits

        def done(shown: LimitsShown) -> None:
            self._under_way, following, self._next = None, self._next, None
            if following is not None:
                self._send(following, before=shown.limits)
                return
            self._before = before
            self._take(shown)
            note = Note("ok", self.tr("The agent keeps to it from now on, and so do downloads."))
            note.add_button(self.tr("Undo"), self.undo)
            self._show_note(note)

        Task.run(self._agent.set_limits, limits, owner=self).on_done(done).on_error(self._failed)

    def undo(self) -> None:
        """What was before the last change."""
        before, self._before = self._before, None
        if before is not None and self._agent is not None:
            self._clear_notes()
            Task.run(self._agent.set_limits, before, owner=self).on_done(self._take).on_error(self._failed)

    def _reset(self) -> None:
        if self._agent is not None:
            self._clear_notes()
            Task.run(self._agent.reset_limits, owner=self).on_done(self._take).on_error(self._failed)

    def _take(self, shown: LimitsShown) -> None:
        self._shown = shown
        if self._pace is not None:
            self._pace.take(shown)
        self._filling = True
        try:
            self.grid.show_grid(grid_of(shown.limits))
            self.only_idle.setChecked(shown.limits.only_idle)
            self.connections.setValue(shown.limits.connections)
        finally:
            self._filling = False
        now = self._clock().astimezone()
        self.grid.show_now(day=now.weekday(), hour=now.hour + now.minute / 60)
        for control in (self.grid, self.limit, self.only_idle, self.connections, self.reset):
            control.setEnabled(not shown.fixed)
        self.reset.setEnabled(not shown.fixed and shown.set_by is LimitsFrom.PERSON)
        self._source.remark.setText(self._source_words(shown))
        self._source.remark.setVisible(True)
        self._body.setVisible(True)
        if not is_whole(shown.limits):
            self._show_note(
                Note(
                    "info",
                    self.tr("Some rules begin or end within an hour."),
                    self.tr(
                        "The grid shows how it is at the beginning of each hour; a change here keeps"
                        " full hours only."
                    ),
                )
            )

    def _source_words(self, shown: LimitsShown) -> str:
        if shown.fixed:
            return self.tr(
                "The agent's configuration, which says that nobody else may. Ask its administrator."
            )
        if shown.set_by is LimitsFrom.PERSON:
            return self.tr("Set by hand. Now: {0}").format(limit_words(shown.rate_now))
        return self.tr("The agent's configuration. Now: {0}").format(limit_words(shown.rate_now))

    def _failed(self, error: CaseferryError) -> None:
        self._under_way = self._next = None
        self._show_note(error_note(error, retry=self.activate))
        if self._shown is not None:
            self._take(self._shown)

    def _selected(self, block: Block) -> None:
        self._selection.setText(self.tr("Selected: {0}").format(block.words))
        if self._shown is not None:
            grid = grid_of(self._shown.limits)
            self.limit.setEditText(limit_words(grid[block.first_day][block.first_hour]))

    def _show_note(self, note: Note) -> None:
        self._clear_notes()
        self._notes.addWidget(note)

    def _clear_notes(self) -> None:
        while (item := self._notes.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
