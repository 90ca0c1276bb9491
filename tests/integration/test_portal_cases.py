"""Cases, comments, files and changes at the real portal."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

import pytest
import requests

from tests.peers.portal import CLIENT, PortalProcess, PortalSession, portal, sign_in

__all__ = ["portal"]
WAITING = "/cases/0003256033"
ASKED = "/cases/0003256109"
CLOSED = "/cases/0003255731"
TRACES = f"{ASKED}/files/fl-256109-traces"


@pytest.fixture(scope="module")
def nadia(portal: PortalProcess) -> Iterator[PortalSession]:
    with portal.session("Nadia") as session:
        yield session


def numbers(answer: requests.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [case["number"] for case in answer.json()["items"]]


def all_numbers(session: PortalSession, query: str) -> list[str]:
    found: list[str] = []
    cursor = ""
    while True:
        page = session.get(f"/cases?{query}&cursor={cursor}").json()
        found += [case["number"] for case in page["items"]]
        if page["next_cursor"] is None:
            assert page["total"] == len(found)
            return found
        cursor = page["next_cursor"]


def test_the_views_hold_what_the_rules_say(nadia: PortalSession) -> None:
    counts = nadia.get("/cases/counts?account=acc-1001").json()["counts"]
    assert counts == {
        "mine": 10,
        "group": 27,
        "waiting-on-me": 3,
        "high-and-critical": 4,
        "closed": 2,
        "admin": 2,
    }


def test_a_case_number_needs_no_leading_zeros(nadia: PortalSession) -> None:
    assert nadia.get("/cases/3256226").json() == nadia.get("/cases/0003256226").json()


@pytest.mark.parametrize("sort", ["updated", "opened", "number", "priority", "subject", "status", "closes"])
@pytest.mark.parametrize("turn", ["", "-"])
def test_pages_of_any_order_hold_every_case_once(nadia: PortalSession, sort: str, turn: str) -> None:
    query = f"view=group&account=acc-1001&sort={turn}{sort}"
    paged = all_numbers(nadia, f"{query}&limit=4")
    assert paged == all_numbers(nadia, f"{query}&limit=500")
    assert len(set(paged)) == 27


def test_values_of_a_filter_widen_and_filters_narrow(nadia: PortalSession) -> None:
    query = "/cases?view=group&account=acc-1001&priority=High&priority=Critical&component=SIP%20Server"
    found = nadia.get(query).json()["items"]
    assert {case["priority"] for case in found} == {"High", "Critical"}
    assert {case["component"] for case in found} == {"SIP Server"}


def test_words_are_found_in_number_and_text_whatever_their_case(nadia: PortalSession) -> None:
    assert numbers(nadia.get("/cases?words=RE-INVITE%20256109")) == ["0003256109"]
    assert numbers(nadia.get("/cases?words=%25")) == []


def test_a_cursor_of_another_list_is_refused(nadia: PortalSession) -> None:
    cursor = nadia.get("/cases?limit=2").json()["next_cursor"]
    answer = nadia.get(f"/cases?limit=2&sort=number&cursor={cursor}")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["cursor"])


@pytest.mark.parametrize(
    ("query", "field"),
    [("sort=owner", "sort"), ("limit=0", "limit"), ("limit=501", "limit"), ("view=all", "view")],
)
def test_a_wrong_query_names_the_field(nadia: PortalSession, query: str, field: str) -> None:
    answer = nadia.get(f"/cases?{query}")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])


def test_a_case_that_did_not_change_is_not_sent_again(nadia: PortalSession) -> None:
    first = nadia.get("/cases/0003256226")
    assert first.headers["ETag"] == f'"{first.json()["etag"]}"'
    again = nadia.get("/cases/0003256226", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_reading_the_feed_makes_the_case_read(nadia: PortalSession) -> None:
    before = nadia.get(WAITING).json()
    nadia.get(f"{WAITING}/updates")
    after = nadia.get(WAITING).json()
    assert (before["unread"], after["unread"]) == (True, False)


def test_the_feed_is_paged_newest_first(nadia: PortalSession) -> None:
    whole = nadia.get(f"{ASKED}/updates").json()
    first = nadia.get(f"{ASKED}/updates?limit=3").json()
    second = nadia.get(f"{ASKED}/updates?limit=500&cursor={first['next_cursor']}").json()
    assert first["items"] + second["items"] == whole["items"]
    assert [update["at"] for update in whole["items"]] == sorted(
        (update["at"] for update in whole["items"]), reverse=True
    )


def test_a_comment_opens_a_case_that_waits_and_stops_its_timer(portal: PortalProcess) -> None:
    with portal.session("Tom") as tom:
        before = tom.get("/cases/0003256166").json()
        made = tom.post("/cases/0003256166/comments", json={"text": "Recorded again."})
        after = tom.get("/cases/0003256166").json()
        feed = tom.get("/cases/0003256166/updates").json()["items"]
    assert made.status_code == 201
    assert (before["status"], after["status"], after["substatus"]) == (
        "Awaiting Information",
        "Open",
        "Investigation",
    )
    assert after["waiting_since"] is None
    assert after["unread"] is False
    assert [(update["kind"], update["mine"]) for update in feed[:2]] == [
        ("status", False),
        ("message", True),
    ]


def test_a_closed_case_takes_no_comment_and_names_the_rule(nadia: PortalSession) -> None:
    problem = nadia.post(f"{CLOSED}/comments", json={"text": "Again!"}).json()
    assert (problem["status"], problem["code"], problem["rule"]) == (409, "case-closed", "R-CASE-11")


def test_a_closed_case_takes_no_files_and_names_the_rule(nadia: PortalSession) -> None:
    problem = nadia.post(f"{CLOSED}/acknowledgements").json()
    assert (problem["status"], problem["code"], problem["rule"]) == (409, "case-closed", "R-FILE-1")


@pytest.mark.parametrize("body", [{"text": ""}, {"text": " \n"}, {"text": "x" * 32_001}, {}, {"text": 7}])
def test_a_comment_that_is_not_right_names_its_field(nadia: PortalSession, body: dict[str, Any]) -> None:
    answer = nadia.post(f"{ASKED}/comments", json=body)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["body.text"])


def test_a_repeated_comment_with_its_key_is_one_comment(nadia: PortalSession) -> None:
    headers = {"Idempotency-Key": "comment-key-0001"}
    with ThreadPoolExecutor(4) as pool:
        made = list(
            pool.map(
                lambda _: nadia.post("/cases/3256214/comments", json={"text": "Once."}, headers=headers),
                range(4),
            )
        )
    feed = nadia.get("/cases/3256214/updates").json()["items"]
    assert {answer.status_code for answer in made} == {201}
    assert len({answer.json()["id"] for answer in made}) == 1
    assert [update["text"] for update in feed].count("Once.") == 1


def test_a_key_with_another_body_is_refused(nadia: PortalSession) -> None:
    headers = {"Idempotency-Key": "comment-key-0002"}
    nadia.post("/cases/3256214/comments", json={"text": "One."}, headers=headers)
    problem = nadia.post("/cases/3256214/comments", json={"text": "Two."}, headers=headers).json()
    assert (problem["status"], problem["code"]) == (422, "idempotency-key-reused")


def test_keys_of_different_people_do_not_meet(portal: PortalProcess, nadia: PortalSession) -> None:
    headers = {"Idempotency-Key": "comment-key-0003"}
    with portal.session("Tom") as tom:
        answers = [
            session.post("/cases/3256226/comments", json={"text": text}, headers=headers)
            for session, text in ((nadia, "Nadia's."), (tom, "Tom's."))
        ]
    assert [answer.json()["text"] for answer in answers] == ["Nadia's.", "Tom's."]


def test_a_repeated_registration_gives_the_same_secret(nadia: PortalSession) -> None:
    headers = {"Idempotency-Key": "register-key-0001"}
    body = {"account": "acc-1001", "server": "sip-k01"}
    first, second = (nadia.post("/agents", json=body, headers=headers).json() for _ in range(2))
    assert first == second


def test_a_change_of_a_case_that_changed_meanwhile_is_refused(nadia: PortalSession) -> None:
    stale = nadia.get("/cases/3256150").headers["ETag"]
    nadia.post("/cases/3256150/comments", json={"text": "First."})
    problem = nadia.post("/cases/3256150/comments", json={"text": "Late."}, headers={"If-Match": stale})
    assert (problem.status_code, problem.json()["code"]) == (412, "changed-meanwhile")


def test_having_read_the_feed_is_no_change_of_the_case(nadia: PortalSession) -> None:
    seen = nadia.get("/cases/3256187").headers["ETag"]
    nadia.get("/cases/3256187/updates")
    answer = nadia.post("/cases/3256187/comments", json={"text": "Tried it."}, headers={"If-Match": seen})
    assert answer.status_code == 201


def test_a_bundle_of_the_demo_is_a_real_one(nadia: PortalSession) -> None:
    facts = nadia.get(TRACES).json()
    content = nadia.get(f"{TRACES}/content")
    manifest = nadia.get(f"{TRACES}/manifest")
    assert hashlib.sha256(content.content).hexdigest() == facts["sha256"]
    with zipfile.ZipFile(BytesIO(content.content)) as archive:
        assert archive.testzip() is None
        assert archive.read(archive.namelist()[0]) == manifest.content
    assert manifest.json()["case"] == "0003256109"


def test_a_file_is_read_on_from_where_a_download_was_cut(nadia: PortalSession) -> None:
    whole = nadia.get(f"{TRACES}/content")
    rest = nadia.get(f"{TRACES}/content", headers={"Range": "bytes=1000-", "If-Range": whole.headers["ETag"]})
    assert (rest.status_code, rest.content) == (206, whole.content[1000:])
    assert rest.headers["Content-Range"] == f"bytes 1000-{len(whole.content) - 1}/{len(whole.content)}"


def test_a_range_of_another_content_sends_the_whole(nadia: PortalSession) -> None:
    answer = nadia.get(f"{TRACES}/content", headers={"Range": "bytes=1000-", "If-Range": '"other"'})
    assert answer.status_code == 200


@pytest.mark.parametrize("wanted", ["bytes=99999999-", "bytes=-0", "lines=1-2"])
def test_a_range_that_is_not_there_is_a_problem(nadia: PortalSession, wanted: str) -> None:
    answer = nadia.get(f"{TRACES}/content", headers={"Range": wanted})
    assert (answer.status_code, answer.headers["Content-Type"]) == (416, "application/problem+json")


def test_a_download_is_never_shown_as_a_page(nadia: PortalSession) -> None:
    answer = nadia.get(f"{ASKED}/files/fl-256109-howto/content")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_a_body_over_the_limit_is_refused_whether_announced_or_not(nadia: PortalSession) -> None:
    long = json.dumps({"text": "x" * 300_000}).encode()
    kind = {"Content-Type": "application/json"}
    announced = nadia.post(f"{ASKED}/comments", data=long, headers=kind)
    chunked = nadia.post(f"{ASKED}/comments", data=iter([long]), headers=kind)
    assert [announced.status_code, chunked.status_code] == [413, 413]


def test_an_unknown_address_is_a_problem(nadia: PortalSession) -> None:
    answer = nadia.get("/nothing")
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


def test_a_portal_without_sftp_says_so(nadia: PortalSession) -> None:
    answer = nadia.post(f"{ASKED}/sftp-account")
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["rule"]) == (409, "no-sftp", "R-FILE-5")


class Stream:
    """Server-sent events of one connection, one at a time."""

    def __init__(self, session: PortalSession, last: int | None = None) -> None:
        headers = {} if last is None else {"Last-Event-ID": str(last)}
        self.answer = session.get("/events", headers=headers, stream=True)
        assert self.answer.status_code == 200, self.answer.text
        self._lines = self.answer.iter_lines()
        self.start = self.block()

    def block(self) -> dict[str, str]:
        fields: dict[str, str] = {}
        for line in self._lines:
            if not line and fields:
                return fields
            if line and not line.startswith(b":"):
                name, _, value = line.decode().partition(": ")
                fields[name] = value
        raise AssertionError("the stream ended")

    def event(self) -> dict[str, Any]:
        block = self.block()
        data: dict[str, Any] = json.loads(block["data"])
        assert (block["event"], block["id"]) == (data["kind"], str(data["id"]))
        return data


def test_a_change_is_told_to_a_listener(nadia: PortalSession) -> None:
    stream = Stream(nadia)
    made = nadia.post("/cases/3255902/comments", json={"text": "The window is on Sunday."}).json()
    told = [stream.event(), stream.event()]
    stream.answer.close()
    assert [(event["kind"], event["subject"]) for event in told] == [
        ("update-added", made["id"]),
        ("case-changed", ""),
    ]
    assert {event["case"] for event in told} == {"0003255902"}


def test_a_listener_goes_on_after_the_last_id_it_knows(nadia: PortalSession) -> None:
    first = Stream(nadia)
    nadia.post("/cases/3255940/comments", json={"text": "Any news?"})
    seen = first.event()
    first.answer.close()
    second = Stream(nadia, last=seen["id"])
    following = second.event()
    second.answer.close()
    assert (following["id"], following["kind"]) == (seen["id"] + 1, "update-added")


def test_an_id_the_portal_does_not_know_asks_for_everything_again(nadia: PortalSession) -> None:
    stream = Stream(nadia, last=999_999_999)
    event = stream.event()
    stream.answer.close()
    assert event["kind"] == "resync"


def test_changes_of_a_foreign_account_are_not_told(portal: PortalProcess, nadia: PortalSession) -> None:
    stream = Stream(nadia)
    with portal.session("Lena") as lena:
        assert lena.post("/cases/3256240/comments", json={"text": "Still so."}).status_code == 201
    nadia.post("/agents", json={"account": "acc-1001", "server": "sip-e01"})
    event = stream.event()
    stream.answer.close()
    assert (event["kind"], event["account"]) == ("agent-changed", "acc-1001")


def test_a_listener_who_signed_out_is_told_nothing_more(portal: PortalProcess, nadia: PortalSession) -> None:
    tom = portal.person("Tom")
    tokens = sign_in(portal, tom.email, tom.password)
    with portal.session(tokens=tokens) as session:
        stream = Stream(session)
        session.post("/oauth/revoke", data={"token": tokens.refresh, "client_id": CLIENT})
        nadia.post("/agents", json={"account": "acc-1001", "server": "sip-e02"})
        with pytest.raises(AssertionError, match="the stream ended"):
            stream.block()


def test_every_answer_carries_the_security_headers(nadia: PortalSession) -> None:
    for answer in (nadia.get("/me"), nadia.get("/nothing"), nadia.get("/oauth/activate")):
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert "Content-Security-Policy" in answer.headers
        assert "server" not in answer.headers
