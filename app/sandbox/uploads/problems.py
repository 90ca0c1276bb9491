"""The refusals of tus, as problems."""

from __future__ import annotations

from app.portal.contract import ProblemCode
from app.sandbox.problems import ProblemError
from app.sandbox.uploads.append import Ending
from app.sandbox.uploads.headers import VERSION, HeaderError
from app.sandbox.uploads.record import Upload

CHECKSUM_MISMATCH = 460
"""The status tus has of its own (extension *checksum*)."""


def header_problem(error: HeaderError) -> ProblemError:
    """400: a header is not right."""
    return ProblemError(
        400,
        ProblemCode.BAD_REQUEST,
        "A header of the upload is not right",
        f"{error.field} {error.what}.",
        fields={error.field: error.what},
    )


def version_problem() -> ProblemError:
    """412: the client speaks another version of tus."""
    return ProblemError(
        412,
        ProblemCode.BAD_REQUEST,
        "This portal speaks tus 1.0.0",
        f"Send the header Tus-Resumable: {VERSION}.",
        headers={"Tus-Version": VERSION},
    )


def type_problem() -> ProblemError:
    """415: the body is not announced as tus wants it."""
    return ProblemError(
        415,
        ProblemCode.BAD_REQUEST,
        "The body has another media type",
        "Bytes of an upload are sent as application/offset+octet-stream.",
    )


def offset_problem(upload: Upload) -> ProblemError:
    """409: the client is elsewhere than the portal."""
    return ProblemError(
        409,
        ProblemCode.UPLOAD_OFFSET,
        "The portal has another number of bytes",
        f"The upload stands at {upload.received}. Ask for the offset and go on from there.",
        headers={"Upload-Offset": str(upload.received)},
    )


def too_large_problem() -> ProblemError:
    """413: more bytes than the upload was announced with."""
    return ProblemError(
        413,
        ProblemCode.UPLOAD_TOO_LARGE,
        "More bytes than announced",
        "The request goes beyond Upload-Length; nothing of it was kept.",
    )


def full_problem(*, needed: int | None = None) -> ProblemError:
    """507: the disk of the portal; what was stored stays."""
    detail = (
        f"The portal has no room for {needed} bytes."
        if needed is not None
        else "The portal has no room left."
    )
    return ProblemError(
        507,
        ProblemCode.STORAGE_FULL,
        "The portal's disk is full",
        f"{detail} What was stored is kept; try again later.",
        headers={"Retry-After": "60"},
    )


def disk_problem() -> ProblemError:
    """503: the disk refused for another reason."""
    return ProblemError(
        503,
        ProblemCode.INTERNAL,
        "The portal cannot store the upload now",
        "Its disk does not take the bytes. What was stored is kept; try again later.",
        headers={"Retry-After": "30"},
    )


def locked_problem() -> ProblemError:
    """423: another request is sending to this upload, and bytes arrive there."""
    return ProblemError(
        423,
        ProblemCode.UPLOAD_LOCKED,
        "Another request is sending to this upload",
        "Wait for it to end, then ask for the offset.",
        headers={"Retry-After": "1"},
    )


def reused_key_problem() -> ProblemError:
    """409: the idempotency key belongs to another content."""
    return ProblemError(
        409,
        ProblemCode.KEY_REUSED,
        "This key was used for another file",
        "The case has an upload with this idempotency_key, of other content or another sender.",
    )


def complete_problem() -> ProblemError:
    """409: an upload whose file belongs to the case cannot be taken back."""
    return ProblemError(
        409,
        ProblemCode.CHANGED,
        "The upload is complete",
        "Its file belongs to the case now and cannot be taken back by terminating the upload.",
    )


def differs_problem(upload: Upload) -> ProblemError:
    """460: everything arrived, but it is not what was announced."""
    return ProblemError(
        CHECKSUM_MISMATCH, ProblemCode.DIGEST_DIFFERS, "The file differs from what was announced", upload.note
    )


def kept_aside_problem(upload: Upload) -> ProblemError:
    """409: everything arrived, but the case takes no files any more (or the bytes were lost)."""
    return ProblemError(
        409, ProblemCode.CASE_CLOSED, "The file did not come into the case", upload.note, "R-FILE-1"
    )


def never_so_large_problem() -> ProblemError:
    """413: no file so large lies on the portal's disk, now or later."""
    return ProblemError(
        413,
        ProblemCode.UPLOAD_TOO_LARGE,
        "The portal's disk takes no file so large",
        "The portal's operator can move its data to another file system.",
    )


def ending_problem(ending: Ending, *, stopping: bool) -> ProblemError | None:
    """What to answer after a body that did not end well; None when it did."""
    if ending is Ending.TOO_LONG:
        return too_large_problem()
    if ending is Ending.WRONG_CHECKSUM:
        return ProblemError(
            CHECKSUM_MISMATCH,
            ProblemCode.CHECKSUM,
            "The chunk arrived damaged",
            "Its checksum is not the announced one; the chunk was discarded. Send it again.",
        )
    if ending is Ending.NEVER_SO_LARGE:
        return never_so_large_problem()
    if ending is Ending.DISK_FULL:
        return full_problem()
    if ending is Ending.DISK_FAILED:
        return disk_problem()
    if ending is Ending.TAKEN_OVER and stopping:
        return ProblemError(
            503,
            ProblemCode.INTERNAL,
            "The portal is about to stop",
            "What arrived is kept; go on later.",
            headers={"Retry-After": "5"},
        )
    if ending is Ending.TAKEN_OVER:
        return locked_problem()
    if ending is Ending.CUT:
        return ProblemError(400, ProblemCode.BAD_REQUEST, "The body ended early", "What arrived is kept.")
    return None
