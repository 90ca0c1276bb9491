"""The durable rows of log requests: each id once, every decision before it is acted on."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

import msgspec

from agent.requests.policy import DataKind, Part
from app.decoding import ready
from app.portal.contract import LogAnswerKind, LogRequest
from app.storage import DuplicateRow, Durability, migrations_in, open_database


class RequestState(StrEnum):
    """How far a request is.

    Members:
        WAITING: a person decides.
        ACCEPTED: it was decided to send; COLLECTING: its jobs are made.
        REFUSED, EXPIRED, NOTHING, SENT: it has ended.
    """

    WAITING = "waiting"
    ACCEPTED = "accepted"
    COLLECTING = "collecting"
    REFUSED = "refused"
    EXPIRED = "expired"
    NOTHING = "nothing"
    SENT = "sent"

    @property
    def answer(self) -> LogAnswerKind:
        """What the portal is told."""
        return _ANSWERS.get(self) or LogAnswerKind(self.value)

    @property
    def ended(self) -> bool:
        """Whether nothing follows."""
        return self in ENDED


_ANSWERS = {
    RequestState.WAITING: LogAnswerKind.RECEIVED,
    RequestState.COLLECTING: LogAnswerKind.ACCEPTED,
}
ENDED = frozenset({RequestState.REFUSED, RequestState.EXPIRED, RequestState.NOTHING, RequestState.SENT})


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A request as it is kept.

    Attributes:
        request: what the portal signed.
        rule: of the policy that decided; empty when none did.
        reason: why it ended so, for people and for support.
        size, files: of what it asks for, when it was looked for.
        told: the last answer that the portal has; empty for none.
        parts: what was decided about, or what a person is asked about.
        asked: how often it was asked about anew, because there was more than that.
        shifted: by how much the clock was set while it waited; when it was asked about anew, also by how much
            later than it was received that was.
    """

    request: LogRequest
    received: datetime
    state: RequestState
    rule: str = ""
    reason: str = ""
    decided: datetime | None = None
    decided_by: str = ""
    size: int = 0
    files: int = 0
    jobs: tuple[str, ...] = ()
    told: str = ""
    parts: tuple[Part, ...] = ()
    asked: int = 0
    shifted: timedelta = timedelta()

    @property
    def id(self) -> str:
        """The portal's id of it."""
        return self.request.id


