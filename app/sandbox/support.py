"""Support users: who may ask for logs, by a credential of their own."""

from __future__ import annotations

from sqlite3 import Connection
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app.portal.contract import ProblemCode
from app.sandbox.callers import digest_of
from app.sandbox.oauth.tokens import random_text
from app.sandbox.problems import ProblemError
from app.sandbox.site import Site, site_of
from app.sandbox.store.logrequests import SupportUser, insert_support_user, support_user_by_secret

_SCHEME = HTTPBearer(
    scheme_name="support",
    description="A support user: the credential that the portal's owner has made.",
    auto_error=False,
)


def add_support_user(connection: Connection, site: Site, *, name: str) -> str:
    """Make a support user; the credential, which is kept as a digest and shown this once."""
    secret = random_text(site, 32)
    user = SupportUser(id=f"su-{site.token(8).hex()}", name=name)
    insert_support_user(connection, user, secret_sha256=digest_of(secret), now=site.clock())
    return secret


def support_user(
    request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_SCHEME)] = None
) -> SupportUser:
    """Dependency: a support user.

    Raises:
        ProblemError: 401: no credential, or one that this portal does not know.
    """
    secret = "" if given is None else given.credentials.strip()
    user = support_user_by_secret(site_of(request).database, digest_of(secret)) if secret else None
    if user is None:
        raise ProblemError(
            401,
            ProblemCode.NOT_SIGNED_IN,
            "Sign in first",
            "This call is for support users; the credential is missing or not known.",
            headers={"WWW-Authenticate": "Bearer"},
        )
    return user
