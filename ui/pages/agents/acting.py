"""What a person has an agent do: begin anew, have its doctor look, watch one more folder, be forgotten."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal, SignalInstance
from PySide6.QtWidgets import QWidget

from app.agentlink import Diagnosis
from app.domain.errors import CaseferryError
from ui.pages.agents.diagnosis import DiagnosisDialog
from ui.pages.agents.rows import AgentRow
from ui.pages.agents.unpairing import UnpairDialog
from ui.pages.agents.watching import RestartDialog, WatchDialog
from ui.shell.question import Question
from ui.shell.services import AgentBook
from ui.tasks import Task


class AgentActions(QObject):
    """Asks first where something stops or is forgotten. One dialog at a time.

    Signals:
        failed: a `CaseferryError`.
        restarting: place of an agent that begins anew.
        changed: place of an agent whose configuration is another now.
        forgotten: place of an agent whose pairing is gone.
    """

    failed = Signal(object)
    restarting = Signal(str)
    changed = Signal(str)
    forgotten = Signal(str)

    def __init__(self, book: AgentBook, page: QWidget) -> None:
        super().__init__(page)
        self._book, self._page = book, page
        self.dialog: Question | None = None
        self._number = 0

    def restart(self, row: AgentRow) -> None:
        """Have it begin anew."""
        place = row.agent.place
        dialog = RestartDialog(row, parent=self._page)
        dialog.agreed.connect(lambda: self._run(place, self._book.restart, self.restarting))
        self._open(dialog)

    def watch(self, row: AgentRow) -> None:
        """Have the agent of this PC watch one more folder."""
        place = row.agent.place
        rules = [] if row.figures is None else [rule.name for rule in row.figures.rules]
        dialog = WatchDialog(rules, parent=self._page)
        dialog.agreed.connect(
            lambda: self._run(
                place, partial(self._book.watch_folder, folder=dialog.folder, rule=dialog.rule), self.changed
            )
        )
        self._open(dialog)

    def unpair(self, row: AgentRow) -> None:
        """Forget its pairing."""
        place = row.agent.place
        dialog = UnpairDialog(row, parent=self._page)
        dialog.agreed.connect(lambda: self._run(place, self._book.forget, self.forgotten))
        self._open(dialog)

    def diagnose(self, row: AgentRow) -> None:
        """Have its doctor look, and show what it found."""
        dialog = DiagnosisDialog(row, parent=self._page)
        self._open(dialog)

        def show(found: Diagnosis) -> None:
            if self.dialog is dialog:
                dialog.show_diagnosis(found)

        def say(error: CaseferryError) -> None:
            if self.dialog is dialog:
                dialog.show_error(error)

        Task.run(self._book.diagnose, row.agent.place, owner=self).on_done(show).on_error(say)

    def _open(self, dialog: Question) -> None:
        self.dialog = dialog
        number = self._number = self._number + 1
        dialog.destroyed.connect(lambda *_: self._closed(number))
        dialog.open()

    def _closed(self, number: int) -> None:
        if number == self._number:
            self.dialog = None

    def _run(self, place: str, call: Callable[[str], object], done: SignalInstance) -> None:
        Task.run(call, place, owner=self).on_done(lambda _answer: done.emit(place)).on_error(self.failed.emit)
