"""Files of a case, acknowledgements, and the temporary SFTP account (R-FILE)."""

from __future__ import annotations

import re
from sqlite3 import Connection
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import FileResponse

from app.domain.access import Action
from app.domain.files import FileCheck
from app.portal.contract import (
    Acknowledgement,
    CaseFile,
    CaseIntake,
    EventKind,
    Page,
    ProblemCode,
    SftpAccount,
    UpdateKind,
)
from app.sandbox.api.answers import answer
from app.sandbox.api.creation import KEY_HEADER, Created, create_once
from app.sandbox.api.visible import CASE_NUMBER, visible_case
from app.sandbox.callers import Caller, any_caller, person
from app.sandbox.changes import publish
from app.sandbox.files import require_open_case, stored_path, takes_files
from app.sandbox.problems import ProblemError, not_found
from app.sandbox.sftpaccounts import new_sftp_account, sftp_host, shown
from app.sandbox.site import Site, site_of
from app.sandbox.store.cases import NewUpdate, insert_update, touch_case
from app.sandbox.store.files import (
    file_row,
    files_of,
    insert_acknowledgement,
    insert_sftp_account,
    living_sftp_account,
    manifest_body,
)

router = APIRouter(tags=["files"])
FILE_ID = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
_RANGE = re.compile(r"bytes=(?:(\d+)-\d*|-\d+)", re.ASCII)


class _Content(FileResponse):
    """A file in blocks that are worth the way through the worker threads."""

    chunk_size = 1 << 20


@router.get("/cases/{number}/files", response_model=Page[CaseFile])
def files(request: Request, caller: Annotated[Caller, Depends(person)], number: CASE_NUMBER) -> Response:
    """All files of a case, newest first: what was sent, and what support has shared (R-FILE-3)."""
    site = site_of(request)
    full, _account = visible_case(site, caller, number, Action.SEE_CASES)
    found = files_of(site.database, full)
    return answer(request, Page(items=found, next_cursor=None, total=len(found)))


@router.get("/cases/{number}/intake", response_model=CaseIntake)
def intake(request: Request, caller: Annotated[Caller, Depends(any_caller)], number: CASE_NUMBER) -> Response:
    """Whether the case takes files (R-FILE-1), for those who may send some: an agent asks before it sends."""
    site = site_of(request)
    full, _account = visible_case(site, caller, number, Action.TRANSFER_FILES)
    return answer(request, CaseIntake(number=full, takes_files=takes_files(site, full)))


@router.get("/cases/{number}/files/{file_id}", response_model=CaseFile)
def file(
    request: Request, caller: Annotated[Caller, Depends(person)], number: CASE_NUMBER, file_id: FILE_ID
) -> Response:
    """One file's facts."""
    return answer(request, _file(request, caller, number, file_id, Action.SEE_CASES))


@router.get(
    "/cases/{number}/files/{file_id}/content",
    response_class=FileResponse,
    responses={
        200: {"content": {"application/octet-stream": {}}, "description": "The whole file."},
        206: {"content": {"application/octet-stream": {}}, "description": "The range that was asked for."},
    },
)
def content(
    request: Request, caller: Annotated[Caller, Depends(person)], number: CASE_NUMBER, file_id: FILE_ID
) -> Response:
    """The bytes; takes ``Range`` and ``If-Range``, the ETag is the file's SHA-256."""
    site = site_of(request)
    found = _file(request, caller, number, file_id, Action.TRANSFER_FILES)
    if found.check is FileCheck.DIFFERS:
        raise ProblemError(
            409,
            ProblemCode.DIGEST_DIFFERS,
            "This file was put aside",
            "What arrived is not what was announced, so nobody should use it. Send the file again.",
        )
    tag = f'"{found.sha256}"'
    if tag in [part.strip() for part in request.headers.get("if-none-match", "").split(",")]:
        return Response(status_code=304, headers={"ETag": tag})
    path = stored_path(site, found)
    if not path.exists():
        raise not_found("content")
    _check_range(request.headers.get("range"), found.size)
    return _Content(
        path,
        media_type="application/octet-stream",
        filename=found.name,
        headers={"ETag": tag, "Cache-Control": "private, no-cache"},
    )


@router.get(
    "/cases/{number}/files/{file_id}/manifest",
    response_class=Response,
    responses={
        200: {"content": {"application/json": {}}, "description": "``manifest.json`` as it was sent."}
    },
)
def manifest(
    request: Request, caller: Annotated[Caller, Depends(person)], number: CASE_NUMBER, file_id: FILE_ID
) -> Response:
    """The first member of a bundle."""
    found = _file(request, caller, number, file_id, Action.SEE_CASES)
    body = manifest_body(site_of(request).database, found.id)
    if body is None:
        raise not_found("manifest")
    return Response(body, media_type="application/json", headers={"Cache-Control": "private, no-cache"})


