"""From files to a job in review: a drop goes straight to the agent, a button opens the sheet first."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.agentlink import Drop, Job
from app.domain.errors import CaseferryError
from ui.pages.attach.sheet import AttachSheet
from ui.shell.services import Services
from ui.tasks import Task


class Dropping(QObject):
    """Starts jobs from files a person chose.

    Signals:
        started: the `Job`; the shell shows its review.
        failed: a `CaseferryError`; nothing was sent.
    """

    started = Signal(object)
    failed = Signal(object)

    def __init__(self, services: Services, *, window: QWidget) -> None:
        super().__init__(window)
        self._services, self._window = services, window
        self.sheet: AttachSheet | None = None

    def attach(self, case: str, paths: list[Path]) -> None:
        """Attach to a case; without files, or without an agent, the sheet asks and says what is missing."""
        agent = self._services.agent
        if not paths or agent is None or not case:
            self.open_sheet(case, paths)
            return
        drop = Drop(case=case, paths=[str(path.absolute()) for path in paths])
        Task.run(agent.drop, drop, owner=self).on_done(self._started).on_error(
            lambda error: self._refused(case, paths, error)
        )

    def open_sheet(self, case: str = "", paths: list[Path] | None = None) -> AttachSheet:
        """Ask for files and, without a case, for its number."""
        sheet = AttachSheet(self._services, case=case, paths=paths, parent=self._window)
        sheet.started.connect(self._started)
        sheet.destroyed.connect(self._forget_sheet)
        self.sheet = sheet
        sheet.open()
        return sheet

    def _forget_sheet(self) -> None:
        self.sheet = None

    def _started(self, job: Job) -> None:
        self.started.emit(job)

    def _refused(self, case: str, paths: list[Path], error: CaseferryError) -> None:
        """The sheet keeps what was dropped and shows why it was refused."""
        sheet = self.open_sheet(case, paths)
        sheet.show_error(error)
        self.failed.emit(error)
