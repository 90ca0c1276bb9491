"""Masking the collected files into the spool, packed at once. What cannot be masked stays here."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from agent.jobs.ahead import CopiesAhead
from agent.jobs.collected import SourceMoved, open_collected
from agent.jobs.journal import JobJournal
from agent.jobs.rows import FileRow, FileState, JobRow
from agent.jobs.spool import Spool
from agent.jobs.studies import Studies
from app.deflate import Deflate, choose_deflate
from app.domain.disks import never_so_large
from app.domain.errors import LocalError
from app.masking import (
    Engine,
    KeptRange,
    LeftMember,
    MaskedFile,
    MaskingError,
    NotText,
    ResidualCheck,
    Study,
    mask_file,
    reopen_masked,
)
from app.masking.lens import Lens

_log = logging.getLogger(__name__)

RESCUED = "CF-1916"
"""The code under which the report of a masked copy says which ranges of a destroyed log it holds."""
_SOURCE_CHANGED = frozenset({"CF-1906", "CF-1908"})
_COPY_CHANGED = "CF-1910"
_NO_ROOM = "CF-1907"
_TOO_LARGE = "CF-1917"
_DAMAGED = "CF-1911"
_TODO = "Collect it again, or repair and unpack it yourself."


def mask(
    job: JobRow,
    *,
    journal: JobJournal,
    spool: Spool,
    engine: Engine,
    check: ResidualCheck,
    studies: Studies,
    lens: Lens | None = None,
    still_wanted: Callable[[], bool],
    last_try: bool,
    on_masked: Callable[[MaskedFile], None] | None = None,
    volume: int | None = None,
    breathe: Callable[[], None] = lambda: None,
    copies: CopiesAhead | None = None,
) -> None:
    """Mask and check every collected file (of one volume) that was not yet; idempotent.

    The files of a job are studied before the first of them is masked: what one tells is masked in all.

    A file in whose masked copy the check finds something is in quarantine, and the copy is gone. What is new
    in the lens is on the disk before the file counts as masked. What was masked is shown to `on_masked`;
    `breathe` is called again and again in between, and may rest. Copies come from `copies`, where there are
    any: masked and checked in the same way, but before their turn.

    Raises:
        SourceMoved: a source changed place or content since it was collected.
        LocalError: the spool cannot be written.
    """
    waiting = [
        file
        for file in journal.files(job.id)
        if file.state is FileState.WAITING and file.volume == (volume or file.volume)
    ]
    study = studies.of(job.id, still_wanted=still_wanted, breathe=breathe) if waiting else None
    for file in waiting:
        if not still_wanted():
            return
        target = spool.masked(job.id, file.number)
        try:
            if copies is not None:
                masked = copies.take(file, breathe)
            else:
                studies.demand(file)
                copy = masked_copy(file, engine=engine, spool=spool, study=study, breathe=breathe)
                masked = check.examine(copy, breathe=breathe)
            if lens is not None:
                lens.flush()
        except MaskingError as error:
            target.unlink(missing_ok=True)
            if error.code in _SOURCE_CHANGED:
                studies.forget(job.id)
            _failed(job, file, error, journal=journal, last_try=last_try)
            continue
        journal.masked(file, report=masked.report, by=masked_by(engine))
        if on_masked is not None:
            on_masked(masked)


def masked_by(engine: Engine) -> str:
    """What decides how a copy is masked: digest of the rules, and name of the key."""
    return f"{engine.rule_set_sha256} {engine.key_id}"


def masked_copy(
    file: FileRow,
    *,
    engine: Engine,
    spool: Spool,
    study: Study | None,
    breathe: Callable[[], None],
    deflate: Deflate | None = None,
) -> MaskedFile:
    """Mask the very content that was collected into the spool. The copy is not checked yet.

    It is packed by `deflate`, and also when the bundle will pack it anew: nothing lies in the spool unpacked.

    Raises:
        SourceMoved: something else lies there now.
        MaskingError: as `app.masking.mask_file`.
    """
    mark = file.mark
    if mark is not None and mark.garbled:
        # Any byte of it may be another one than was written: half a value would not be known for one.
        raise MaskingError("This archive is damaged", happened=mark.broken, todo=_TODO, code=_DAMAGED)
    target = spool.masked(file.job, file.number)
    target.with_suffix(".lines").unlink(missing_ok=True)
    target.unlink(missing_ok=True)  # what an earlier run began and did not record
    with open_collected(file, breathe=breathe) as stream:
        kept = KeptRange(header=file.header, start=file.start) if file.start else None
        masked = mask_file(
            engine,
            stream,
            target=target,
            name=file.name,
            study=study,
            kept=kept,
            deflate=deflate or choose_deflate(),
        )
    if masked.report.raw_size != file.raw_size:
        raise SourceMoved
    if mark is not None and mark.kept:
        told = LeftMember(masked.name, RESCUED, mark.rescued)
        left_out = (*masked.report.left_out, told)
        past = masked.report.not_learned + mark.untold
        return replace(masked, report=replace(masked.report, left_out=left_out, not_learned=past))
    if mark is not None and mark.broken:
        left = LeftMember(masked.name, _DAMAGED, mark.broken)
        return replace(masked, report=replace(masked.report, left_out=(*masked.report.left_out, left)))
    return masked


def masked_files(job: JobRow, files: Sequence[FileRow], *, spool: Spool) -> Iterator[MaskedFile]:
    """The masked copies of a job, each proven to be what masking wrote when its turn comes.

    Raises:
        MaskingError: a copy is missing or was changed.
    """
    for file in files:
        if file.state is FileState.MASKED and file.report is not None:
            yield reopen_masked(spool.masked(job.id, file.number), name=file.name, report=file.report)


def _failed(job: JobRow, file: FileRow, error: MaskingError, *, journal: JobJournal, last_try: bool) -> None:
    if error.code == _NO_ROOM:
        raise LocalError(
            "The masked copy cannot be written",
            happened=error.happened,
            todo="Free space in the agent's data folder; the job goes on by itself.",
            code="CF-1892",
            retryable=True,
        ) from error
    if error.code == _TOO_LARGE:
        raise never_so_large("A masked copy", left="The job goes on when it is tried again.") from error
    if error.code in (*_SOURCE_CHANGED, _COPY_CHANGED) and not last_try:
        raise SourceMoved from error
    kind = "binary" if isinstance(error, NotText) else "quarantined"
    words = " ".join(filter(None, (f"{error.title}.", error.happened, error.todo, f"({error.code})")))
    journal.without(file, state=FileState.QUARANTINED, kind=kind, reason=words)
    _log.info("job %s: file %d is in quarantine (%s)", job.id, file.number, error.code)
