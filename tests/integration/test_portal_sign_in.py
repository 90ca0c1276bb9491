"""Signing in to the real portal: pages, codes, tokens, devices, agents."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests

from tests.peers.portal import (
    CLIENT,
    REDIRECT,
    PortalProcess,
    PortalSession,
    Tokens,
    agent_tokens,
    fill_sign_in,
    pkce,
    portal,
    register_agent,
    sign_in,
)

__all__ = ["portal"]
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


@pytest.fixture
def browser(portal: PortalProcess) -> Iterator[PortalSession]:
    with portal.session() as session:
        yield session


def authorize(**changes: str) -> str:
    question = {
        "response_type": "code",
        "client_id": CLIENT,
        "redirect_uri": REDIRECT,
        "code_challenge": pkce()[1],
        "code_challenge_method": "S256",
        "state": "st-1",
        "scope": "cases",
    }
    return "/oauth/authorize?" + urlencode(question | changes)


def grant(session: PortalSession, **form: str) -> requests.Response:
    return session.post("/oauth/token", data={"client_id": CLIENT} | form)


def code_for(portal: PortalProcess, browser: PortalSession, challenge: str) -> str:
    nadia = portal.person("Nadia")
    target = fill_sign_in(
        browser, authorize(code_challenge=challenge), email=nadia.email, password=nadia.password
    )
    return parse_qs(urlsplit(target).query)["code"][0]


def exchange(session: PortalSession, code: str, verifier: str) -> requests.Response:
    return grant(
        session, grant_type="authorization_code", code=code, redirect_uri=REDIRECT, code_verifier=verifier
    )


def refresh(session: PortalSession, token: str) -> requests.Response:
    return grant(session, grant_type="refresh_token", refresh_token=token)


def post_form(browser: PortalSession, page: requests.Response, **fields: str) -> requests.Response:
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page.text))
    action = re.search(r'action="([^"]+)"', page.text)
    assert action is not None
    return browser.post(action.group(1), data=hidden | fields, allow_redirects=False)


def test_the_metadata_names_the_addresses(portal: PortalProcess, browser: PortalSession) -> None:
    document = browser.get("/.well-known/oauth-authorization-server").json()
    assert document["issuer"] == portal.url
    assert document["token_endpoint"] == f"{portal.url}/oauth/token"
    assert document["code_challenge_methods_supported"] == ["S256"]


def test_a_browser_gets_a_code_for_its_own_state_and_issuer(
    portal: PortalProcess, browser: PortalSession
) -> None:
    nadia = portal.person("Nadia")
    target = fill_sign_in(browser, authorize(), email=nadia.email.upper(), password=nadia.password)
    answer = parse_qs(urlsplit(target).query)
    assert target.startswith(REDIRECT + "?")
    assert (answer["state"], answer["iss"]) == (["st-1"], [portal.url])


def test_the_page_can_be_used_without_a_mouse_and_without_scripts(browser: PortalSession) -> None:
    page = browser.get(authorize())
    assert '<html lang="en">' in page.text
    for field in ("email", "password"):
        assert f'<label for="{field}">' in page.text
    assert "<script" not in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "http://127.0.0.1:*" in page.headers["Content-Security-Policy"]
    assert browser.get("/oauth/style.css").headers["Content-Type"].startswith("text/css")


def test_a_wrong_password_says_neither_which_was_wrong_nor_repeats_it(
    portal: PortalProcess, browser: PortalSession
) -> None:
    answers = [
        post_form(browser, browser.get(authorize()), email=email, password="not-the-password")
        for email in (portal.person("Tom").email, "nobody@abc.example")
    ]
    assert [answer.status_code for answer in answers] == [401, 401]
    notes = [re.findall(r'role="alert">([^<]*)<', answer.text) for answer in answers]
    assert notes[0] == notes[1] == ["The email or the password is not right."]
    assert "not-the-password" not in answers[0].text


def test_guessing_a_password_is_stopped_even_for_the_right_one(
    portal: PortalProcess, browser: PortalSession
) -> None:
    pia = portal.person("Pia")
    for _ in range(5):
        post_form(browser, browser.get(authorize()), email=pia.email, password="wrong")
    answer = post_form(browser, browser.get(authorize()), email=pia.email, password=pia.password)
    assert answer.status_code == 401
    assert "Too many failed attempts" in answer.text


def test_text_from_outside_is_escaped_on_the_page(browser: PortalSession) -> None:
    page = browser.get(authorize(state='"><b>x</b>'))
    assert "<b>x</b>" not in page.text


def test_a_form_of_another_browser_is_refused(portal: PortalProcess, browser: PortalSession) -> None:
    nadia = portal.person("Nadia")
    page = browser.get(authorize())
    with portal.session() as stranger:
        answer = post_form(stranger, page, email=nadia.email, password=nadia.password)
    assert answer.status_code == 400
    assert "Location" not in answer.headers


@pytest.mark.parametrize(
    "redirect",
    [
        "https://evil.example/callback",
        "http://127.0.0.1.evil.example:80/callback",
        "http://127.0.0.1:80/callback/../elsewhere",
        "http://127.0.0.1:80@evil.example/callback",
        "http://127.0.0.1:/callback",
        "",
    ],
)
def test_the_browser_is_sent_only_to_the_loopback_callback(browser: PortalSession, redirect: str) -> None:
    answer = browser.get(authorize(redirect_uri=redirect), allow_redirects=False)
    assert answer.status_code == 400
    assert "Location" not in answer.headers


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "files:send"}, "invalid_scope"),
    ],
)
def test_a_question_that_is_not_right_goes_back_to_the_client(
    browser: PortalSession, changes: dict[str, str], error: str
) -> None:
    answer = browser.get(authorize(**changes), allow_redirects=False)
    assert parse_qs(urlsplit(answer.headers["Location"]).query)["error"] == [error]


def test_a_code_is_of_no_use_without_its_verifier(portal: PortalProcess, browser: PortalSession) -> None:
    code = code_for(portal, browser, pkce()[1])
    answer = exchange(browser, code, pkce()[0])
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_a_code_used_twice_ends_what_it_gave(portal: PortalProcess, browser: PortalSession) -> None:
    verifier, challenge = pkce()
    code = code_for(portal, browser, challenge)
    first = exchange(browser, code, verifier).json()
    assert exchange(browser, code, verifier).status_code == 400
    with portal.session(tokens=Tokens(first["access_token"], "")) as session:
        assert session.get("/me").status_code == 401


def test_a_refresh_token_is_good_once_and_a_copy_ends_the_sign_in(
    portal: PortalProcess, browser: PortalSession
) -> None:
    nadia = portal.person("Nadia")
    tokens = sign_in(portal, nadia.email, nadia.password)
    second = refresh(browser, tokens.refresh)
    assert second.status_code == 200
    assert refresh(browser, tokens.refresh).json()["error"] == "invalid_grant"
    assert refresh(browser, second.json()["refresh_token"]).status_code == 400
    with portal.session(tokens=Tokens(second.json()["access_token"], "")) as session:
        assert session.get("/me").status_code == 401


def test_signing_out_ends_every_token_of_the_sign_in(portal: PortalProcess, browser: PortalSession) -> None:
    nadia = portal.person("Nadia")
    tokens = sign_in(portal, nadia.email, nadia.password)
    answer = browser.post("/oauth/revoke", data={"token": tokens.refresh, "client_id": CLIENT})
    assert answer.status_code == 200
    with portal.session(tokens=tokens) as session:
        assert session.get("/me").status_code == 401


def begin_device(session: PortalSession) -> dict[str, str]:
    reply = session.post("/oauth/device", data={"client_id": CLIENT})
    assert reply.status_code == 200
    begun: dict[str, str] = reply.json()
    return begun


def decide(portal: PortalProcess, browser: PortalSession, code: str, decision: str) -> requests.Response:
    nadia = portal.person("Nadia")
    page = browser.get(f"/oauth/activate?user_code={code}")
    return post_form(
        browser, page, user_code=code, email=nadia.email, password=nadia.password, decision=decision
    )


def test_a_device_is_signed_in_after_a_person_allowed_it(
    portal: PortalProcess, browser: PortalSession
) -> None:
    begun = begin_device(browser)
    assert decide(portal, browser, begun["user_code"].lower(), "allow").status_code == 200
    reply = grant(browser, grant_type=DEVICE_GRANT, device_code=begun["device_code"])
    with portal.session(tokens=Tokens(reply.json()["access_token"], "")) as session:
        assert session.get("/me").json()["id"] == "ct-nadia"
    again = grant(browser, grant_type=DEVICE_GRANT, device_code=begun["device_code"])
    assert again.json()["error"] == "invalid_grant"


def test_a_device_waits_and_must_not_ask_too_often(portal: PortalProcess, browser: PortalSession) -> None:
    begun = begin_device(browser)
    asked = [grant(browser, grant_type=DEVICE_GRANT, device_code=begun["device_code"]) for _ in range(2)]
    assert [answer.json()["error"] for answer in asked] == ["authorization_pending", "slow_down"]


def test_a_refused_device_is_told(portal: PortalProcess, browser: PortalSession) -> None:
    begun = begin_device(browser)
    decide(portal, browser, begun["user_code"], "refuse")
    answer = grant(browser, grant_type=DEVICE_GRANT, device_code=begun["device_code"])
    assert answer.json()["error"] == "access_denied"


def test_an_unknown_code_connects_nothing(portal: PortalProcess, browser: PortalSession) -> None:
    answer = decide(portal, browser, "BBBB-BBBB", "allow")
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text


def test_a_revoked_agent_is_out_at_once(portal: PortalProcess) -> None:
    credential = register_agent(portal)
    tokens = agent_tokens(portal, credential)
    with portal.session("Nadia") as nadia, portal.session(tokens=tokens) as agent:
        assert agent.get("/log-requests").status_code == 200
        assert nadia.delete(f"/agents/{credential['client_id']}").status_code == 204
        assert agent.get("/log-requests").status_code == 401
        secret = agent.post(
            "/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=(credential["client_id"], credential["client_secret"]),
        )
    assert secret.json()["error"] == "invalid_client"


def test_guessing_an_agents_secret_is_stopped(portal: PortalProcess, browser: PortalSession) -> None:
    credential = register_agent(portal)
    form = {"grant_type": "client_credentials", "client_id": credential["client_id"]}
    answers = [browser.post("/oauth/token", data=form | {"client_secret": "x"}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_an_agent_gets_no_other_scope(portal: PortalProcess, browser: PortalSession) -> None:
    credential = register_agent(portal)
    answer = browser.post(
        "/oauth/token",
        data={
            "grant_type": "client_credentials",
            "client_id": credential["client_id"],
            "client_secret": credential["client_secret"],
            "scope": "cases",
        },
    )
    assert answer.json()["error"] == "invalid_scope"


@pytest.mark.parametrize("form", [{"grant_type": "password"}, {}, {"grant_type": "refresh_token"}])
def test_a_grant_that_is_not_right_is_refused_in_oauths_form(
    browser: PortalSession, form: dict[str, str]
) -> None:
    answer = grant(browser, **form)
    assert answer.status_code == 400
    assert set(answer.json()) == {"error", "error_description"}


def test_neither_the_log_nor_the_store_holds_a_secret_in_clear(
    portal: PortalProcess, browser: PortalSession
) -> None:
    nadia = portal.person("Nadia")
    tokens = sign_in(portal, nadia.email, nadia.password)
    credential = register_agent(portal)
    written = b"".join(path.read_bytes() for path in portal.data.glob("portal.sqlite3*"))
    logged = portal.log_file.read_bytes()
    secrets = [
        nadia.password,
        tokens.access.split(".")[1],
        tokens.refresh.split(".")[1],
        credential["client_secret"],
    ]
    assert not [secret for secret in secrets if secret.encode() in written + logged]
    assert nadia.email.encode() not in logged
