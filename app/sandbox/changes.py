"""Changes of the portal, in the order they were committed; ``/events`` hands them on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Connection

from app.portal.contract import Event, EventKind
from app.sandbox.store.times import moment, stamp
from app.storage import Database

_TRIM_EVERY = 500


def publish(
    connection: Connection,
    kind: EventKind,
    *,
    account: str,
    case: str = "",
    subject: str = "",
    now: datetime,
    keep: int = 10_000,
) -> None:
    """Record a change in the transaction that makes it: it is told when, and only if, that commits.

    Args:
        connection: of the open transaction.
        kind: what changed.
        account: whose change it is; only its contacts are told.
        case: number of the case, when it is about one.
        subject: id of the update, file or agent; empty when the case itself changed.
        now: when.
        keep: how many changes stay resumable.
    """
    number = connection.execute(
        "INSERT INTO events (kind, at, account, case_number, subject) VALUES (?, ?, ?, ?, ?)",
        (kind.value, stamp(now), account, case, subject),
    ).lastrowid
    if number is not None and number % _TRIM_EVERY == 0:
        connection.execute("DELETE FROM events WHERE id <= ?", (number - keep,))


@dataclass(frozen=True, slots=True)
class Known:
    """The ids that can be resumed from: `oldest` - 1 to `newest`."""

    oldest: int
    newest: int


def known_changes(database: Database) -> Known:
    """Which changes are kept."""
    row = database.row(
        "SELECT (SELECT min(id) FROM events) AS oldest,"
        " (SELECT seq FROM sqlite_sequence WHERE name = 'events') AS newest"
    )
    newest = int(row["newest"] or 0) if row is not None else 0
    oldest = int(row["oldest"] or newest + 1) if row is not None else 1
    return Known(oldest=oldest, newest=newest)


def changes_since(database: Database, last: int, *, limit: int = 200) -> list[Event]:
    """Changes of all combinations after this id, oldest first."""
    rows = database.rows("SELECT * FROM events WHERE id > ? ORDER BY id LIMIT ?", (last, limit))
    return [
        Event(
            id=row["id"],
            kind=EventKind(row["kind"]),
            at=moment(row["at"]),
            account=row["account"],
            case=row["case_number"],
            subject=row["subject"],
        )
        for row in rows
    ]
