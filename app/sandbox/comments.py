"""A customer's comment on a case, and what it changes (R-CASE-9)."""

from __future__ import annotations

from sqlite3 import Connection

from app.domain.cases import CaseState, Status
from app.domain.followup import state_after_customer_comment
from app.domain.verdicts import no
from app.portal.contract import EventKind, ProblemCode, Update, UpdateKind
from app.sandbox.callers import Caller
from app.sandbox.changes import publish
from app.sandbox.problems import not_found, refused
from app.sandbox.site import Site
from app.sandbox.store.cases import (
    NewUpdate,
    case_row,
    insert_update,
    mark_seen,
    set_state,
    touch_case,
    update_row,
)

_CLOSED = no(
    "R-CASE-11",
    "The case is closed.",
    way_out="Ask for it to be reopened with what you saw since, or open a new case that refers to it.",
)


def add_comment(connection: Connection, site: Site, *, number: str, caller: Caller, text: str) -> Update:
    """Add the comment, and set a case that waits for the customer to *Open* with an entry that says so.

    Raises:
        ProblemError: 404 without such a case, 409 ``case-closed``.
    """
    before = case_row(site.database, number, reader=caller.id)
    if before is None:
        raise not_found("case")
    if before.status is Status.CLOSED:
        raise refused(_CLOSED, ProblemCode.CASE_CLOSED, "The case is closed", status=409)
    now = site.clock()
    seq = insert_update(
        connection,
        NewUpdate(
            id=f"u-{site.token(12).hex()}",
            case=number,
            kind=UpdateKind.MESSAGE,
            at=now,
            author=caller.name,
            text=text,
            contact=caller.id,
            channel="portal",
        ),
    )
    made = update_row(site.database, seq, reader=caller.id)
    if made is None:
        raise not_found("case")
    state = CaseState(before.status, before.substatus)
    after = state_after_customer_comment(state)
    subjects = [made.id]
    if after != state:
        set_state(connection, number, after, waiting_since=None)
        subjects.append(_tell_change(connection, site, number=number, state=state, after=after))
    mark_seen(connection, number, contact=caller.id)
    touch_case(connection, number, now=now)
    for subject in subjects:
        _publish(connection, site, EventKind.UPDATE_ADDED, before.account, number, subject)
    _publish(connection, site, EventKind.CASE_CHANGED, before.account, number, "")
    return made


def _tell_change(
    connection: Connection, site: Site, *, number: str, state: CaseState, after: CaseState
) -> str:
    """The feed's entry for a changed status; the author of the comment has caused it, and read it."""
    identity = f"u-{site.token(12).hex()}"
    insert_update(
        connection,
        NewUpdate(
            id=identity,
            case=number,
            kind=UpdateKind.STATUS,
            at=site.clock(),
            author="",
            text=f"Status changed from {state.status} · {state.substatus} to {after.status}."
            " Follow-up timer stopped",
        ),
    )
    return identity


def _publish(
    connection: Connection, site: Site, kind: EventKind, account: str, case: str, subject: str
) -> None:
    publish(
        connection,
        kind,
        account=account,
        case=case,
        subject=subject,
        now=site.clock(),
        keep=site.kept_events,
    )
