"""Who may call what: every address of the portal, with every kind of caller (R-ACC-3)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests
from fastapi.routing import iter_route_contexts

from app.sandbox.application import build_application
from app.sandbox.site import open_site
from tests.peers.portal import PortalProcess, PortalSession, agent_tokens, register_agent, support

CASE = "/cases/0003256109"
FILE = f"{CASE}/files/fl-256109-traces"
NOBODY, AGENT, FOREIGN_AGENT, SUPPORT = "nobody", "agent", "foreign agent", "support"
BASIC, READ_ONLY, DESIGNATED, FOREIGN = "Pia", "Grit", "Nadia", "Lena"
CALLERS = (NOBODY, SUPPORT, AGENT, FOREIGN_AGENT, BASIC, READ_ONLY, DESIGNATED, FOREIGN)

OPEN = dict.fromkeys(CALLERS, "ok")
# The credential of a support user is no token: it is good for the calls of support alone.
UNKNOWN = {NOBODY: "not-signed-in", SUPPORT: "not-signed-in"}
PEOPLE = OPEN | UNKNOWN | {AGENT: "wrong-scope", FOREIGN_AGENT: "wrong-scope"}
SUPPORT_ONLY = dict.fromkeys(CALLERS, "not-signed-in") | {SUPPORT: "ok"}
OWN_LISTS = PEOPLE | {BASIC: "access-level"}
SEE = PEOPLE | {BASIC: "access-level", FOREIGN: "not-found"}
CHANGE = SEE | {READ_ONLY: "access-level"}
AGENTS_ONLY = dict.fromkeys(CALLERS, "wrong-scope") | UNKNOWN | {AGENT: "ok", FOREIGN_AGENT: "ok"}
OWN_REQUEST = AGENTS_ONLY | {FOREIGN_AGENT: "not-found"}
SEND = {
    **UNKNOWN,
    AGENT: "ok",
    FOREIGN_AGENT: "not-found",
    BASIC: "access-level",
    READ_ONLY: "access-level",
    DESIGNATED: "ok",
    FOREIGN: "not-found",
}
# An upload belongs to who began it (here: the agent); nobody else may touch it.
OWN_UPLOAD = dict.fromkeys(CALLERS, "not-found") | UNKNOWN | {AGENT: "ok"}


@dataclass(frozen=True)
class Call:
    """One address and what each caller gets there: ``ok`` or the code of a problem."""

    method: str
    template: str
    expected: dict[str, str]
    path: str = ""
    json: object = None
    headers: dict[str, str] = field(default_factory=dict)


TUS = {"Tus-Resumable": "1.0.0"}
UPLOAD = "/uploads/{upload}"
REQUEST = "/log-requests/{request}"
WISH = {"applications": ["sips_*"], "first": "2026-06-14T10:00:00Z", "last": "2026-06-14T12:00:00Z"}
MATRIX = [
    Call("GET", "/openapi.json", OPEN, path="/api/v1/openapi.json"),
    Call("GET", "/capabilities", OPEN),
    Call("GET", "/me", PEOPLE),
    Call("GET", "/accounts", PEOPLE),
    Call("GET", "/contacts", SEE, path="/contacts?account=acc-1001"),
    Call("GET", "/cases", OWN_LISTS),
    Call("GET", "/cases/counts", OWN_LISTS),
    Call("GET", "/cases/{number}", SEE, path=CASE),
    Call("GET", "/cases/{number}/updates", SEE, path=f"{CASE}/updates"),
    Call("POST", "/cases/{number}/comments", CHANGE, path=f"{CASE}/comments", json={"text": "Seen again."}),
    Call("GET", "/cases/{number}/files", SEE, path=f"{CASE}/files"),
    Call("GET", "/cases/{number}/intake", SEND, path=f"{CASE}/intake"),
    Call("GET", "/cases/{number}/files/{file_id}", SEE, path=FILE),
    Call("GET", "/cases/{number}/files/{file_id}/content", CHANGE, path=f"{FILE}/content"),
    Call("GET", "/cases/{number}/files/{file_id}/manifest", SEE, path=f"{FILE}/manifest"),
    Call("POST", "/cases/{number}/acknowledgements", CHANGE, path=f"{CASE}/acknowledgements"),
    Call("GET", "/cases/{number}/sftp-account", CHANGE, path=f"{CASE}/sftp-account"),
    Call("POST", "/cases/{number}/sftp-account", CHANGE, path=f"{CASE}/sftp-account"),
    Call("GET", "/agents", CHANGE, path="/agents?account=acc-1001"),
    Call("POST", "/agents", CHANGE, json={"account": "acc-1001", "server": "sip-x01"}),
    Call("DELETE", "/agents/{agent_id}", CHANGE, path="/agents/ag-sip-a01"),
    Call("GET", "/log-requests", AGENTS_ONLY),
    Call("GET", "/log-requests/{request_id}", OWN_REQUEST, path=REQUEST),
    Call(
        "POST",
        "/log-requests/{request_id}/answer",
        OWN_REQUEST,
        path=f"{REQUEST}/answer",
        json={"kind": "received"},
    ),
    Call("GET", "/cases/{number}/log-requests", SEE, path=f"{CASE}/log-requests"),
    Call(
        "POST",
        "/support/cases/{number}/log-requests",
        SUPPORT_ONLY,
        path=f"/support{CASE}/log-requests",
        json=WISH,
    ),
    Call("GET", "/support/cases/{number}/log-requests", SUPPORT_ONLY, path=f"/support{CASE}/log-requests"),
    Call(
        "POST",
        "/support/log-requests/{request_id}/withdraw",
        SUPPORT_ONLY,
        path=f"/support{REQUEST}/withdraw",
    ),
    Call("GET", "/events", PEOPLE),
    Call("OPTIONS", "/uploads", OPEN),
    Call("OPTIONS", "/uploads/{identity}", OPEN, path="/uploads/unknown"),
    Call("POST", "/uploads", SEND, headers=TUS),
    Call("HEAD", "/uploads/{identity}", OWN_UPLOAD, path=UPLOAD, headers=TUS),
    Call(
        "PATCH",
        "/uploads/{identity}",
        OWN_UPLOAD,
        path=UPLOAD,
        headers=TUS | {"Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"},
    ),
    Call("GET", "/uploads/{identity}/state", OWN_UPLOAD, path=f"{UPLOAD}/state"),
    Call(
        "POST",
        "/uploads/{identity}",
        OWN_UPLOAD,
        path=UPLOAD,
        headers=TUS
        | {
            "X-HTTP-Method-Override": "PATCH",
            "Content-Type": "application/offset+octet-stream",
            "Upload-Offset": "0",
        },
    ),
    Call("DELETE", "/uploads/{identity}", OWN_UPLOAD, path=UPLOAD, headers=TUS),
]
# OAuth's own addresses are where one signs in; test_portal_sign_in holds them.
SIGN_IN = {
    ("GET", "/oauth/style.css"),
    ("GET", "/oauth/authorize"),
    ("POST", "/oauth/authorize"),
    ("POST", "/oauth/device"),
    ("GET", "/oauth/activate"),
    ("POST", "/oauth/activate"),
    ("POST", "/oauth/token"),
    ("POST", "/oauth/revoke"),
    ("GET", "/.well-known/oauth-authorization-server"),
}
_STATUS = {"not-signed-in": 401, "wrong-scope": 403, "access-level": 403, "not-found": 404}


def test_the_matrix_names_every_route(tmp_path: Path) -> None:
    site = open_site(tmp_path / "data", url="https://portal.example")
    try:
        served = {
            (method, str(context.path))
            for context in iter_route_contexts(build_application(site).routes)
            for method in context.methods or ()
        }
    finally:
        site.database.close()
    served.discard(("HEAD", "/api/v1/openapi.json"))
    named = {(call.method, f"/api/v1{call.template}") for call in MATRIX} | SIGN_IN
    assert served == named


@dataclass
class Callers:
    portal: PortalProcess
    sessions: dict[str, PortalSession]
    upload: str = ""
    request: str = ""


@pytest.fixture(scope="module")
def callers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callers]:
    with PortalProcess(tmp_path_factory.mktemp("portal") / "data", sftp=True) as portal:
        sessions = {name: portal.session(name) for name in (BASIC, READ_ONLY, DESIGNATED, FOREIGN)}
        sessions[NOBODY] = portal.session()
        for name, owner, account in ((AGENT, "Nadia", "acc-1001"), (FOREIGN_AGENT, "Lena", "acc-2001")):
            credential = register_agent(portal, name=owner, account=account)
            sessions[name] = portal.session(tokens=agent_tokens(portal, credential))
        sessions[SUPPORT] = support(portal)
        found = Callers(portal, sessions)
        asked = sessions[SUPPORT].post(f"/support{CASE}/log-requests", json=WISH)
        assert asked.status_code == 201, asked.text
        found.request = asked.json()["request"]["id"]
        reply = begin_upload(sessions[AGENT], "began-by-agent.log")
        assert reply.status_code == 201, reply.text
        found.upload = reply.headers["Location"].rsplit("/", 1)[1]
        yield found
        for session in sessions.values():
            session.close()


def begin_upload(session: PortalSession, name: str, *, acknowledgement: str = "") -> requests.Response:
    told = {
        "case": "0003256109",
        "filename": name,
        "sha256": hashlib.sha256(b"abc").hexdigest(),
        "acknowledgement": acknowledgement,
    }
    metadata = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in told.items())
    return session.post("/uploads", headers=TUS | {"Upload-Length": "3", "Upload-Metadata": metadata})


def outcome(answer: requests.Response) -> str:
    if answer.ok:
        return "ok"
    if answer.request.method == "HEAD":
        return next(code for code, status in _STATUS.items() if status == answer.status_code)
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == answer.status_code
    if problem["code"] in _STATUS:
        assert answer.status_code == _STATUS[problem["code"]]
    return str(problem["code"])


def call_portal(callers: Callers, caller: str, call: Call) -> requests.Response:
    session = callers.sessions[caller]
    if (call.method, call.template) == ("POST", "/uploads"):
        acknowledged = session.post(f"{CASE}/acknowledgements")
        identity = acknowledged.json().get("id", "")
        return begin_upload(session, f"{caller}.log", acknowledgement=identity)
    path = (call.path or call.template).replace("{upload}", callers.upload)
    path = path.replace("{request}", callers.request)
    with session.request(
        call.method, path, json=call.json, headers=call.headers, stream=call.template == "/events"
    ) as answer:
        if not answer.ok:
            _ = answer.content
        return answer


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("call", MATRIX, ids=lambda call: f"{call.method} {call.template}")
def test_a_call_is_answered_by_who_calls(callers: Callers, call: Call, caller: str) -> None:
    assert outcome(call_portal(callers, caller, call)) == call.expected[caller]


def test_a_refusal_by_access_level_names_its_rule(callers: Callers) -> None:
    problem = callers.sessions[READ_ONLY].post(f"{CASE}/comments", json={"text": "May I?"}).json()
    assert problem["rule"] == "R-ACC-3"


def test_a_foreign_case_looks_like_one_that_does_not_exist(callers: Callers) -> None:
    foreign = callers.sessions[FOREIGN].get(CASE)
    missing = callers.sessions[FOREIGN].get("/cases/0000000001")
    assert (foreign.status_code, foreign.json()) == (missing.status_code, missing.json())


def test_write_access_ends_with_the_last_contract(callers: Callers) -> None:
    answer = callers.sessions[FOREIGN].get("/agents?account=acc-2002")
    assert outcome(answer) == "access-level"


def test_a_file_of_another_case_is_not_reached_through_ones_own(callers: Callers) -> None:
    answer = callers.sessions[DESIGNATED].get("/cases/0003256187/files/fl-256109-traces")
    assert outcome(answer) == "not-found"
