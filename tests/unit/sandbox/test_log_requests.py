"""Log requests at the portal: signed, good for a day, answered once by every agent, told in the case."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from app.domain.errors import InputError, LocalError, TrustError
from app.portal import read_request_key, request_key_fingerprint, signed_request
from app.portal.contract import (
    AgentCredential,
    LogAnswerKind,
    LogRequestState,
    NewLogAnswer,
    NewLogRequest,
    SignedLogRequest,
)
from app.sandbox.callers import Caller, CallerKind, Scope, digest_of
from app.sandbox.logrequests import CaseRef, ask, take_answer, withdraw
from app.sandbox.problems import ProblemError
from app.sandbox.requestkey import open_request_key
from app.sandbox.site import Site
from app.sandbox.store.cases import updates_page
from app.sandbox.store.credentials import AgentRow, insert_agent
from app.sandbox.store.logrequests import (
    RequestRow,
    SupportUser,
    request_row,
    request_view,
    support_user_by_secret,
    unanswered_requests,
)
from app.sandbox.support import add_support_user
from tests.unit.sandbox.conftest import Clock

CASE = CaseRef("0003256109", "acc-1001")
USER = SupportUser("su-1", "Mara Lindqvist")


def agent(site: Site, name: str = "ag-test") -> Caller:
    with site.database.transaction() as connection:
        credential = AgentCredential(id=name, account=CASE.account, server="sip-t01", created=site.clock())
        insert_agent(connection, AgentRow(credential, digest_of(name)), created_by="ct-nadia")
    return Caller(
        kind=CallerKind.AGENT,
        id=name,
        name="sip-t01",
        scopes=frozenset({Scope.LOG_REQUESTS_READ}),
        account=CASE.account,
    )


def asked(site: Site, case: CaseRef = CASE) -> RequestRow:
    now = site.clock()
    wish = NewLogRequest(["sips_*"], first=now - timedelta(hours=2), last=now, why="Calls drop.")
    with site.database.transaction() as connection:
        return ask(connection, site, case=case, user=USER, wish=wish)


def answered(site: Site, row: RequestRow, caller: Caller, kind: LogAnswerKind, **more: str) -> None:
    with site.database.transaction() as connection:
        take_answer(connection, site, row, agent=caller, answer=NewLogAnswer(kind, **more))


def listed(site: Site, caller: Caller) -> list[str]:
    rows = unanswered_requests(site.database, account=caller.account, agent=caller.id, now=site.clock())
    return [row.id for row in rows]


def feed(site: Site) -> list[str]:
    found, _more = updates_page(site.database, CASE.number, reader="ct-nadia", before=None, limit=20)
    return [update.text for update in found]


def signed(row: RequestRow) -> SignedLogRequest:
    return SignedLogRequest(row.id, row.document, row.signature)


def test_a_request_is_proven_with_the_key_that_the_portal_tells(demo_site: Site) -> None:
    row = asked(demo_site)
    found = signed_request(signed(row), read_request_key(demo_site.request_key.public))
    assert (found.id, found.case, found.account, found.asked_by) == (
        row.id,
        CASE.number,
        CASE.account,
        "Mara Lindqvist",
    )


@pytest.mark.parametrize("what", ["document", "signature", "id", "key"])
def test_a_request_that_was_changed_is_not_the_portals(demo_site: Site, tmp_path: Path, what: str) -> None:
    row = asked(demo_site)
    key = demo_site.request_key.public
    sent = signed(row)
    if what == "document":
        sent = replace(sent, document=sent.document.replace("sips_*", "*"))
    elif what == "signature":
        sent = replace(sent, signature=sent.signature[:-6] + "AAAA==")
    elif what == "id":
        sent = replace(sent, id="lr-other")
    else:
        key = open_request_key(tmp_path / "other.key").public
    with pytest.raises(TrustError, match="CF-1476"):
        signed_request(sent, read_request_key(key))


def test_what_is_no_key_is_said() -> None:
    with pytest.raises(InputError, match="CF-1185"):
        read_request_key("c2hvcnQ=")


def test_a_fingerprint_can_be_read_aloud(demo_site: Site) -> None:
    shown = request_key_fingerprint(read_request_key(demo_site.request_key.public))
    assert [len(group) for group in shown.split()] == [4] * 10


def test_the_key_stays_the_same_and_a_damaged_one_is_said(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "k"
    assert open_request_key(path).public == open_request_key(path).public
    path.write_bytes(b"short")
    with pytest.raises(LocalError, match="CF-1806"):
        open_request_key(path)


def test_an_agent_is_given_a_request_until_it_has_answered(demo_site: Site) -> None:
    one, other, row = agent(demo_site), agent(demo_site, "ag-other"), asked(demo_site)
    answered(demo_site, row, one, LogAnswerKind.RECEIVED)
    assert (listed(demo_site, one), listed(demo_site, other)) == ([], [row.id])


def test_a_request_is_good_for_a_day(demo_site: Site, clock: Clock) -> None:
    caller, row = agent(demo_site), asked(demo_site)
    clock.forward(hours=24)
    assert listed(demo_site, caller) == []
    assert row.state(demo_site.clock()) is LogRequestState.EXPIRED


def test_a_request_that_was_taken_back_is_given_to_nobody(demo_site: Site) -> None:
    caller, row = agent(demo_site), asked(demo_site)
    with demo_site.database.transaction() as connection:
        withdraw(connection, demo_site, row, user=USER)
    again = request_row(demo_site.database, row.id)
    assert again is not None
    assert listed(demo_site, caller) == []
    assert request_view(demo_site.database, again, now=demo_site.clock()).state is LogRequestState.WITHDRAWN


def test_nothing_is_asked_for_a_closed_case_nor_given_out_once_it_is_closed(demo_site: Site) -> None:
    caller, row = agent(demo_site), asked(demo_site)
    with demo_site.database.transaction() as connection:
        connection.execute("UPDATE cases SET status = 'Closed' WHERE number = ?", (CASE.number,))
    assert listed(demo_site, caller) == []
    assert not request_view(demo_site.database, row, now=demo_site.clock()).case_open
    with pytest.raises(ProblemError) as refused:
        asked(demo_site)
    assert (refused.value.status, refused.value.rule) == (409, "R-FILE-1")


def test_the_case_tells_what_was_asked_and_answered(demo_site: Site) -> None:
    caller, row = agent(demo_site), asked(demo_site)
    answered(demo_site, row, caller, LogAnswerKind.RECEIVED)
    answered(demo_site, row, caller, LogAnswerKind.REFUSED, reason="A rule says never.")
    newest, before = feed(demo_site)[:2]
    assert newest == "The log request was refused. A rule says never."
    assert before.startswith("Support asks for logs of sips_* from 2026-06-14 13:20:00+0000")


def test_a_final_answer_is_not_taken_back_and_not_told_twice(demo_site: Site) -> None:
    caller, row = agent(demo_site), asked(demo_site)
    answered(demo_site, row, caller, LogAnswerKind.NOTHING)
    count = len(feed(demo_site))
    answered(demo_site, row, caller, LogAnswerKind.NOTHING)
    assert len(feed(demo_site)) == count
    for kind in (LogAnswerKind.ACCEPTED, LogAnswerKind.SENT):
        with pytest.raises(ProblemError) as refused:
            answered(demo_site, row, caller, kind)
        assert refused.value.status == 409


def test_a_support_user_is_known_by_a_credential_that_is_not_in_the_store(site: Site) -> None:
    with site.database.transaction() as connection:
        token = add_support_user(connection, site, name="Mara")
    found = support_user_by_secret(site.database, digest_of(token))
    assert found is not None
    assert found.name == "Mara"
    stored = b"".join(path.read_bytes() for path in site.data.glob("portal.sqlite3*"))
    assert token.encode() not in stored
