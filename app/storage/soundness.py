"""Whether a database's file can be trusted, and setting aside one that cannot; nothing is deleted."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from app.domain.errors import LocalError

_ASIDE = "damaged"
_MOST = 2_000_000_000
_MISREAD = re.compile(r"NULL value in ([A-Za-z_]\w*)\.([A-Za-z_]\w*)\Z")


def is_sound(path: Path) -> bool:
    """Whether every page of a database that nobody uses can be read; false for an empty file.

    SQLite 3.40 takes columns of tables without rowid, whose key does not come first, for others when it looks
    for NULL, and reports sound rows. So what it says of NULL counts only when a query finds one.

    Raises:
        LocalError: it cannot be read for another reason than damage (CF-1803).
    """
    if path.stat().st_size == 0:
        return False  # even one that was only just made has a page: this one was cut off
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        misread: set[str] = set()
        for (said,) in connection.execute(f"PRAGMA quick_check({_MOST})"):
            if said == "ok" or said in misread:
                continue
            if not _is_misread(connection, said):
                return False
            misread.add(said)
        return True
    except sqlite3.OperationalError as error:
        name = getattr(error, "sqlite_errorname", "")
        if name == "SQLITE_ERROR":
            return False  # its schema cannot be read
        raise LocalError(
            "The state file cannot be opened",
            happened=f"{path.name}: {name or type(error).__name__}.",
            todo="Check the rights of the data folder, and free space on this disk.",
            code="CF-1803",
            retryable=True,
        ) from error
    except sqlite3.DatabaseError:
        return False
    finally:
        connection.close()


def set_aside(path: Path, *, at: datetime) -> Path:
    """Rename a damaged database and its log; its new path.

    Raises:
        LocalError: it cannot be renamed (CF-1803).
    """
    name = path.with_name(f"{path.name}.{stamp_of(at)}")
    try:
        for ending in ("-wal", "-shm", ""):  # a log that stayed would be written into the new file
            part = path.with_name(path.name + ending)
            if part.exists():
                part.rename(name.with_name(name.name + ending))
    except OSError as error:
        raise LocalError(
            "The state file cannot be opened",
            happened=f"{path.name} is damaged and could not be set aside: {error.strerror}.",
            todo="Check the rights of the data folder, and free space on this disk.",
            code="CF-1803",
        ) from error
    return name


def set_aside_before(path: Path) -> Sequence[Path]:
    """The damaged databases that lie beside this one, the oldest first."""
    return sorted(path.parent.glob(f"{path.name}.{_ASIDE}-*Z"))


def stamp_of(at: datetime) -> str:
    """What is put behind the name of what is set aside."""
    return f"{_ASIDE}-{at:%Y%m%dT%H%M%S.%fZ}"


def _is_misread(connection: sqlite3.Connection, said: str) -> bool:
    found = _MISREAD.fullmatch(said)
    if found is None:
        return False
    table, column = found.groups()
    query = f'SELECT 1 FROM "{table}" WHERE "{column}" IS NULL LIMIT 1'  # noqa: S608 - names of the schema
    return connection.execute(query).fetchone() is None
