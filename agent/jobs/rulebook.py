"""What rules did not send, and why; and what the portal last said of their cases."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from agent.catalogue import Segment
from agent.jobs.journal import Wall, utc_now
from agent.jobs.verdicts import CaseState, Verdict
from app.agentlink import MOST_NAMES
from app.storage import Durability, migrations_in, open_database

_KEPT = timedelta(days=30)
_NAMES = (
    "SELECT reason, name FROM (SELECT reason, name, "
    "row_number() OVER (PARTITION BY reason ORDER BY since DESC, name DESC) AS place "
    "FROM withheld WHERE rule = ?) WHERE place <= ? ORDER BY place"
)


@dataclass(frozen=True, slots=True)
class Withheld:
    """Segments that a rule did not send for one reason.

    Attributes:
        name, application: of the one that was judged last.
        since: when that was.
        names: of those that were judged last, `MOST_NAMES` at most.
    """

    reason: Verdict
    count: int
    size: int
    application: str
    name: str
    since: datetime
    names: tuple[str, ...]


class RuleBook:
    """Rows in SQLite, usable from any thread. One that gets lost costs a report, never an upload."""

    def __init__(self, path: Path, *, wall: Wall = utc_now) -> None:
        """Open or make it.

        Raises:
            LocalError: it cannot be opened, or was written by a newer program.
        """
        self._database = open_database(
            path, migrations_in(Path(__file__).parent / "rule_migrations"), durability=Durability.NORMAL
        )
        self._wall = wall
        self._written: dict[str, dict[str, Verdict]] = {}
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def note(
        self, rule: str, refused: Mapping[str, tuple[Segment, Verdict]], *, now_wanted: set[str]
    ) -> None:
        """Keep what is not sent, and forget it of what is; what has not changed costs nothing.

        Args:
            rule: its name.
            refused: by key; segments that are not in it, and not in `now_wanted`, keep their row.
            now_wanted: keys of what was refused before, perhaps, and is not any more.
        """
        with self._lock:
            written = self._written.get(rule)
            if written is None:
                rows = self._database.rows("SELECT segment, reason FROM withheld WHERE rule = ?", (rule,))
                written = self._written[rule] = {row[0]: Verdict(row[1]) for row in rows}
            fresh = {key: each for key, each in refused.items() if written.get(key) is not each[1]}
            over = now_wanted & written.keys()
            if not fresh and not over:
                return
            now = self._wall()
            with self._database.transaction() as connection:
                connection.executemany(
                    "INSERT OR REPLACE INTO withheld VALUES (?, ?, ?, ?, ?, ?, ?)",
                    [
                        (rule, key, verdict, segment.application, segment.path, segment.size, now.isoformat())
                        for key, (segment, verdict) in fresh.items()
                    ],
                )
                connection.executemany(
                    "DELETE FROM withheld WHERE rule = ? AND segment = ?", [(rule, key) for key in over]
                )
                forgotten = connection.execute(
                    "DELETE FROM withheld WHERE since < ?", ((now - _KEPT).isoformat(),)
                ).rowcount
            if forgotten:
                self._written.clear()  # it holds no more than the rows
                return
            written.update({key: verdict for key, (_segment, verdict) in fresh.items()})
            for key in over:
                del written[key]

    def withheld(self, rule: str) -> list[Withheld]:
        """What the rule did not send in the last 30 days, by reason."""
        rows = self._database.rows(
            "SELECT reason, count(*) AS count, sum(size) AS size, application, name, max(since) AS since "
            "FROM withheld WHERE rule = ? GROUP BY reason ORDER BY reason",
            (rule,),
        )
        names: dict[str, list[str]] = {}
        for row in self._database.rows(_NAMES, (rule, MOST_NAMES)):
            names.setdefault(row["reason"], []).append(row["name"])
        return [
            Withheld(
                reason=Verdict(row["reason"]),
                count=row["count"],
                size=row["size"],
                application=row["application"],
                name=row["name"],
                since=datetime.fromisoformat(row["since"]),
                names=tuple(names.get(row["reason"], ())),
            )
            for row in rows
        ]

    def keep_case(self, number: str, state: CaseState, *, asked: datetime) -> None:
        """What the portal said of a case."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO cases VALUES (?, ?, ?)", (number, state, asked.isoformat())
            )
            connection.execute("DELETE FROM cases WHERE asked < ?", ((asked - _KEPT).isoformat(),))

    def cases(self) -> dict[str, tuple[CaseState, datetime]]:
        """Every case that was asked for, with the answer and its time."""
        rows = self._database.rows("SELECT number, state, asked FROM cases")
        return {row[0]: (CaseState(row[1]), datetime.fromisoformat(row[2])) for row in rows}

    def forget_other_rules(self, names: Iterable[str]) -> None:
        """Rules that are not in the configuration any more need no report."""
        with self._database.transaction() as connection:
            marks = list(names)
            connection.execute(
                f"DELETE FROM withheld WHERE rule NOT IN ({', '.join('?' for _ in marks)})",  # noqa: S608 - marks
                marks,
            )
