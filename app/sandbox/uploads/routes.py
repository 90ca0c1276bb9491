"""tus 1.0.0 over HTTP, under ``/uploads``: core and the extensions that `EXTENSIONS` names."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.routing import APIRoute

from app.domain.errors import LocalError
from app.domain.files import FileCheck
from app.portal.contract import ProblemCode, UploadState
from app.sandbox.callers import Caller, any_caller, authenticate
from app.sandbox.intake import STATE, Intake
from app.sandbox.problems import ProblemError, bad_field
from app.sandbox.uploads.access import may_add_to, may_see
from app.sandbox.uploads.append import BodyCut, Ending, ending_of_error
from app.sandbox.uploads.creation import create_upload, read_wish
from app.sandbox.uploads.headers import (
    CHECKSUMS,
    EXTENSIONS,
    OFFSET_TYPE,
    VERSION,
    Checksum,
    HeaderError,
    UploadKind,
    http_date,
    parse_checksum,
    parse_size,
)
from app.sandbox.uploads.leases import Lease, UploadLocked
from app.sandbox.uploads.problems import (
    complete_problem,
    differs_problem,
    ending_problem,
    header_problem,
    kept_aside_problem,
    locked_problem,
    never_so_large_problem,
    offset_problem,
    too_large_problem,
    type_problem,
    version_problem,
)
from app.sandbox.uploads.record import Phase, Upload, state_of
from app.sandbox.uploads.service import FOLDER, Uploads, UploadSettings

_DRAIN_S = 10.0
_DRAINED = 32 << 20
"""A refused body is read to its end up to here, so that the refusal reaches a client that only writes."""


class TusRoute(APIRoute):
    """Says the version on every answer, also on refusals, and refuses other versions."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, wrapped."""
        handle = _send_at_once if self.methods == {"PATCH"} else super().get_route_handler()

        async def speak_tus(request: Request) -> Response:
            try:
                if (
                    request.method not in ("OPTIONS", "GET")
                    and request.headers.get("tus-resumable") != VERSION
                ):
                    raise version_problem()
                response = await handle(request)
            except HeaderError as error:
                problem = header_problem(error)
                await _prepare_refusal(request, problem)
                raise problem from error
            except ProblemError as error:
                await _prepare_refusal(request, error)
                raise
            response.headers["Tus-Resumable"] = VERSION
            return response

        return speak_tus


async def _prepare_refusal(request: Request, problem: ProblemError) -> None:
    """Say the version; read the body to its end unless it is long, slow, given up or waits for us."""
    problem.headers["Tus-Resumable"] = VERSION
    if getattr(request.state, "body_ended", False) or "expect" in request.headers:
        return
    read = 0
    try:
        async with asyncio.timeout(_DRAIN_S):
            async for piece in _pieces(request):
                read += len(piece)
                if read > _DRAINED:
                    break
            else:
                return
    except (BodyCut, TimeoutError):
        # Nobody reads the refusal, or it would come too late.
        pass
    problem.headers["Connection"] = "close"


@asynccontextmanager
async def _life(application: FastAPI) -> AsyncIterator[None]:
    uploads = uploads_of_application(application)
    await uploads.start()
    try:
        yield
    finally:
        await uploads.stop()


router = APIRouter(prefix="/uploads", tags=["uploads"], route_class=TusRoute, lifespan=_life)
"""For ``/api/v1``; its lifespan goes on with interrupted checks and drops expired uploads."""


def uploads_of_application(application: FastAPI) -> Uploads:
    """The uploads of the portal behind this application; made on first use.

    ``application.state.upload_settings`` may hold other `UploadSettings` before that.
    """
    state = application.state
    if not hasattr(state, "uploads"):
        settings = getattr(state, "upload_settings", None) or UploadSettings()
        state.uploads = Uploads(state.site, settings)
    found: Uploads = state.uploads
    return found


def _uploads(request: Request) -> Uploads:
    return uploads_of_application(request.app)


Calling = Annotated[Caller, Depends(any_caller)]
OurUploads = Annotated[Uploads, Depends(_uploads)]


@router.options("", status_code=204, summary="What this portal knows of tus")
@router.options("/{identity}", status_code=204, include_in_schema=False)
async def capabilities() -> Response:
    """Version, extensions and checksum algorithms; needs no sign-in."""
    return Response(
        status_code=204,
        headers={
            "Tus-Version": VERSION,
            "Tus-Extension": ",".join(EXTENSIONS),
            "Tus-Checksum-Algorithm": ",".join(CHECKSUMS),
        },
    )


