"""One SQLite file: WAL, one writer, migrations by number, errors in the two families."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from typing import Any

from app.domain.errors import LocalError
from app.resting import kept_ready
from app.storage.migrations import Migration

_BUSY_MS = 10_000
_IDLE = 2
"""Connections that read and are kept open while nobody reads."""

_LOG_STEP = 1024 * 1024
_LOG_IS_BEGUN_ANEW = 4 * 1024 * 1024
"""About so many bytes of the log are written before SQLite begins at its start again."""


class Durability(StrEnum):
    """``synchronous``: FULL where a lost row means a lost or doubled upload, else NORMAL."""

    FULL = "FULL"
    NORMAL = "NORMAL"


class DuplicateRow(Exception):
    """A unique or primary key is taken: the caller's question was *am I the first?*, the answer is no."""


class Unwritten(LocalError):
    """The disk is full or refuses: nothing of a transaction was kept, what was there before is."""

    retryable = True


class Database:
    """Connections to one database file: one writes, and as many read as are read with at the same time.

    Reads go through `rows` and `row`, writes through `transaction`. Of the connections that read, two are
    kept open for the next call, whichever thread makes it: each takes a quarter of a megabyte.
    """

    def __init__(self, path: Path, *, durability: Durability) -> None:
        self.path = path
        self._durability = durability
        self._writer = threading.RLock()
        self._writing: sqlite3.Connection | None = None
        self._own = threading.local()
        self._idle: list[sqlite3.Connection] = []
        self._idle_lock = threading.Lock()
        self._closed = False
        kept_ready(self)

    def _opened(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        try:
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(f"PRAGMA synchronous = {self._durability.value}")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
        except BaseException:
            connection.close()
            raise
        return connection

    def _require_open(self) -> None:
        if self._closed:
            raise LocalError(
                "The database is closed",
                happened=f"{self.path.name} was used after it was closed.",
                todo="Restart the program.",
                code="CF-1801",
            )

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """A connection that nobody else uses; inside of a transaction of this thread, that one's."""
        own: sqlite3.Connection | None = getattr(self._own, "connection", None)
        if own is not None:
            yield own
            return
        with self._idle_lock:
            self._require_open()
            kept = self._idle.pop() if self._idle else None
        connection = kept or self._opened()
        try:
            yield connection
        finally:
            with self._idle_lock:
                stays = not self._closed and len(self._idle) < _IDLE
                if stays:
                    self._idle.append(connection)
            if not stays:
                connection.close()

    def rows(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[sqlite3.Row]:
        """All rows of a query."""
        with _translated(self.path), self._reading() as connection:
            return connection.execute(sql, parameters).fetchall()

    def row(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> sqlite3.Row | None:
        """The first row of a query, or None."""
        with _translated(self.path), self._reading() as connection:
            cursor = connection.execute(sql, parameters)
            found: sqlite3.Row | None = cursor.fetchone()
            cursor.close()  # a query that is not at its end holds what it reads
            return found

    @contextmanager
    def transaction(self, *, waits: bool = True) -> Iterator[sqlite3.Connection]:
        """A write transaction: committed at the end of the block, rolled back by any exception.

        A transaction inside a transaction of the same thread joins it.

        Args:
            waits: False: the commit does not wait for the disk, whatever the durability. Every process sees
                it and a kill does not lose it; a power cut may, unless a later commit has waited.

        Raises:
            DuplicateRow: a unique key is taken.
            Unwritten: the disk is full, the file cannot be written (CF-1802, CF-1803).
            LocalError: the file is damaged, or was closed.
        """
        with self._writer, _translated(self.path):
            self._require_open()
            if self._writing is None:
                self._writing = self._opened()
            connection = self._writing
            if connection.in_transaction:
                yield connection
                return
            if not waits:
                connection.execute(f"PRAGMA synchronous = {Durability.NORMAL.value}")
            try:
                connection.execute("BEGIN IMMEDIATE")
                self._own.connection = connection
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                _roll_back(connection)
                raise
            finally:
                self._own.connection = None
                if not waits:
                    connection.execute(f"PRAGMA synchronous = {self._durability.value}")

    def let_go(self) -> None:
        """Close the connections that nobody reads with, and free what the one that writes has cached."""
        with self._idle_lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()
        if self._writer.acquire(blocking=False):  # who writes now will need it
            try:
                if self._writing is not None and not self._writing.in_transaction:
                    self._writing.execute("PRAGMA shrink_memory")
            finally:
                self._writer.release()

    def lengthen_log(self) -> None:
        """Make room in the write-ahead log for the commits of a few minutes.

        A commit that makes the log longer waits for what the file system notes of that, and so for what other
        programs are writing just then; one into room that is there does not. SQLite passes over the zeros:
        they are no frames. On a full disk, and where the system is not POSIX, nothing happens.
        """
        if os.name != "posix":
            return
        # Nobody else writes the log while this is held, so it ends where it is seen to end.
        with self.transaction(waits=False), suppress(OSError):
            descriptor = os.open(f"{self.path}-wal", os.O_RDWR)
            try:
                end = os.fstat(descriptor).st_size
                if end < _LOG_IS_BEGUN_ANEW:
                    os.pwrite(descriptor, bytes(_LOG_STEP), end)
                    os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def close(self) -> None:
        """Close every connection, one that is being read with as soon as it has been; a later use raises."""
        with self._writer, self._idle_lock:
            self._closed = True
            idle, self._idle = self._idle, []
            writing, self._writing = self._writing, None
            for connection in (*idle, *([] if writing is None else [writing])):
                connection.close()


def _roll_back(connection: sqlite3.Connection) -> None:
    """Some errors (a full disk, for one) have rolled back already."""
    if connection.in_transaction:
        connection.execute("ROLLBACK")


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into ours; a programming error of SQL stays what it is."""
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise DuplicateRow(str(error)) from error
    except sqlite3.OperationalError as error:
        name = getattr(error, "sqlite_errorname", "")
        if name == "SQLITE_ERROR":
            raise
        raise Unwritten(
            "The state cannot be written" if name == "SQLITE_FULL" else "The state cannot be read or written",
            happened=f"{path.name}: {name or type(error).__name__}.",
            todo="Free space on this disk and check its rights; nothing that was recorded is lost.",
            code="CF-1802" if name == "SQLITE_FULL" else "CF-1803",
        ) from error
    except sqlite3.DatabaseError as error:
        raise LocalError(
            "The state file is damaged",
            happened=f"{path.name}: {type(error).__name__}.",
            todo="Put the file aside and restart; the program rebuilds what it can.",
            code="CF-1804",
        ) from error


def open_database(
    path: Path, migrations: Sequence[Migration], *, durability: Durability = Durability.FULL
) -> Database:
    """Open, and bring the schema to the newest version, keeping a copy of the old file before a change.

    The file is created for its owner only (0600).

    Raises:
        LocalError: the file was written by a newer program, or cannot be opened.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise LocalError(
            "The state file cannot be opened",
            happened=f"{path.name}: {error.strerror}.",
            todo="Check the rights of the data folder.",
            code="CF-1803",
        ) from error
    os.close(descriptor)
    database = Database(path, durability=durability)
    try:
        _migrate(database, migrations)
    except BaseException:
        database.close()
        raise
    return database


def _migrate(database: Database, migrations: Sequence[Migration]) -> None:
    row = database.row("PRAGMA user_version")
    version = int(row[0]) if row is not None else 0
    newest = migrations[-1].number if migrations else 0
    if version > newest:
        raise LocalError(
            "The state was written by a newer Caseferry",
            happened=f"{database.path.name} has version {version}; this program knows {newest}.",
            todo="Install the newer version again, or move the file away.",
            code="CF-1805",
        )
    if version == newest:
        return
    if version > 0:
        _copy_before_change(database, version)
    for step in migrations[version:]:
        with database.transaction() as connection:
            for statement in _statements(step.sql):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {step.number:d}")


def _statements(sql: str) -> Iterator[str]:
    """Split at complete statements, so that the whole step runs in one transaction."""
    pending = ""
    for line in sql.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""
    if pending.strip() and not all(
        line.lstrip().startswith("--") or not line.strip() for line in pending.splitlines()
    ):
        yield pending


def _copy_before_change(database: Database, version: int) -> None:
    target = database.path.with_name(f"{database.path.name}.v{version}")
    target.unlink(missing_ok=True)
    os.close(os.open(target, os.O_RDWR | os.O_CREAT, 0o600))
    copy = sqlite3.connect(target)
    try:
        with database.transaction():
            pass
        source = sqlite3.connect(database.path)
        try:
            source.backup(copy)
        finally:
            source.close()
    finally:
        copy.close()
