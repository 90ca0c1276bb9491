"""An upload as the store has it, and the decisions that need nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.files import FileCheck
from app.portal.contract import UploadPhase, UploadState
from app.sandbox.uploads.headers import UploadKind


class Phase(StrEnum):
    """`UploadPhase`, and the one that nobody is shown: terminated or expired."""

    RECEIVING = "receiving"
    CHECKING = "checking"
    DONE = "done"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Upload:
    """One row of ``uploads``. Its file gets the same id in the case, so that a kill cannot double it.

    Attributes:
        owner: ``person:<id>`` or ``agent:<id>``.
        case: empty for a partial.
        metadata, concat: the headers as they were sent.
        length: None while it is deferred.
        received: bytes that are on the disk for certain.
        problem: the `ProblemCode` for which a complete one was refused; empty for all others.
        appending: whether a request began to send and has not ended cleanly.
    """

    id: str
    kind: UploadKind
    owner: str
    sent_by: str
    case: str
    name: str
    sha256: str
    manifest_sha256: str
    key: str
    metadata: str
    concat: str
    length: int | None
    received: int
    appending: bool
    resumed: int
    phase: Phase
    verdict: FileCheck
    stored_sha256: str
    note: str
    problem: str
    created: datetime
    expires: datetime

    @property
    def complete(self) -> bool:
        """Whether every byte is there."""
        return self.length is not None and self.received == self.length


def is_gone(upload: Upload, *, now: datetime) -> bool:
    """Whether it was terminated, or its time is over.

    What belongs to a case already (checking, done) does not expire; a partial does, also when it is complete.
    """
    if upload.phase is Phase.GONE:
        return True
    waiting = upload.phase is Phase.RECEIVING or upload.kind is UploadKind.PARTIAL
    return waiting and upload.expires <= now


def same_content(upload: Upload, *, sha256: str, length: int | None) -> bool:
    """Whether a repeated creation means this upload: the digest is equal, and the size where both know it."""
    if upload.sha256 != sha256:
        return False
    return upload.length is None or length is None or upload.length == length


def provable(*, recorded: int, on_disk: int) -> int:
    """The offset after a kill: what the row says was fsynced, or less when the file is shorter."""
    return min(recorded, on_disk)


def state_of(upload: Upload) -> UploadState:
    """What the owner is told (``GET uploads/{id}/state``)."""
    done = upload.phase is Phase.DONE
    check = {
        Phase.RECEIVING: FileCheck.UNKNOWN,
        Phase.CHECKING: FileCheck.CHECKING,
    }.get(upload.phase, upload.verdict)
    in_case = done and upload.case != "" and upload.verdict is not FileCheck.UNKNOWN
    return UploadState(
        id=upload.id,
        case=upload.case,
        filename=upload.name,
        offset=upload.received,
        size=upload.length or 0,
        phase=UploadPhase(upload.phase.value),
        check=check,
        expected_sha256=upload.sha256,
        stored_sha256=upload.stored_sha256,
        file=upload.id if in_case else "",
        note=upload.note,
        problem=upload.problem,
    )
