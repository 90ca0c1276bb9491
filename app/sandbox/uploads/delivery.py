"""What the portal makes of a file that has arrived: the judgement, its place, what the case says of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from sqlite3 import Connection

from app.domain.cases import Status
from app.domain.files import FileCheck, Origin, may_send_files
from app.portal.contract import EventKind, UpdateKind
from app.sandbox.changes import publish
from app.sandbox.files import NewFile, add_file, make_case_folder
from app.sandbox.site import Site
from app.sandbox.store.cases import NewUpdate, insert_update, touch_case
from app.sandbox.uploads.spool import move_durably


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is to be done with a file.

    Attributes:
        check: `verified`, `differs`, or `unknown` when nobody announced a digest or the case was closed.
        into_case: whether it becomes a file of the case; one that differs does, but kept aside.
        note: for people; empty for a verified file.
    """

    check: FileCheck
    into_case: bool = True
    note: str = ""


def judge(
    *, announced: str, stored: str, status: Status, announced_manifest: str = "", stored_manifest: str = ""
) -> Judgement:
    """Compare what was announced with what is stored (R-FILE-1, R-FILE-2).

    All digests are lower-case hex SHA-256; an empty `announced` means nobody announced one, an empty
    `announced_manifest` that the file is no bundle.
    """
    verdict = may_send_files(status)
    if not verdict.allowed:
        note = f"The case was closed before the file was complete ({verdict.rule}). It is kept aside."
        return Judgement(check=FileCheck.UNKNOWN, into_case=False, note=note)
    if announced and announced != stored:
        note = (
            f"The portal stored other bytes than were announced: SHA-256 {stored[:16]}… instead of"
            f" {announced[:16]}…. The file is kept aside. Send it again."
        )
        return Judgement(check=FileCheck.DIFFERS, note=note)
    if announced_manifest and announced_manifest != stored_manifest:
        found = f"has SHA-256 {stored_manifest[:16]}…" if stored_manifest else "is missing"
        note = (
            f"The bundle's manifest.json {found} instead of {announced_manifest[:16]}…. The file"
            " is kept aside. Make the bundle again and send it."
        )
        return Judgement(check=FileCheck.DIFFERS, note=note)
    if not announced:
        return Judgement(
            check=FileCheck.UNKNOWN,
            note="Nobody announced a digest; the portal cannot tell whether this is what was sent.",
        )
    return Judgement(check=FileCheck.VERIFIED)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file that has arrived for a case.

    Attributes:
        id: of the `CaseFile` it becomes.
        via: ``https`` or ``sftp``.
        sent_by: for people; `contact` is the sender's id when it is a person.
        manifest: the first member of a bundle, when it is one.
    """

    id: str
    case: str
    account: str
    name: str
    size: int
    sha256: str
    via: str
    sent_by: str
    contact: str | None = None
    resumed: int = 0
    manifest: bytes | None = None


def aside_path(site: Site, *, case: str, file: str) -> Path:
    """Where the bytes of a file lie that is not in its case."""
    return site.data / "cases" / case / "aside" / file


def deliver(
    connection: Connection, site: Site, arrival: Arrival, judgement: Judgement, *, source: Path, now: datetime
) -> None:
    """Make the file appear in its case, or keep it aside and say so there. Safe to repeat after a kill.

    Raises:
        FileNotFoundError: its bytes lie neither at `source` nor where they belong.
    """
    if not judgement.into_case:
        _keep_aside(connection, site, arrival, judgement, source=source, now=now)
        return
    add_file(
        connection,
        site,
        NewFile(
            id=arrival.id,
            case=arrival.case,
            name=arrival.name,
            size=arrival.size,
            sha256=arrival.sha256,
            origin=Origin.CUSTOMER,
            check=judgement.check,
            via=arrival.via,
            sent_by=arrival.sent_by,
            contact=arrival.contact,
            resumed=arrival.resumed,
            note=judgement.note,
            manifest=arrival.manifest,
        ),
        source=source,
        now=now,
    )


def _keep_aside(
    connection: Connection, site: Site, arrival: Arrival, judgement: Judgement, *, source: Path, now: datetime
) -> None:
    update = f"u-{arrival.id}"
    insert_update(
        connection,
        NewUpdate(
            id=update,
            case=arrival.case,
            kind=UpdateKind.SYSTEM,
            at=now,
            author="",
            text=f"{arrival.name} arrived. {judgement.note}",
            channel=arrival.via,
        ),
    )
    touch_case(connection, arrival.case, now=now)
    for kind, subject in ((EventKind.UPDATE_ADDED, update), (EventKind.CASE_CHANGED, "")):
        publish(
            connection,
            kind,
            account=arrival.account,
            case=arrival.case,
            subject=subject,
            now=now,
            keep=site.kept_events,
        )
    make_case_folder(site, arrival.case, "aside")
    move_durably(source, aside_path(site, case=arrival.case, file=arrival.id))
