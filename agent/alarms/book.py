"""The rows of alarms: each is raised once, whatever is read again, and survives the agent."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from agent.alarms.folding import HOUR, Series
from agent.alarms.rows import MOST_LINES, AlarmRow, NewAlarm, SeenLine, alarm_row, shown_lines
from agent.alarms.rules import MICROSECOND, Action, AlarmRule
from app.storage import Database, DuplicateRow, Durability, migrations_in, open_database

_KEPT = timedelta(days=90)
_KEPT_MARKS = timedelta(days=30)


def open_alarm_database(path: Path) -> Database:
    """Open or make the database of alarms and drafts.

    Raises:
        LocalError: it cannot be opened, or was written by a newer program.
    """
    return open_database(
        path, migrations_in(Path(__file__).parent / "migrations"), durability=Durability.FULL
    )


class AlarmBook:
    """Alarms in SQLite. Usable from any thread; what one block of lines brings is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def writing(self) -> Iterator[BookPage]:
        """What is written inside is kept as a whole, or not at all."""
        with self._database.transaction() as connection:
            yield BookPage(connection)

    def mark(self, rule: str, generation: str) -> int:
        """Offset of the last line of a content that was taken for the rule; -1 before the first."""
        row = self._database.row(
            "SELECT upto FROM marks WHERE rule = ? AND generation = ?", (rule, generation)
        )
        return -1 if row is None else int(row[0])

    def series(self, rule: AlarmRule, source: str) -> tuple[Series, int | None]:
        """What was before, of a rule and an application; and the alarm that stands for its storm."""
        sightings = self._database.rows(
            "SELECT at FROM sightings WHERE rule = ? AND source = ? ORDER BY rowid", (rule.name, source)
        )
        storm = self._database.row(
            "SELECT id, last FROM alarms WHERE rule = ? AND source = ? AND folded AND ended IS NULL "
            "ORDER BY id DESC LIMIT 1",
            (rule.name, source),
        )
        newest = self._database.row(
            "SELECT max(last) FROM alarms WHERE rule = ? AND source = ?", (rule.name, source)
        )
        since = (newest[0] if newest is not None and newest[0] is not None else 0) - HOUR
        raised = self._database.rows(
            "SELECT last FROM alarms WHERE rule = ? AND source = ? AND NOT folded AND last > ? ORDER BY id",
            (rule.name, source, since),
        )
        return (
            Series(
                counted=tuple(row[0] for row in sightings),
                raised=tuple(row[0] for row in raised),
                storm=None if storm is None else storm["last"],
            ),
            None if storm is None else storm["id"],
        )

    def sightings(self, rule: str, source: str) -> list[SeenLine]:
        """The lines that count towards the rate, the oldest first."""
        rows = self._database.rows(
            "SELECT at, line, left_out FROM sightings WHERE rule = ? AND source = ? ORDER BY rowid",
            (rule, source),
        )
        return [SeenLine(row["at"], None if row["left_out"] else row["line"]) for row in rows]

    def alarm(self, number: int) -> AlarmRow | None:
        """One alarm."""
        row = self._database.row("SELECT * FROM alarms WHERE id = ?", (number,))
        return None if row is None else alarm_row(row)

    def alarms(self, *, limit: int) -> list[AlarmRow]:
        """Alarms, the newest first."""
        return [
            alarm_row(row)
            for row in self._database.rows("SELECT * FROM alarms ORDER BY id DESC LIMIT ?", (limit,))
        ]

    def pending(self) -> list[AlarmRow]:
        """Alarms with actions that were not done yet, the oldest first."""
        rows = self._database.rows("SELECT * FROM alarms WHERE pending <> '[]' ORDER BY id")
        return [alarm_row(row) for row in rows]

    def going_on(self) -> list[AlarmRow]:
        """Storms that have not ended."""
        return [
            alarm_row(row)
            for row in self._database.rows("SELECT * FROM alarms WHERE folded AND ended IS NULL")
        ]

    def times(self, rule: str, *, since: datetime) -> list[tuple[int, int]]:
        """First and last line of every alarm of a rule that was raised since then."""
        rows = self._database.rows(
            "SELECT first, last FROM alarms WHERE rule = ? AND raised >= ?", (rule, _micros(since))
        )
        return [(row[0], row[1]) for row in rows]

    def done(self, alarm: AlarmRow, action: Action) -> None:
        """An action was done."""
        with self._database.transaction() as connection:
            row = connection.execute("SELECT pending FROM alarms WHERE id = ?", (alarm.id,)).fetchone()
            left = [each for each in json.loads(row["pending"]) if each != action.value]
            connection.execute("UPDATE alarms SET pending = ? WHERE id = ?", (json.dumps(left), alarm.id))

    def end(self, alarm: AlarmRow, *, at: int) -> bool:
        """A storm is over; false when a line came meanwhile, or when it was ended before."""
        with self._database.transaction() as connection:
            cursor = connection.execute(
                "UPDATE alarms SET ended = ? WHERE id = ? AND ended IS NULL AND count = ?",
                (at, alarm.id, alarm.count),
            )
            return cursor.rowcount == 1

    def prune(self, *, now: datetime) -> None:
        """Forget what is old: alarms after 90 days, marks after 30."""
        with self._database.transaction() as connection:
            connection.execute(
                "DELETE FROM alarms WHERE raised < ? AND pending = '[]'", (_micros(now - _KEPT),)
            )
            connection.execute("DELETE FROM marks WHERE changed < ?", (_micros(now - _KEPT_MARKS),))


