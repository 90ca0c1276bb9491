"""Log requests: support asks, agents fetch and answer, people see (R-LOG-1)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from app.domain.access import Action
from app.portal.contract import (
    LogAnswerKind,
    LogRequestView,
    NewLogAnswer,
    NewLogRequest,
    Page,
    SignedLogRequest,
)
from app.sandbox.api.answers import answer
from app.sandbox.api.visible import CASE_NUMBER, visible_case
from app.sandbox.callers import Caller, CallerKind, Scope, any_caller, person, require_scope, wrong_scope
from app.sandbox.logrequests import CaseRef, ask, take_answer, withdraw
from app.sandbox.problems import bad_field, not_found
from app.sandbox.site import Site, site_of
from app.sandbox.store.cases import case_account
from app.sandbox.store.logrequests import (
    RequestRow,
    SupportUser,
    request_row,
    request_view,
    requests_of_case,
    unanswered_requests,
)
from app.sandbox.support import support_user

router = APIRouter(tags=["log requests"])
LONGEST_WAIT = 50.0
_LOOK_EVERY_S = 0.25
_LONGEST_RANGE = timedelta(days=31)
_WORDS = r"^[^\x00-\x1f\x7f]*$"
_REQUEST_ID = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class LogWish(BaseModel):
    """`NewLogRequest` as it is checked at the border."""

    model_config = ConfigDict(extra="forbid")
    applications: list[Annotated[str, Field(min_length=1, max_length=100, pattern=_WORDS)]] = Field(
        min_length=1, max_length=50
    )
    first: AwareDatetime
    last: AwareDatetime
    why: str = Field(default="", max_length=500, pattern=_WORDS)


class AgentAnswer(BaseModel):
    """`NewLogAnswer` as it is checked at the border."""

    model_config = ConfigDict(extra="forbid")
    kind: LogAnswerKind
    reason: str = Field(default="", max_length=300, pattern=_WORDS)
    bundles: list[Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]] = Field(default=[], max_length=500)


def agent(caller: Annotated[Caller, Depends(any_caller)]) -> Caller:
    """Dependency: an agent that may fetch log requests."""
    require_scope(caller, Scope.LOG_REQUESTS_READ)
    if caller.kind is not CallerKind.AGENT:
        raise wrong_scope(Scope.LOG_REQUESTS_READ)
    return caller


@router.post("/support/cases/{number}/log-requests", response_model=LogRequestView, status_code=201)
def ask_for_logs(
    request: Request,
    user: Annotated[SupportUser, Depends(support_user)],
    number: CASE_NUMBER,
    body: Annotated[LogWish, Body()],
) -> Response:
    """Ask every agent of a case's combination for logs; the request is signed and good for a day."""
    site = site_of(request)
    if body.last <= body.first:
        raise bad_field("body.last", "it must be after first")
    if body.last - body.first > _LONGEST_RANGE:
        raise bad_field("body.last", f"the range has more than {_LONGEST_RANGE.days} days")
    case = _case(site, number)
    wish = NewLogRequest(applications=body.applications, first=body.first, last=body.last, why=body.why)
    with site.database.transaction() as connection:
        row = ask(connection, site, case=case, user=user, wish=wish)
    return answer(request, request_view(site.database, row, now=site.clock()), status=201)


@router.get("/support/cases/{number}/log-requests", response_model=Page[LogRequestView])
def asked_for(
    request: Request, _user: Annotated[SupportUser, Depends(support_user)], number: CASE_NUMBER
) -> Response:
    """The requests for a case with their answers, for support."""
    site = site_of(request)
    return _views(request, site, _case(site, number).number)


@router.post("/support/log-requests/{request_id}/withdraw", response_model=LogRequestView)
def take_back(
    request: Request, user: Annotated[SupportUser, Depends(support_user)], request_id: _REQUEST_ID
) -> Response:
    """Take a request back; a second call changes nothing."""
    site = site_of(request)
    row = request_row(site.database, request_id)
    if row is None:
        raise not_found("log request")
    with site.database.transaction() as connection:
        withdraw(connection, site, row, user=user)
    return _view(request, site, request_id)


@router.get("/cases/{number}/log-requests", response_model=Page[LogRequestView])
def requests_for_case(
    request: Request, caller: Annotated[Caller, Depends(person)], number: CASE_NUMBER
) -> Response:
    """The requests for a case with their answers, for those who may see it."""
    site = site_of(request)
    full, _account = visible_case(site, caller, number, Action.SEE_CASES)
    return _views(request, site, full)


@router.get("/log-requests", response_model=Page[SignedLogRequest])
async def log_requests(
    request: Request,
    caller: Annotated[Caller, Depends(agent)],
    wait: Annotated[float, Query(ge=0, le=LONGEST_WAIT)] = 0,
) -> Response:
    """Requests for open cases of the agent's combination that it has not answered yet.

    While there is none, the answer waits for one, up to `wait` seconds.
    """
    site = site_of(request)
    until = site.monotonic() + wait
    while True:
        found = await run_in_threadpool(_unanswered, site, caller)
        if found or site.monotonic() >= until or site.stopping.is_set() or await request.is_disconnected():
            return answer(request, Page(items=found, next_cursor=None, total=len(found)))
        try:
            await asyncio.wait_for(site.stopping.wait(), timeout=_LOOK_EVERY_S)
        except TimeoutError:
            continue


@router.get("/log-requests/{request_id}", response_model=LogRequestView)
def log_request(
    request: Request, caller: Annotated[Caller, Depends(agent)], request_id: _REQUEST_ID
) -> Response:
    """A request as it stands now: withdrawn, expired, its case closed, or still good."""
    site = site_of(request)
    _own(site, caller, request_id)
    return _view(request, site, request_id)


@router.post("/log-requests/{request_id}/answer", response_model=LogRequestView)
def answer_request(
    request: Request,
    caller: Annotated[Caller, Depends(agent)],
    request_id: _REQUEST_ID,
    body: Annotated[AgentAnswer, Body()],
) -> Response:
    """What an agent answers. The same answer again changes nothing; a final one is not taken back."""
    site = site_of(request)
    row = _own(site, caller, request_id)
    given = NewLogAnswer(kind=body.kind, reason=body.reason, bundles=body.bundles)
    with site.database.transaction() as connection:
        take_answer(connection, site, row, agent=caller, answer=given)
    return _view(request, site, request_id)


def _case(site: Site, number: str) -> CaseRef:
    full = number.zfill(10)
    account = case_account(site.database, full)
    if account is None:
        raise not_found("case")
    return CaseRef(full, account)


def _own(site: Site, caller: Caller, request_id: str) -> RequestRow:
    row = request_row(site.database, request_id)
    if row is None or row.account != caller.account:
        raise not_found("log request")
    return row


def _unanswered(site: Site, caller: Caller) -> list[SignedLogRequest]:
    rows = unanswered_requests(site.database, account=caller.account, agent=caller.id, now=site.clock())
    return [SignedLogRequest(row.id, row.document, row.signature) for row in rows]


def _view(request: Request, site: Site, request_id: str) -> Response:
    row = request_row(site.database, request_id)
    if row is None:
        raise not_found("log request")
    return answer(request, request_view(site.database, row, now=site.clock()))


def _views(request: Request, site: Site, case: str) -> Response:
    now = site.clock()
    found = [request_view(site.database, row, now=now) for row in requests_of_case(site.database, case)]
    return answer(request, Page(items=found, next_cursor=None, total=len(found)))
