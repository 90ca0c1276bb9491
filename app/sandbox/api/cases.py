"""``/cases``: lists, a case, its feed, comments."""

from __future__ import annotations

from dataclasses import replace
from sqlite3 import Connection
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from app.domain.access import Action
from app.domain.cases import Priority, Status
from app.portal.contract import Case, CaseFilter, CaseView, Page, Update, ViewCounts
from app.sandbox.api.answers import answer, require_unchanged
from app.sandbox.api.creation import KEY_HEADER, Created, create_once
from app.sandbox.api.cursors import make_cursor, read_cursor
from app.sandbox.api.visible import CASE_NUMBER, visible_case
from app.sandbox.callers import Caller, person, require
from app.sandbox.comments import add_comment
from app.sandbox.problems import bad_field, not_found
from app.sandbox.site import site_of
from app.sandbox.store.caselist import SORT_NAMES, Place, Reader, cases_page, view_counts
from app.sandbox.store.cases import case_row, count_updates, mark_seen, updates_page

router = APIRouter(tags=["cases"])
COMMENT_CHARACTERS = 32_000
_INTEGER_SORTS = ("updated", "opened", "priority", "status", "closes")


class Comment(BaseModel):
    """`NewComment` as it is checked at the border."""

    model_config = ConfigDict(extra="forbid")
    text: str = Field(min_length=1, max_length=COMMENT_CHARACTERS, pattern=r"\S")


def case_filter(
    view: Annotated[CaseView, Query()] = CaseView.MINE,
    account: Annotated[str, Query(max_length=64)] = "",
    status: Annotated[list[Status], Query(max_length=10)] = [],  # noqa: B006
    priority: Annotated[list[Priority], Query(max_length=10)] = [],  # noqa: B006
    component: Annotated[list[str], Query(max_length=50)] = [],  # noqa: B006
    words: Annotated[str, Query(max_length=200)] = "",
    sort: Annotated[str, Query(max_length=20)] = "-updated",
    cursor: Annotated[str, Query(max_length=2000)] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 25,
) -> CaseFilter:
    """The query of ``GET /cases``."""
    if sort.removeprefix("-") not in SORT_NAMES:
        raise bad_field("sort", f"it is one of {', '.join(SORT_NAMES)}, perhaps with - before it")
    return CaseFilter(
        view=view,
        account=account,
        status=status,
        priority=priority,
        component=component,
        words=words,
        sort=sort,
        cursor=cursor,
        limit=limit,
    )


@router.get("/cases", response_model=Page[Case])
def cases(
    request: Request,
    caller: Annotated[Caller, Depends(person)],
    asked: Annotated[CaseFilter, Depends(case_filter)],
) -> Response:
    """A page of a list (R-CASE-2).

    *group* holds every case of the organisation that is not closed, *closed* those that may still be
    reopened (R-CASE-11), *admin* every administrative case whatever its status.
    """
    site = site_of(request)
    reader = _reader(caller, asked.account)
    question = replace(asked, cursor="", limit=1)
    after = None
    if asked.cursor:
        kind = int if asked.sort.removeprefix("-") in _INTEGER_SORTS else str
        value, number = read_cursor(asked.cursor, question, members=(kind, str))
        after = Place(value=value, number=str(number))
    found, more, total = cases_page(
        site.database, asked, reader, after=after, now=site.clock(), closed_days=site.limits.reopen_days
    )
    following = None if more is None else make_cursor(question, [more.value, more.number])
    return answer(request, Page(items=found, next_cursor=following, total=total))


@router.get("/cases/counts", response_model=ViewCounts)
def counts(
    request: Request,
    caller: Annotated[Caller, Depends(person)],
    account: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """How many cases each view holds; *admin* counts those that are not closed."""
    site = site_of(request)
    reader = _reader(caller, account)
    return answer(
        request,
        view_counts(
            site.database, reader, account=account, now=site.clock(), closed_days=site.limits.reopen_days
        ),
    )


@router.get("/cases/{number}", response_model=Case)
def case(request: Request, caller: Annotated[Caller, Depends(person)], number: CASE_NUMBER) -> Response:
    """A case as the caller sees it."""
    site = site_of(request)
    full, _account = visible_case(site, caller, number, Action.SEE_CASES)
    found = case_row(site.database, full, reader=caller.id)
    if found is None:
        raise not_found("case")
    return answer(request, found, tag=found.etag)


@router.get("/cases/{number}/updates", response_model=Page[Update])
def updates(
    request: Request,
    caller: Annotated[Caller, Depends(person)],
    number: CASE_NUMBER,
    cursor: Annotated[str, Query(max_length=2000)] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> Response:
    """The feed, newest first; reading its first page marks the case as read for the caller."""
    site = site_of(request)
    full, _account = visible_case(site, caller, number, Action.SEE_CASES)
    before = None
    if cursor:
        at, seq = read_cursor(cursor, full, members=(int, int))
        before = (int(at), int(seq))
    found, more = updates_page(site.database, full, reader=caller.id, before=before, limit=limit)
    if before is None:
        with site.database.transaction() as connection:
            mark_seen(connection, full, contact=caller.id)
    following = None if more is None else make_cursor(full, [*more])
    total = count_updates(site.database, full)
    return answer(request, Page(items=found, next_cursor=following, total=total))


@router.post("/cases/{number}/comments", response_model=Update, status_code=201)
def comment(
    request: Request,
    caller: Annotated[Caller, Depends(person)],
    number: CASE_NUMBER,
    body: Annotated[Comment, Body()],
    key: KEY_HEADER = None,
) -> Response:
    """Add a comment; a case that waits for the customer becomes *Open* by it (R-CASE-9)."""
    site = site_of(request)
    full, _account = visible_case(site, caller, number, Action.CHANGE_CASES)

    def effect(connection: Connection) -> Created:
        before = case_row(site.database, full, reader=caller.id)
        if before is not None:
            require_unchanged(request, before.etag)
        return Created(add_comment(connection, site, number=full, caller=caller, text=body.text))

    return create_once(site, caller, key=key, call=(f"cases/{full}/comments", body.text), effect=effect)


def _reader(caller: Caller, account: str) -> Reader:
    """Whose cases are listed; a named combination must be one where the caller may see cases."""
    if account:
        require(caller, account, Action.SEE_CASES, what="account")
        return Reader(contact=caller.id, accounts=[account])
    accounts = caller.accounts_for(Action.SEE_CASES)
    if not accounts:
        require(caller, next(iter(caller.accounts), ""), Action.SEE_CASES, what="account")
    return Reader(contact=caller.id, accounts=accounts)
