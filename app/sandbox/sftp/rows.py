"""The table ``sftp_arrivals``, and the file rows that only the SFTP side changes."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from app.sandbox.store.times import moment, stamp
from app.storage import Database


@dataclass(frozen=True, slots=True)
class ArrivalRow:
    """A file that a client has finished and nobody has looked at yet."""

    case: str
    name: str
    user: str
    finished: datetime


def note_arrival(connection: sqlite3.Connection, arrival: ArrivalRow) -> None:
    """Remember one; finishing the same name again counts as the newest."""
    connection.execute(
        "INSERT INTO sftp_arrivals (case_number, name, user, finished) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET user = excluded.user, finished = excluded.finished",
        (arrival.case, arrival.name, arrival.user, stamp(arrival.finished)),
    )


def forget_arrival(connection: sqlite3.Connection, *, case: str, name: str) -> None:
    """It was looked at, renamed or removed."""
    connection.execute("DELETE FROM sftp_arrivals WHERE case_number = ? AND name = ?", (case, name))


def arrival(database: Database, *, case: str, name: str) -> ArrivalRow | None:
    """One, or None."""
    row = database.row("SELECT * FROM sftp_arrivals WHERE case_number = ? AND name = ?", (case, name))
    return None if row is None else _arrival(row)


def all_arrivals(database: Database) -> list[ArrivalRow]:
    """What a stop or a kill has left."""
    return [_arrival(row) for row in database.rows("SELECT * FROM sftp_arrivals ORDER BY finished")]


def set_size(connection: sqlite3.Connection, file: str, *, size: int) -> None:
    """A file nobody has proven was sent again, longer or shorter."""
    connection.execute("UPDATE files SET size = ? WHERE id = ?", (size, file))


def _arrival(row: sqlite3.Row) -> ArrivalRow:
    return ArrivalRow(
        case=row["case_number"], name=row["name"], user=row["user"], finished=moment(row["finished"])
    )
