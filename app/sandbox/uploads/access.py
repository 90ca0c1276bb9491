"""May this caller send to this upload: asked at every call (R-ACC-3, R-FILE-1)."""

from __future__ import annotations

from app.domain.access import Action, may
from app.portal.contract import ProblemCode, UploadMetadata
from app.sandbox.callers import Caller, CallerKind, Scope, require, require_scope
from app.sandbox.files import require_open_case
from app.sandbox.problems import ProblemError, not_found, refused
from app.sandbox.site import Site
from app.sandbox.store.files import valid_acknowledgement
from app.sandbox.uploads.record import Upload, is_gone
from app.sandbox.uploads.rows import has_acknowledged, recipient

__all__ = ["may_add_to", "may_create", "may_create_part", "may_see", "owner_of"]


def owner_of(caller: Caller) -> str:
    """How an upload names its creator."""
    return f"{caller.kind.value}:{caller.id}"


def may_create(site: Site, caller: Caller, metadata: UploadMetadata) -> None:
    """Whether the caller may begin an upload for this case.

    Raises:
        ProblemError: 404 for a foreign case; 403 for level, scope or acknowledgement; 409 when closed.
    """
    _require_case(site, caller, metadata.case)
    if caller.kind is CallerKind.PERSON and not valid_acknowledgement(
        site.database, metadata.acknowledgement, case=metadata.case, contact=caller.id, now=site.clock()
    ):
        raise _not_acknowledged()


def may_create_part(caller: Caller) -> None:
    """Whether the caller may send a partial upload, which belongs to no case yet.

    Raises:
        ProblemError: 403, when the caller may send files to no case at all.
    """
    if caller.kind is CallerKind.AGENT:
        require_scope(caller, Scope.FILES_SEND)
        return
    require_scope(caller, Scope.CASES)
    if not caller.accounts_for(Action.TRANSFER_FILES):
        raise refused(
            may(None, Action.TRANSFER_FILES),
            ProblemCode.ACCESS_LEVEL,
            "Your access level does not allow this",
        )


def may_see(site: Site, caller: Caller, upload: Upload | None) -> Upload:
    """The upload, for its creator only; to everybody else it does not exist.

    Raises:
        ProblemError: 404; 410 when it was terminated or has expired.
    """
    if upload is None or upload.owner != owner_of(caller):
        raise not_found("upload")
    if is_gone(upload, now=site.clock()):
        raise ProblemError(
            410,
            ProblemCode.UPLOAD_GONE,
            "This upload is gone",
            "It was terminated, or nothing was sent for too long. Begin a new upload.",
        )
    return upload


def may_add_to(site: Site, caller: Caller, upload: Upload) -> None:
    """Whether the caller may still send bytes to the own upload, as things are now.

    Raises:
        ProblemError: as `may_create`; any acknowledgement of this case that still counts is good.
    """
    if not upload.case:
        may_create_part(caller)
        return
    _require_case(site, caller, upload.case)
    if caller.kind is CallerKind.PERSON and not has_acknowledged(
        site.database, case=upload.case, contact=caller.id, now=site.clock()
    ):
        raise _not_acknowledged()


def _require_case(site: Site, caller: Caller, number: str) -> None:
    case = recipient(site.database, number)
    if case is None:
        raise not_found("case")
    require(caller, case.account, Action.TRANSFER_FILES)
    require_open_case(site, number)


def _not_acknowledged() -> ProblemError:
    return ProblemError(
        403,
        ProblemCode.NOT_ACKNOWLEDGED,
        "Acknowledge first that no personal data is in the files",
        "Before files are sent to a case, a person gives their word for it; it holds for some hours.",
        "R-FILE-1",
    )
