"""New jobs: from closed segments that rules want, and from files that a person chose."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from agent.catalogue import Segment, SegmentState
from agent.jobs.claims import in_portions
from agent.jobs.destinations import vault_name
from agent.jobs.dropping import OwnFiles, dropped_files, not_droppable
from agent.jobs.journal import JobJournal, Wall, utc_now
from agent.jobs.lost import apart, unknown_if_sent
from agent.jobs.naming import bundle_name, distinct, member_name
from agent.jobs.packedrest import rest_of_packed
from agent.jobs.ranges import beginning_of, part_behind
from agent.jobs.rows import DROP, FileRow, FileState, JobRow, SegmentMark
from agent.jobs.rules import Rule
from agent.jobs.ruling import Ruling
from agent.jobs.volumes import UNPLANNED
from agent.keeping import KeptRow
from agent.watch import Fingerprint, open_shared, still_begins_with, unpacked_name
from agent.watch.fingerprint import fingerprint_of
from agent.watch.rotation import PACKED
from app.agentlink import Drop, ErrorReply, JobState, SftpAccess, Via
from app.bundle import BundleFormat
from app.domain.cases import parse_case_number
from app.masking import Engine
from app.secrets import SecretStore

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Requested:
    """A segment that someone asked for.

    Attributes:
        key: the catalogue's; empty while it grows, and for all parts of a segment but one.
        file: where its bytes are.
        name: of the file, without folders.
        size: bytes that are sent, before masking.
        mark: the segment up to the end of what is sent; None when it could not be looked at.
        start: the first byte that is sent behind the header; 0 when all before the end is.
        header: bytes of the header; 0 when `start` is.
    """

    key: str
    file: Path
    name: str
    application: str
    size: int
    mark: SegmentMark | None = None
    start: int = 0
    header: int = 0


class Intake:
    """Makes jobs."""

    def __init__(
        self,
        *,
        journal: JobJournal,
        engine: Engine,
        vault: SecretStore,
        ruling: Ruling,
        created: Callable[[str], None],
        form: BundleFormat = BundleFormat.ZIP,
        wall: Wall = utc_now,
    ) -> None:
        self._journal = journal
        self._engine = engine
        self._vault = vault
        self._ruling = ruling
        self._created = created
        self._form = form
        self._wall = wall

    def claim(self) -> int:
        """Make jobs of all closed segments that a rule sends now and has not claimed; how many jobs."""
        closed: list[Segment] | None = None
        made = 0
        for rule in self._ruling.rules:
            if not self._ruling.due(rule):
                continue
            closed = self._ruling.closed() if closed is None else closed
            fresh, old = apart(self._ruling.look(rule, closed).wanted, self._journal.lost)
            for portion in in_portions(fresh):
                made += self._claim(rule, portion)
            for portion in in_portions(old):
                made += self._claim(rule, portion, problem=unknown_if_sent())
        return made

    def _claim(self, rule: Rule, segments: Sequence[Segment], *, problem: ErrorReply | None = None) -> bool:
        """A job of these; with a problem it waits for a person."""
        job = self._new_job(case=rule.case, source=rule.name, via=rule.via)
        if problem is not None:
            job = replace(job, state=JobState.FAILED, back_to=JobState.COLLECTING, problem=problem)
        rows = [
            self._claimed(
                rule,
                segment,
                FileRow(job.id, number, self._name(segment, segment.path), segment.file, FileState.WAITING),
            )
            for number, segment in enumerate(segments, start=1)
        ]
        names = distinct(row.name for row in rows)
        files = [replace(row, name=name) for row, name in zip(rows, names, strict=True)]
        made = self._journal.create(job, files, batch=True)
        if made:
            _log.info("job %s: rule %s claims %d segments", job.id, rule.name, len(files))
            self._created(job.id)
        return made

    def _claimed(self, rule: Rule, segment: Segment, row: FileRow) -> FileRow:
        """A segment's row: of all of it, of what is behind a range that was sent, or of what was rescued."""
        row = replace(
            row,
            segment=segment.key,
            application=segment.application,
            raw_size=segment.size,
            volume=UNPLANNED,
        )
        rescues = self._ruling.rescues
        kept = rescues.of(segment) if rescues and segment.state is SegmentState.GONE else None
        if rescues and kept is not None:
            mark = replace(
                mark_of(segment, before=None),
                inside=True,
                kept=kept.id,
                rescued=_words_of(kept),
                untold=kept.untold,
            )
            return replace(row, path=rescues.path(kept), mark=mark)
        if segment.path.lower().endswith(PACKED):
            return self._claimed_packed(rule, segment, row)
        before = self._begun(rule, segment)
        return replace(
            row,
            mark=mark_of(segment, before=before),
            start=0 if before is None else before.print.size,
        )

    def _name(self, segment: Segment, path: str) -> str:
        """In the bundle: its application, and the last part of its path."""
        return member_name(self._engine, folder=segment.application, path=path.rpartition("/")[2])

    def _claimed_packed(self, rule: Rule, segment: Segment, row: FileRow) -> FileRow:
        """Of one that grew after it was sent, and was packed then, only what it grew by."""
        rest = rest_of_packed(
            self._ruling.lies(segment),
            segment,
            taken_up=lambda known: self._journal.taken.beginnings(
                rule.name, segment.application, known=known, case=rule.case
            ),
        )
        if rest is None:
            return replace(row, mark=mark_of(segment, before=None))
        mark, start = rest
        return replace(
            row,
            name=self._name(segment, unpacked_name(segment.path)),
            mark=mark,
            start=start,
            raw_size=mark.print.size - start,
        )

    def sent_before(self, segment: Segment) -> Fingerprint:
        """The whole lines of a growing segment that every rule that wants it has sent before."""
        begun = [self._begun(rule, segment) for rule in self._ruling.rules_for(segment)]
        least = min((0 if mark is None else mark.print.size for mark in begun), default=0)
        try:
            with open_shared(segment.file) as stream:
                return fingerprint_of(stream, size=part_behind(stream, taken=least).start)
        except OSError:
            return Fingerprint(size=0, head_length=0, head="", tail="")

    def _begun(self, rule: Rule, segment: Segment) -> SegmentMark | None:
        """What the rule has taken up of a segment that grew after it was closed."""
        if segment.path.lower().endswith(PACKED):
            return None
        return beginning_of(
            self._journal.taken.beginnings(
                rule.name, segment.application, known=segment.print, case=rule.case
            ),
            begins_with=lambda mark: _begins_with(self._ruling.lies(segment), mark),
        )

    def collect(self, wanted: Sequence[Requested], *, case: str, source: str, job: str) -> bool:
        """Make a job of segments, or of parts of them, that someone asked for.

        Args:
            wanted: at least one.
            case: ten digits.
            source: claims those that have a key, as a rule does.
            job: its id; the same id makes no second job.

        Returns:
            Whether it was made: not when the id is taken, or one of the segments is claimed for the source.
        """
        row = self._new_job(case=case, source=source, via=Via.HTTPS)
        name = bundle_name(source, created=row.created, job=job, form=self._form)
        row = replace(row, id=job, name=name)
        names = distinct(
            member_name(self._engine, folder=each.application, path=each.name) for each in wanted
        )
        files = [
            FileRow(
                job=job,
                number=number,
                name=name,
                path=each.file,
                state=FileState.WAITING,
                segment=each.key,
                application=each.application,
                raw_size=each.size,
                mark=each.mark,
                start=each.start,
                header=each.header,
                volume=UNPLANNED,
            )
            for number, (each, name) in enumerate(zip(wanted, names, strict=True), start=1)
        ]
        made = self._journal.create(row, files)
        if made:
            _log.info("job %s: %s takes %d segments", job, source, len(files))
            self._created(job)
        return made

    def drop(
        self, drop: Drop, *, folders: Sequence[Path], own: OwnFiles, within: Sequence[Path] | None = None
    ) -> JobRow:
        """Make a job of chosen files and folders.

        Args:
            drop: the request.
            folders: the files must lie in one of these; anywhere when empty.
            own: the agent's own files, which are not sent.
            within: the same as `folders` for this caller; anywhere when None.

        Raises:
            InputError, RefusedError: as `dropped_files`.
        """
        case = parse_case_number(drop.case)
        if drop.via is Via.SFTP and drop.sftp is None:
            raise not_droppable(
                "An SFTP account is needed for this way.", "Give the case's temporary account."
            )
        found = dropped_files(drop.paths, folders=folders, within=within, own=own)
        job = self._new_job(case=case, source=DROP, via=drop.via)
        names = distinct(member_name(self._engine, folder="", path=each.name) for each in found)
        files = [
            FileRow(
                job=job.id,
                number=number,
                name=name,
                path=each.path,
                state=FileState.WAITING,
                raw_size=each.size,
                identity=each.identity,
            )
            for number, (each, name) in enumerate(zip(found, names, strict=True), start=1)
        ]
        if drop.sftp is not None:
            self._keep(job.id, drop.sftp)
        self._journal.create(job, files)
        self._created(job.id)
        return job

    def _keep(self, job: str, access: SftpAccess) -> None:
        self._vault.put(vault_name(job), msgspec.json.encode(access))

    def _new_job(self, *, case: str, source: str, via: Via) -> JobRow:
        number = secrets.token_hex(8)
        now = self._wall()
        return JobRow(
            id=number,
            case=case,
            source=source,
            via=via,
            state=JobState.COLLECTING,
            name=bundle_name("files" if source == DROP else source, created=now, job=number, form=self._form),
            created=now,
            changed=now,
        )


