"""The check of a complete upload: stored against announced. Blocking; for worker threads."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.domain.disks import Refusal, refusal_of
from app.domain.files import FileCheck
from app.portal.contract import ProblemCode
from app.sandbox.site import Site
from app.sandbox.uploads.delivery import Arrival, Judgement, deliver, judge
from app.sandbox.uploads.headers import UploadKind
from app.sandbox.uploads.manifests import stored_manifest
from app.sandbox.uploads.record import Upload
from app.sandbox.uploads.rows import finish_upload, forget_upload, recipient, refuse_upload
from app.sandbox.uploads.spool import RunningDigest, Spool, digest_file


class Interrupted(Exception):
    """The portal stops; the check begins anew at the next start."""


@dataclass(frozen=True, slots=True)
class _Bytes:
    """Where an upload's bytes lie now, and their digest."""

    path: Path
    size: int
    sha256: str


def inspect(
    site: Site,
    spool: Spool,
    upload: Upload,
    *,
    parts: tuple[str, ...],
    digest: RunningDigest | None,
    stopping: Callable[[], bool],
) -> FileCheck:
    """Join the parts of a final upload, hash, judge, put to rest, record. Safe to repeat after a kill.

    Args:
        site: the portal.
        spool: the bytes.
        upload: as its row says; in phase *checking*.
        parts: of a final upload, in order.
        digest: of what was written, when this process wrote all of it.
        stopping: asked now and then.

    Raises:
        Interrupted: the portal stops.
        OSError, LocalError: the disk refuses; worth another try. One that takes no file so large ends the
            upload instead: it refuses each try.
    """

    def look_up() -> None:
        if stopping():
            raise Interrupted

    try:
        found = _stored(site, spool, upload, parts=parts, digest=digest, look_up=look_up)
    except OSError as fault:
        if refusal_of(fault) is not Refusal.TOO_LARGE:
            raise
        return _never(site, spool, upload, parts=parts)
    case = recipient(site.database, upload.case)
    if found is None or case is None or found.size != upload.length:
        return _lost(site, upload)
    manifest = stored_manifest(found.path) if upload.manifest_sha256 else None
    judgement = judge(
        announced=upload.sha256,
        stored=found.sha256,
        status=case.status,
        announced_manifest=upload.manifest_sha256,
        stored_manifest=hashlib.sha256(manifest).hexdigest() if manifest is not None else "",
    )
    arrival = Arrival(
        id=upload.id,
        case=upload.case,
        account=case.account,
        name=upload.name,
        size=found.size,
        sha256=found.sha256,
        via="https",
        sent_by=upload.sent_by,
        contact=upload.owner.removeprefix("person:") if upload.owner.startswith("person:") else None,
        resumed=upload.resumed,
        manifest=manifest if judgement.check is FileCheck.VERIFIED else None,
    )
    _record(site, upload, arrival, judgement, source=found.path, parts=parts)
    for part in parts:
        spool.remove(part)
    return judgement.check


def _stored(
    site: Site,
    spool: Spool,
    upload: Upload,
    *,
    parts: tuple[str, ...],
    digest: RunningDigest | None,
    look_up: Callable[[], None],
) -> _Bytes | None:
    """The bytes, wherever an earlier, killed try has left them."""
    rested = _rested(site, upload)
    if rested is not None:
        read_back = digest_file(rested, on_block=look_up)
        return _Bytes(path=rested, size=read_back.position, sha256=read_back.state.hexdigest())
    path = spool.path(upload.id)
    if upload.kind is UploadKind.FINAL:
        try:
            digest = spool.join(upload.id, parts, on_block=look_up)
        except FileNotFoundError:
            return None
    elif not path.exists():
        return None
    elif digest is None or digest.position != path.stat().st_size:
        digest = digest_file(path, on_block=look_up)
    return _Bytes(path=path, size=digest.position, sha256=digest.state.hexdigest())


def _rested(site: Site, upload: Upload) -> Path | None:
    for folder in ("files", "aside"):
        path = site.data / "cases" / upload.case / folder / upload.id
        if path.exists():
            return path
    return None


def _record(
    site: Site,
    upload: Upload,
    arrival: Arrival,
    judgement: Judgement,
    *,
    source: Path,
    parts: tuple[str, ...],
) -> None:
    now = site.clock()
    with site.database.transaction() as connection:
        deliver(connection, site, arrival, judgement, source=source, now=now)
        finish_upload(
            connection, upload.id, verdict=judgement.check, stored_sha256=arrival.sha256, note=judgement.note
        )
        for part in parts:
            forget_upload(connection, part, now=now)


def _never(site: Site, spool: Spool, upload: Upload, *, parts: tuple[str, ...]) -> FileCheck:
    """Parts that the disk took and that it does not take as one file: nobody can ever use them."""
    note = "The portal's disk takes no file so large. Its operator can move its data to another file system."
    now = site.clock()
    with site.database.transaction() as connection:
        refuse_upload(connection, upload.id, problem=ProblemCode.UPLOAD_TOO_LARGE, note=note)
        for part in parts:
            forget_upload(connection, part, now=now)
    for identity in (upload.id, *parts):
        spool.remove(identity)
    return FileCheck.UNKNOWN


def _lost(site: Site, upload: Upload) -> FileCheck:
    note = "Bytes that the portal had stored are not there any more. Send the file again."
    with site.database.transaction() as connection:
        finish_upload(connection, upload.id, verdict=FileCheck.UNKNOWN, stored_sha256="", note=note)
    return FileCheck.UNKNOWN
