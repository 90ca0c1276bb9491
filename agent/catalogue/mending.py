"""A damaged catalogue is set aside and begun anew: what it knew is in the logs, and the next scan reads it.

Only the holds of people and alarms are nobody else's: those that can still be read are taken over. What was
pinned is never deleted here: the new catalogue does not know those files, so they are set aside as a folder.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from agent.catalogue.catalogue import EVIDENCE_FOLDER, open_catalogue
from app.domain.errors import LocalError
from app.storage import Database, Durability, is_sound, not_set_aside, set_aside, stamp_of

_log = logging.getLogger(__name__)
_DAMAGED = "CF-1804"
_COLUMNS = "reason, label, first, last, applications, made, expires"


@dataclass(frozen=True, slots=True)
class SetAside:
    """What was set aside.

    Attributes:
        database: the damaged file's new name.
        evidence: the folder of what was pinned; None when nothing was.
        holds: how many holds the new catalogue has taken over.
    """

    database: Path
    evidence: Path | None
    holds: int


def mend_catalogue(
    path: Path,
    *,
    wall: Callable[[], datetime] = lambda: datetime.now(UTC),
    sound: Callable[[Path], bool] = is_sound,
) -> SetAside | None:
    """Set a damaged catalogue aside and begin a new one; None when it is sound, or there is none.

    A kill at any moment leaves what the next call goes on with. To be called before anything opens it.

    Args:
        path: the database file.
        wall: aware UTC time, which names what is set aside.
        sound: whether a database can be trusted.

    Raises:
        LocalError: it cannot be read for another reason than damage, or not be set aside.
    """
    begun = path.with_name(f"{path.name}.new")
    try:
        if not path.exists():
            if begun.exists():
                begun.rename(path)
            return None
        if sound(path):
            return None
        return _set_aside(path, begun, wall())
    except OSError as error:
        raise not_set_aside(path.name, error) from error


def _set_aside(path: Path, begun: Path, at: datetime) -> SetAside:
    holds = _readable_holds(path)
    begun.unlink(missing_ok=True)
    fresh = open_catalogue(begun, quiet=0.0)
    try:
        with fresh.database.transaction() as connection:
            connection.executemany(f"INSERT INTO holds ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)", holds)  # noqa: S608 - fixed words
    finally:
        fresh.close()
    evidence, name = path.parent / EVIDENCE_FOLDER, stamp_of(at)
    kept = None
    if evidence.is_dir() and any(evidence.iterdir()):
        kept = evidence.rename(evidence.with_name(f"{EVIDENCE_FOLDER}.{name}"))
    aside = set_aside(path, at=at)
    begun.rename(path)
    _log.warning(
        "%s was damaged (%s): it is kept as %s, a new one is made by scanning; %d holds were taken over",
        path.name,
        _DAMAGED,
        aside.name,
        len(holds),
    )
    return SetAside(aside, kept, len(holds))


def _readable_holds(path: Path) -> list[tuple[object, ...]]:
    """The holds of a time range: those of single segments name rows that are gone."""
    if path.stat().st_size == 0:
        return []
    database = Database(path, durability=Durability.NORMAL)
    try:
        rows = database.rows(f"SELECT {_COLUMNS} FROM holds WHERE last > 0")  # noqa: S608 - fixed words
        return [tuple(row) for row in rows]
    except (LocalError, sqlite3.OperationalError) as error:
        _log.info("the holds of the damaged catalogue cannot be read (%s)", type(error).__name__)
        return []
    finally:
        database.close()
