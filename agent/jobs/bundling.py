"""Sealing a job's masked files into its bundle."""

from __future__ import annotations

from collections.abc import Sequence

from agent.jobs.journal import JobJournal
from agent.jobs.masking import RESCUED, masked_by
from agent.jobs.ranges import SegmentRange, collection_key
from agent.jobs.rows import FileRow, FileState, JobRow
from agent.jobs.volumes import untold
from app.bundle import BundleFacts, LeftOut, Sealer, read_manifest
from app.domain.files import SealedBundle
from app.masking import Engine, NotText
from app.transfer import idempotency_key

_REASONS = {NotText.code: "binary", RESCUED: "rescued"}


def bundle(
    job: JobRow,
    *,
    number: int = 1,
    last: bool = True,
    sealer: Sealer,
    journal: JobJournal,
    engine: Engine,
    host: str,
    created_by: str,
) -> SealedBundle:
    """Seal one bundle of the job and record its facts; idempotent, as sealing is reproducible.

    Args:
        job: whose files these are.
        number: of the volume.
        last: no volume comes after it.
        sealer: has all masked files of the volume; at least one, unless the manifest names one left out.
        journal: of jobs.
        engine: the one that masked the files.
        host: masked name of this server; may be empty.
        created_by: program and version.

    Raises:
        IntegrityError: a masked copy is not what masking wrote.
        LocalError: the disk is full.
    """
    files = journal.files(job.id)
    inside = [file for file in files if file.volume == number and file.state is FileState.MASKED]
    without = untold(files, journal.volumes.of(job.id), number=number, last=last)
    sealed = sealer.seal(
        engine=engine,
        facts=BundleFacts(case=job.case, host=host, created_by=created_by),
        left_out=_left_out([*without, *inside]),
    )
    journal.volumes.note_sealed(
        job.id,
        number,
        sealed,
        key=job_key(job, inside or without, engine=engine, withdrawn=_withdrawn(journal, job, number)),
        packed_sizes={member.name: member.packed_size for member in read_manifest(sealed.path).members},
        names=without,
        masked_by=masked_by(engine),
    )
    return sealed


def _left_out(files: list[FileRow]) -> list[LeftOut]:
    """Files that are not in the bundle, and members that are not in the archives in it."""
    whole = [
        LeftOut(name=file.name, reason=file.kind, detail=file.reason)
        for file in files
        if file.state in (FileState.QUARANTINED, FileState.LEFT_OUT)
    ]
    inside = [
        LeftOut(
            name=left.name,
            reason=_REASONS.get(left.code, "quarantined"),
            detail=f"{left.reason} ({left.code})",
        )
        for file in files
        if file.state is FileState.MASKED and file.report is not None
        for left in file.report.left_out
    ]
    return [*whole, *inside]


def _withdrawn(journal: JobJournal, job: JobRow, number: int) -> int:
    return next((each.withdrawn for each in journal.volumes.of(job.id) if each.number == number), 0)


def job_key(job: JobRow, files: Sequence[FileRow], *, engine: Engine, withdrawn: int = 0) -> str:
    """The idempotency key of what is sent of these files; see `agent.jobs.ranges.collection_key`.

    A bundle that was withdrawn so many times is not sent under a key that was cancelled with it.
    """
    sent = [file for file in files if file.state is FileState.MASKED] or files
    own = job.id if job.dropped else job.source
    if withdrawn:
        own = f"{own} again {withdrawn}"
    if any(file.mark is None for file in sent):
        # Dropped, or claimed by a version that knew whole segments only: its key must stay what it was.
        whole = sorted(f"{file.segment}:{file.raw_sha256}" for file in sent)
        return idempotency_key(job.case, own, engine.rule_set_sha256, engine.key_id, *whole)
    return collection_key(
        job.case,
        [
            SegmentRange(file.mark.generation if file.mark else "", file.start, file.upto, file.raw_sha256)
            for file in sent
        ],
        rule_set=engine.rule_set_sha256,
        key_id=engine.key_id,
        own=own,
    )
