"""Giving out tokens, exchanging refresh tokens, ending them."""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta
from sqlite3 import Connection

from app.portal.contract import TokenReply
from app.sandbox.callers import AGENT_SCOPE, PERSON_SCOPE, digest_of, find_token, same
from app.sandbox.oauth.errors import invalid_grant
from app.sandbox.site import Site
from app.sandbox.store.credentials import (
    TokenRow,
    code_row,
    forget_expired,
    insert_token,
    revoke_family,
    revoke_token,
    spend_code,
    spend_token,
)


def random_text(site: Site, size: int) -> str:
    """That many random bytes as URL-safe text without padding."""
    return base64.urlsafe_b64encode(site.token(size)).rstrip(b"=").decode()


def tokens_for_person(
    connection: Connection, site: Site, *, client: str, contact: str, family: str
) -> TokenReply:
    """An access and a refresh token."""
    access = _issue(connection, site, kind="access", client=client, contact=contact, family=family)
    refresh = _issue(connection, site, kind="refresh", client=client, contact=contact, family=family)
    return _reply(site, access, refresh=refresh, scope=PERSON_SCOPE)


def tokens_for_agent(site: Site, agent: str) -> TokenReply:
    """An access token; an agent has its secret, so it gets no refresh token."""
    with site.database.transaction() as connection:
        forget_expired(connection, now=site.clock())
        access = _issue(
            connection, site, kind="access", client=agent, agent=agent, family=random_text(site, 12)
        )
    return _reply(site, access, refresh="", scope=AGENT_SCOPE)


def exchange_code(site: Site, *, code: str, client: str, redirect: str, verifier: str) -> TokenReply:
    """Tokens for an authorization code with PKCE (RFC 7636, S256).

    A second use of a code ends what the first one gave (RFC 6749 §4.1.2).

    Raises:
        OAuthError: ``invalid_grant``.
    """
    now = site.clock()
    with site.database.transaction() as connection:
        forget_expired(connection, now=now)
        row = code_row(connection, digest_of(code))
        spent = row is not None and row.used
        reply = None
        if row is not None:
            spend_code(connection, row.code_sha256)
            if spent:
                revoke_family(connection, row.family, now=now)
            elif (
                row.expires > now
                and row.client == client
                and row.redirect == redirect
                and same(_challenge(verifier), row.challenge)
            ):
                reply = tokens_for_person(
                    connection, site, client=client, contact=row.contact, family=row.family
                )
    if reply is None:
        raise invalid_grant("The code is unknown, spent or expired, or the verifier does not fit.")
    return reply


def exchange_refresh(site: Site, *, refresh_token: str, client: str) -> TokenReply:
    """New tokens for a refresh token, which is spent by it.

    A spent one that comes again was copied: everything of that sign-in ends.

    Raises:
        OAuthError: ``invalid_grant``.
    """
    now = site.clock()
    reply = None
    with site.database.transaction() as connection:
        row = find_token(site, refresh_token, kind="refresh")
        if row is not None and row.used:
            revoke_family(connection, row.family, now=now)
        elif row is not None and _living(row, site) and row.client == client and row.contact is not None:
            spend_token(connection, row.id)
            reply = tokens_for_person(connection, site, client=client, contact=row.contact, family=row.family)
    if reply is None:
        raise invalid_grant("The refresh token is unknown, spent, expired or revoked.")
    return reply


def revoke(site: Site, *, token: str, client: str) -> None:
    """End a token (RFC 7009); a refresh token takes its whole sign-in with it. Unknown ones are no error."""
    now = site.clock()
    with site.database.transaction() as connection:
        refresh = find_token(site, token, kind="refresh")
        if refresh is not None and refresh.client == client:
            revoke_family(connection, refresh.family, now=now)
        access = find_token(site, token, kind="access")
        if access is not None and access.client == client:
            revoke_token(connection, access.id, now=now)


def _living(row: TokenRow, site: Site) -> bool:
    return row.revoked is None and row.expires > site.clock()


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _issue(
    connection: Connection,
    site: Site,
    *,
    kind: str,
    client: str,
    family: str,
    contact: str | None = None,
    agent: str | None = None,
) -> str:
    now = site.clock()
    name, secret = random_text(site, 12), random_text(site, 32)
    insert_token(
        connection,
        TokenRow(
            id=name,
            secret_sha256=digest_of(secret),
            kind=kind,
            family=family,
            client=client,
            contact=contact,
            agent=agent,
            scope=PERSON_SCOPE if agent is None else AGENT_SCOPE,
            issued=now,
            expires=now + _life(site, kind),
        ),
    )
    return f"{name}.{secret}"


def _life(site: Site, kind: str) -> timedelta:
    return site.lifetimes.access_token if kind == "access" else site.lifetimes.refresh_token


def _reply(site: Site, access: str, *, refresh: str, scope: str) -> TokenReply:
    return TokenReply(
        access_token=access,
        token_type="Bearer",
        expires_in=int(site.lifetimes.access_token.total_seconds()),
        refresh_token=refresh,
        scope=scope,
    )
