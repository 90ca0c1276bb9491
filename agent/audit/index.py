"""What is known of the trail apart from its files (``audit.db``): the last record, and all its events."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from pathlib import Path
from sqlite3 import Connection

from agent.audit.chain import Head
from agent.audit.record import head_mac
from app.storage import Durability, migrations_in, open_database


class TrailIndex:
    """SQLite with ``synchronous=FULL``. Events can be gathered from the files again; the head cannot."""

    def __init__(self, path: Path) -> None:
        """Open or make it.

        Raises:
            LocalError: it cannot be opened, or was written by a newer program.
        """
        self._database = open_database(
            path, migrations_in(Path(__file__).parent / "migrations"), durability=Durability.FULL
        )

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def head(self, key: bytes | None) -> Head | None:
        """The last record that was written; None when none is known. Without a key it is believed."""
        row = self._database.row("SELECT seq, digest, mac FROM head")
        if row is None:
            return None
        seq, digest = int(row["seq"]), str(row["digest"])
        genuine = key is None or hmac.compare_digest(str(row["mac"]), head_mac(seq, digest, key))
        return Head(seq, digest, genuine)

    def line(self) -> bytes:
        """The line of the last record; empty when none is known."""
        row = self._database.row("SELECT line FROM head")
        return b"" if row is None else bytes(row["line"])

    def note(self, event: str, *, head: Head, key: bytes, line: bytes) -> None:
        """The record that is written next; durable when this returns."""
        with self._database.transaction() as connection:
            connection.execute("INSERT INTO recorded (event, seq) VALUES (?, ?)", (event, head.seq))
            _set_head(connection, head, key=key, line=line)

    def gather(self, events: Iterable[tuple[str, int]], *, head: Head, key: bytes, line: bytes) -> None:
        """Take in what the files hold, after the index was lost."""
        with self._database.transaction() as connection:
            connection.executemany("INSERT OR IGNORE INTO recorded (event, seq) VALUES (?, ?)", events)
            _set_head(connection, head, key=key, line=line)

    def has(self, event: str) -> bool:
        """Whether the event was recorded."""
        return self._database.row("SELECT 1 FROM recorded WHERE event = ?", (event,)) is not None

    def forget(self, prefixes: Iterable[str]) -> None:
        """Events that begin like this are not told again: the files have them, the index need not."""
        with self._database.transaction() as connection:
            connection.executemany(
                "DELETE FROM recorded WHERE event >= ? AND event < ?",
                [(prefix, prefix + "\U0010ffff") for prefix in prefixes],
            )

    def latest(self, prefix: str) -> tuple[str, int] | None:
        """The event that begins like this and was recorded last, and its number."""
        row = self._database.row(
            "SELECT event, seq FROM recorded WHERE event >= ? AND event < ? ORDER BY seq DESC LIMIT 1",
            (prefix, prefix + "\U0010ffff"),
        )
        return None if row is None else (str(row["event"]), int(row["seq"]))

    def open_since(self, prefix: str, *, begun: str, ended: str) -> list[str]:
        """What lies between prefix and `/begun` of events whose `/ended` was not recorded."""
        rows = self._database.rows(
            "SELECT event FROM recorded AS own WHERE event >= ? AND event < ? AND event LIKE ? "
            "AND NOT EXISTS (SELECT 1 FROM recorded WHERE event = "
            "substr(own.event, 1, length(own.event) - ?) || ?)",
            (prefix, prefix + "\U0010ffff", f"%/{begun}", len(begun), ended),
        )
        return [str(row["event"])[len(prefix) : -len(begun) - 1] for row in rows]


def _set_head(connection: Connection, head: Head, *, key: bytes, line: bytes) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO head (only, seq, digest, mac, line) VALUES (1, ?, ?, ?, ?)",
        (head.seq, head.digest, head_mac(head.seq, head.digest, key), line),
    )