class RequestLedger:
    """Log requests in SQLite (``synchronous=FULL``). Usable from any thread."""

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

    def add(self, row: RequestRow) -> bool:
        """A new request; False when its id is known."""
        try:
            with self._database.transaction() as connection:
                connection.execute(
                    "INSERT INTO requests (id, case_number, document, received, state, rule, reason, decided,"
                    " decided_by, size, files, parts) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        row.id,
                        row.request.case,
                        msgspec.json.encode(row.request).decode(),
                        row.received.isoformat(),
                        row.state.value,
                        row.rule,
                        row.reason,
                        None if row.decided is None else row.decided.isoformat(),
                        row.decided_by,
                        row.size,
                        row.files,
                        _written(row.parts),
                    ),
                )
        except DuplicateRow:
            return False
        return True

    def get(self, request: str) -> RequestRow | None:
        """One request."""
        row = self._database.row("SELECT * FROM requests WHERE id = ?", (request,))
        return None if row is None else _row(row)

    def rows(self, states: Iterable[RequestState] = (), *, limit: int = 500) -> list[RequestRow]:
        """Requests in these states (in any when there are none), the newest first."""
        wanted = json.dumps([state.value for state in states])
        found = self._database.rows(
            "SELECT * FROM requests WHERE ? = '[]' OR state IN (SELECT value FROM json_each(?))"
            " ORDER BY number DESC LIMIT ?",
            (wanted, wanted, limit),
        )
        return [_row(row) for row in found]

    def untold(self) -> list[RequestRow]:
        """Requests of which the portal does not know the newest, the oldest first."""
        answers = json.dumps({state.value: state.answer.value for state in RequestState})
        found = self._database.rows(
            "SELECT requests.* FROM requests JOIN json_each(?) AS answers ON answers.key = requests.state"
            " WHERE told <> answers.value ORDER BY number LIMIT 100",
            (answers,),
        )
        return [_row(row) for row in found]

    def move(
        self,
        request: str,
        *,
        before: RequestState,
        after: RequestState,
        at: datetime | None = None,
        by: str | None = None,
        reason: str = "",
    ) -> bool:
        """Another state, but only from this one: whoever comes second has lost.

        Args:
            request: its id.
            before: the state that it must be in.
            after: the new one.
            at: when it was decided; as it was when None.
            by: who decided; as it was when None.
            reason: why, for people.
        """
        with self._database.transaction() as connection:
            cursor = connection.execute(
                "UPDATE requests SET state = ?, reason = ?, decided = coalesce(?, decided),"
                " decided_by = coalesce(?, decided_by) WHERE id = ? AND state = ?",
                (
                    after.value,
                    reason,
                    None if at is None else at.isoformat(),
                    by,
                    request,
                    before.value,
                ),
            )
            return cursor.rowcount == 1

    def ask_anew(self, row: RequestRow, *, parts: Sequence[Part], files: int, at: datetime) -> bool:
        """A person is asked about these parts, from now on; False when `row` has another state meanwhile."""
        with self._database.transaction() as connection:
            cursor = connection.execute(
                "UPDATE requests SET state = ?, rule = '', reason = '', decided = NULL, decided_by = '',"
                " size = ?, files = ?, parts = ?, asked = asked + 1, shifted = ? WHERE id = ? AND state = ?",
                (
                    RequestState.WAITING.value,
                    sum(part.size for part in parts),
                    files,
                    _written(parts),
                    (at - row.received).total_seconds(),
                    row.id,
                    row.state.value,
                ),
            )
            return cursor.rowcount == 1

    def shift(self, step: timedelta) -> int:
        """The clock was set by so much: what may wait for a person waits as long as before; how many do."""
        with self._database.transaction() as connection:
            cursor = connection.execute(
                "UPDATE requests SET shifted = shifted + ? WHERE state IN (?, ?)",
                (step.total_seconds(), RequestState.WAITING.value, RequestState.ACCEPTED.value),
            )
            return cursor.rowcount

    def note_jobs(self, request: str, jobs: Sequence[str], *, reason: str = "") -> None:
        """Its jobs are made; `reason` says what is not in them, and why."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE requests SET jobs = ?, state = ?, reason = ? WHERE id = ? AND state = ?",
                (
                    json.dumps(list(jobs)),
                    RequestState.COLLECTING.value,
                    reason,
                    request,
                    RequestState.ACCEPTED.value,
                ),
            )

    def note_told(self, request: str, answer: LogAnswerKind) -> None:
        """The portal has this answer."""
        with self._database.transaction() as connection:
            connection.execute("UPDATE requests SET told = ? WHERE id = ?", (answer.value, request))


def _row(row: sqlite3.Row) -> RequestRow:
    return RequestRow(
        request=msgspec.json.decode(row["document"], type=ready(LogRequest)),
        received=datetime.fromisoformat(row["received"]),
        state=RequestState(row["state"]),
        rule=row["rule"],
        reason=row["reason"],
        decided=None if row["decided"] is None else datetime.fromisoformat(row["decided"]),
        decided_by=row["decided_by"],
        size=row["size"],
        files=row["files"],
        jobs=tuple(json.loads(row["jobs"])),
        told=row["told"],
        parts=tuple(
            Part(application, DataKind(kind), size) for application, kind, size in json.loads(row["parts"])
        ),
        asked=row["asked"],
        shifted=timedelta(seconds=row["shifted"]),
    )


def _written(parts: Sequence[Part]) -> str:
    return json.dumps([[part.application, part.kind.value, part.size] for part in parts])
