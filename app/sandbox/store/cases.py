"""Rows of cases and their feed (R-CASE)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from sqlite3 import Connection, Row

from app.domain.cases import CaseState, CaseType, Priority, Stage, Status, Substatus
from app.portal.contract import Case, Update, UpdateKind
from app.sandbox.store.times import maybe_moment, maybe_stamp, moment, stamp
from app.storage import Database

PREVIEW_CHARACTERS = 400
COLUMNS = """
    cases.*, accounts.end_user AS end_user, contacts.first_name || ' ' || contacts.last_name AS contact_name,
    coalesce(seen.update_seq, 0) AS seen_seq
"""
SOURCE = """
    cases JOIN accounts ON accounts.id = cases.account JOIN contacts ON contacts.id = cases.contact
    LEFT JOIN seen ON seen.case_number = cases.number AND seen.contact = :reader
"""


@dataclass(frozen=True, slots=True)
class NewCase:
    """A case as it is put into the store; times and texts as in `Case`."""

    number: str
    account: str
    contact: str
    type: CaseType
    subject: str
    state: CaseState
    priority: Priority
    stage: Stage
    component: str
    opened: datetime
    updated: datetime
    version: str = ""
    owner: str = ""
    description: str = ""
    waiting_since: datetime | None = None
    closed_at: datetime | None = None
    closed_by_follow_up: bool = False
    closure_comment: str = ""
    escalated_since: datetime | None = None
    agents_affected: int | None = None
    reference: str = ""
    ask: str = ""


@dataclass(frozen=True, slots=True)
class NewUpdate:
    """An entry for a case's feed; `contact` is the customer's author."""

    id: str
    case: str
    kind: UpdateKind
    at: datetime
    author: str
    text: str
    contact: str | None = None
    from_support: bool = False
    channel: str = ""
    files: Sequence[str] = field(default_factory=tuple)


def insert_cases(connection: Connection, cases: Sequence[NewCase]) -> None:
    """Add cases."""
    connection.executemany(
        "INSERT INTO cases (number, account, contact, type, subject, description, status, substatus,"
        " priority, stage, component, version, owner, opened, updated, waiting_since, closed_at,"
        " closed_by_follow_up, closure_comment, escalated_since, agents_affected, reference, ask)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [_values(case) for case in cases],
    )


def case_account(database: Database, number: str) -> str | None:
    """The combination a case belongs to; None when there is no such case."""
    row = database.row("SELECT account FROM cases WHERE number = ?", (number,))
    return None if row is None else str(row["account"])


def case_status(database: Database, number: str) -> Status | None:
    """The status of a case; None when there is no such case."""
    row = database.row("SELECT status FROM cases WHERE number = ?", (number,))
    return None if row is None else Status(row["status"])


def case_row(database: Database, number: str, *, reader: str) -> Case | None:
    """A case as this contact sees it."""
    row = database.row(
        f"SELECT {COLUMNS} FROM {SOURCE} WHERE cases.number = :number",  # noqa: S608
        {"reader": reader, "number": number},
    )
    return None if row is None else case_of(row, reader=reader)


def touch_case(connection: Connection, number: str, *, now: datetime) -> None:
    """The case changed: a new revision, and a new time of last change."""
    connection.execute(
        "UPDATE cases SET revision = revision + 1, updated = max(updated, ?) WHERE number = ?",
        (stamp(now), number),
    )


def set_state(
    connection: Connection, number: str, state: CaseState, *, waiting_since: datetime | None
) -> None:
    """Give a case another status, and start or stop its follow-up timer."""
    connection.execute(
        "UPDATE cases SET status = ?, substatus = ?, waiting_since = ?,"
        " ask = CASE WHEN ? THEN ask ELSE '' END WHERE number = ?",
        (
            state.status.value,
            state.substatus.value,
            maybe_stamp(waiting_since),
            waiting_since is not None,
            number,
        ),
    )


def insert_update(connection: Connection, update: NewUpdate) -> int:
    """Add to a case's feed; returns its place in the feed.

    It becomes the newest entry that the case's contact may have unread, unless it is a file that the
    customer's own side sent; for its author it is read.
    """
    seq = connection.execute(
        "INSERT INTO updates (id, case_number, kind, at, author, contact, from_support, channel, text)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            update.id,
            update.case,
            update.kind.value,
            stamp(update.at),
            update.author,
            update.contact,
            update.from_support,
            update.channel,
            update.text,
        ),
    ).lastrowid
    if seq is None:
        raise RuntimeError("SQLite gave no row id")
    connection.executemany(
        "INSERT INTO update_files (update_seq, file) VALUES (?, ?)", [(seq, file) for file in update.files]
    )
    if update.from_support or update.kind is not UpdateKind.FILE:
        connection.execute("UPDATE cases SET last_update = ? WHERE number = ?", (seq, update.case))
    if update.contact is not None:
        mark_seen(connection, update.case, contact=update.contact)
    if update.from_support and update.kind is UpdateKind.MESSAGE:
        connection.execute(
            "UPDATE cases SET last_message = ?, last_message_at = ? WHERE number = ?"
            " AND coalesce(last_message_at, 0) <= ?",
            (update.text[:PREVIEW_CHARACTERS], stamp(update.at), update.case, stamp(update.at)),
        )
    return seq


def mark_seen(connection: Connection, number: str, *, contact: str) -> None:
    """The contact has read the case's feed to its end."""
    connection.execute(
        "INSERT INTO seen (contact, case_number, update_seq) SELECT ?, number, last_update FROM cases"
        " WHERE number = ? ON CONFLICT DO UPDATE SET update_seq = excluded.update_seq",
        (contact, number),
    )


