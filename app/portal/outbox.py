"""Comments that wait for the portal: each is sent once, whatever happens in between."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from app.domain.errors import WorldError
from app.portal.case_order import moment, stamp
from app.portal.client import new_key
from app.portal.contract import Update
from app.storage import Database


class Comments(Protocol):
    """What the outbox needs of a `PortalClient`."""

    def comment(self, number: str, text: str, key: str | None = None) -> Update:
        """Comment a case; the same key never makes a second comment."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A comment on its way.

    Attributes:
        problem_code, problem: why the portal refused it; empty while it only waits for the portal.
    """

    id: int
    case: str
    text: str
    written: datetime
    attempts: int
    problem_code: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one round did: comments that arrived, and those that were refused and now wait for the person."""

    sent: tuple[Update, ...]
    refused: tuple[Waiting, ...]


class Outbox:
    """Comments in the order they were written."""

    def __init__(
        self, database: Database, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._clock = clock
        self._delivering = threading.Lock()

    def add(self, case: str, text: str, *, key: str | None = None) -> Waiting:
        """Keep a comment until the portal has it; durable when this returns."""
        now = self._clock()
        with self._database.transaction() as connection:
            cursor = connection.execute(
                "INSERT INTO outbox (case_number, text, idempotency_key, written) VALUES (?, ?, ?, ?)",
                (case, text, key or new_key(), stamp(now)),
            )
        return Waiting(id=int(cursor.lastrowid or 0), case=case, text=text, written=now, attempts=0)

    def waiting(self, case: str = "") -> list[Waiting]:
        """What waits, oldest first; of one case when it is named."""
        rows = self._database.rows("SELECT * FROM outbox WHERE ? IN ('', case_number) ORDER BY id", (case,))
        return [
            Waiting(
                id=row["id"],
                case=row["case_number"],
                text=row["text"],
                written=moment(row["written"]),
                attempts=row["attempts"],
                problem_code=row["problem_code"],
                problem=row["problem"],
            )
            for row in rows
        ]

    def take_back(self, waiting_id: int) -> None:
        """Remove a comment, such as one that was refused."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM outbox WHERE id = ?", (waiting_id,))

    def try_again(self, waiting_id: int) -> None:
        """Let a refused comment go out with the next round."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE outbox SET problem_code = '', problem = '' WHERE id = ?", (waiting_id,)
            )

    def deliver(self, portal: Comments) -> Delivery:
        """Send what waits, oldest first. A refused one stays, with the reason, until the person decides.

        Raises:
            WorldError: the portal cannot be reached, or the sign-in has ended; the rest stays as it is.
        """
        sent: list[Update] = []
        refused: list[Waiting] = []
        with self._delivering:
            for each in self.waiting():
                if each.problem_code:
                    continue
                key = self._begin(each.id)
                if key is None:
                    continue
                try:
                    update = portal.comment(each.case, each.text, key)
                except WorldError as error:
                    if error.retryable or error.code.startswith(("CF-13", "CF-14", "CF-16")):
                        raise
                    self._refuse(each.id, error)
                    refused.append(each)
                else:
                    self.take_back(each.id)
                    sent.append(update)
        return Delivery(sent=tuple(sent), refused=tuple(refused))

    def _begin(self, waiting_id: int) -> str | None:
        """The key, counted as an attempt; None when the comment was taken back meanwhile."""
        with self._database.transaction() as connection:
            connection.execute("UPDATE outbox SET attempts = attempts + 1 WHERE id = ?", (waiting_id,))
            row = connection.execute(
                "SELECT idempotency_key FROM outbox WHERE id = ?", (waiting_id,)
            ).fetchone()
            return None if row is None else str(row[0])

    def _refuse(self, waiting_id: int, error: WorldError) -> None:
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE outbox SET problem_code = ?, problem = ? WHERE id = ?",
                (error.code, f"{error.title}. {error.happened}", waiting_id),
            )
