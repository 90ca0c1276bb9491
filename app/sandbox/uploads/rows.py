"""The table ``uploads``, and what uploads ask of the tables of others."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from app.domain.cases import Status
from app.domain.files import FileCheck
from app.portal.contract import ProblemCode
from app.sandbox.store.times import moment, stamp
from app.sandbox.uploads.headers import UploadKind
from app.sandbox.uploads.record import Phase, Upload
from app.storage import Database


def insert_upload(connection: sqlite3.Connection, upload: Upload) -> None:
    """Add one.

    Raises:
        DuplicateRow: the case has an upload with this idempotency key.
    """
    connection.execute(
        "INSERT INTO uploads (id, kind, owner, sent_by, case_number, name, sha256, manifest_sha256,"
        " idempotency_key, metadata, concat, length, received, resumed, phase, created, expires)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            upload.id,
            upload.kind.value,
            upload.owner,
            upload.sent_by,
            upload.case or None,
            upload.name,
            upload.sha256,
            upload.manifest_sha256,
            upload.key,
            upload.metadata,
            upload.concat,
            upload.length,
            upload.received,
            upload.resumed,
            upload.phase.value,
            stamp(upload.created),
            stamp(upload.expires),
        ),
    )


def upload_by_id(database: Database, identity: str) -> Upload | None:
    """One, or None."""
    row = database.row("SELECT * FROM uploads WHERE id = ?", (identity,))
    return None if row is None else _upload(row)


def upload_by_key(database: Database, *, case: str, key: str) -> Upload | None:
    """The one upload of a case with this idempotency key."""
    row = database.row("SELECT * FROM uploads WHERE case_number = ? AND idempotency_key = ?", (case, key))
    return None if row is None else _upload(row)


def uploads_in(database: Database, phase: Phase) -> list[Upload]:
    """All of a phase."""
    return [_upload(row) for row in database.rows("SELECT * FROM uploads WHERE phase = ?", (phase.value,))]


def overdue_uploads(database: Database, *, now: datetime) -> list[Upload]:
    """What may be purged: receiving, or a partial nobody joined, and its time is over."""
    rows = database.rows(
        "SELECT * FROM uploads WHERE expires <= ?"
        " AND (phase = 'receiving' OR (phase = 'done' AND kind = 'partial'))",
        (stamp(now),),
    )
    return [_upload(row) for row in rows]


def known_ids(database: Database) -> set[str]:
    """Ids of all uploads that may have bytes."""
    return {row["id"] for row in database.rows("SELECT id FROM uploads WHERE phase <> 'gone'")}


def begin_append(connection: sqlite3.Connection, identity: str, *, received: int, resumed: bool) -> None:
    """A request starts to send at this offset."""
    connection.execute(
        "UPDATE uploads SET appending = 1, received = ?, resumed = resumed + ? WHERE id = ?",
        (received, int(resumed), identity),
    )


def note_received(connection: sqlite3.Connection, identity: str, *, received: int) -> None:
    """So many bytes are on the disk."""
    connection.execute("UPDATE uploads SET received = ? WHERE id = ?", (received, identity))


def end_append(
    connection: sqlite3.Connection,
    identity: str,
    *,
    received: int,
    clean: bool,
    phase: Phase,
    expires: datetime,
) -> None:
    """A request has ended, cleanly or cut."""
    connection.execute(
        "UPDATE uploads SET received = ?, appending = ?, phase = ?, expires = ? WHERE id = ?",
        (received, int(not clean), phase.value, stamp(expires), identity),
    )


def set_length(connection: sqlite3.Connection, identity: str, *, length: int) -> None:
    """The deferred length is known."""
    connection.execute("UPDATE uploads SET length = ? WHERE id = ?", (length, identity))


def keep_until(connection: sqlite3.Connection, identity: str, *, expires: datetime) -> None:
    """Put the expiry off."""
    connection.execute("UPDATE uploads SET expires = ? WHERE id = ?", (stamp(expires), identity))


def finish_upload(
    connection: sqlite3.Connection, identity: str, *, verdict: FileCheck, stored_sha256: str, note: str
) -> None:
    """The check is over. Only a verified upload keeps its idempotency key: any other may be sent again."""
    connection.execute(
        "UPDATE uploads SET phase = 'done', received = length, verdict = ?, stored_sha256 = ?, note = ?,"
        " idempotency_key = CASE ? WHEN 'verified' THEN idempotency_key ELSE '' END WHERE id = ?",
        (verdict.value, stored_sha256, note, verdict.value, identity),
    )


def refuse_upload(connection: sqlite3.Connection, identity: str, *, problem: ProblemCode, note: str) -> None:
    """The check is over: it can never become a file here. It may be sent again all the same."""
    connection.execute(
        "UPDATE uploads SET phase = 'done', received = length, verdict = ?, note = ?, problem = ?,"
        " idempotency_key = '' WHERE id = ?",
        (FileCheck.UNKNOWN.value, note, problem.value, identity),
    )


def forget_upload(connection: sqlite3.Connection, identity: str, *, now: datetime) -> None:
    """Terminated, expired or joined: its address answers *gone* from now on."""
    connection.execute(
        "UPDATE uploads SET phase = 'gone', idempotency_key = '', expires = ? WHERE id = ?",
        (stamp(now), identity),
    )


def drop_gone(connection: sqlite3.Connection, *, before: datetime) -> None:
    """Forget also that there was one."""
    connection.execute("DELETE FROM uploads WHERE phase = 'gone' AND expires < ?", (stamp(before),))


@dataclass(frozen=True, slots=True)
class Recipient:
    """The case that files are for."""

    number: str
    account: str
    status: Status


def recipient(database: Database, number: str) -> Recipient | None:
    """The case, or None."""
    row = database.row("SELECT number, account, status FROM cases WHERE number = ?", (number,))
    if row is None:
        return None
    return Recipient(number=row["number"], account=row["account"], status=Status(row["status"]))


def has_acknowledged(database: Database, *, case: str, contact: str, now: datetime) -> bool:
    """Whether any of the contact's words of R-FILE-1 for this case still holds."""
    sql = "SELECT 1 FROM acknowledgements WHERE case_number = ? AND contact = ? AND expires > ?"
    return database.row(sql, (case, contact, stamp(now))) is not None


def _upload(row: sqlite3.Row) -> Upload:
    return Upload(
        id=row["id"],
        kind=UploadKind(row["kind"]),
        owner=row["owner"],
        sent_by=row["sent_by"],
        case=row["case_number"] or "",
        name=row["name"],
        sha256=row["sha256"],
        manifest_sha256=row["manifest_sha256"],
        key=row["idempotency_key"],
        metadata=row["metadata"],
        concat=row["concat"],
        length=row["length"],
        received=row["received"],
        appending=bool(row["appending"]),
        resumed=row["resumed"],
        phase=Phase(row["phase"]),
        verdict=FileCheck(row["verdict"]),
        stored_sha256=row["stored_sha256"],
        note=row["note"],
        problem=row["problem"],
        created=moment(row["created"]),
        expires=moment(row["expires"]),
    )
