"""What the files of a job told together, so that a value of one is masked in all of them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable

from agent.jobs.collected import SourceMoved, open_collected
from agent.jobs.journal import JobJournal
from agent.jobs.rows import FileRow, FileState
from app.masking import Engine, Kind, MaskingError, Study, study_file

_log = logging.getLogger(__name__)


class Studies:
    """Studies of jobs. Methods may be called from any thread.

    Nothing of a study is written: what a file told is in clear text. After a kill the files are read again,
    which gives the same study and so the same masked copies. The study of one job is kept at a time.
    """

    def __init__(
        self,
        engine: Engine,
        journal: JobJournal,
        *,
        learned: Callable[[int], Iterable[tuple[Kind, bytes]]] = lambda _number: (),
    ) -> None:
        """Nothing is studied yet.

        Args:
            engine: the one that masks.
            journal: of jobs.
            learned: what a destroyed segment told, by the number of its kept parts; may raise `MaskingError`.
        """
        self._engine, self._journal, self._learned = engine, journal, learned
        self._lock = threading.Lock()
        self._last: tuple[str, Study] | None = None

    def of(
        self,
        job: str,
        *,
        still_wanted: Callable[[], bool] = lambda: True,
        breathe: Callable[[], None] = lambda: None,
    ) -> Study | None:
        """The study of all files that were collected for a job; None when it is one file only.

        Of one that was rescued there is a study, too: what it told is not in what was kept of it.

        None, too, when it is not wanted any more while it is made. `breathe` is called meanwhile, and may
        rest.

        A file that was masked before and is gone by now teaches nothing more.

        Raises:
            SourceMoved: a file that is still to be masked changed place or content since it was collected.
        """
        files = [file for file in self._journal.files(job) if _goes_with_it(file)]
        if len(files) < 2 and not any(file.mark is not None and file.mark.kept for file in files):
            return None
        with self._lock:
            if self._last is None or self._last[0] != job:
                study = self._made(files, still_wanted, breathe)
                if study is None:
                    return None
                self._last = (job, study)
            return self._last[1]

    def forget(self, job: str) -> None:
        """The job goes on without, or its files are collected anew."""
        with self._lock:
            if self._last is not None and self._last[0] == job:
                self._last = None

    def _made(
        self, files: list[FileRow], still_wanted: Callable[[], bool], breathe: Callable[[], None]
    ) -> Study | None:
        study = self._engine.study()
        for file in files:
            if not still_wanted():
                return None
            try:
                with open_collected(file, breathe=breathe) as stream:
                    self._teach(file, study)
                    study_file(self._engine, stream, study)
            except SourceMoved:
                if file.state is FileState.WAITING:
                    raise
                _log.info("job %s: file %d is gone and is not read again", file.job, file.number)
        return study

    def demand(self, file: FileRow) -> None:
        """Refuse to mask what was kept of a segment without what that told.

        Raises:
            MaskingError: it cannot be opened (CF-1915).
        """
        if file.mark is not None and file.mark.kept:
            self._learned(file.mark.kept)

    def _teach(self, file: FileRow, study: Study) -> None:
        if file.mark is None or not file.mark.kept:
            return
        try:
            study.teach(self._learned(file.mark.kept))
        except MaskingError as error:
            _log.info("job %s: file %d is not masked (%s)", file.job, file.number, error.code)


def _goes_with_it(file: FileRow) -> bool:
    """Whether a file was collected, also when it was masked and is left out by hand."""
    return bool(file.raw_sha256) and (file.state is not FileState.LEFT_OUT or file.report is not None)