def forget_seen(connection: Connection, number: str) -> None:
    """Nobody has read the case's feed."""
    connection.execute("DELETE FROM seen WHERE case_number = ?", (number,))


def updates_page(
    database: Database, number: str, *, reader: str, before: tuple[int, int] | None, limit: int
) -> tuple[list[Update], tuple[int, int] | None]:
    """The feed newest first: at most `limit` entries before a place (time, sequence), and the next place."""
    place = before or (2**62, 2**62)
    rows = database.rows(
        "SELECT * FROM updates WHERE case_number = ? AND (at, seq) < (?, ?)"
        " ORDER BY at DESC, seq DESC LIMIT ?",
        (number, *place, limit + 1),
    )
    shown = rows[:limit]
    files = _files_of(database, [row["seq"] for row in shown])
    following = (shown[-1]["at"], shown[-1]["seq"]) if len(rows) > limit else None
    return [update_of(row, reader=reader, files=files.get(row["seq"], [])) for row in shown], following


def update_row(database: Database, seq: int, *, reader: str) -> Update | None:
    """One entry of a feed by its place."""
    row = database.row("SELECT * FROM updates WHERE seq = ?", (seq,))
    return (
        None if row is None else update_of(row, reader=reader, files=_files_of(database, [seq]).get(seq, []))
    )


def count_updates(database: Database, number: str) -> int:
    """How many entries the feed has."""
    row = database.row("SELECT count(*) AS n FROM updates WHERE case_number = ?", (number,))
    return int(row["n"]) if row is not None else 0


def update_of(row: Row, *, reader: str, files: list[str]) -> Update:
    """The contract's form of a feed row."""
    return Update(
        id=row["id"],
        case=row["case_number"],
        kind=UpdateKind(row["kind"]),
        at=moment(row["at"]),
        author=row["author"],
        from_support=bool(row["from_support"]),
        mine=row["contact"] == reader,
        channel=row["channel"],
        text=row["text"],
        files=files,
    )


def case_of(row: Row, *, reader: str) -> Case:
    """The contract's form of a case row (`COLUMNS` of `SOURCE`).

    A colleague who may see a case has it unread only when it is the reader's own.
    """
    unread = row["contact"] == reader and row["last_update"] > row["seen_seq"]
    return Case(
        number=row["number"],
        subject=row["subject"],
        account=row["account"],
        end_user=row["end_user"],
        type=CaseType(row["type"]),
        status=Status(row["status"]),
        substatus=Substatus(row["substatus"]),
        priority=Priority(row["priority"]),
        stage=Stage(row["stage"]),
        component=row["component"],
        version=row["version"],
        opened=moment(row["opened"]),
        updated=moment(row["updated"]),
        contact=row["contact_name"],
        owner=row["owner"],
        etag=f"r{row['revision']}{'-unread' if unread else ''}",
        waiting_since=maybe_moment(row["waiting_since"]),
        closed_at=maybe_moment(row["closed_at"]),
        closed_by_follow_up=bool(row["closed_by_follow_up"]),
        escalated_since=maybe_moment(row["escalated_since"]),
        agents_affected=row["agents_affected"],
        reference=row["reference"],
        description=row["description"],
        last_message=row["last_message"],
        last_message_at=maybe_moment(row["last_message_at"]),
        ask=row["ask"],
        unread=unread,
    )


def _files_of(database: Database, seqs: Sequence[int]) -> dict[int, list[str]]:
    if not seqs:
        return {}
    marks = ", ".join("?" for _ in seqs)
    found: dict[int, list[str]] = {}
    for row in database.rows(
        f"SELECT update_seq, file FROM update_files WHERE update_seq IN ({marks}) ORDER BY file",  # noqa: S608
        list(seqs),
    ):
        found.setdefault(row["update_seq"], []).append(row["file"])
    return found


def _values(case: NewCase) -> tuple[object, ...]:
    return (
        case.number,
        case.account,
        case.contact,
        case.type.value,
        case.subject,
        case.description,
        case.state.status.value,
        case.state.substatus.value,
        case.priority.value,
        case.stage.value,
        case.component,
        case.version,
        case.owner,
        stamp(case.opened),
        stamp(case.updated),
        maybe_stamp(case.waiting_since),
        maybe_stamp(case.closed_at),
        case.closed_by_follow_up,
        case.closure_comment,
        maybe_stamp(case.escalated_since),
        case.agents_affected,
        case.reference,
        case.ask,
    )
