"""What happens to a job before it is sent: its files are collected, masked and sealed, volume by volume."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from agent.jobs.ahead import CopiesAhead
from agent.jobs.bundling import bundle
from agent.jobs.collected import SourceMoved, open_collected
from agent.jobs.collecting import collect
from agent.jobs.journal import JobJournal
from agent.jobs.masking import mask, masked_by, masked_copy, masked_files
from agent.jobs.room import own_room, room_for
from agent.jobs.rows import FileRow, FileState, JobRow
from agent.jobs.tools import Tools
from agent.jobs.volumes import plan, to_be_sealed, untold, volume_name
from app.agentlink import ErrorReply, JobState
from app.bundle import Sealer, deflate_for
from app.domain.errors import InputError, IntegrityError, LocalError, WorldError
from app.masking import MaskedFile, MaskingError
from app.transfer import Stopped

_log = logging.getLogger(__name__)

MOVED_TRIES = 5
_LOST_TRIES = 1
_ASK_EVERY = 0.5
"""Seconds of masking until it is asked whether the job is still wanted."""
_PACKING_THREADS = 2
"""That compress beside the one that masks: the server has its own work to do."""

_REWRITTEN = "It was moved or rewritten each time it was to be masked. Retry when it rests. (CF-1891)"


@dataclass(frozen=True, slots=True)
class Preparation:
    """The steps before sending. Each can be done again, and ends early when the job is not wanted any more.

    Attributes:
        wanted: whether the job is still in that state, and the agent is not stopping.
        changed: called with a job's id after every change of it.
        sealed: called when a bundle is ready to be sent.
    """

    tools: Tools
    wanted: Callable[[str, JobState], bool]
    changed: Callable[[str], None]
    sealed: Callable[[], None]

    @property
    def _journal(self) -> JobJournal:
        return self.tools.journal

    def collect(self, job: JobRow) -> None:
        """Hold, find and digest the files, and decide which bundle each goes into.

        Raises:
            SourceMoved: a file moved meanwhile; try again soon.
            LocalError: what is found cannot be recorded.
        """
        self.tools.hold(job.id)
        collect(
            job,
            journal=self._journal,
            catalogue=self.tools.catalogue,
            still_wanted=lambda: self.wanted(job.id, JobState.COLLECTING),
            last_try=job.tries >= MOVED_TRIES,
        )
        if not self.wanted(job.id, JobState.COLLECTING):
            return
        files = self._journal.files(job.id)
        if any(file.state in (FileState.WAITING, FileState.MASKED) for file in files):
            self._journal.volumes.plan(job.id, plan(files, most=self.tools.volume))
            # What was moved stays a try until something is masked: it may be moved at every masking.
            self._next(job, JobState.COLLECTING, JobState.MASKING, tries=job.tries)
        elif self._journal.move(
            job.id, before=(JobState.COLLECTING,), after=JobState.CANCELLED, problem=_nothing_to_send()
        ):
            self.tools.spool.remove(job.id)
            self.changed(job.id)

    def mask(self, job: JobRow) -> None:
        """Mask; what nobody reviews is packed while the next file is masked, and sent bundle by bundle.

        While a file is packed, the next one is checked, and the one behind it masked.

        Raises:
            SourceMoved: a source changed place or content since it was collected.
            Stopped: the job is not wanted any more.
            InputError: none of the files could be masked (CF-1196).
            LocalError: the spool is full (CF-1877) or cannot be written.
        """
        masked = self._count(job, FileState.MASKED)
        try:
            self._mask(job)
        except SourceMoved:
            if self._count(job, FileState.MASKED) > masked:
                self._next(job, JobState.MASKING, JobState.MASKING)  # it goes forward: all tries again
            elif job.tries >= MOVED_TRIES and self._leave_what_moves(job):
                return
            raise

    def _mask(self, job: JobRow) -> None:
        with self._copies(job) as copies:
            if job.dropped:
                if self._mask_files(job, copies):
                    self._next(job, JobState.MASKING, JobState.REVIEW)
                return
            while open_volumes := to_be_sealed(self._journal.files(job.id), self._journal.volumes.of(job.id)):
                if len(open_volumes) == 1:
                    self._mask_last(job, copies, open_volumes[0])
                    return
                if not self._mask_ahead(job, copies, open_volumes[0]):
                    return
        if not self._masked_any(self._journal.files(job.id)):
            raise _nothing_masked()
        self._next(job, JobState.MASKING, JobState.BUNDLING)

    def _count(self, job: JobRow, state: FileState) -> int:
        return sum(file.state is state for file in self._journal.files(job.id))

    def _leave_what_moves(self, job: JobRow) -> bool:
        """Put into quarantine what is never again what was collected of it; whether there was any."""
        left = False
        for file in self._journal.files(job.id):
            if file.state is FileState.WAITING and file.raw_sha256 and not _lies_there(file):
                left = True
                self._journal.without(
                    file, state=FileState.QUARANTINED, kind="quarantined", reason=_REWRITTEN
                )
                _log.info("job %s: file %d is in quarantine (CF-1891)", job.id, file.number)
        return left

    def bundle(self, job: JobRow) -> None:
        """Seal what is not sealed: of a person's job, or after a bundle was lost.

        Raises:
            MaskingError, IntegrityError: a masked copy is not what was written, for the second time.
            LocalError: the disk is full.
        """
        files, volumes = self._journal.files(job.id), self._journal.volumes.of(job.id)
        open_volumes = to_be_sealed(files, volumes)
        if not open_volumes and untold(files, volumes, number=0, last=True):
            open_volumes = [max(file.volume for file in files)]  # it tells only what is not sent
        for number in open_volumes:
            if not self._seal_copies(job, number, last=number == open_volumes[-1]):
                return
        self._next(job, JobState.BUNDLING, JobState.SENDING)

    @contextmanager
    def _copies(self, job: JobRow) -> Iterator[CopiesAhead]:
        """Checked copies: one file is packed while the next is checked and the one behind it is masked."""
        waiting = [file for file in self._journal.files(job.id) if file.state is FileState.WAITING]
        order = sorted(waiting, key=lambda file: (file.volume, file.number))
        deflate = deflate_for(job.name, self.tools.level)
        ahead = partial(
            CopiesAhead,
            order,
            discard=lambda file: self.tools.spool.remove_copies(job.id, [file.number]),
            begin=self.tools.begin,
        )

        def mask(file: FileRow, breathe: Callable[[], None]) -> MaskedFile:
            self.tools.studies.demand(file)
            study = self.tools.studies.of(job.id, breathe=breathe)
            return masked_copy(
                file,
                engine=self.tools.engine,
                spool=self.tools.spool,
                study=study,
                breathe=breathe,
                deflate=deflate,
            )

        def check(file: FileRow, breathe: Callable[[], None]) -> MaskedFile:
            return self.tools.check.examine(masked.take(file, breathe), breathe=breathe)

        with ahead(make=mask, room=self._has_room) as masked, ahead(make=check) as checked:
            yield checked

    def _has_room(self, file: FileRow) -> bool:
        """Whether a copy fits into the spool before its turn; else it waits for that."""
        try:
            self.tools.spool.require_room(room_for([file]))
        except LocalError:
            return False
        return True

    def _lying(self, file: FileRow) -> int:
        return self.tools.spool.copy_size(file.job, file.number)

    def _mask_ahead(self, job: JobRow, copies: CopiesAhead, number: int) -> bool:
        """Mask and seal a volume that others come after; whether the job goes on."""
        if not self._masked_any(self._journal.files(job.id), number):
            try:
                with self._sealer(job, number) as sealer:
                    if not self._mask_files(job, copies, number, on_masked=sealer.add):
                        return False
                    if self._masked_any(self._journal.files(job.id), number):
                        self._seal(job, number, sealer, last=False)
                    return True
            except IntegrityError as error:
                _log.info("job %s: a masked copy is not what was written (%s)", job.id, error.code)
        elif not self._mask_files(job, copies, number):
            return False
        return self._seal_copies(job, number, last=False)

    def _mask_last(self, job: JobRow, copies: CopiesAhead, number: int) -> None:
        if self._masked_any(self._journal.files(job.id), number):
            if self._mask_files(job, copies, number):
                self._next(job, JobState.MASKING, JobState.BUNDLING)
            return
        try:
            with self._sealer(job, number) as sealer:
                if self._mask_files(job, copies, number, on_masked=sealer.add):
                    self._next(job, JobState.MASKING, JobState.BUNDLING)
                    if self.wanted(job.id, JobState.BUNDLING):
                        self._seal(job, number, sealer, last=True)
                        self._next(job, JobState.BUNDLING, JobState.SENDING)
        except IntegrityError as error:
            # The next step reads the copies anew and decides what is masked again.
            _log.info("job %s: a masked copy is not what was written (%s)", job.id, error.code)

    def _mask_files(
        self,
        job: JobRow,
        copies: CopiesAhead,
        number: int | None = None,
        *,
        on_masked: Callable[[MaskedFile], None] | None = None,
    ) -> bool:
        """Mask all files, or those of one volume; whether the job goes on."""
        together = [file for file in self._journal.files(job.id) if file.volume == (number or file.volume)]
        waiting = [file for file in together if file.state is FileState.WAITING]
        if waiting:
            self.tools.spool.require_room(
                room_for(waiting, copied=copies.holds),
                spare=lambda: own_room([file for file in together if not copies.holds(file)], self._lying),
            )
        mask(
            job,
            journal=self._journal,
            spool=self.tools.spool,
            engine=self.tools.engine,
            check=self.tools.check,
            studies=self.tools.studies,
            lens=self.tools.lens,
            still_wanted=lambda: self.wanted(job.id, JobState.MASKING),
            last_try=job.tries >= MOVED_TRIES,
            on_masked=on_masked,
            volume=number,
            breathe=self._breathing(job),
            copies=copies,
        )
        if not self.wanted(job.id, JobState.MASKING):
            return False
        files = self._journal.files(job.id)
        if not any(file.state in (FileState.MASKED, FileState.WAITING) for file in files):
            raise _nothing_masked()
        if job.dropped:
            self._prepare_review(job, files)
        if not any(file.state is FileState.WAITING for file in files):
            self.tools.studies.forget(job.id)
        return True

    def _breathing(self, job: JobRow) -> Callable[[], None]:
        """Rests as the tools say, and ends masking in the middle of a file that is not wanted any more."""
        asked = time.monotonic()

        def breathe() -> None:
            nonlocal asked
            self.tools.breathe()
            if time.monotonic() - asked >= _ASK_EVERY:
                asked = time.monotonic()
                if not self.wanted(job.id, JobState.MASKING):
                    raise Stopped

        return breathe

    def _prepare_review(self, job: JobRow, files: list[FileRow]) -> None:
        """The review answers at once; what cannot be prepared now is tried again when it is asked for."""
        for file in files:
            if file.state is not FileState.MASKED or not self.wanted(job.id, JobState.MASKING):
                continue
            try:
                self.tools.previews.prepare(file)
            except WorldError as error:
                _log.info("job %s: the review is not prepared (%s)", job.id, error.code)

    def _seal_copies(self, job: JobRow, number: int, *, last: bool) -> bool:
        """Seal a volume from the masked copies that are there; whether the job goes on."""
        files = [file for file in self._journal.files(job.id) if file.volume == number]
        if not last and not self._masked_any(files):
            return True
        if self._is_of_other_rules(files):
            _log.info("job %s: rules or key have changed since it was masked; masked again", job.id)
            self._journal.mask_again(job.id, quarantined=False, volume=number)
            self._next(job, job.state, JobState.COLLECTING)
            return False
        try:
            with self._sealer(job, number) as sealer:
                for file in masked_files(job, files, spool=self.tools.spool):
                    sealer.add(file)
                self._seal(job, number, sealer, last=last)
        except (MaskingError, IntegrityError) as error:
            if job.tries > _LOST_TRIES:
                raise
            # a masked copy was lost or damaged, by a power cut for one: its source is still there
            _log.info("job %s: a masked copy is not what was written (%s); masked again", job.id, error.code)
            self._journal.mask_again(job.id, quarantined=False, volume=number)
            self._next(job, job.state, JobState.COLLECTING, tries=job.tries + 1)
            return False
        return True

    def _is_of_other_rules(self, files: list[FileRow]) -> bool:
        """Whether a copy was masked by other rules, or with another key, than the manifest would tell."""
        now = masked_by(self.tools.engine)
        return any(file.state is FileState.MASKED and file.masked_by != now for file in files)

    def _sealer(self, job: JobRow, number: int) -> Sealer:
        target = self.tools.spool.bundle(job.id, volume_name(job.name, number))
        return Sealer(target, level=self.tools.level, most_threads=_PACKING_THREADS)

    def _seal(self, job: JobRow, number: int, sealer: Sealer, *, last: bool) -> None:
        bundle(
            job,
            number=number,
            last=last,
            sealer=sealer,
            journal=self._journal,
            engine=self.tools.engine,
            host=self.tools.host,
            created_by=self.tools.created_by,
        )
        if not job.dropped:
            # Of a person's job they stay: a lost bundle must hold what the person has seen.
            inside = [file.number for file in self._journal.files(job.id) if file.volume == number]
            self.tools.spool.remove_copies(job.id, inside)
        if not last:
            self.changed(job.id)
            self.sealed()

    def _next(self, job: JobRow, before: JobState, after: JobState, *, tries: int = 0) -> None:
        if self._journal.move(job.id, before=(before,), after=after, tries=tries):
            self.changed(job.id)

    @staticmethod
    def _masked_any(files: list[FileRow], number: int | None = None) -> bool:
        return any(
            file.state is FileState.MASKED and file.volume == (number or file.volume) for file in files
        )


def _lies_there(file: FileRow) -> bool:
    try:
        open_collected(file).close()
    except SourceMoved:
        return False
    return True


def _nothing_to_send() -> ErrorReply:
    return ErrorReply(
        code="CF-1893",
        title="Nothing to send",
        happened="None of its files is there any more, or all of them were taken up before.",
        todo="Nothing.",
    )


def _nothing_masked() -> InputError:
    return InputError(
        "None of the files could be masked",
        happened="Every file of the job is in quarantine; nothing was sent.",
        todo="Look at the reasons in the quarantine, then try again or cancel the job.",
        code="CF-1196",
    )
