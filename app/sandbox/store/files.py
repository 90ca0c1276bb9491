"""Rows of files, manifests, acknowledgements and temporary SFTP accounts (R-FILE)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Connection, Row

from app.domain.files import FileCheck, Origin
from app.portal.contract import Acknowledgement, CaseFile
from app.sandbox.store.times import maybe_moment, moment, stamp
from app.storage import Database

_FILE = "SELECT files.*, EXISTS (SELECT 1 FROM manifests WHERE file = files.id) AS has_manifest FROM files"


@dataclass(frozen=True, slots=True)
class SftpAccountRow:
    """A temporary account; `password` is sealed for the purpose ``sftp:<user>``."""

    id: str
    case: str
    user: str
    password: bytes
    created: datetime
    expires: datetime
    created_by: str
    ended: datetime | None = None


def insert_file(connection: Connection, file: CaseFile) -> None:
    """Add a file's row."""
    connection.execute(
        "INSERT INTO files (id, case_number, name, size, sha256, origin, verdict, via, sent, sent_by,"
        " resumed, note) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            file.id,
            file.case,
            file.name,
            file.size,
            file.sha256,
            file.origin.value,
            file.check.value,
            file.via,
            stamp(file.sent),
            file.sent_by,
            file.resumed,
            file.note,
        ),
    )


def insert_manifest(connection: Connection, file: str, body: bytes) -> None:
    """Keep a bundle's manifest."""
    connection.execute("INSERT INTO manifests (file, body) VALUES (?, ?)", (file, body))


def update_check(connection: Connection, file: str, check: FileCheck, *, sha256: str, note: str) -> None:
    """The portal knows more of a file."""
    connection.execute(
        "UPDATE files SET verdict = ?, sha256 = ?, note = ? WHERE id = ?", (check.value, sha256, note, file)
    )


def file_row(database: Database, file: str) -> CaseFile | None:
    """The file with this id."""
    row = database.row(f"{_FILE} WHERE files.id = ?", (file,))
    return None if row is None else _file(row)


def files_of(database: Database, case: str) -> list[CaseFile]:
    """All files of a case, newest first."""
    rows = database.rows(f"{_FILE} WHERE files.case_number = ? ORDER BY files.sent DESC, files.id", (case,))
    return [_file(row) for row in rows]


def manifest_body(database: Database, file: str) -> bytes | None:
    """The manifest of a file, as it was sent."""
    row = database.row("SELECT body FROM manifests WHERE file = ?", (file,))
    return None if row is None else bytes(row["body"])


def insert_acknowledgement(connection: Connection, acknowledgement: Acknowledgement, *, contact: str) -> None:
    """Keep a person's word (R-FILE-1)."""
    connection.execute(
        "INSERT INTO acknowledgements (id, case_number, contact, at, expires) VALUES (?, ?, ?, ?, ?)",
        (
            acknowledgement.id,
            acknowledgement.case,
            contact,
            stamp(acknowledgement.at),
            stamp(acknowledgement.expires),
        ),
    )


def valid_acknowledgement(
    database: Database, acknowledgement: str, *, case: str, contact: str, now: datetime
) -> bool:
    """Whether this person gave their word for this case, and it still counts."""
    row = database.row(
        "SELECT 1 FROM acknowledgements WHERE id = ? AND case_number = ? AND contact = ? AND expires > ?",
        (acknowledgement, case, contact, stamp(now)),
    )
    return row is not None


def insert_sftp_account(connection: Connection, account: SftpAccountRow) -> None:
    """Add a temporary account."""
    connection.execute(
        "INSERT INTO sftp_accounts (id, case_number, user, password, created, expires, created_by)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            account.id,
            account.case,
            account.user,
            account.password,
            stamp(account.created),
            stamp(account.expires),
            account.created_by,
        ),
    )


def living_sftp_account(database: Database, case: str, *, now: datetime) -> SftpAccountRow | None:
    """The account of a case that has neither expired nor been ended."""
    return _account(
        database.row(
            "SELECT * FROM sftp_accounts WHERE case_number = ? AND expires > ? AND ended IS NULL"
            " ORDER BY created DESC LIMIT 1",
            (case, stamp(now)),
        )
    )


def sftp_account_by_user(database: Database, user: str) -> SftpAccountRow | None:
    """The account with this user name, living or not."""
    return _account(database.row("SELECT * FROM sftp_accounts WHERE user = ?", (user,)))


def end_sftp_account(connection: Connection, account: str, *, now: datetime) -> None:
    """End an account before its time."""
    connection.execute(
        "UPDATE sftp_accounts SET ended = ? WHERE id = ? AND ended IS NULL", (stamp(now), account)
    )


def _file(row: Row) -> CaseFile:
    return CaseFile(
        id=row["id"],
        case=row["case_number"],
        name=row["name"],
        size=row["size"],
        sha256=row["sha256"],
        origin=Origin(row["origin"]),
        check=FileCheck(row["verdict"]),
        via=row["via"],
        sent=moment(row["sent"]),
        sent_by=row["sent_by"],
        has_manifest=bool(row["has_manifest"]),
        resumed=row["resumed"],
        note=row["note"],
    )


def _account(row: Row | None) -> SftpAccountRow | None:
    if row is None:
        return None
    return SftpAccountRow(
        id=row["id"],
        case=row["case_number"],
        user=row["user"],
        password=row["password"],
        created=moment(row["created"]),
        expires=moment(row["expires"]),
        created_by=row["created_by"],
        ended=maybe_moment(row["ended"]),
    )
