"""Jobs and their files as the journal keeps them."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import msgspec

from agent.watch import Fingerprint
from app.agentlink import ErrorReply, JobState, Via
from app.decoding import ready
from app.masking import FileReport

DROP = "drop"
"""`JobRow.source` of a job that a person started with chosen files."""

REQUEST = "request-"
"""How `JobRow.source` begins for what support asked for; the request's id follows."""


class FileState(StrEnum):
    """How far one file of a job is; the words of the contract."""

    WAITING = "waiting"
    MASKED = "masked"
    QUARANTINED = "quarantined"
    LEFT_OUT = "left-out"


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job.

    Attributes:
        name: of the bundle, with the suffix of its format.
        back_to: the state that a pause, a wait or a failure interrupted; None otherwise.
        key: idempotency key of the transfer; empty until the bundle is sealed.
        attempts: failures in a row of the present step.
        tries: those of them that are not waited out for ever (`agent.jobs.retry`).
        priority: that a person gave it; higher goes first.
        place: in the order of those of one priority.
    """

    id: str
    case: str
    source: str
    via: Via
    state: JobState
    name: str
    created: datetime
    changed: datetime
    back_to: JobState | None = None
    size: int = 0
    sha256: str = ""
    manifest_sha256: str = ""
    key: str = ""
    acknowledgement: str = ""
    resumed: int = 0
    attempts: int = 0
    tries: int = 0
    next_attempt: datetime | None = None
    problem: ErrorReply | None = None
    priority: int = 0
    place: int = 0

    @property
    def requested(self) -> bool:
        """Whether support asked for its files."""
        return self.source.startswith(REQUEST)

    @property
    def dropped(self) -> bool:
        """Whether a person chose its files."""
        return self.source == DROP


@dataclass(frozen=True, slots=True)
class SegmentMark:
    """What a segment was when it was claimed: the job is about its first ``print.size`` bytes.

    Attributes:
        generation: names the content for good, however long it grows: the key of the segment when the first
            range of it was claimed.
        print: of its bytes; of the unpacked text when the job is about a part of that.
        inside: whether it is: all offsets are those of the text then.
        member: number of the text in the packed segment.
        broken: why nothing behind its end can be unpacked; empty when that is not so.
        garbled: whether its check sums do not fit: what was read may not be what was written.
        kept: number of its kept parts, which are sent in place of a segment that was destroyed; else 0. The
            file is masked text then, and of another size; the mark is of the raw bytes that it was.
        rescued: which ranges of it these are, and which are lost, for people.
        untold: values that these parts told past the bound of what was remembered of them.
    """

    generation: str
    device: int
    inode: int
    print: Fingerprint
    inside: bool = False
    member: int = 0
    broken: str = ""
    garbled: bool = False
    kept: int = 0
    rescued: str = ""
    untold: int = 0


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file of a job.

    Attributes:
        name: relative name in the bundle.
        path: where it lay when it was last looked up.
        segment: the catalogue's key; empty for a dropped file.
        raw_sha256: of its content; empty until it was collected.
        kind: why it is not in the bundle, a word of the manifest; ``reason`` says it for people.
        mark: of a segment; None for a dropped file, and for what an older version claimed.
        start: bytes that an earlier job of the rule has taken up, or that were not asked for; where a line
            begins, once it was collected.
        header: bytes of the segment's header, which is sent again with a range; 0 when `start` is.
        volume: number of the bundle that it is in, from 1.
        identity: of a dropped file, see `agent.jobs.dropping`; empty for a segment.
        masked_by: rules and key of its masked copy, see `agent.jobs.masking.masked_by`.

    `raw_size` and `raw_sha256` are those of header and range together.
    """

    job: str
    number: int
    name: str
    path: Path
    state: FileState
    segment: str = ""
    application: str = ""
    raw_size: int = 0
    raw_sha256: str = ""
    modified_ns: int = 0
    report: FileReport | None = None
    kind: str = ""
    reason: str = ""
    packed_size: int = 0
    mark: SegmentMark | None = None
    start: int = 0
    header: int = 0
    volume: int = 1
    identity: str = ""
    masked_by: str = ""

    @property
    def upto(self) -> int:
        """Bytes of the source that the job is about, what was sent before included."""
        return self.raw_size if self.mark is None or self.mark.kept else self.mark.print.size


@dataclass(frozen=True, slots=True)
class Tally:
    """Files of a rule's jobs that have come equally far.

    Attributes:
        case: of their jobs; not always the one that the rule has now.
        job: state of their jobs.
        kind: why they are not in the bundle; empty when they are.
        because: number of the rule of the process that stopped their jobs; empty when none did.
        size: bytes of the sources.
        names: when its job was made, and its name in the bundle, of the last of those that were not sent.
    """

    case: str
    job: JobState
    kind: str
    files: int
    size: int
    because: str = ""
    names: tuple[tuple[str, str], ...] = ()


def job_row(row: sqlite3.Row) -> JobRow:
    """A job from its row."""
    return JobRow(
        id=row["id"],
        case=row["case_number"],
        source=row["source"],
        via=Via(row["via"]),
        state=JobState(row["state"]),
        name=row["name"],
        created=datetime.fromisoformat(row["created"]),
        changed=datetime.fromisoformat(row["changed"]),
        back_to=JobState(row["back_to"]) if row["back_to"] else None,
        size=row["size"],
        sha256=row["sha256"],
        manifest_sha256=row["manifest_sha256"],
        key=row["idempotency_key"],
        acknowledgement=row["acknowledgement"],
        resumed=row["resumed"],
        attempts=row["attempts"],
        tries=row["tries"],
        next_attempt=None if row["next_attempt"] is None else datetime.fromisoformat(row["next_attempt"]),
        problem=None
        if row["problem"] is None
        else msgspec.json.decode(row["problem"], type=ready(ErrorReply)),
        priority=row["priority"],
        place=row["place"],
    )


def file_row(row: sqlite3.Row) -> FileRow:
    """A file of a job from its row."""
    return FileRow(
        job=row["job"],
        number=row["number"],
        name=row["name"],
        path=Path(row["path"]),
        state=FileState(row["state"]),
        segment=row["segment"],
        application=row["application"],
        raw_size=row["raw_size"],
        raw_sha256=row["raw_sha256"],
        modified_ns=row["modified_ns"],
        report=None if row["report"] is None else report_from(row["report"]),
        kind=row["kind"],
        reason=row["reason"],
        packed_size=row["packed_size"],
        mark=None if row["mark"] is None else msgspec.json.decode(row["mark"], type=ready(SegmentMark)),
        start=row["start"],
        header=row["header"],
        volume=row["volume"],
        identity=row["identity"],
        masked_by=row["masked_by"],
    )


def mark_text(mark: SegmentMark | None) -> str | None:
    """A mark as the journal keeps it."""
    return None if mark is None else msgspec.json.encode(mark).decode()


def report_text(report: FileReport) -> str:
    """A report as the journal keeps it."""
    return msgspec.json.encode(report).decode()


def report_from(text: str) -> FileReport:
    """The report that `report_text` wrote."""
    return msgspec.json.decode(text, type=ready(FileReport))
