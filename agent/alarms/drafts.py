"""Drafts of cases that alarms propose; each is kept until a person takes it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from datetime import datetime, timedelta

from agent.alarms.rows import MOST_LINES, AlarmRow, DraftRow, draft_row
from agent.alarms.rules import MICROSECOND, AlarmRule
from app.storage import Database

_KEPT = timedelta(days=90)
_LONGEST_SUMMARY = 1000
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


class Drafts:
    """Drafts in the alarms' database. One of a rule, an application and a version is open at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def propose(self, alarm: AlarmRow, *, now: int) -> None:
        """Put an alarm into the open draft of its kind, or make one; again when the alarm has grown."""
        with self._database.transaction() as connection:
            row = connection.execute(
                "SELECT * FROM drafts WHERE taken IS NULL AND rule = ? AND application = ? AND version = ?",
                (alarm.rule, alarm.application, alarm.version),
            ).fetchone()
            number = (
                self._make(connection, alarm, now=now) if row is None else self._grow(connection, row, alarm)
            )
            connection.execute(
                "INSERT OR REPLACE INTO drafted VALUES (?, ?, ?)", (number, alarm.id, alarm.count)
            )

    def grown(self, alarm: AlarmRow) -> None:
        """A storm that is in an open draft has ended: its draft tells the whole of it."""
        row = self._database.row(
            "SELECT drafts.* FROM drafts JOIN drafted ON drafted.draft = drafts.id "
            "WHERE taken IS NULL AND drafted.alarm = ?",
            (alarm.id,),
        )
        if row is None:
            return
        with self._database.transaction() as connection:
            connection.execute("UPDATE drafts SET last = max(last, ?) WHERE id = ?", (alarm.last, row["id"]))
            connection.execute(
                "UPDATE drafted SET count = ? WHERE draft = ? AND alarm = ?",
                (alarm.count, row["id"], alarm.id),
            )

    def open(self) -> list[DraftRow]:
        """Drafts that nobody has taken, the newest first."""
        rows = self._database.rows("SELECT * FROM drafts WHERE taken IS NULL ORDER BY id DESC")
        return [self._row(row) for row in rows]

    def draft(self, number: int) -> DraftRow | None:
        """One draft."""
        row = self._database.row("SELECT * FROM drafts WHERE id = ?", (number,))
        return None if row is None else self._row(row)

    def take(self, number: int, *, now: int) -> None:
        """A person has taken it: what comes later begins another one."""
        with self._database.transaction() as connection:
            connection.execute("UPDATE drafts SET taken = ? WHERE id = ? AND taken IS NULL", (now, number))

    def prune(self, *, now: datetime) -> None:
        """Forget drafts that were taken 90 days ago."""
        before = (now - _KEPT - _EPOCH) // MICROSECOND
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM drafts WHERE taken < ?", (before,))

    def _make(self, connection: sqlite3.Connection, alarm: AlarmRow, *, now: int) -> int:
        cursor = connection.execute(
            "INSERT INTO drafts (rule, severity, application, version, message, first, last, lines, "
            "left_out, made) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                alarm.rule,
                alarm.severity.value,
                alarm.application,
                alarm.version,
                alarm.message,
                alarm.first,
                alarm.last,
                json.dumps(list(alarm.lines)),
                alarm.left_out,
                now,
            ),
        )
        return int(cursor.lastrowid or 0)

    def _grow(self, connection: sqlite3.Connection, row: sqlite3.Row, alarm: AlarmRow) -> int:
        number = int(row["id"])
        known = connection.execute(
            "SELECT 1 FROM drafted WHERE draft = ? AND alarm = ?", (number, alarm.id)
        ).fetchone()
        lines, left_out = json.loads(row["lines"]), row["left_out"]
        if known is None:
            lines = [*lines, *alarm.lines][:MOST_LINES]
            left_out += alarm.left_out
        connection.execute(
            "UPDATE drafts SET first = min(first, ?), last = max(last, ?), lines = ?, left_out = ? "
            "WHERE id = ?",
            (alarm.first, alarm.last, json.dumps(lines), left_out, number),
        )
        return number

    def _row(self, row: sqlite3.Row) -> DraftRow:
        alarms = self._database.rows(
            "SELECT alarm, count FROM drafted WHERE draft = ? ORDER BY alarm", (row["id"],)
        )
        return draft_row(row, alarms=[(each[0], each[1]) for each in alarms])


def summary_of(draft: DraftRow, rules: Mapping[str, AlarmRule]) -> str:
    """The summary of the case that a draft proposes."""
    rule = rules.get(draft.rule)
    what = rule.text if rule is not None and rule.text else f"Alarm {draft.rule}."
    component = f"{draft.application} {draft.version}".strip()
    message = f" (message {draft.message})" if draft.message else ""
    return f"{component}: {what}{message}"[:_LONGEST_SUMMARY]


def description_of(draft: DraftRow, rules: Mapping[str, AlarmRule]) -> str:
    """Its description: what, how often, when, and the masked lines."""
    rows = [
        summary_of(draft, rules),
        "",
        f"Component: {draft.application}",
        f"Version: {draft.version or 'not told by the log'}",
        f"Message: {draft.message or 'none'}",
        f"Severity: {draft.severity}",
        f"First seen: {_shown(draft.first)}",
        f"Last seen: {_shown(draft.last)}",
        f"Lines: {draft.count}",
        "",
        *draft.lines,
    ]
    hidden = draft.left_out
    if hidden:
        rows += ["", f"{hidden} lines could not be masked and are left out."]
    return "\n".join(rows)


def _shown(at: int) -> str:
    return f"{_EPOCH + at * MICROSECOND:%Y-%m-%d %H:%M:%S} UTC"
