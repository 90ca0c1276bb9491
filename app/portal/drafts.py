"""Texts that were not sent yet; they survive a restart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from app.portal.case_order import moment, stamp
from app.storage import Database


@dataclass(frozen=True, slots=True)
class Draft:
    """A text and when it was last changed."""

    text: str
    changed: datetime


class Drafts:
    """Drafts by case and place, such as ``("0003256109", "reply")``."""

    def __init__(
        self, database: Database, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._clock = clock

    def get(self, case: str, place: str = "reply") -> Draft | None:
        """The draft, or None."""
        row = self._database.row(
            "SELECT text, changed FROM drafts WHERE case_number = ? AND place = ?", (case, place)
        )
        return None if row is None else Draft(text=row["text"], changed=moment(row["changed"]))

    def put(self, case: str, text: str, place: str = "reply") -> None:
        """Keep a draft; one of blanks only is removed."""
        if not text.strip():
            self.delete(case, place)
            return
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO drafts (case_number, place, text, changed) VALUES (?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET text = excluded.text, changed = excluded.changed",
                (case, place, text, stamp(self._clock())),
            )

    def delete(self, case: str, place: str = "reply") -> None:
        """Forget a draft."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM drafts WHERE case_number = ? AND place = ?", (case, place))

    def cases(self) -> frozenset[str]:
        """The cases that have a draft."""
        return frozenset(row[0] for row in self._database.rows("SELECT DISTINCT case_number FROM drafts"))