@router.post("", status_code=201, summary="Begin an upload")
async def create(request: Request, caller: Calling, uploads: OurUploads) -> Response:
    """Creation, also with the first bytes, with the length deferred, as a part, or made of parts."""
    wish = read_wish(request.headers)
    with_body = _has_body(request)
    checksum = _checksum_of(request)
    if with_body and wish.concat.kind is UploadKind.FINAL:
        raise HeaderError("Content-Type", "announces bytes, which a final upload does not take")
    if with_body and request.headers.get("content-type") != OFFSET_TYPE:
        raise type_problem()
    created = await uploads.blocking(create_upload, uploads, caller, wish)
    upload = created.upload
    headers = {"Location": f"{FOLDER}/{upload.id}", **_expiry(upload)}
    try:
        if created.new and (with_body or upload.length == 0):
            first = _Asked(offset=0, coming=_coming(request), length=None, checksum=checksum)
            upload = await _append(request, uploads, lambda: caller, upload.id, first)
        elif upload.phase is Phase.CHECKING:
            uploads.check(upload)
            upload = await uploads.checked(upload)
        _require_good(upload)
    except ProblemError as error:
        error.headers.update(headers)
        raise
    if with_body or not created.new:
        headers["Upload-Offset"] = str(upload.received)
    return Response(status_code=201, headers=headers)


@router.head("/{identity}", summary="Where an upload stands")
async def where(identity: str, caller: Calling, uploads: OurUploads) -> Response:
    """The offset that is durable; a request that hangs on this upload is ended first."""
    await uploads.blocking(_seen, uploads, caller, identity)
    async with _held(uploads, identity):
        upload = await uploads.blocking(lambda: uploads.proven(_seen(uploads, caller, identity)))
    headers = {"Cache-Control": "no-store", **_expiry(upload)}
    if upload.kind is not UploadKind.FINAL or upload.phase is Phase.DONE:
        headers["Upload-Offset"] = str(upload.received)
    if upload.length is None:
        headers["Upload-Defer-Length"] = "1"
    else:
        headers["Upload-Length"] = str(upload.length)
    if upload.metadata:
        headers["Upload-Metadata"] = upload.metadata
    if upload.concat:
        headers["Upload-Concat"] = upload.concat
    return Response(status_code=200, headers=headers)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a request wants to add: `coming` bytes at `offset`; the upload's length, where it says it."""

    offset: int
    coming: int
    length: int | None
    checksum: Checksum | None


async def _send_at_once(request: Request) -> Response:
    """`send`, without FastAPI's way to it.

    Resolving dependencies, each in a thread, costs more than all else that is not the bytes, and the client
    waits for it between any two requests of a file. Here who calls is looked up together with the upload.
    """
    uploads, identity = _uploads(request), request.path_params["identity"]
    who = partial(authenticate, uploads.site, request.headers.get("authorization"))
    try:
        asked = _asked(request)
    except (HeaderError, ProblemError):
        # Who may not call at all is told nothing else.
        await uploads.blocking(who)
        raise
    return _sent(await _append(request, uploads, who, identity, asked))


@router.patch("/{identity}", status_code=204, summary="Send bytes")
async def send(request: Request, identity: str, caller: Calling, uploads: OurUploads) -> Response:
    """Append at the offset; what arrives is kept, also of a request that is cut in the middle."""
    return _sent(await _append(request, uploads, lambda: caller, identity, _asked(request)))


def _asked(request: Request) -> _Asked:
    headers = request.headers
    if headers.get("content-type") != OFFSET_TYPE:
        raise type_problem()
    told = headers.get("upload-length")
    return _Asked(
        offset=parse_size(headers.get("upload-offset", ""), field="Upload-Offset"),
        coming=_coming(request),
        length=None if told is None else parse_size(told, field="Upload-Length"),
        checksum=_checksum_of(request),
    )


def _sent(upload: Upload) -> Response:
    _require_good(upload)
    return Response(status_code=204, headers={"Upload-Offset": str(upload.received), **_expiry(upload)})


@router.delete("/{identity}", status_code=204, summary="Terminate an upload")
async def terminate(identity: str, caller: Calling, uploads: OurUploads) -> Response:
    """Drop what was sent; a complete upload whose file is in the case stays."""
    await uploads.blocking(_seen, uploads, caller, identity)
    async with _held(uploads, identity):
        upload = await uploads.blocking(_seen, uploads, caller, identity)
        if upload.phase is not Phase.RECEIVING and upload.kind is not UploadKind.PARTIAL:
            raise complete_problem()
        await uploads.blocking(uploads.forget, upload)
    return Response(status_code=204)


@router.post("/{identity}", include_in_schema=False)
async def overridden(request: Request, identity: str, caller: Calling, uploads: OurUploads) -> Response:
    """``X-HTTP-Method-Override``, for networks that let only GET and POST through."""
    method = request.headers.get("x-http-method-override", "").upper()
    if method == "PATCH":
        return await send(request, identity, caller, uploads)
    if method == "DELETE":
        return await terminate(identity, caller, uploads)
    if method == "HEAD":
        return await where(identity, caller, uploads)
    raise bad_field("X-HTTP-Method-Override", "POST to an upload needs PATCH, DELETE or HEAD here")


