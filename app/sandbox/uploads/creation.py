"""Beginning an upload: what is asked for, and whether it exists already. Blocking; for worker threads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from app.domain.files import FileCheck
from app.sandbox.callers import Caller
from app.sandbox.uploads.access import may_create, may_create_part, owner_of
from app.sandbox.uploads.headers import (
    Concat,
    HeaderError,
    UploadKind,
    announced,
    parse_concat,
    parse_metadata,
    parse_size,
)
from app.sandbox.uploads.problems import full_problem, reused_key_problem
from app.sandbox.uploads.record import Phase, Upload, is_gone, same_content
from app.sandbox.uploads.rows import upload_by_key
from app.sandbox.uploads.service import FOLDER, Uploads
from app.storage import DuplicateRow

_RESERVE = 64 << 20
"""Bytes that must stay free for the store itself."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a creation asks for.

    Attributes:
        length: None while it is deferred, and for a final upload.
        metadata, concat_header: as they were sent, given back by HEAD.
    """

    concat: Concat
    length: int | None
    metadata: str
    concat_header: str


def read_wish(headers: Mapping[str, str]) -> Wish:
    """The headers of a creation.

    Raises:
        HeaderError: none or both of length and deferral, or one is not of its form.
    """
    concat_header = headers.get("upload-concat", "")
    concat = parse_concat(concat_header, folder=FOLDER) if concat_header else Concat(UploadKind.WHOLE)
    length, deferred = headers.get("upload-length"), headers.get("upload-defer-length")
    if deferred is not None and deferred != "1":
        raise HeaderError("Upload-Defer-Length", "is not 1")
    if concat.kind is UploadKind.FINAL:
        if length is not None or deferred is not None:
            raise HeaderError("Upload-Length", "does not go with a final upload")
    elif (length is None) == (deferred is None):
        raise HeaderError("Upload-Length", "or Upload-Defer-Length is needed, and only one of them")
    return Wish(
        concat=concat,
        length=None if length is None else parse_size(length, field="Upload-Length"),
        metadata=headers.get("upload-metadata", ""),
        concat_header=concat_header,
    )


@dataclass(frozen=True, slots=True)
class Created:
    """The upload, and whether this call made it."""

    upload: Upload
    new: bool


def create_upload(uploads: Uploads, caller: Caller, wish: Wish) -> Created:
    """Make the upload, or find the one that the same idempotency key has made.

    Raises:
        HeaderError: the metadata or the parts are not right.
        ProblemError: access, a key of other content, no room.
    """
    values = parse_metadata(wish.metadata)
    if wish.concat.kind is UploadKind.PARTIAL:
        may_create_part(caller)
        upload = _upload(uploads, caller, wish)
        _require_room(uploads, upload.length or 0)
        uploads.create(upload)
        return Created(upload, new=True)
    told = announced(values)
    may_create(uploads.site, caller, told)
    upload = _upload(uploads, caller, wish)
    upload = _for_case(
        upload, told.case, told.filename, told.sha256, told.manifest_sha256, told.idempotency_key
    )
    existing = _existing(uploads, upload)
    if existing is not None:
        return Created(existing, new=False)
    if wish.concat.kind is UploadKind.FINAL:
        upload = _joined(uploads, caller, upload, wish.concat.parts)
    _require_room(uploads, upload.length or 0)
    try:
        uploads.create(upload)
    except DuplicateRow:
        # Two equal creations at once: the other one was first.
        existing = _existing(uploads, upload)
        if existing is None:
            raise
        return Created(existing, new=False)
    return Created(upload, new=True)


def _existing(uploads: Uploads, wanted: Upload) -> Upload | None:
    if not wanted.key:
        return None
    found = upload_by_key(uploads.site.database, case=wanted.case, key=wanted.key)
    if found is None:
        return None
    if is_gone(found, now=uploads.site.clock()):
        uploads.forget(found)
        return None
    if found.owner != wanted.owner or not same_content(found, sha256=wanted.sha256, length=wanted.length):
        raise reused_key_problem()
    return uploads.proven(found)


def _upload(uploads: Uploads, caller: Caller, wish: Wish) -> Upload:
    now = uploads.site.clock()
    return Upload(
        id=uploads.new_id(),
        kind=wish.concat.kind,
        owner=owner_of(caller),
        sent_by=caller.name,
        case="",
        name="",
        sha256="",
        manifest_sha256="",
        key="",
        metadata=wish.metadata,
        concat=wish.concat_header,
        length=wish.length,
        received=0,
        appending=False,
        resumed=0,
        phase=Phase.RECEIVING,
        verdict=FileCheck.UNKNOWN,
        stored_sha256="",
        note="",
        problem="",
        created=now,
        expires=now + uploads.settings.lifetime,
    )


def _for_case(upload: Upload, case: str, name: str, sha256: str, manifest_sha256: str, key: str) -> Upload:
    return replace(upload, case=case, name=name, sha256=sha256, manifest_sha256=manifest_sha256, key=key)


def _joined(uploads: Uploads, caller: Caller, upload: Upload, parts: tuple[str, ...]) -> Upload:
    """A final upload is complete from its first moment: its parts must be."""
    length, resumed = 0, 0
    for number, identity in enumerate(parts, start=1):
        part = uploads.find(identity)
        if part is None or part.owner != owner_of(caller) or is_gone(part, now=uploads.site.clock()):
            raise HeaderError(
                "Upload-Concat", f"names an upload as part {number} that does not exist any more"
            )
        if part.kind is not UploadKind.PARTIAL or part.phase is not Phase.DONE or part.length is None:
            raise HeaderError(
                "Upload-Concat", f"names an upload as part {number} that is not a complete partial one"
            )
        length += part.length
        resumed += part.resumed
    return replace(upload, length=length, received=length, resumed=resumed, phase=Phase.CHECKING)


def _require_room(uploads: Uploads, length: int) -> None:
    if length + _RESERVE > uploads.free():
        raise full_problem(needed=length)
