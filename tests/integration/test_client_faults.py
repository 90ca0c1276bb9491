"""The client against a portal that fails on purpose."""

from __future__ import annotations

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import trustme

from app.domain.errors import (
    CredentialsError,
    InputError,
    PeerError,
    RefusedError,
    TrustError,
    UnreachableError,
)
from app.portal import PortalClient
from app.portal.contract import CaseFilter, EventKind
from tests.peers.faulty_client import Fixed, authority, client, portal, problem, trust
from tests.peers.faulty_portal import PROBLEM, Answer, FaultyPortal

__all__ = ["authority", "client", "portal", "trust"]

ME = b'{"id":"c","first_name":"N","last_name":"F","email":"e","employer":"x","country":"y","memberships":[]}'
CAPABILITIES = (
    b'{"product":"p","contract":"1","limits":{},"gateways":[],'
    b'"tus_extensions":[],"tus_checksums":[],"sftp":null}'
)


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (Answer(500), UnreachableError, "CF-1582"),
        (problem(500, "internal", reference="ab12"), UnreachableError, "CF-1582"),
        (Answer(502, b"<html>Bad gateway", "text/html"), UnreachableError, "CF-1582"),
        (problem(503, "internal"), UnreachableError, "CF-1581"),
        (problem(429, "too-many-requests"), UnreachableError, "CF-1581"),
        (problem(507, "storage-full"), UnreachableError, "CF-1580"),
        (Answer(200, b"<html>", "text/html"), PeerError, "CF-1682"),
        (Answer(200, b""), PeerError, "CF-1682"),
        (Answer(200, b"\xff\xfe\x00"), PeerError, "CF-1682"),
        (Answer(200, b"[]"), PeerError, "CF-1682"),
        (Answer(200, b'{"id": 5}'), PeerError, "CF-1682"),
        (Answer(404, b"nothing", "text/plain"), PeerError, "CF-1683"),
        (Answer(404, b"not json", PROBLEM), PeerError, "CF-1683"),
        (problem(404, "not-found"), InputError, "CF-1183"),
        (problem(400, "bad-request", fields={"text": "too long"}), InputError, "CF-1181"),
        (problem(401, "not-signed-in"), CredentialsError, "CF-1380"),
        (problem(401, "wrong-credentials"), CredentialsError, "CF-1384"),
        (problem(403, "wrong-scope"), CredentialsError, "CF-1381"),
        (problem(403, "access-level", rule="R-ACC-3"), RefusedError, "CF-1270"),
        (problem(409, "case-closed", rule="R-FILE-1"), RefusedError, "CF-1271"),
        (problem(403, "not-acknowledged", rule="R-FILE-1"), RefusedError, "CF-1272"),
        (problem(412, "changed-meanwhile"), RefusedError, "CF-1273"),
        (problem(422, "a-newer-code", rule="R-NEW-1"), RefusedError, "CF-1274"),
        (problem(418, "a-newer-code"), PeerError, "CF-1684"),
        (problem(409, "upload-offset"), PeerError, "CF-1681"),
    ],
)
def test_every_answer_becomes_an_error_of_the_right_family(portal, client, answer, kind, code):
    portal.answers("/api/v1/me", answer)
    with pytest.raises(kind) as raised:
        client.me()
    assert raised.value.code == code


def test_the_rule_of_a_refusal_is_kept(portal, client):
    portal.answers("/api/v1/me", problem(409, "case-closed", rule="R-FILE-1"))
    with pytest.raises(RefusedError) as raised:
        client.me()
    assert raised.value.rule == "R-FILE-1"


@pytest.mark.parametrize(
    ("header", "seconds"), [("17", 17.0), ("never", None), ("-3", None), ("99999", 3600.0)]
)
def test_retry_after_is_kept_within_reason(portal, client, header, seconds):
    portal.answers("/api/v1/me", Answer(503, headers={"Retry-After": header}))
    with pytest.raises(UnreachableError) as raised:
        client.me()
    assert raised.value.retry_after == seconds


