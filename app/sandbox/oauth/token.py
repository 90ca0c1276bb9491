"""``/oauth/token`` and ``/oauth/revoke``, and the document that names them all."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated
from urllib.parse import unquote_plus

import msgspec
from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import JSONResponse

from app.portal.contract import TokenReply
from app.sandbox.callers import AGENT_SCOPE, PERSON_SCOPE, digest_of, same
from app.sandbox.oauth.device import DEVICE_GRANT, exchange_device
from app.sandbox.oauth.errors import OAuthError
from app.sandbox.oauth.people import address_of
from app.sandbox.oauth.tokens import exchange_code, exchange_refresh, revoke, tokens_for_agent
from app.sandbox.passwords import Guesses
from app.sandbox.problems import ProblemError
from app.sandbox.site import Site, site_of
from app.sandbox.store.credentials import agent_by_id, redirect_pattern

router = APIRouter(include_in_schema=False)


@router.post("/oauth/token")
def token(
    request: Request,
    grant_type: Annotated[str, Form()] = "",
    client_id: Annotated[str, Form()] = "",
    client_secret: Annotated[str, Form()] = "",
    code: Annotated[str, Form()] = "",
    redirect_uri: Annotated[str, Form()] = "",
    code_verifier: Annotated[str, Form()] = "",
    refresh_token: Annotated[str, Form()] = "",
    device_code: Annotated[str, Form()] = "",
    scope: Annotated[str, Form()] = "",
) -> Response:
    """Exchange what the client has for tokens."""
    site = site_of(request)
    if grant_type == "client_credentials":
        client, secret = _basic(request) or (client_id, client_secret)
        return _answer(_for_agent(site, request, client=client, secret=secret, scope=scope))
    if grant_type not in ("authorization_code", "refresh_token", DEVICE_GRANT):
        raise OAuthError("unsupported_grant_type", "This portal does not know the grant type.")
    if redirect_pattern(site.database, client_id) is None:
        raise OAuthError("invalid_client", "This client is not known.", status=401)
    if grant_type == "authorization_code":
        return _answer(
            exchange_code(site, code=code, client=client_id, redirect=redirect_uri, verifier=code_verifier)
        )
    if grant_type == "refresh_token":
        return _answer(exchange_refresh(site, refresh_token=refresh_token, client=client_id))
    return _answer(exchange_device(site, device_code=device_code, client=client_id))


@router.post("/oauth/revoke")
def end_token(
    request: Request,
    token: Annotated[str, Form()] = "",
    client_id: Annotated[str, Form()] = "",
    client_secret: Annotated[str, Form()] = "",
) -> Response:
    """End a token; the answer does not tell whether there was one."""
    site = site_of(request)
    client, secret = _basic(request) or (client_id, client_secret)
    if redirect_pattern(site.database, client) is None:
        _known_agent(site, request, client=client, secret=secret)
    revoke(site, token=token, client=client)
    return Response(status_code=200, headers={"Cache-Control": "no-store"})


@router.get("/.well-known/oauth-authorization-server")
def metadata(request: Request) -> Response:
    """RFC 8414."""
    url = site_of(request).url
    return JSONResponse(
        {
            "issuer": url,
            "authorization_endpoint": f"{url}/oauth/authorize",
            "token_endpoint": f"{url}/oauth/token",
            "device_authorization_endpoint": f"{url}/oauth/device",
            "revocation_endpoint": f"{url}/oauth/revoke",
            "response_types_supported": ["code"],
            "grant_types_supported": [
                "authorization_code",
                "refresh_token",
                "client_credentials",
                DEVICE_GRANT,
            ],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post"],
            "scopes_supported": [PERSON_SCOPE, *AGENT_SCOPE.split()],
            "authorization_response_iss_parameter_supported": True,
        }
    )


def _for_agent(site: Site, request: Request, *, client: str, secret: str, scope: str) -> TokenReply:
    agent = _known_agent(site, request, client=client, secret=secret)
    if scope and not set(scope.split()) <= set(AGENT_SCOPE.split()):
        raise OAuthError("invalid_scope", f"The scope of an agent is {AGENT_SCOPE}.")
    return tokens_for_agent(site, agent)


def _known_agent(site: Site, request: Request, *, client: str, secret: str) -> str:
    guesses = Guesses(site, tried=f"agent:{client}", address=address_of(request))
    try:
        guesses.check()
    except ProblemError as problem:
        raise OAuthError("slow_down", problem.title, status=429, headers=problem.headers) from None
    found = agent_by_id(site.database, client)
    stored = found.secret_sha256 if found is not None else digest_of("")
    fits = same(digest_of(secret), stored)
    if found is None or not fits or found.credential.revoked is not None:
        guesses.failed()
        raise OAuthError(
            "invalid_client",
            "The agent is unknown or revoked, or its secret is wrong.",
            status=401,
            headers={"WWW-Authenticate": 'Basic realm="caseferry"'},
        )
    return found.credential.id


def _basic(request: Request) -> tuple[str, str] | None:
    """Client id and secret of a Basic header (RFC 6749 §2.3.1), or None without one."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise OAuthError("invalid_client", "The Basic header cannot be read.", status=401) from None
    return unquote_plus(client), unquote_plus(secret)


def _answer(reply: TokenReply) -> Response:
    return Response(
        msgspec.json.encode(reply), media_type="application/json", headers={"Cache-Control": "no-store"}
    )
