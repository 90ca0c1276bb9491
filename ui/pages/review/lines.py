"""Fetches the lines and the hits of the file in view, window by window, from the agent."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.agentlink import JobFile, Preview, PreviewAsk
from app.domain.errors import CaseferryError
from ui.shell.services import AgentService
from ui.tasks import Task
from ui.widgets.mask_lines import WINDOW, HitIndex

INDEX_PAGE = 500
"""Changed lines per ask; the most that the contract allows."""


class FileLines(QObject):
    """The lines of one file of a job in review. Another file is another object; late answers are dropped.

    Signals:
        window: first row and lines of a window that was asked for.
        missed: first row of a window that could not be fetched.
        indexed: more hits are known.
        failed: a `CaseferryError`.
    """

    window = Signal(int, list)
    missed = Signal(int)
    indexed = Signal()
    failed = Signal(object)

    def __init__(self, agent: AgentService, *, job: str, file: JobFile, parent: QObject) -> None:
        super().__init__(parent)
        self.file = file
        self.index = HitIndex()
        self.total_hits = sum(file.counts.values())
        self._agent, self._job = agent, job
        self._indexing = False

    def ask_rows(self, first: int, *, changed_only: bool) -> None:
        """Fetch the window that begins at a row; rows are lines, or the n-th changed lines."""
        line = first + 1
        if changed_only:
            changed = self.index.changed_lines
            if first >= len(changed):
                self.missed.emit(first)
                return
            line = changed[first]
        ask = PreviewAsk(
            job=self._job, name=self.file.name, first=line, limit=WINDOW, changed_only=changed_only
        )
        Task.run(self._agent.preview, ask, owner=self).on_done(
            lambda preview: self.window.emit(first, preview.lines)
        ).on_error(lambda error: self._fail(first, error))

    def index_more(self) -> None:
        """Learn where the next hits are; does nothing when all are known or an ask is under way."""
        if self._indexing or self.index.complete or self.index.full:
            return
        self._indexing = True
        changed = self.index.changed_lines
        first = changed[-1] + 1 if len(changed) else 1
        ask = PreviewAsk(job=self._job, name=self.file.name, first=first, limit=INDEX_PAGE, changed_only=True)
        Task.run(self._agent.preview, ask, owner=self).on_done(self._take_index).on_error(
            lambda error: self._fail(-1, error)
        )

    def _take_index(self, preview: Preview) -> None:
        self._indexing = False
        self.index.add(preview.lines)
        self.index.complete = len(preview.lines) < INDEX_PAGE or len(self.index) >= self.total_hits
        self.indexed.emit()

    def _fail(self, first: int, error: CaseferryError) -> None:
        self._indexing = False
        if first >= 0:
            self.missed.emit(first)
        self.failed.emit(error)