@router.get("/{identity}/state", summary="What the portal can prove of an upload")
async def state(identity: str, caller: Calling, uploads: OurUploads) -> UploadState:
    """How far it is, and after the last byte whether its digest is the announced one."""
    upload = await uploads.blocking(_seen, uploads, caller, identity)
    return state_of(upload)


async def _append(
    request: Request, uploads: Uploads, who: Callable[[], Caller], identity: str, asked: _Asked
) -> Upload:
    """Take the body; afterwards the upload as it stands, checked when it is complete and that was quick.

    `who` is called in the pool, and may refuse.
    """
    if uploads.leases.held(identity):
        # Nobody but its owner may end the request that has it.
        await uploads.blocking(lambda: _seen(uploads, who(), identity))
    async with _held(uploads, identity) as lease:
        ready = partial(_ready, uploads, who, identity, asked)
        upload = await _body(request, uploads, ready, lease, checksum=asked.checksum)
    return await uploads.checked(upload)


def _seen(uploads: Uploads, caller: Caller, identity: str) -> Upload:
    """The caller's own upload; in the pool."""
    return may_see(uploads.site, caller, uploads.find(identity))


def _ready(uploads: Uploads, who: Callable[[], Caller], identity: str, asked: _Asked) -> Upload:
    """The upload that may take what is asked now; in the pool, for the holder of the lease."""
    caller = who()
    upload = _seen(uploads, caller, identity)
    may_add_to(uploads.site, caller, upload)
    upload = uploads.proven(upload)
    if upload.received != asked.offset:
        raise offset_problem(upload)
    if asked.length is not None:
        upload = _with_length(uploads, upload, asked.length)
    if upload.length is not None and asked.offset + asked.coming > upload.length:
        raise too_large_problem()
    return upload


async def _body(
    request: Request,
    uploads: Uploads,
    ready: Callable[[], Upload],
    lease: Lease,
    *,
    checksum: Checksum | None,
) -> Upload:
    try:
        intake: Intake | None = getattr(request.state, STATE, None)
        upload, ending = await uploads.append(
            ready, lease, _pieces(request), intake=intake, checksum=checksum
        )
    except (OSError, LocalError) as error:
        ending = ending_of_error(error)
    problem = ending_problem(ending, stopping=uploads.site.stopping.is_set())
    if problem is not None:
        if ending in (Ending.TAKEN_OVER, Ending.CUT):
            problem.headers["Connection"] = "close"
            request.state.body_ended = True
        raise problem
    return upload


def _with_length(uploads: Uploads, upload: Upload, length: int) -> Upload:
    if upload.length is not None and upload.length != length:
        raise HeaderError("Upload-Length", "is not the length the upload was begun with")
    if length < upload.received:
        raise HeaderError("Upload-Length", "is less than what was sent already")
    return upload if upload.length is not None else uploads.fix_length(upload, length)


@asynccontextmanager
async def _held(uploads: Uploads, identity: str) -> AsyncIterator[Lease]:
    try:
        async with uploads.leases.hold(identity) as lease:
            yield lease
    except UploadLocked as error:
        raise locked_problem() from error


async def _pieces(request: Request) -> AsyncIterator[bytes]:
    """The body in the pieces it arrives in; asked again, the rest of it.

    Raises:
        BodyCut: the client went away before its end.
    """
    while not getattr(request.state, "body_ended", False):
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise BodyCut
        request.state.body_ended = not message.get("more_body", False)
        piece: bytes = message.get("body", b"")
        if piece:
            yield piece


def _has_body(request: Request) -> bool:
    return request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers


def _coming(request: Request) -> int:
    return parse_size(request.headers.get("content-length", "0"), field="Content-Length")


def _checksum_of(request: Request) -> Checksum | None:
    header = request.headers.get("upload-checksum")
    return None if header is None else parse_checksum(header)


def _expiry(upload: Upload) -> dict[str, str]:
    """``Upload-Expires``, for what may expire."""
    waiting = upload.phase is Phase.RECEIVING or upload.kind is UploadKind.PARTIAL
    return {"Upload-Expires": http_date(upload.expires)} if waiting else {}


def _require_good(upload: Upload) -> None:
    """Say at once what the check of a complete upload has found."""
    if upload.phase is not Phase.DONE or upload.kind is UploadKind.PARTIAL:
        return
    if upload.problem == ProblemCode.UPLOAD_TOO_LARGE:
        raise never_so_large_problem()
    if upload.verdict is FileCheck.DIFFERS:
        raise differs_problem(upload)
    if upload.verdict is not FileCheck.VERIFIED:
        raise kept_aside_problem(upload)
