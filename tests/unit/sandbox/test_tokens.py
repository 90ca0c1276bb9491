"""Tokens end when they should, whatever the wall clock of the test machine says."""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta
from typing import Any

import pytest

from app.domain.access import AccessLevel
from app.portal.contract import TokenReply
from app.sandbox.callers import Caller, authenticate, digest_of
from app.sandbox.oauth.errors import OAuthError
from app.sandbox.oauth.tokens import exchange_code, exchange_refresh, tokens_for_agent
from app.sandbox.problems import ProblemError
from app.sandbox.site import Site
from app.sandbox.store.credentials import CodeRow, insert_code

VERIFIER = "v" * 43
REDIRECT = "http://127.0.0.1:5000/callback"
CLIENT = "caseferry-desktop"


def signed_in(site: Site, contact: str = "ct-nadia") -> TokenReply:
    give_code(site, contact)
    return exchange_code(site, code="the-code", client=CLIENT, redirect=REDIRECT, verifier=VERIFIER)


def give_code(site: Site, contact: str = "ct-nadia") -> None:
    digest = hashlib.sha256(VERIFIER.encode()).digest()
    with site.database.transaction() as connection:
        connection.execute("DELETE FROM oauth_codes")
        insert_code(
            connection,
            CodeRow(
                code_sha256=digest_of("the-code"),
                client=CLIENT,
                contact=contact,
                redirect=REDIRECT,
                challenge=base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
                scope="cases",
                expires=site.clock() + site.lifetimes.code,
                family="family",
            ),
        )


def caller(site: Site, reply: TokenReply) -> Caller:
    return authenticate(site, f"Bearer {reply.access_token}")


def refusal(site: Site, header: str | None) -> ProblemError:
    with pytest.raises(ProblemError) as refused:
        authenticate(site, header)
    return refused.value


def test_a_token_names_its_person_and_the_levels_that_hold_now(demo_site: Site) -> None:
    found = caller(demo_site, signed_in(demo_site))
    assert (found.id, found.name) == ("ct-nadia", "Nadia Ferrow")
    assert found.levels == {"acc-1001": AccessLevel.READ_WRITE, "acc-1002": AccessLevel.READ_ONLY}


def test_write_access_ends_when_the_last_contract_ends(demo_site: Site, clock: Any) -> None:
    clock.forward(days=331)
    assert caller(demo_site, signed_in(demo_site)).levels["acc-1001"] is AccessLevel.READ_ONLY


def test_access_that_the_partner_has_not_approved_is_basic(demo_site: Site) -> None:
    with demo_site.database.transaction() as connection:
        connection.execute("UPDATE memberships SET approved = 0 WHERE contact = 'ct-grit'")
    assert caller(demo_site, signed_in(demo_site, "ct-grit")).levels == {"acc-1001": AccessLevel.BASIC}


def test_an_access_token_expires(demo_site: Site, clock: Any) -> None:
    reply = signed_in(demo_site)
    clock.now += demo_site.lifetimes.access_token - timedelta(microseconds=1)
    caller(demo_site, reply)
    clock.now += timedelta(microseconds=1)
    problem = refusal(demo_site, f"Bearer {reply.access_token}")
    assert (problem.status, problem.headers["WWW-Authenticate"]) == (401, 'Bearer error="invalid_token"')


def test_a_refresh_token_outlives_the_access_token_but_not_for_ever(demo_site: Site, clock: Any) -> None:
    first = signed_in(demo_site)
    clock.forward(days=29)
    second = exchange_refresh(demo_site, refresh_token=first.refresh_token, client=CLIENT)
    clock.forward(days=30)
    with pytest.raises(OAuthError, match="invalid_grant"):
        exchange_refresh(demo_site, refresh_token=second.refresh_token, client=CLIENT)


def test_a_code_expires(demo_site: Site, clock: Any) -> None:
    give_code(demo_site)
    clock.forward(seconds=60)
    with pytest.raises(OAuthError, match="invalid_grant"):
        exchange_code(demo_site, code="the-code", client=CLIENT, redirect=REDIRECT, verifier=VERIFIER)


def test_a_refresh_token_is_no_access_token(demo_site: Site) -> None:
    reply = signed_in(demo_site)
    assert refusal(demo_site, f"Bearer {reply.refresh_token}").status == 401


def test_a_changed_secret_of_a_known_token_is_refused(demo_site: Site) -> None:
    reply = signed_in(demo_site)
    assert refusal(demo_site, f"Bearer {reply.access_token}x").status == 401


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic abc", "Bearer abc", "Bearer ."])
def test_a_header_without_a_token_is_refused(demo_site: Site, header: str | None) -> None:
    assert refusal(demo_site, header).status == 401


def test_an_agents_token_reaches_its_own_account_only(demo_site: Site) -> None:
    found = caller(demo_site, tokens_for_agent(demo_site, "ag-sip-a01"))
    assert (found.accounts, found.levels) == (("acc-1001",), {})


def test_a_call_of_an_agent_is_noted(demo_site: Site, clock: Any) -> None:
    clock.forward(hours=1)
    caller(demo_site, tokens_for_agent(demo_site, "ag-sip-a01"))
    row = demo_site.database.row("SELECT last_seen FROM agents WHERE id = 'ag-sip-a01'")
    assert row is not None
    assert row["last_seen"] == int(clock.now.timestamp() * 1_000_000)
