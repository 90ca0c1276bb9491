"""Whether a database's file can be trusted, and setting aside one that cannot; nothing is deleted."""

from __future__ import annotations

import errno
import re
import sqlite3
from collections.abc import Collection, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path

from app.domain.errors import LocalError

_ASIDE = "damaged"
_MOST = 2_000_000_000
_UNREAD = re.compile(r"unable to get the page\. error code|failed to get page")
_PIECE = 1 << 20
_DAMAGES = frozenset({"SQLITE_ERROR", "SQLITE_IOERR_CORRUPTFS"})
"""Its schema cannot be read; the disk says that its first page is lost."""
_MISREAD = re.compile(r"NULL value in ([A-Za-z_]\w*)\.([A-Za-z_]\w*)\Z")


def is_sound(path: Path) -> bool:
    """Whether every page of a database that nobody uses can be read; false for an empty file.

    SQLite 3.40 takes columns of tables without rowid, whose key does not come first, for others when it looks
    for NULL, and reports sound rows. So what it says of NULL counts only when a query finds one. Nor does it
    tell a page that is wrong from one that it could not read just now: that is no damage, unless the disk
    itself says that the page is lost.

    Raises:
        LocalError: it cannot be read for another reason than damage (CF-1803).
    """
    if path.stat().st_size == 0:
        return False  # even one that was only just made has a page: this one was cut off
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            return _is_told_sound(connection, path)
    except sqlite3.OperationalError as error:
        name = getattr(error, "sqlite_errorname", "")
        if name in _DAMAGES:
            return False
        raise _not_readable(path, name or type(error).__name__) from error
    except sqlite3.DatabaseError:
        return False


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
        raise not_set_aside(path.name, error) from error
    return name


def set_aside_before(path: Path) -> Sequence[Path]:
    """The damaged databases that lie beside this one, the oldest first."""
    return sorted(path.parent.glob(f"{path.name}.{_ASIDE}-*Z"))


def keep_set_aside(path: Path, *, most: int, new: Collection[Path] = ()) -> Sequence[Path]:
    """Delete the oldest of the damaged databases that lie beside this one; those that are gone.

    What cannot be deleted now is left for the next call.

    Args:
        path: of the database in use.
        most: how many stay.
        new: those of this start, which are among them: by a clock that was set back they look old.
    """
    gone = []
    found = set_aside_before(path)
    others = [each for each in found if each not in new]
    for old in others[: max(0, len(found) - most)]:
        try:
            for ending in ("-wal", "-shm", ""):
                old.with_name(old.name + ending).unlink(missing_ok=True)
            gone.append(old)
        except OSError:
            continue
    return gone


def not_set_aside(name: str, error: OSError) -> LocalError:
    """Why a start cannot go on beside something that is damaged."""
    return LocalError(
        "The state file cannot be opened",
        happened=f"{name} is damaged and could not be set aside: {error.strerror}.",
        todo="Check the rights of the data folder, and free space on this disk.",
        code="CF-1803",
    )


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


def _is_told_sound(connection: sqlite3.Connection, path: Path) -> bool:
    misread: set[str] = set()
    sound = True
    for (said,) in connection.execute(f"PRAGMA quick_check({_MOST})"):
        if said == "ok" or said in misread:
            continue
        if _UNREAD.search(said) is not None:
            if _has_lost_pages(path):
                return False
            raise _not_readable(path, "It could not be read to its end")
        if sound and _is_misread(connection, said):
            misread.add(said)
        else:
            sound = False
    return sound


def _has_lost_pages(path: Path) -> bool:
    """Whether the disk has lost some of its bytes for good.

    Raises:
        LocalError: it cannot be read for another reason (CF-1803).
    """
    try:
        with path.open("rb", buffering=0) as file:
            while file.read(_PIECE):
                pass
    except OSError as error:
        if error.errno == errno.EIO:
            return True
        raise _not_readable(path, error.strerror or type(error).__name__) from error
    return False


def _not_readable(path: Path, why: str) -> LocalError:
    return LocalError(
        "The state file cannot be opened",
        happened=f"{path.name}: {why}.",
        todo="Check this disk, the rights of the data folder, and free space.",
        code="CF-1803",
        retryable=True,
    )
