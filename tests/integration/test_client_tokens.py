"""Signing in, renewing and signing out at a portal that fails on purpose."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.domain.errors import (
    CredentialsError,
    PeerError,
    TrustError,
    UnreachableError,
)
from app.portal import AgentTokens, PersonTokens, SignIn
from app.secrets import FileVault
from tests.peers.faulty_client import authority, client, portal, trust
from tests.peers.faulty_portal import Answer

__all__ = ["authority", "client", "portal", "trust"]


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