class BookPage:
    """What one block brings, inside of its transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def raise_alarm(self, new: NewAlarm, *, now: int) -> int | None:
        """A new alarm, with its actions still to be done; its number. None when it was raised before."""
        texts, left_out = shown_lines(new.lines)
        moments = [line.moment for line in new.lines]
        try:
            cursor = self._connection.execute(
                "INSERT INTO alarms (rule, severity, application, source, version, message, generation, "
                "offset, raised, touched, first, last, count, folded, lines, left_out, pending) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    new.rule.name,
                    new.rule.severity.value,
                    new.application,
                    new.source,
                    new.version,
                    new.message,
                    new.generation,
                    new.offset,
                    now,
                    now,
                    min(moments),
                    max(moments),
                    len(moments),
                    new.folded,
                    json.dumps(texts),
                    left_out,
                    json.dumps([action.value for action in new.rule.actions]),
                ),
            )
        except (DuplicateRow, sqlite3.IntegrityError):
            return None
        return cursor.lastrowid

    def fold(self, alarm: int, lines: Sequence[SeenLine], *, count: int, last: int, now: int) -> None:
        """More lines of a storm: all are counted, the first ones shown."""
        row = self._connection.execute(
            "SELECT lines, left_out, last FROM alarms WHERE id = ?", (alarm,)
        ).fetchone()
        texts, left_out = shown_lines(lines)
        shown = [*json.loads(row["lines"]), *texts][:MOST_LINES]
        self._connection.execute(
            "UPDATE alarms SET count = count + ?, last = ?, lines = ?, left_out = ?, touched = ? "
            "WHERE id = ?",
            (count, max(last, row["last"]), json.dumps(shown), row["left_out"] + left_out, now, alarm),
        )

    def end_storms(self, rule: str, source: str, *, at: int) -> None:
        """Storms of a rule and application are over."""
        self._connection.execute(
            "UPDATE alarms SET ended = ? WHERE rule = ? AND source = ? AND folded AND ended IS NULL",
            (at, rule, source),
        )

    def sightings(self, rule: str, source: str, lines: Iterable[SeenLine]) -> None:
        """The lines that count towards the rate; those before are forgotten."""
        self._connection.execute("DELETE FROM sightings WHERE rule = ? AND source = ?", (rule, source))
        self._connection.executemany(
            "INSERT INTO sightings VALUES (?, ?, ?, ?, ?)",
            [(rule, source, line.moment, line.text or "", line.text is None) for line in lines],
        )

    def mark(self, rule: str, generation: str, upto: int, *, now: int) -> None:
        """The last line that was taken of a content."""
        self._connection.execute(
            "INSERT OR REPLACE INTO marks VALUES (?, ?, ?, ?)", (rule, generation, upto, now)
        )


def _micros(moment: datetime) -> int:
    return (moment - datetime.fromisoformat("1970-01-01T00:00:00+00:00")) // MICROSECOND
