"""The client against a portal that fails on purpose."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import trustme

from app.domain.errors import (
    CredentialsError,
    InputError,
    IntegrityError,
    LocalError,
    PeerError,
    RefusedError,
    TrustError,
    UnreachableError,
)
from app.portal import AgentTokens, PersonTokens, PortalClient, SignIn
from app.portal.contract import CaseFilter, EventKind
from app.secrets import FileVault
from app.settings import Trust
from tests.peers.faulty_portal import PROBLEM, Answer, FaultyPortal

ME = b'{"id":"c","first_name":"N","last_name":"F","email":"e","employer":"x","country":"y","memberships":[]}'
CAPABILITIES = (
    b'{"product":"p","contract":"1","limits":{},"gateways":[],'
    b'"tus_extensions":[],"tus_checksums":[],"sftp":null}'
)


class Fixed:
    """A token source without a portal behind it."""

    def __init__(self, *tokens: str) -> None:
        self.tokens = list(tokens) or ["t"]
        self.refused: list[str | None] = []

    def bearer(self) -> str:
        return self.tokens[0]

    def rejected(self, token: str | None = None) -> None:
        self.refused.append(token)
        if len(self.tokens) > 1:
            self.tokens.pop(0)


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture(scope="module")
def trust(authority, tmp_path_factory):
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return Trust(path)


@pytest.fixture
def portal(authority):
    with FaultyPortal(authority) as running:
        yield running


@pytest.fixture
def client(portal, trust):
    made = PortalClient(portal.url, trust=trust, tokens=Fixed())
    yield made
    made.close()


def problem(status: int, code: str, **members) -> Answer:
    body = {"status": status, "code": code, "title": "Title", **members}
    return Answer(status, json.dumps(body).encode(), PROBLEM)


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
    client = PortalClient(portal.url, trust=trust, tokens=Fixed(), read_seconds=5, answer_seconds=0.2)
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
        assert rest.result(timeout=10) == []
    hold.set()


def test_a_sign_in_that_ends_ends_the_stream(portal, client):
    portal.answers("/api/v1/events", problem(401, "not-signed-in"))
    with pytest.raises(CredentialsError):
        next(client.events())


def test_what_is_no_event_stream_is_a_peer_error(portal, client):
    portal.answers("/api/v1/events", Answer(body=b"{}"))
    with pytest.raises(PeerError):
        next(client.events())


# Downloads

CONTENT = bytes(range(256)) * 5000
NUMBER = "0003256109"
FILE = f"/api/v1/cases/{NUMBER}/files/f1"


def file_answer(content: bytes = CONTENT, sha256: str | None = None) -> Answer:
    members = {
        "id": "f1",
        "case": NUMBER,
        "name": "x.zip",
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest() if sha256 is None else sha256,
        "origin": "support",
        "check": "verified",
        "via": "",
        "sent": "2023-06-14T12:00:00Z",
        "sent_by": "s",
    }
    return Answer(body=json.dumps(members).encode())


def ranged(seen) -> Answer:
    start = int(seen.headers.get("Range", "bytes=0-")[6:-1])
    if not start:
        return Answer(body=CONTENT, media_type="application/zip")
    return Answer(
        206,
        CONTENT[start:],
        "application/zip",
        {"Content-Range": f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}"},
    )


def test_a_cut_download_goes_on_from_its_part(portal, client, tmp_path):
    portal.answers(FILE, file_answer())
    portal.answers(f"{FILE}/content", Answer(body=CONTENT, cut_after=400_000), ranged)
    target = tmp_path / "x.zip"
    with pytest.raises(UnreachableError):
        client.download(NUMBER, "f1", target)
    assert not target.exists()
    assert client.download(NUMBER, "f1", target).resumed
    assert target.read_bytes() == CONTENT
    assert not (tmp_path / "x.zip.part").exists()
    assert portal.asked(f"{FILE}/content")[-1].headers["Range"].startswith("bytes=")


def test_a_part_of_other_content_is_fetched_again_from_the_start(portal, client, tmp_path):
    portal.answers(FILE, file_answer())
    portal.answers(f"{FILE}/content", ranged)
    (tmp_path / "x.zip.part").write_bytes(b"other content" * 1000)
    client.download(NUMBER, "f1", tmp_path / "x.zip")
    assert (tmp_path / "x.zip").read_bytes() == CONTENT


def test_a_portal_without_ranges_sends_the_whole_again(portal, client, tmp_path):
    portal.answers(FILE, file_answer())
    portal.answers(f"{FILE}/content", Answer(body=CONTENT))
    (tmp_path / "x.zip.part").write_bytes(CONTENT[:1000])
    client.download(NUMBER, "f1", tmp_path / "x.zip")
    assert (tmp_path / "x.zip").read_bytes() == CONTENT


def test_a_digest_that_differs_leaves_the_older_file_alone(portal, client, tmp_path):
    portal.answers(FILE, file_answer(sha256="0" * 64))
    portal.answers(f"{FILE}/content", Answer(body=CONTENT))
    (tmp_path / "x.zip").write_bytes(b"older")
    with pytest.raises(IntegrityError):
        client.download(NUMBER, "f1", tmp_path / "x.zip")
    assert (tmp_path / "x.zip").read_bytes() == b"older"
    left = sorted(path.name for path in tmp_path.iterdir() if path.name.startswith("x"))
    assert left == ["x.zip", "x.zip.quarantine"]


def test_more_bytes_than_announced_are_refused(portal, client, tmp_path):
    portal.answers(FILE, file_answer())
    portal.answers(f"{FILE}/content", Answer(body=CONTENT + b"more"))
    with pytest.raises(PeerError):
        client.download(NUMBER, "f1", tmp_path / "x.zip")


def test_an_empty_file_arrives(portal, client, tmp_path):
    portal.answers(FILE, file_answer(b""))
    portal.answers(f"{FILE}/content", Answer(body=b""))
    assert client.download(NUMBER, "f1", tmp_path / "x").checked
    assert (tmp_path / "x").read_bytes() == b""


def test_a_folder_that_cannot_be_written_is_a_local_error(portal, client, tmp_path):
    portal.answers(FILE, file_answer())
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(LocalError):
        client.download(NUMBER, "f1", tmp_path / "file" / "x.zip")


# Tokens


def token(access: str, refresh: str = "", seconds: int = 3600) -> Answer:
    reply = {"access_token": access, "token_type": "Bearer", "expires_in": seconds, "refresh_token": refresh}
    return Answer(body=json.dumps(reply).encode())


@pytest.fixture
def store(tmp_path):
    return FileVault(tmp_path / "vault", bytes(32))


def signed_in(portal, trust, store, *, expires: float, clock=lambda: 1000.0) -> PersonTokens:
    tokens = PersonTokens(portal.url, trust=trust, store=store, clock=clock)
    tokens.keep(SignIn(access_token="a1", refresh_token="r1", expires=expires))
    return tokens


def test_a_valid_token_is_used_without_asking(portal, trust, store):
    assert signed_in(portal, trust, store, expires=9000).bearer() == "a1"
    assert portal.seen == []


def test_an_ending_token_is_renewed_and_the_rotated_one_is_kept(portal, trust, store):
    portal.answers("/oauth/token", token("a2", "r2"))
    assert signed_in(portal, trust, store, expires=1010).bearer() == "a2"
    again = PersonTokens(portal.url, trust=trust, store=store, clock=lambda: 1000.0)
    assert again.bearer() == "a2"
    again.rejected()
    portal.answers("/oauth/token", token("a3", "r3"))
    again.bearer()
    assert b"refresh_token=r2" in portal.asked("/oauth/token")[-1].body


def test_many_threads_renew_once(portal, trust, store):
    portal.answers("/oauth/token", token("a2", "r2"), Answer(400, b'{"error":"invalid_grant"}'))
    tokens = signed_in(portal, trust, store, expires=1010)
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: tokens.bearer(), range(16))) == {"a2"}
    assert len(portal.asked("/oauth/token")) == 1


def test_two_programs_on_one_vault_renew_once(portal, trust, tmp_path):
    portal.answers("/oauth/token", token("a2", "r2"), Answer(400, b'{"error":"invalid_grant"}'))
    stores = [FileVault(tmp_path / "vault", bytes(32)) for _ in range(4)]
    signed_in(portal, trust, stores[0], expires=1010)
    programs = [PersonTokens(portal.url, trust=trust, store=s, clock=lambda: 1000.0) for s in stores]
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda program: program.bearer(), programs)) == {"a2"}
    assert len(portal.asked("/oauth/token")) == 1


def test_a_late_rejection_of_an_older_token_renews_nothing(portal, trust, store):
    tokens = signed_in(portal, trust, store, expires=9000)
    tokens.rejected("a0")
    assert tokens.bearer() == "a1"


def test_a_refused_renewal_ends_the_sign_in(portal, trust, store):
    portal.answers("/oauth/token", Answer(400, b'{"error":"invalid_grant"}'))
    tokens = signed_in(portal, trust, store, expires=0)
    with pytest.raises(CredentialsError) as raised:
        tokens.bearer()
    assert raised.value.code == "CF-1383"
    assert not tokens.signed_in()


@pytest.mark.parametrize("answer", [Answer(500), Answer(503), Answer(200, b"<html>"), Answer(400, b"<html>")])
def test_a_portal_in_trouble_does_not_end_the_sign_in(portal, trust, store, answer):
    portal.answers("/oauth/token", answer)
    tokens = signed_in(portal, trust, store, expires=0)
    with pytest.raises((UnreachableError, PeerError)):
        tokens.bearer()
    assert tokens.signed_in()


def test_signing_out_forgets_here_even_when_the_portal_is_away(portal, trust, store):
    portal.answers("/oauth/revoke", Answer(500))
    tokens = signed_in(portal, trust, store, expires=9000)
    with pytest.raises(UnreachableError):
        tokens.sign_out()
    assert not tokens.signed_in()


def test_an_agents_token_is_asked_for_once_and_again_after_a_rejection(portal, trust):
    portal.answers("/oauth/token", token("a1"), token("a2"))
    tokens = AgentTokens(portal.url, trust=trust, client_id="c", client_secret="s", clock=lambda: 0.0)
    assert (tokens.bearer(), tokens.bearer()) == ("a1", "a1")
    tokens.rejected("a1")
    assert tokens.bearer() == "a2"


def test_a_revoked_agent_is_a_credentials_error_without_the_secret(portal, trust):
    portal.answers("/oauth/token", Answer(401, b'{"error":"invalid_client"}'))
    tokens = AgentTokens(
        portal.url, trust=trust, client_id="c", client_secret="very-secret", clock=lambda: 0.0
    )
    with pytest.raises(CredentialsError) as raised:
        tokens.bearer()
    assert "very-secret" not in str(raised.value)


@pytest.mark.parametrize(
    "metadata",
    [
        b'{"issuer":"https://other.example","authorization_endpoint":"https://o/a","token_endpoint":"https://o/t"}',
        b"{}",
        b"<html>",
    ],
)
def test_metadata_of_something_else_is_a_peer_error(portal, trust, metadata):
    portal.answers("/.well-known/oauth-authorization-server", Answer(body=metadata))
    tokens = AgentTokens(portal.url, trust=trust, client_id="c", client_secret="s")
    with pytest.raises(PeerError):
        tokens.bearer()


def test_a_token_endpoint_without_tls_gets_no_secret(portal, trust):
    metadata = {
        "issuer": portal.url,
        "authorization_endpoint": f"{portal.url}/a",
        "token_endpoint": "http://127.0.0.1:1/t",
    }
    portal.answers("/.well-known/oauth-authorization-server", Answer(body=json.dumps(metadata).encode()))
    with pytest.raises(TrustError):
        AgentTokens(portal.url, trust=trust, client_id="c", client_secret="s").bearer()