def test_a_text_of_the_portal_cannot_steer_a_terminal_and_is_not_endless(portal, client):
    portal.answers("/api/v1/me", problem(400, "bad-request", detail="\x1b]0;owned\x07" + "x" * 5000))
    with pytest.raises(InputError) as raised:
        client.me()
    assert "\x1b" not in raised.value.happened
    assert len(raised.value.happened) <= 600


def test_the_field_that_is_wrong_is_named_and_never_its_value(portal, client):
    portal.answers("/api/v1/me", Answer(body=ME.replace(b'"e"', b"12345678")))
    with pytest.raises(PeerError) as raised:
        client.me()
    assert "$.email" in raised.value.happened
    assert "12345678" not in str(raised.value)


def test_a_rejected_token_is_renewed_once_and_the_call_repeated(portal, trust):
    tokens = Fixed("old", "new")
    portal.answers("/api/v1/me", problem(401, "not-signed-in"), Answer(body=ME))
    client = PortalClient(portal.url, trust=trust, tokens=tokens)
    assert client.me().id == "c"
    sent = [seen.headers["Authorization"] for seen in portal.asked("/api/v1/me")]
    assert sent == ["Bearer old", "Bearer new"]
    assert tokens.refused == ["old"]


def test_a_second_rejection_ends_in_a_credentials_error(portal, trust):
    portal.answers("/api/v1/me", problem(401, "not-signed-in"))
    client = PortalClient(portal.url, trust=trust, tokens=Fixed("old", "new"))
    with pytest.raises(CredentialsError):
        client.me()
    assert len(portal.asked("/api/v1/me")) == 2


def test_capabilities_carry_no_token(portal, client):
    portal.answers("/api/v1/capabilities", Answer(body=CAPABILITIES))
    client.capabilities()
    assert "Authorization" not in portal.asked("/api/v1/capabilities")[0].headers


def test_without_a_sign_in_nothing_is_asked(portal, trust):
    with pytest.raises(CredentialsError):
        PortalClient(portal.url, trust=trust).me()
    assert portal.asked("/api/v1/me") == []


def test_an_unchanged_answer_is_not_sent_again(portal, client):
    portal.answers("/api/v1/me", Answer(body=ME, headers={"ETag": '"1"'}), Answer(304))
    first = client.me()
    assert client.me() == first
    assert portal.asked("/api/v1/me")[1].headers["If-None-Match"] == '"1"'


def test_a_connection_that_breaks_before_the_answer_is_tried_once_more(portal, client):
    def hang_up(seen):
        raise ConnectionAbortedError

    portal.answers("/api/v1/me", hang_up, Answer(body=ME))
    assert client.me().id == "c"


def test_an_answer_that_is_cut_is_unreachable_and_not_half_used(portal, client):
    portal.answers("/api/v1/me", Answer(body=ME, cut_after=20))
    with pytest.raises(UnreachableError):
        client.me()


def test_a_portal_that_says_nothing_runs_into_the_time_out(portal, trust):
    hold = threading.Event()
    portal.answers("/api/v1/me", Answer(body=ME, cut_after=5, hold=hold))
    client = PortalClient(portal.url, trust=trust, tokens=Fixed(), read_seconds=0.2)
    with pytest.raises(UnreachableError) as raised:
        client.me()
    hold.set()
    assert raised.value.code == "CF-1571"


def test_a_portal_that_drips_runs_into_the_limit_of_the_whole_answer(portal, trust):
    stop = threading.Event()

    class Drips:
        """Pieces that come for ever, each before the read times out."""

        def __iter__(self):
            while not stop.is_set():
                time.sleep(0.01)
                yield b" "

        def __bool__(self):
            return True

    portal.answers(
        "/api/v1/me",
        lambda seen: Answer(pieces=_Endless(Drips()), headers={"Content-Length": "100000"}),
    )
    client = PortalClient(portal.url, trust=trust, tokens=Fixed(), read_seconds=60, answer_seconds=0.2)
    with pytest.raises(UnreachableError) as raised:
        client.me()
    stop.set()
    assert raised.value.code == "CF-1584"


