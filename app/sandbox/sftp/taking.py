"""Taking a finished file out of the SFTP folder into its case, with the best proof there is. Blocking."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from app.bundle import verify_bundle
from app.domain.errors import InputError, IntegrityError
from app.domain.files import FileCheck
from app.portal.contract import CaseFile
from app.sandbox.files import set_check
from app.sandbox.sftp.companions import LARGEST_COMPANION, companion_of, digest_in, is_companion, subject_of
from app.sandbox.sftp.folder import CaseFolder
from app.sandbox.sftp.rows import ArrivalRow, forget_arrival, set_size
from app.sandbox.sftp.writers import Writers
from app.sandbox.site import Site
from app.sandbox.store.files import files_of
from app.sandbox.store.times import stamp
from app.sandbox.uploads import Arrival, Judgement, deliver, digest_file, judge, recipient, stored_manifest

BUSY_AGAIN = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Later:
    """Look again at this time."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Also:
    """Look at another file of the case now."""

    name: str


def take(
    site: Site, writers: Writers, row: ArrivalRow, *, grace: timedelta, look_up: Callable[[], None]
) -> Later | Also | None:
    """Decide about a finished file; safe to repeat after a kill.

    Args:
        site: the portal.
        writers: who writes now.
        row: what was finished.
        grace: how long a file may wait for its companion.
        look_up: called for every block that is read; may raise to give up.

    Raises:
        OSError, LocalError: the disk refuses; worth another try.
    """
    folder = CaseFolder(site, row.case)
    if is_companion(row.name) and folder.waiting(row.name) is not None:
        announced = _announced(folder, subject_of(row.name))
        if announced is not None:
            return _take_companion(site, folder, row, announced)
    place = (row.case, row.name)
    if not writers.claim(place):
        return Later(site.clock() + BUSY_AGAIN)
    try:
        return _take_file(site, folder, row, writers=writers, grace=grace, look_up=look_up)
    finally:
        writers.release(place)


def _take_companion(site: Site, folder: CaseFolder, row: ArrivalRow, announced: str) -> Also | None:
    subject = subject_of(row.name)
    if folder.waiting(subject) is not None:
        return Also(subject)
    file = folder.taken(subject)
    if file is None or (file.check is FileCheck.VERIFIED and file.sha256 != announced):
        # It speaks of a file that is still to come.
        return None
    with site.database.transaction() as connection:
        if file.check is FileCheck.UNKNOWN:
            equal = file.sha256 == announced
            set_check(
                connection,
                site,
                file.id,
                FileCheck.VERIFIED if equal else FileCheck.DIFFERS,
                sha256=file.sha256,
                note="" if equal else _differs(file, announced),
                now=site.clock(),
            )
    _drop_companion(site, folder, subject)
    return None


def _take_file(
    site: Site,
    folder: CaseFolder,
    row: ArrivalRow,
    *,
    writers: Writers,
    grace: timedelta,
    look_up: Callable[[], None],
) -> Later | None:
    identity = hashlib.sha256(f"{row.case}/{row.name}/{stamp(row.finished)}".encode()).hexdigest()[:32]
    source = _source(site, folder, row, identity)
    case = recipient(site.database, row.case)
    if source is None or case is None:
        _forget(site, row)
        return None
    announced = _announced(folder, row.name)
    if announced is None and site.clock() < row.finished + grace:
        return Later(row.finished + grace)
    stored = digest_file(source, on_block=look_up)
    sha256 = stored.state.hexdigest()
    manifest = stored_manifest(source)
    judgement = judge(announced=announced or "", stored=sha256, status=case.status)
    if judgement.into_case and judgement.check is FileCheck.UNKNOWN and manifest is not None:
        judgement = _by_manifest(source, judgement)
    arrival = Arrival(
        id=identity,
        case=row.case,
        account=case.account,
        name=row.name,
        size=stored.position,
        sha256=sha256,
        via="sftp",
        sent_by=f"SFTP account {row.user}",
        resumed=writers.take_resumed((row.case, row.name)),
        manifest=manifest if judgement.check is FileCheck.VERIFIED else None,
    )
    _settle(site, folder, arrival, judgement, source=source)
    if announced is not None:
        _drop_companion(site, folder, row.name)
    return None


def _settle(site: Site, folder: CaseFolder, arrival: Arrival, judgement: Judgement, *, source: Path) -> None:
    """Into the case, unless the same is there; what nobody proved gives way to what came after it."""
    files = [file for file in files_of(site.database, arrival.case) if file.name == arrival.name]
    kept = [file for file in files if file.check is not FileCheck.DIFFERS]
    good = judgement.into_case and judgement.check is not FileCheck.DIFFERS
    twin = next((file for file in kept if file.sha256 == arrival.sha256), None) if good else None
    unproven = next((file for file in kept if file.via == "sftp" and file.check is FileCheck.UNKNOWN), None)
    now = site.clock()
    with site.database.transaction() as connection:
        forget_arrival(connection, case=arrival.case, name=arrival.name)
        if twin is not None and twin.id != arrival.id:
            if twin.check is FileCheck.UNKNOWN and judgement.check is FileCheck.VERIFIED:
                set_check(connection, site, twin.id, judgement.check, sha256=twin.sha256, note="", now=now)
        elif good and unproven is not None and unproven.id != arrival.id:
            set_size(connection, unproven.id, size=arrival.size)
            set_check(
                connection,
                site,
                unproven.id,
                judgement.check,
                sha256=arrival.sha256,
                note=judgement.note,
                now=now,
            )
            source.replace(folder.stored(unproven))
        else:
            deliver(connection, site, arrival, judgement, source=source, now=now)
    if twin is not None and twin.id != arrival.id:
        source.unlink(missing_ok=True)


def _source(site: Site, folder: CaseFolder, row: ArrivalRow, identity: str) -> Path | None:
    """Where the bytes lie: in the folder, or where an earlier, killed try has put them."""
    if folder.waiting(row.name) is not None:
        return folder.path(row.name)
    for part in ("files", "aside"):
        path = site.data / "cases" / row.case / part / identity
        if path.exists():
            return path
    return None


def _announced(folder: CaseFolder, name: str) -> str | None:
    """The digest in a file's companion; None without one, or when it cannot be read as one."""
    companion = companion_of(name)
    entry = folder.waiting(companion)
    if entry is None or entry.size > LARGEST_COMPANION:
        return None
    text = folder.path(companion).read_bytes().decode("utf-8", "replace")
    return digest_in(text, name=name)


def _by_manifest(path: Path, unproven: Judgement) -> Judgement:
    """A bundle proves itself: every member against the manifest."""
    try:
        verify_bundle(path)
    except IntegrityError as error:
        note = f"The bundle is not what its manifest says: {error.happened} It is kept aside. Send it again."
        return Judgement(check=FileCheck.DIFFERS, note=note)
    except InputError:
        return unproven
    return Judgement(check=FileCheck.VERIFIED)


def _differs(file: CaseFile, announced: str) -> str:
    return (
        f"The portal stored other bytes than were announced: SHA-256 {file.sha256[:16]}… instead of"
        f" {announced[:16]}…. The file is kept aside. Send it again."
    )


def _drop_companion(site: Site, folder: CaseFolder, name: str) -> None:
    companion = companion_of(name)
    folder.path(companion).unlink(missing_ok=True)
    with site.database.transaction() as connection:
        forget_arrival(connection, case=folder.case, name=companion)


def _forget(site: Site, row: ArrivalRow) -> None:
    with site.database.transaction() as connection:
        forget_arrival(connection, case=row.case, name=row.name)
