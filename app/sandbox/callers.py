"""Who calls, and whether the call is allowed: decided at the server, for every call."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from fastapi import Request, Security
from fastapi.openapi.models import OAuthFlows
from fastapi.security import OAuth2

from app.domain.access import AccessLevel, Action, may
from app.portal.contract import ProblemCode
from app.sandbox.problems import ProblemError, not_found, refused
from app.sandbox.site import Site, site_of
from app.sandbox.store.accounts import contact_by_id, memberships_of
from app.sandbox.store.credentials import TokenRow, agent_by_id, note_agent_seen, token_row

_SEEN_EVERY = timedelta(minutes=1)


class Scope(StrEnum):
    """What a token is good for. A person's has the first, an agent's the two others, and nothing else."""

    CASES = "cases"
    FILES_SEND = "files:send"
    LOG_REQUESTS_READ = "log-requests:read"


PERSON_SCOPE = str(Scope.CASES)
AGENT_SCOPE = f"{Scope.FILES_SEND} {Scope.LOG_REQUESTS_READ}"


_PERSON_SCHEME = OAuth2(
    scheme_name="person",
    description="A person: authorization code with PKCE (S256), or the device flow (RFC 8628).",
    flows=OAuthFlows.model_validate(
        {
            "authorizationCode": {
                "authorizationUrl": "/oauth/authorize",
                "tokenUrl": "/oauth/token",
                "refreshUrl": "/oauth/token",
                "scopes": {Scope.CASES: "Everything a person may do, by access level."},
            },
            # OpenAPI 3.1 has no device flow; 3.2 calls it so.
            "x-deviceAuthorization": {
                "deviceAuthorizationUrl": "/oauth/device",
                "tokenUrl": "/oauth/token",
                "scopes": {Scope.CASES: "Everything a person may do, by access level."},
            },
        }
    ),
    auto_error=False,
)
_AGENT_SCHEME = OAuth2(
    scheme_name="agent",
    description="An agent: its own credential per server, revocable.",
    flows=OAuthFlows.model_validate(
        {
            "clientCredentials": {
                "tokenUrl": "/oauth/token",
                "scopes": {
                    Scope.FILES_SEND: "Send files to cases of the agent's combination.",
                    Scope.LOG_REQUESTS_READ: "Fetch log requests.",
                },
            }
        }
    ),
    auto_error=False,
)
_PersonToken = Annotated[str | None, Security(_PERSON_SCHEME, scopes=[Scope.CASES])]
_AgentToken = Annotated[str | None, Security(_AGENT_SCHEME)]


class CallerKind(StrEnum):
    """People sign in; agents have a credential per server."""

    PERSON = "person"
    AGENT = "agent"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls.

    Attributes:
        id: of the contact or the agent.
        name: for people; of the contact, or the agent's server.
        levels: a person's access level by account id, as it holds now; empty for an agent.
        account: the one combination of an agent; empty for a person.
    """

    kind: CallerKind
    id: str
    name: str
    scopes: frozenset[Scope]
    levels: Mapping[str, AccessLevel] = field(default_factory=dict)
    account: str = ""

    @property
    def accounts(self) -> tuple[str, ...]:
        """Ids of the combinations the caller belongs to."""
        return tuple(self.levels) if self.kind is CallerKind.PERSON else (self.account,)

    def accounts_for(self, action: Action) -> tuple[str, ...]:
        """Ids of the combinations where the caller may do this."""
        return tuple(account for account, level in self.levels.items() if may(level, action).allowed)


