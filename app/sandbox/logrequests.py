"""What becomes of log requests: asked, withdrawn, answered; each told in the case (R-LOG-1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from sqlite3 import Connection

import msgspec

from app.domain.files import may_send_files
from app.portal.contract import (
    EventKind,
    LogAnswer,
    LogAnswerKind,
    LogRequest,
    NewLogAnswer,
    NewLogRequest,
    ProblemCode,
    UpdateKind,
)
from app.sandbox.callers import Caller
from app.sandbox.changes import publish
from app.sandbox.problems import ProblemError, refused
from app.sandbox.site import Site
from app.sandbox.store.cases import NewUpdate, case_status, insert_update, touch_case
from app.sandbox.store.files import files_of
from app.sandbox.store.logrequests import (
    RequestRow,
    SupportUser,
    answer_kind,
    insert_request,
    put_answer,
    withdraw_request,
)

LIFE = timedelta(hours=24)
"""A person has 8 hours from when the agent got it; an agent that was off that long is not asked any more."""

_RANK = {LogAnswerKind.RECEIVED: 1, LogAnswerKind.ACCEPTED: 2}
_FINAL = 3
_WORDS = {
    LogAnswerKind.ACCEPTED: "The log request was accepted; the logs are being collected",
    LogAnswerKind.REFUSED: "The log request was refused",
    LogAnswerKind.EXPIRED: "Nobody answered the log request in time, which means no",
    LogAnswerKind.NOTHING: "There is no log that the request asks for",
    LogAnswerKind.SENT: "The logs of the request were sent",
}


@dataclass(frozen=True, slots=True)
class CaseRef:
    """A case and whose it is."""

    number: str
    account: str


def ask(
    connection: Connection, site: Site, *, case: CaseRef, user: SupportUser, wish: NewLogRequest
) -> RequestRow:
    """Sign and keep a request.

    Raises:
        ProblemError: 409 ``case-closed``.
    """
    status = case_status(site.database, case.number)
    if status is not None and not (verdict := may_send_files(status)).allowed:
        raise refused(verdict, ProblemCode.CASE_CLOSED, "The case is closed", status=409)
    now = site.clock()
    request = LogRequest(
        id=f"lr-{site.token(12).hex()}",
        case=case.number,
        account=case.account,
        applications=wish.applications,
        first=wish.first,
        last=wish.last,
        asked=now,
        asked_by=user.name,
        expires=now + LIFE,
        why=wish.why,
    )
    document = msgspec.json.encode(request).decode()
    row = RequestRow(
        id=request.id,
        account=case.account,
        case=case.number,
        document=document,
        signature=site.request_key.sign(document),
        asked=now,
        expires=request.expires,
    )
    insert_request(connection, row)
    because = f" {wish.why}" if wish.why else ""
    text = (
        f"Support asks for logs of {', '.join(wish.applications)} from {_shown(wish.first)}"
        f" to {_shown(wish.last)}.{because}"
    )
    _tell(connection, site, row, text=text, author=user.name, from_support=True)
    return row


def withdraw(connection: Connection, site: Site, row: RequestRow, *, user: SupportUser) -> None:
    """Take a request back; what an agent has begun is its own affair."""
    if row.withdrawn:
        return
    withdraw_request(connection, row.id, now=site.clock())
    text = "Support has taken its log request back."
    _tell(connection, site, row, text=text, author=user.name, from_support=True)


def take_answer(
    connection: Connection, site: Site, row: RequestRow, *, agent: Caller, answer: NewLogAnswer
) -> None:
    """Keep what an agent answered and tell it in the case; the same answer again changes nothing.

    Raises:
        ProblemError: 409 ``changed-meanwhile``: it has given another final answer, or was further already.
    """
    before = answer_kind(site.database, row.id, agent=agent.id)
    if before is answer.kind:
        return
    if before is not None and _RANK.get(before, _FINAL) >= _RANK.get(answer.kind, _FINAL):
        raise ProblemError(
            409,
            ProblemCode.CHANGED,
            "This request was answered",
            f"This agent has answered {before.value}; it cannot answer {answer.kind.value} any more.",
        )
    sent = set(answer.bundles)
    files = [file.id for file in files_of(site.database, row.case) if file.sha256 in sent]
    kept = LogAnswer(server=agent.name, kind=answer.kind, at=site.clock(), reason=answer.reason, files=files)
    put_answer(connection, row.id, agent=agent.id, answer=kept)
    words = _WORDS.get(answer.kind)
    if words is not None:
        because = f" {answer.reason}" if answer.reason else ""
        _tell(connection, site, row, text=f"{words}.{because}", author=agent.name, files=files)


def _tell(
    connection: Connection,
    site: Site,
    row: RequestRow,
    *,
    text: str,
    author: str,
    from_support: bool = False,
    files: list[str] | None = None,
) -> None:
    now = site.clock()
    update = NewUpdate(
        id=f"u-{site.token(12).hex()}",
        case=row.case,
        kind=UpdateKind.SYSTEM,
        at=now,
        author=author,
        text=text,
        from_support=from_support,
        channel="portal",
        files=tuple(files or ()),
    )
    insert_update(connection, update)
    touch_case(connection, row.case, now=now)
    for kind, subject in ((EventKind.UPDATE_ADDED, update.id), (EventKind.CASE_CHANGED, "")):
        publish(
            connection,
            kind,
            account=row.account,
            case=row.case,
            subject=subject,
            now=now,
            keep=site.kept_events,
        )


def _shown(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S%z}"
