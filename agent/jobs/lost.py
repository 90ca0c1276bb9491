"""A journal that was damaged or is gone: what it knew of having been sent cannot be told from anything else.

So nothing of before is sent by itself. Rules claim it for jobs that have failed with the reason, and a person
decides: tried again they are sent, perhaps for the second time; cancelled they are not.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from agent.catalogue import Segment
from app.agentlink import ErrorReply
from app.storage import Database, Durability, migrations_in, not_set_aside, open_database

JOURNAL_NAME = "journal.db"
MIGRATIONS = Path(__file__).parent / "migrations"
UNKNOWN_IF_SENT = "CF-1878"
_BEGUN = ".new"


@dataclass(frozen=True, slots=True)
class LostClaims:
    """From when on it is known again what was sent.

    Attributes:
        at_ns: when the loss was found, nanoseconds since 1970.
        seen: the highest number that the catalogue had given a segment by then; 0 when it was lost, too.
        unsent: numbers of segments that grew then, and of which nothing was sent.
    """

    at_ns: int
    seen: int
    unsent: frozenset[int] = frozenset()

    def concern(self, segment: Segment) -> bool:
        """Whether a segment may have been sent before."""
        if self.seen:
            return segment.id <= self.seen and segment.id not in self.unsent
        return segment.modified_ns <= self.at_ns


def begin_after_loss(path: Path, *, at: datetime, seen: int, unsent: Iterable[int]) -> None:
    """Make a journal in place of the one that was lost; one that is there whole, or not at all.

    Args:
        path: where none is any more.
        at: when the loss was found.
        seen: see `LostClaims`.
        unsent: likewise.

    Raises:
        LocalError: it cannot be written (CF-1803).
    """
    begun = path.with_name(path.name + _BEGUN)
    try:
        begun.unlink(missing_ok=True)
        _begin(begun, at=at, seen=seen, unsent=unsent)
        begun.rename(path)
    except OSError as error:
        raise not_set_aside(path.name, error) from error


def _begin(begun: Path, *, at: datetime, seen: int, unsent: Iterable[int]) -> None:
    database = open_database(begun, migrations_in(MIGRATIONS), durability=Durability.FULL)
    try:
        with database.transaction() as connection:
            connection.execute(
                "INSERT INTO lost VALUES (1, ?, ?, ?)",
                (int(at.timestamp() * 1e9), seen, json.dumps(sorted(unsent))),
            )
    finally:
        database.close()


def has_numbers(path: Path) -> bool:
    """Whether a journal of after a loss tells segments of before by their numbers.

    Raises:
        LocalError: it cannot be read.
    """
    database = Database(path, durability=Durability.FULL)
    try:
        table = database.row("SELECT 1 FROM sqlite_schema WHERE name = 'lost'")
        lost = None if table is None else lost_claims(database)
        return lost is not None and lost.seen > 0
    finally:
        database.close()


def forget_numbers(path: Path) -> None:
    """The catalogue was lost as well, and numbers its segments anew: only their time still tells them apart.

    Raises:
        LocalError: it cannot be written.
    """
    database = Database(path, durability=Durability.FULL)
    try:
        with database.transaction() as connection:
            connection.execute("UPDATE lost SET seen = 0")
    finally:
        database.close()


def lost_claims(database: Database) -> LostClaims | None:
    """What a journal knows of the one before it; None when that was not lost."""
    row = database.row("SELECT at_ns, seen, unsent FROM lost")
    if row is None:
        return None
    return LostClaims(row["at_ns"], row["seen"], frozenset(json.loads(row["unsent"])))


def apart(
    segments: Sequence[Segment], lost: LostClaims | None
) -> tuple[Sequence[Segment], Sequence[Segment]]:
    """What was not sent before, and what may have been."""
    if lost is None:
        return segments, ()
    old = [segment for segment in segments if lost.concern(segment)]
    return [segment for segment in segments if not lost.concern(segment)], old


def unknown_if_sent() -> ErrorReply:
    """Why a job of what may have been sent does not go on by itself."""
    return ErrorReply(
        code=UNKNOWN_IF_SENT,
        title="It is not known whether these logs were sent",
        happened="The agent's journal was damaged or is gone; these logs are older than the new one.",
        todo="Look at the case. Try again to send them, perhaps for the second time, or cancel the job.",
    )
