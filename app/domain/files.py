"""Files of a case: how far the proof of a file has come, and what may be sent (R-FILE)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from app.domain.cases import Status
from app.domain.verdicts import Verdict, no, yes

SFTP_ACCOUNT_HOURS = 120
"""R-FILE-5: the default life of a temporary SFTP account, in hours."""


class FileCheck(StrEnum):
    """What the portal knows of a file that was sent to a case."""

    VERIFIED = "verified"
    CHECKING = "checking"
    DIFFERS = "differs"
    UNKNOWN = "unknown"


class Origin(StrEnum):
    """Who put a file into the case."""

    CUSTOMER = "customer"
    SUPPORT = "support"


@dataclass(frozen=True, slots=True)
class Untouched:
    """By what it shows that nobody has written to a file since: whoever does changes one of these.

    Attributes:
        device, inode: which file it is.
        size: bytes.
        mtime_ns, ctime_ns: when its content, and when anything about it changed last, in nanoseconds. The
            second one cannot be set back by a program.
    """

    device: int
    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int


@dataclass(frozen=True, slots=True)
class SealedBundle:
    """A bundle that was masked, packed, hashed and closed: the only thing a transfer accepts.

    Only `app.bundle` makes one; a test of the architecture says so.

    Attributes:
        path: where the closed file lies; it is not changed any more.
        name: the name it gets in the case (no folder).
        size: bytes.
        sha256: of the whole file, lower-case hex.
        manifest_sha256: of the bytes of its first member, lower-case hex.
        untouched: how the file was when it was hashed; None where the system does not tell that safely.
    """

    path: Path
    name: str
    size: int
    sha256: str
    manifest_sha256: str
    untouched: Untouched | None = field(default=None, compare=False)


def may_send_files(status: Status) -> Verdict:
    """Whether files may be added to a case in this status (R-FILE-1)."""
    if status is Status.CLOSED:
        return no(
            "R-FILE-1",
            "The case is closed; files belong to a case that is not closed.",
            way_out="Reopen the case, or open a new one that refers to it.",
        )
    return yes("R-FILE-1")
