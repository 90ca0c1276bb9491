"""The offline copy of the cases: ids in order, rows by window, all from SQLite."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from sqlite3 import Connection
from typing import TypeVar

import msgspec

from app.decoding import ready
from app.domain.cases import Turn
from app.domain.followup import FollowUpDays
from app.portal.case_order import (
    TURNS,
    CaseGroup,
    CaseOrder,
    CopyFilter,
    Where,
    conditions,
    keys_of,
    moment,
    order_by,
    stamp,
    words_of,
)
from app.portal.contract import Capabilities, Case, CaseView, Me, ViewCounts
from app.storage import Database, Durability, migrations_in, open_database

T = TypeVar("T")
_AT_ONCE = 500
_LAST_EVENT = "last-event"
_COMPLETE_AT = "complete-at"
_ME = "me"
_CAPABILITIES = "capabilities"


def open_portal_database(path: Path) -> Database:
    """The database of the offline copy, the drafts and the outbox; for its owner only."""
    return open_database(
        path, migrations_in(Path(__file__).parent / "migrations"), durability=Durability.FULL
    )


class CaseCopy:
    """Cases as the portal last gave them. Safe to use from several threads; every call may block."""

    def __init__(self, database: Database, *, days: FollowUpDays | None = None) -> None:
        """Use a database of `open_portal_database`.

        Args:
            database: the database.
            days: the portal's follow-up days, for the order by time to close; the rule's own when None.
        """
        self._database = database
        self._days = days

    def ids(
        self,
        view: CaseView,
        *,
        me: str,
        sort: str = "-updated",
        words: str = "",
        filters: CopyFilter | None = None,
        limit: int | None = None,
    ) -> CaseOrder:
        """The numbers of a list in order, grouped by whose turn it is.

        Args:
            view: the list.
            me: the signed-in contact's name, as `Case.contact` has it.
            sort: ``updated``, ``opened``, ``number``, ``priority``, ``subject``, ``status`` or ``closes``
                inside each group; a leading ``-`` turns it round.
            words: every word must be in the case; case does not matter.
            filters: what else narrows.
            limit: at most so many numbers, for the first sight of a long list; the groups after it are left
                out.

        Raises:
            InputError: there is no such sort.
        """
        order = order_by(sort)
        where = self._where(view, me=me, filters=filters)
        if words.split():
            where.add("number IN (SELECT value FROM json_each(?))", self._with_words(words))
        numbers: list[str] = []
        groups: list[CaseGroup] = []
        for place, turn in enumerate(TURNS):
            # One text per group instead of one row per case: four times less work for 100 000 cases.
            room = -1 if limit is None else limit - len(numbers)
            row = self._database.row(
                "SELECT group_concat(number, ' ') FROM (SELECT number FROM case_keys"  # noqa: S608
                f" WHERE turn = ? AND {where.sql} ORDER BY {order} LIMIT ?)",
                (place, *where.values, -1 if room < 0 else room + 1),
            )
            found = row[0].split(" ") if row is not None and row[0] is not None else []
            whole = room < 0 or len(found) <= room
            if not whole:
                found = found[:room]
            if found:
                numbers += found
                groups.append(CaseGroup(turn=turn, count=len(found), whole=whole))
            if not whole:
                return CaseOrder(numbers=numbers, groups=tuple(groups), whole=False)
        return CaseOrder(numbers=numbers, groups=tuple(groups))

    def rows(self, numbers: Sequence[str]) -> list[Case]:
        """The cases with these numbers, in this order; one that is not in the copy is left out."""
        found: dict[str, Case] = {}
        for start in range(0, len(numbers), _AT_ONCE):
            some = numbers[start : start + _AT_ONCE]
            marks = ", ".join("?" * len(some))
            for row in self._database.rows(
                f"SELECT number, body FROM case_rows WHERE number IN ({marks})",  # noqa: S608
                some,
            ):
                found[row["number"]] = msgspec.json.decode(row["body"], type=ready(Case))
        return [found[number] for number in numbers if number in found]

    def row(self, number: str) -> Case | None:
        """One case, or None when it is not in the copy."""
        rows = self.rows([number])
        return rows[0] if rows else None

    def counts(self, *, me: str, filters: CopyFilter | None = None) -> ViewCounts:
        """How many cases each view holds; open views count open cases only, whatever the filter says."""
        wanted = filters or CopyFilter()
        open_only = CopyFilter(
            accounts=wanted.accounts,
            status=wanted.status,
            priority=wanted.priority,
            component=wanted.component,
        )
        counts: dict[str, int] = {}
        for view in CaseView:
            where = self._where(view, me=me, filters=wanted if view is CaseView.CLOSED else open_only)
            if view is CaseView.ADMIN:
                where.add("turn < ?", TURNS.index(Turn.NOBODY))
            row = self._database.row(
                f"SELECT count(*) FROM case_keys WHERE {where.sql}",  # noqa: S608
                where.values,
            )
            counts[view.value] = 0 if row is None else int(row[0])
        return ViewCounts(counts=counts)

    def components(self, accounts: Sequence[str] = ()) -> list[str]:
        """The components that occur, for the filter's list."""
        where = Where()
        if accounts:
            ids = self._name_ids(accounts)
            where.among("account", [ids.get(each, -1) for each in accounts])
        rows = self._database.rows(
            "SELECT DISTINCT names.name FROM case_keys JOIN names ON names.id = case_keys.component"  # noqa: S608
            f" WHERE {where.sql} ORDER BY names.name COLLATE NOCASE",
            where.values,
        )
        return [row[0] for row in rows if row[0]]

    def put(self, cases: Iterable[Case]) -> None:
        """Add or replace cases."""
        with self._database.transaction() as connection:
            for case in cases:
                self._put(connection, case)

    def forget(self, numbers: Iterable[str]) -> None:
        """Remove cases, such as those the contact may not see any more."""
        with self._database.transaction() as connection:
            connection.executemany("DELETE FROM case_keys WHERE number = ?", [(each,) for each in numbers])

    def keep_only(self, numbers: Iterable[str], *, at: datetime) -> list[str]:
        """After a whole reading: forget every other case, and note when the copy was complete.

        Returns:
            the numbers that were forgotten.
        """
        kept = set(numbers)
        with self._database.transaction() as connection:
            known = [row[0] for row in connection.execute("SELECT number FROM case_keys")]
            gone = [number for number in known if number not in kept]
            connection.executemany("DELETE FROM case_keys WHERE number = ?", [(each,) for each in gone])
            _put_fact(connection, _COMPLETE_AT, stamp(at))
        return gone

    def complete_at(self) -> datetime | None:
        """When the copy was last complete; None when it never was."""
        found = self._fact(_COMPLETE_AT, int)
        return None if found is None else moment(found)

    def last_event(self) -> int | None:
        """Id of the last event that is in the copy."""
        return self._fact(_LAST_EVENT, int)

    def saw_event(self, event_id: int) -> None:
        """Note that everything up to this event is in the copy."""
        with self._database.transaction() as connection:
            _put_fact(connection, _LAST_EVENT, event_id)

    def me(self) -> Me | None:
        """The signed-in contact as last known, for a start without the portal."""
        return self._fact(_ME, Me)

    def capabilities(self) -> Capabilities | None:
        """The portal's capabilities as last known."""
        return self._fact(_CAPABILITIES, Capabilities)

    def know(self, me: Me, capabilities: Capabilities) -> None:
        """Keep who is signed in and what the portal is able to do."""
        with self._database.transaction() as connection:
            _put_fact(connection, _ME, me)
            _put_fact(connection, _CAPABILITIES, capabilities)
        limits = capabilities.limits
        self._days = FollowUpDays(
            first_reminder=limits.first_reminder_days,
            second_reminder=limits.second_reminder_days,
            close=limits.close_days,
        )

    def clear(self) -> None:
        """Forget every case and fact, such as at sign-out; drafts and the outbox stay."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM case_keys")
            connection.execute("DELETE FROM facts")

    def _where(self, view: CaseView, *, me: str, filters: CopyFilter | None) -> Where:
        wanted = filters or CopyFilter()
        names = self._name_ids([me, *wanted.accounts, *wanted.component])
        return conditions(view, me=names.get(me), wanted=wanted, names=names)

    def _with_words(self, words: str) -> str:
        """The numbers of the cases with all these words, as a JSON list; found once for all groups."""
        where = Where()
        for word in words.casefold().split():
            where.add("instr(words, ?)", word)
        row = self._database.row(
            f"SELECT json_group_array(number) FROM case_rows WHERE {where.sql}",  # noqa: S608
            where.values,
        )
        return "[]" if row is None else str(row[0])

    def _name_ids(self, names: Sequence[str]) -> dict[str, int]:
        marks = ", ".join("?" * len(names))
        rows = self._database.rows(
            f"SELECT name, id FROM names WHERE name IN ({marks})",  # noqa: S608
            list(names),
        )
        return {row["name"]: row["id"] for row in rows}

    def _put(self, connection: Connection, case: Case) -> None:
        keys = keys_of(case, days=self._days)
        account, contact, component = (
            _name_id(connection, name) for name in (case.account, case.contact, case.component)
        )
        connection.execute(
            "INSERT INTO case_keys (number, turn, account, contact, component, type, status, priority,"
            " updated, recency, opened, closes, closed, subject)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET turn = excluded.turn, account = excluded.account,"
            " contact = excluded.contact, component = excluded.component, type = excluded.type,"
            " status = excluded.status, priority = excluded.priority, updated = excluded.updated,"
            " recency = excluded.recency, opened = excluded.opened, closes = excluded.closes,"
            " closed = excluded.closed, subject = excluded.subject",
            (
                case.number,
                keys.turn,
                account,
                contact,
                component,
                keys.type,
                keys.status,
                keys.priority,
                keys.updated,
                -keys.updated,
                keys.opened,
                keys.closes,
                keys.closed,
                keys.subject,
            ),
        )
        connection.execute(
            "INSERT INTO case_rows (number, body, words) VALUES (?, ?, ?)"
            " ON CONFLICT DO UPDATE SET body = excluded.body, words = excluded.words",
            (case.number, msgspec.json.encode(case), words_of(case)),
        )

    def _fact(self, name: str, kind: type[T]) -> T | None:
        row = self._database.row("SELECT value FROM facts WHERE name = ?", (name,))
        if row is None:
            return None
        try:
            return msgspec.json.decode(row["value"], type=ready(kind))
        except (
            msgspec.MsgspecError
        ):  # written by another version: as good as unknown, the portal says it again
            return None


def _name_id(connection: Connection, name: str) -> int:
    found = connection.execute("SELECT id FROM names WHERE name = ?", (name,)).fetchone()
    if found is not None:
        return int(found[0])
    return int(connection.execute("INSERT INTO names (name) VALUES (?)", (name,)).lastrowid or 0)


def _put_fact(connection: Connection, name: str, value: object) -> None:
    connection.execute(
        "INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
        (name, msgspec.json.encode(value)),
    )
