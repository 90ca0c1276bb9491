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

_OTHERS = (
    "SELECT segments.*, folders.path AS folder_path FROM segments "
    "JOIN folders ON segments.folder = folders.id "
    "WHERE folders.path = ? AND application = ? AND segments.id <> ? AND segments.size > 0 "
)


def has_copy(
    database: Database, *, folder: Path, application: str, segment: int, inode: int, known: Fingerprint
) -> bool:
    """Whether another segment of the application holds these first bytes.

    Of a copy that was closed and is gone itself, only its head can still be compared; it must have come
    later, and be as long.

    Args:
        database: the catalogue's.
        folder: the watched one.
        application: of the segment.
        segment: its id.
        inode: its file id; what has the same is no copy.
        known: its first bytes.
    """
    if not known.size:
        return False
    whose = (str(folder), application, segment)
    rows = database.rows(f"{_OTHERS} AND segments.state <> 'gone' ORDER BY segments.id DESC", whose)
    if any(_begins(one, known) for one in map(segment_of, rows)):
        return True
    gone = database.row(
        f"{_OTHERS} AND segments.state = 'gone' AND segments.key <> '' AND segments.id > ? "
        "AND segments.inode <> ? AND segments.size >= ? AND head = ? AND head_length = ?",
        (*whose, segment, str(inode), known.size, known.head, known.head_length),
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