class _Endless(tuple):
    """Looks like a tuple of pieces, and never ends."""

    def __new__(cls, source):
        made = super().__new__(cls, (b" ",))
        made.source = source
        return made

    def __iter__(self):
        if getattr(self, "joined", False):
            return iter(self.source)
        self.joined = True
        return iter((b" ",))


def test_an_untrusted_portal_gets_no_token(trust):
    with FaultyPortal(trustme.CA()) as stranger:
        client = PortalClient(stranger.url, trust=trust, tokens=Fixed())
        with pytest.raises(TrustError):
            client.me()
        assert stranger.seen == []


def test_a_list_is_followed_to_its_end_and_a_circle_is_noticed(portal, client):
    def page(cursor):
        return Answer(body=json.dumps({"items": [], "next_cursor": cursor, "total": 0}).encode())

    portal.answers("/api/v1/cases", page("a"), page("b"), page(None))
    assert list(client.every_case(CaseFilter())) == []
    assert [seen.path.count("cursor=") for seen in portal.asked("/api/v1/cases")] == [0, 1, 1]
    portal.answers("/api/v1/cases", page("a"))
    with pytest.raises(PeerError):
        list(client.every_case(CaseFilter()))


def test_a_strange_id_stays_one_part_of_the_path(portal, client):
    portal.answers("/api/v1/me", Answer(body=ME))
    for strange in ("../../me", "a/b?c#d", "é"):
        with pytest.raises(PeerError):
            client.case(strange)
    assert [seen.path for seen in portal.seen] == [
        "/api/v1/cases/..%2F..%2Fme",
        "/api/v1/cases/a%2Fb%3Fc%23d",
        "/api/v1/cases/%C3%A9",
    ]


@pytest.mark.parametrize("step", ["", ".", ".."])
def test_a_path_step_is_no_id_and_is_not_sent(portal, client, step):
    with pytest.raises(InputError):
        client.case(step)
    assert portal.seen == []


# Events


def event(number: int, kind: str = "case-changed") -> bytes:
    data = json.dumps({"id": number, "kind": kind, "at": "2023-06-14T12:00:00Z", "case": "0003256109"})
    return f"id: {number}\nevent: {kind}\ndata: {data}\n\n".encode()


def stream(*pieces: bytes, hold: threading.Event | None = None) -> Answer:
    return Answer(body=b"".join(pieces), media_type="text/event-stream", hold=hold)


def test_events_go_on_behind_the_last_one_after_a_break(portal, client):
    portal.answers("/api/v1/events", stream(event(1), event(2)), Answer(500), stream(event(3)))
    events = client.events(0, chance=lambda: 0.0)
    assert [next(events).id for _ in range(3)] == [1, 2, 3]
    asked = [seen.headers.get("Last-Event-ID") for seen in portal.asked("/api/v1/events")]
    assert asked == ["0", "2", "2"]
    events.close()


def test_comments_unknown_kinds_and_split_lines_are_no_trouble(portal, client):
    hold = threading.Event()
    body = b": hello\n\n" + event(1, "from-the-future") + event(2).replace(b"\n", b"\r\n")
    portal.answers("/api/v1/events", stream(*(body[n : n + 1] for n in range(len(body))), hold=hold))
    with client.events(chance=lambda: 0.0) as events:
        found = next(events)
    hold.set()
    assert (found.id, found.kind) == (2, EventKind.CASE_CHANGED)


def test_closing_from_another_thread_ends_the_wait(portal, client):
    hold = threading.Event()
    portal.answers("/api/v1/events", stream(event(1), hold=hold))
    events = client.events(chance=lambda: 0.0)
    next(events)
    with ThreadPoolExecutor(1) as pool:
        rest = pool.submit(list, events)
        events.close()
        assert rest.result(timeout=60) == []
    hold.set()


def test_a_sign_in_that_ends_ends_the_stream(portal, client):
    portal.answers("/api/v1/events", problem(401, "not-signed-in"))
    with pytest.raises(CredentialsError):
        next(client.events())


def test_what_is_no_event_stream_is_a_peer_error(portal, client):
    portal.answers("/api/v1/events", Answer(body=b"{}"))
    with pytest.raises(PeerError):
        next(client.events())