def digest_of(secret: str) -> str:
    """The stored form of a random secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def same(left: str, right: str) -> bool:
    """Whether two strings are equal, in a time that does not depend on where they differ."""
    return hmac.compare_digest(left.encode(), right.encode())


def authenticate(site: Site, authorization: str | None) -> Caller:
    """Who stands behind an ``Authorization`` header.

    Raises:
        ProblemError: 401, with ``WWW-Authenticate``: no token, one that is not ours, expired or revoked.
    """
    scheme, _, value = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not value.strip():
        raise _not_signed_in("The call carries no bearer token.", challenge="Bearer")
    row = find_token(site, value.strip(), kind="access")
    if row is None or row.revoked is not None or row.expires <= site.clock():
        raise _not_signed_in("The token is unknown, expired or revoked.")
    caller = _person(site, row) if row.contact is not None else _agent(site, row)
    if caller is None:
        raise _not_signed_in("The token's owner is not known any more.")
    return caller


def find_token(site: Site, token: str, *, kind: str) -> TokenRow | None:
    """The row of a token that was given out by this portal, whatever its state."""
    name, _, secret = token.partition(".")
    row = token_row(site.database, name)
    stored = row.secret_sha256 if row is not None else digest_of("")
    if not same(digest_of(secret), stored) or row is None or row.kind != kind:
        return None
    return row


def any_caller(request: Request, _person: _PersonToken = None, _agent: _AgentToken = None) -> Caller:
    """Dependency: a person or an agent."""
    return authenticate(site_of(request), request.headers.get("authorization"))


def person(request: Request, _declared: _PersonToken = None) -> Caller:
    """Dependency: a signed-in person; agents are refused."""
    caller = any_caller(request)
    if caller.kind is not CallerKind.PERSON or Scope.CASES not in caller.scopes:
        raise wrong_scope(Scope.CASES)
    return caller


def require_scope(caller: Caller, scope: Scope) -> None:
    """Refuse a token that is not good for this.

    Raises:
        ProblemError: 403 ``wrong-scope``.
    """
    if scope not in caller.scopes:
        raise wrong_scope(scope)


def require(caller: Caller, account: str, action: Action, *, what: str = "case") -> None:
    """Refuse what this caller may not do for this combination.

    A person needs the access level of R-ACC-3. An agent may send files to cases of its own combination
    (`Action.TRANSFER_FILES`) and nothing else. A combination the caller does not belong to looks as if it did
    not exist; `what` names the thing that was asked for.

    Raises:
        ProblemError: 404 for a foreign combination, 403 ``wrong-scope`` or ``access-level`` with the rule.
    """
    if caller.kind is CallerKind.AGENT:
        if action is not Action.TRANSFER_FILES or Scope.FILES_SEND not in caller.scopes:
            raise wrong_scope(Scope.CASES)
        if caller.account != account:
            raise not_found(what)
        return
    require_scope(caller, Scope.CASES)
    level = caller.levels.get(account)
    if level is None:
        raise not_found(what)
    verdict = may(level, action)
    if not verdict.allowed:
        raise refused(verdict, ProblemCode.ACCESS_LEVEL, "Your access level does not allow this")


def wrong_scope(needed: Scope) -> ProblemError:
    """403: the token is good, but not for this."""
    return ProblemError(
        403,
        ProblemCode.WRONG_SCOPE,
        "This credential is not meant for this call",
        f"The call needs the scope {needed}. Agents send files and fetch log requests;"
        " everything else is for people.",
        headers={"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{needed}"'},
    )


def _not_signed_in(detail: str, *, challenge: str = 'Bearer error="invalid_token"') -> ProblemError:
    return ProblemError(
        401,
        ProblemCode.NOT_SIGNED_IN,
        "Sign in first",
        f"{detail} Sign in again.",
        headers={"WWW-Authenticate": challenge},
    )


def _person(site: Site, row: TokenRow) -> Caller | None:
    contact = contact_by_id(site.database, row.contact or "")
    if contact is None:
        return None
    memberships = memberships_of(site.database, contact.id, now=site.clock())
    return Caller(
        kind=CallerKind.PERSON,
        id=contact.id,
        name=contact.name,
        scopes=_scopes(row.scope),
        levels={membership.account.id: membership.level for membership in memberships},
    )


def _agent(site: Site, row: TokenRow) -> Caller | None:
    found = agent_by_id(site.database, row.agent or "")
    if found is None or found.credential.revoked is not None:
        return None
    now = site.clock()
    seen = found.credential.last_seen
    if seen is None or now - seen > _SEEN_EVERY:
        with site.database.transaction() as connection:
            note_agent_seen(connection, found.credential.id, now=now)
    return Caller(
        kind=CallerKind.AGENT,
        id=found.credential.id,
        name=found.credential.server,
        scopes=_scopes(row.scope),
        account=found.credential.account,
    )


def _scopes(stored: str) -> frozenset[Scope]:
    return frozenset(Scope(name) for name in stored.split())
