"""Whether a segment that is gone lives on as a copy, plain or packed."""

from __future__ import annotations

from pathlib import Path

from agent.catalogue.contents import open_text
from agent.catalogue.packedforms import is_packed_name
from agent.catalogue.segments import Segment, segment_of
from agent.watch import Fingerprint, still_begins_with
from agent.watch.fingerprint import continues
from app.logs import PackedError
from app.storage import Database

_COARSE_NS = 2_000_000_000
"""A copy that keeps the time of the log may keep it in whole seconds, or pairs of them."""
_OTHERS = (
    "SELECT segments.*, folders.path AS folder_path FROM segments "
    "JOIN folders ON segments.folder = folders.id "
    "WHERE folders.path = ? AND application = ? AND segments.id <> ? AND segments.size > 0 "
)


def copy_of(
    database: Database, *, folder: Path, application: str, segment: int, known: Fingerprint
) -> Segment | None:
    """Another segment of the application that holds these first bytes and is not gone.

    Args:
        database: the catalogue's.
        folder: the watched one.
        application: of the segment.
        segment: its id; below 0 when the catalogue knows it no more.
        known: its first bytes.
    """
    rows = database.rows(
        f"{_OTHERS} AND segments.state <> 'gone' ORDER BY segments.id DESC",
        (str(folder), application, segment),
    )
    return next((one for one in map(segment_of, rows) if known.size and _begins(one, known)), None)


def has_copy(
    database: Database,
    *,
    folder: Path,
    application: str,
    segment: int,
    inode: int,
    modified_ns: int,
    known: Fingerprint,
) -> bool:
    """Whether another segment of the application holds these first bytes.

    Of a copy that was closed and is gone itself, only its head can still be compared; it must be as long, and
    not older: logs of one program may all begin alike.

    Args:
        database: the catalogue's.
        folder: the watched one.
        application: of the segment.
        segment: its id; below 0 when the catalogue knows it no more.
        inode: its file id; what has the same is no copy.
        modified_ns: when it was last written.
        known: its first bytes.
    """
    if not known.size:
        return False
    whose = (str(folder), application, segment)
    if copy_of(database, folder=folder, application=application, segment=segment, known=known) is not None:
        return True
    gone = database.row(
        f"{_OTHERS} AND segments.state = 'gone' AND segments.key <> '' AND segments.id > ? "
        "AND segments.inode <> ? AND segments.modified_ns >= ? AND segments.size >= ? AND head = ? "
        "AND head_length = ?",
        (
            *(*whose, segment, str(inode)),
            *(modified_ns - _COARSE_NS, known.size, known.head, known.head_length),
        ),
    )
    return gone is not None


def _begins(segment: Segment, known: Fingerprint) -> bool:
    try:
        if not is_packed_name(segment):
            return segment.size >= known.size and still_begins_with(segment.file, known)
        with open_text(segment.file) as text:
            return continues(text, known)
    except (OSError, PackedError):
        return False