def mark_of(segment: Segment, *, before: SegmentMark | None) -> SegmentMark:
    """What a closed segment is now; `before`, when a beginning of it was taken up, names its generation."""
    return SegmentMark(
        generation=segment.key if before is None else before.generation,
        device=segment.device,
        inode=segment.inode,
        print=segment.print,
    )


def _words_of(kept: KeptRow) -> str:
    """Which ranges of a destroyed segment are there, and which are not."""
    words = [
        f"Rescued: the log was destroyed before it was closed. Bytes {kept.begin} to {kept.size} are here."
    ]
    if kept.begin:
        words.append(f"Bytes 0 to {kept.begin} were sent before.")
    if kept.missing:
        words.append(f"Bytes {kept.size} to {kept.seen} are lost.")
    if kept.untold:
        words.append(f"Up to {kept.untold} values are past the bound: masked where they were found only.")
    return " ".join(words)


def _begins_with(path: Path, mark: SegmentMark) -> bool:
    try:
        return still_begins_with(path, mark.print)
    except OSError:
        return False  # it is looked for again when it is collected


def can_be_read(segment: Segment) -> bool:
    """Whether a segment can be opened now; one that is gone lies where the agent keeps it."""
    if segment.state is SegmentState.GONE:
        return True
    try:
        open_shared(segment.file).close()
    except OSError:
        return False
    return True
