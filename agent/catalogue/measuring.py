"""What a link takes once its log is gone: what it became, or nothing when it was emptied with its log."""

from __future__ import annotations

from pathlib import Path

from agent.catalogue.segments import Segment, segment_of
from agent.watch import still_begins_with
from app.storage import Database

EMPTIED = "It was emptied before it could be copied."
"""Why something is not held any more, when its link was emptied with its log."""
_LINKS = (
    "SELECT segments.*, folders.path AS folder_path, pins.path AS pin, pins.size AS pinned FROM segments "
    "JOIN folders ON folders.id = segments.folder JOIN pins ON pins.segment = segments.id "
    "WHERE segments.id IN (SELECT segments.id FROM segments JOIN pins ON pins.segment = segments.id "
    "WHERE pins.linked AND segments.state = 'gone')"
)
"""Found by an index, before the rows of the few are read."""


def measure_links(database: Database, folder: Path) -> None:
    """Count links whose logs are gone with what they are now; those that lost their log keep nothing.

    A link of a log that was emptied in place is the log that is written now: counted, it would make others
    give way for bytes that take no room. Its file is deleted by the next sweep.

    Args:
        database: the catalogue's.
        folder: of the evidence.

    Raises:
        LocalError: it cannot be recorded.
    """
    other: list[tuple[int, int]] = []
    emptied: list[int] = []
    for row in database.rows(_LINKS):
        pin = folder / row["pin"]
        try:
            size = pin.stat().st_size
            if size == row["pinned"]:
                continue
            segment = segment_of(row)
            if _was_emptied(pin, segment):
                emptied.append(segment.id)
            else:
                other.append((size, segment.id))
        except OSError:
            continue  # the next round asks again
    if other or emptied:
        with database.transaction() as connection:
            connection.executemany("UPDATE pins SET size = ? WHERE segment = ?", other)
            connection.executemany(
                "UPDATE held SET problem = ? WHERE segment = ?", [(EMPTIED, segment) for segment in emptied]
            )
            connection.executemany("DELETE FROM pins WHERE segment = ?", [(segment,) for segment in emptied])


def _was_emptied(pin: Path, segment: Segment) -> bool:
    return segment.size > 0 and not still_begins_with(pin, segment.print)
