"""Files of a case, uploads on their way, and temporary SFTP accounts (R-FILE).

tus uploads go to ``/api/v1/uploads`` (tus 1.0.0). ``Upload-Metadata`` carries the members of
`UploadMetadata`. The manifest itself is the first member of the bundle; the metadata carries its digest, so
that headers stay small whatever the number of log segments.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.files import FileCheck, Origin


@dataclass(frozen=True, slots=True)
class CaseIntake:
    """Whether a case takes files at present (R-FILE-1): all that an agent may know of a case."""

    number: str
    takes_files: bool


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A file of a case.

    Attributes:
        check: *verified* only when the portal's digest of what it stored equals the announced one.
        via: ``https``, ``sftp`` or empty for support's files.
        has_manifest: whether ``GET /cases/{n}/files/{id}/manifest`` answers.
        resumed: how many times the upload was resumed.
        note: why a file was kept aside (``differs``), for people.
    """

    id: str
    case: str
    name: str
    size: int
    sha256: str
    origin: Origin
    check: FileCheck
    via: str
    sent: datetime
    sent_by: str
    has_manifest: bool = False
    resumed: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """R-FILE-1: the person's word that no personal or regulated data is in what is sent.

    Attributes:
        id: goes into `UploadMetadata.acknowledgement`. An agent's credential stands for the word its
            administrator gave when it was created, and needs none.
    """

    id: str
    case: str
    at: datetime
    expires: datetime


@dataclass(frozen=True, slots=True)
class UploadMetadata:
    """The keys of ``Upload-Metadata``.

    Attributes:
        case: case number.
        filename: the name in the case; no folder parts.
        sha256: of the whole file.
        manifest_sha256: of the first member ``manifest.json``; empty for a file that is no bundle.
        idempotency_key: the same key never makes a second file in the same case; the answer to a repeated
            creation is the upload that exists.
        acknowledgement: id of an `Acknowledgement`; empty for agents.
    """

    case: str
    filename: str
    sha256: str
    manifest_sha256: str = ""
    idempotency_key: str = ""
    acknowledgement: str = ""


class UploadPhase(StrEnum):
    """How far the portal is with an upload."""

    RECEIVING = "receiving"
    CHECKING = "checking"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class UploadState:
    """``GET /api/v1/uploads/{id}/state``: what the portal can prove of an upload.

    Attributes:
        offset: bytes stored.
        stored_sha256: the portal's digest of what it stored; empty until it is complete.
        file: id of the `CaseFile`; empty until it is complete.
        problem: the `ProblemCode` of a complete upload that the portal can never take; empty for all others.
    """

    id: str
    case: str
    filename: str
    offset: int
    size: int
    phase: UploadPhase
    check: FileCheck
    expected_sha256: str
    stored_sha256: str = ""
    file: str = ""
    note: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class SftpHost:
    """The SFTP side of the portal, as ``/capabilities`` announces it."""

    host: str
    port: int
    host_key: str
    """OpenSSH public key line, ``ssh-ed25519 AAAA…``: clients trust exactly this one."""


@dataclass(frozen=True, slots=True)
class SftpAccount:
    """A temporary account of a case (R-FILE-5); the password is visible while the account lives."""

    case: str
    host: str
    port: int
    host_key: str
    user: str
    password: str
    created: datetime
    expires: datetime