@router.post("/cases/{number}/acknowledgements", response_model=Acknowledgement, status_code=201)
def acknowledge(
    request: Request,
    caller: Annotated[Caller, Depends(person)],
    number: CASE_NUMBER,
    key: KEY_HEADER = None,
) -> Response:
    """The person's word that no personal or regulated data is in what is sent (R-FILE-1)."""
    site = site_of(request)
    full, _account = visible_case(site, caller, number, Action.TRANSFER_FILES)

    def effect(connection: Connection) -> Created:
        require_open_case(site, full)
        now = site.clock()
        made = Acknowledgement(
            id=f"ack-{site.token(12).hex()}",
            case=full,
            at=now,
            expires=now + site.lifetimes.acknowledgement,
        )
        insert_acknowledgement(connection, made, contact=caller.id)
        return Created(made)

    return create_once(site, caller, key=key, call=(f"cases/{full}/acknowledgements", None), effect=effect)


@router.get("/cases/{number}/sftp-account", response_model=SftpAccount)
def sftp_account(
    request: Request, caller: Annotated[Caller, Depends(person)], number: CASE_NUMBER
) -> Response:
    """The case's temporary account while it lives (R-FILE-5); 404 when there is none."""
    site = site_of(request)
    full, _account = visible_case(site, caller, number, Action.TRANSFER_FILES)
    found = living_sftp_account(site.database, full, now=site.clock())
    if found is None or site.sftp is None:
        raise ProblemError(
            404,
            ProblemCode.NOT_FOUND,
            "This case has no SFTP account now",
            "An account lives for some days; ask for one when HTTPS cannot be used.",
            "R-FILE-5",
        )
    return answer(request, shown(site, found), headers={"Cache-Control": "no-store"})


@router.post(
    "/cases/{number}/sftp-account",
    response_model=SftpAccount,
    status_code=201,
    responses={200: {"model": SftpAccount, "description": "The account that lives already."}},
)
def create_sftp_account(
    request: Request,
    caller: Annotated[Caller, Depends(person)],
    number: CASE_NUMBER,
    key: KEY_HEADER = None,
) -> Response:
    """Ask for a temporary account; the one that lives is the answer while it does (R-FILE-5)."""
    site = site_of(request)
    full, account = visible_case(site, caller, number, Action.TRANSFER_FILES)
    sftp_host(site)

    def effect(connection: Connection) -> Created:
        require_open_case(site, full)
        living = living_sftp_account(site.database, full, now=site.clock())
        if living is not None:
            return Created(shown(site, living), status=200)
        made = new_sftp_account(site, case=full, created_by=caller.name, created=site.clock())
        insert_sftp_account(connection, made)
        _tell_account(connection, site, caller=caller, case=full, account=account)
        return Created(shown(site, made))

    return create_once(site, caller, key=key, call=(f"cases/{full}/sftp-account", None), effect=effect)


def _tell_account(connection: Connection, site: Site, *, caller: Caller, case: str, account: str) -> None:
    now = site.clock()
    identity = f"u-{site.token(12).hex()}"
    insert_update(
        connection,
        NewUpdate(
            id=identity,
            case=case,
            kind=UpdateKind.SYSTEM,
            at=now,
            author=caller.name,
            text=f"A temporary SFTP account was created, valid for {site.limits.sftp_account_hours} hours",
            contact=caller.id,
        ),
    )
    touch_case(connection, case, now=now)
    for kind, subject in (
        (EventKind.SFTP_ACCOUNT, ""),
        (EventKind.UPDATE_ADDED, identity),
        (EventKind.CASE_CHANGED, ""),
    ):
        publish(connection, kind, account=account, case=case, subject=subject, now=now, keep=site.kept_events)


def _file(request: Request, caller: Caller, number: str, file_id: str, action: Action) -> CaseFile:
    site = site_of(request)
    full, _account = visible_case(site, caller, number, action)
    found = file_row(site.database, file_id)
    if found is None or found.case != full:
        raise not_found("file")
    return found


def _check_range(header: str | None, size: int) -> None:
    """Refuse a range that the file does not have; several ranges at once are left to the file's answer.

    Raises:
        ProblemError: 416, with the file's size.
    """
    if header is None or "," in header:
        return
    match = _RANGE.fullmatch(header.replace(" ", ""))
    first = None if match is None else match.group(1)
    if match is None or (first is not None and int(first) >= size) or header.rstrip().endswith("=-0"):
        raise ProblemError(
            416,
            ProblemCode.BAD_REQUEST,
            "The file has no such range",
            f"It has {size} bytes; ask for bytes=FIRST-LAST with FIRST below that.",
            headers={"Content-Range": f"bytes */{size}"},
        )
