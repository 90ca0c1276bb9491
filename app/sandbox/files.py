"""Files of a case: where they lie, and how they come into the case.

::

    <data>/cases/<number>/files/<id>     what is in the case
    <data>/cases/<number>/aside/<id>     what arrived and differs from what was announced
    <data>/uploads/                      what is on its way (tus)
    <data>/cases/<number>/sftp/          the folder of the temporary SFTP accounts

Ids are ours, names are the sender's: a name is never part of a path.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from sqlite3 import Connection

from app.domain.cases import Status
from app.domain.files import FileCheck, Origin, may_send_files
from app.portal.contract import CaseFile, EventKind, ProblemCode, UpdateKind
from app.sandbox.changes import publish
from app.sandbox.problems import not_found, refused
from app.sandbox.site import Site
from app.sandbox.store.cases import NewUpdate, case_account, case_status, insert_update, touch_case
from app.sandbox.store.files import file_row, insert_file, insert_manifest, update_check

_ID = re.compile(r"\A[A-Za-z0-9_-]{1,64}\Z")
_NUMBER = re.compile(r"\A[0-9]{10}\Z")


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file that has fully arrived.

    Attributes:
        id: chosen by who adds it (an upload's id), so that a repeated call after a crash is the same file.
        size, sha256: of what the portal stored.
        sent_by: a name for people.
        contact: id of the person who sent it; None for an agent, an SFTP account and support.
        manifest: the bytes of a bundle's first member.
    """

    id: str
    case: str
    name: str
    size: int
    sha256: str
    origin: Origin
    check: FileCheck
    via: str
    sent_by: str
    contact: str | None = None
    resumed: int = 0
    note: str = ""
    manifest: bytes | None = None


def case_folder(site: Site, number: str) -> Path:
    """The folder of a case; not made yet, perhaps.

    Raises:
        ProblemError: 404, when the number is not ten digits.
    """
    if not _NUMBER.match(number):
        raise not_found("case")
    return site.data / "cases" / number


def make_case_folder(site: Site, number: str, part: str) -> Path:
    """A part of a case's folder (``files``, ``aside``, ``incoming``, ``sftp``), made for the portal only."""
    folder = case_folder(site, number) / part
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def stored_path(site: Site, file: CaseFile) -> Path:
    """Where the bytes of a file lie."""
    part = "aside" if file.check is FileCheck.DIFFERS else "files"
    return case_folder(site, file.case) / part / _checked_id(file.id)


def require_open_case(site: Site, number: str) -> None:
    """Refuse files for a case that takes none (R-FILE-1).

    Raises:
        ProblemError: 404 without such a case, 409 ``case-closed`` with the rule.
    """
    status = case_status(site.database, number)
    if status is None:
        raise not_found("case")
    _refuse_closed(status)


def takes_files(site: Site, number: str) -> bool:
    """Whether a case that exists takes files at present (R-FILE-1)."""
    status = case_status(site.database, number)
    return status is not None and may_send_files(status).allowed


def add_file(connection: Connection, site: Site, new: NewFile, *, source: Path, now: datetime) -> CaseFile:
    """Take a file that has fully arrived into its case: bytes, row, feed entry and event.

    The bytes are moved, not copied, so `source` must lie on the data folder's disk. A call that is repeated
    after a crash is safe: bytes already moved stay where they are, and a file already in the case is answered
    as it is. Whether the case takes files is asked before the upload begins (`require_open_case`), not here:
    bytes that were on their way when a case was closed are kept.

    Args:
        connection: of the open transaction.
        site: the portal.
        new: what is known of it.
        source: where its bytes lie now.
        now: when it arrived.

    Raises:
        ProblemError: 404 without such a case.
        FileNotFoundError: there are no bytes, neither at `source` nor in place.
    """
    known = file_row(site.database, new.id)
    if known is not None:
        return known
    account = case_account(site.database, new.case)
    if account is None:
        raise not_found("case")
    file = CaseFile(
        id=_checked_id(new.id),
        case=new.case,
        name=new.name,
        size=new.size,
        sha256=new.sha256,
        origin=new.origin,
        check=new.check,
        via=new.via,
        sent=now,
        sent_by=new.sent_by,
        has_manifest=new.manifest is not None,
        resumed=new.resumed,
        note=new.note,
    )
    insert_file(connection, file)
    if new.manifest is not None:
        insert_manifest(connection, file.id, new.manifest)
    insert_update(
        connection,
        NewUpdate(
            id=f"u-{file.id}",
            case=file.case,
            kind=UpdateKind.FILE,
            at=now,
            author=file.sent_by,
            text=_arrival(file),
            contact=new.contact,
            from_support=file.origin is Origin.SUPPORT,
            channel=file.via,
            files=(file.id,),
        ),
    )
    touch_case(connection, file.case, now=now)
    for kind, subject in (
        (EventKind.FILE_CHANGED, file.id),
        (EventKind.UPDATE_ADDED, f"u-{file.id}"),
        (EventKind.CASE_CHANGED, ""),
    ):
        publish(
            connection,
            kind,
            account=account,
            case=file.case,
            subject=subject,
            now=now,
            keep=site.kept_events,
        )
    make_case_folder(site, file.case, "aside" if file.check is FileCheck.DIFFERS else "files")
    _move(source, stored_path(site, file))
    return file


def set_check(
    connection: Connection,
    site: Site,
    file_id: str,
    check: FileCheck,
    *,
    sha256: str,
    note: str = "",
    now: datetime,
) -> CaseFile:
    """The portal knows more of a file that is in the case; a file that differs is put aside.

    Raises:
        ProblemError: 404 without such a file.
    """
    before = file_row(site.database, file_id)
    if before is None:
        raise not_found("file")
    after = replace(before, check=check, sha256=sha256, note=note)
    update_check(connection, file_id, check, sha256=sha256, note=note)
    touch_case(connection, after.case, now=now)
    publish(
        connection,
        EventKind.FILE_CHANGED,
        account=case_account(site.database, after.case) or "",
        case=after.case,
        subject=file_id,
        now=now,
        keep=site.kept_events,
    )
    make_case_folder(site, after.case, "aside" if check is FileCheck.DIFFERS else "files")
    _move(stored_path(site, before), stored_path(site, after))
    return after


def _refuse_closed(status: Status) -> None:
    verdict = may_send_files(status)
    if not verdict.allowed:
        raise refused(verdict, ProblemCode.CASE_CLOSED, "The case is closed", status=409)


def _move(source: Path, target: Path) -> None:
    if source == target:
        return
    try:
        source.replace(target)
    except FileNotFoundError:
        if not target.exists():
            raise
    if os.name == "posix":
        target.chmod(0o600)


def _checked_id(file_id: str) -> str:
    if not _ID.match(file_id):
        raise not_found("file")
    return file_id


def _arrival(file: CaseFile) -> str:
    if file.check is FileCheck.DIFFERS:
        return f"{file.name} arrived, but is not what was announced; it was put aside"
    return f"{file.name} arrived"
