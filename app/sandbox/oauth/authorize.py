"""``/oauth/authorize``: a person signs in in the system browser (authorization code with PKCE)."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from app.sandbox.callers import PERSON_SCOPE, digest_of, same
from app.sandbox.oauth.pages import TICKET_COOKIE, message_page, sign_in_page, style
from app.sandbox.oauth.people import sign_in
from app.sandbox.oauth.tokens import random_text
from app.sandbox.site import Site, site_of
from app.sandbox.store.credentials import CodeRow, insert_code, redirect_pattern

router = APIRouter(include_in_schema=False)
CLIENT_NAMES = {"caseferry-desktop": "Caseferry"}
_CHALLENGE = re.compile(r"\A[A-Za-z0-9_-]{43}\Z")
_PORT = "[0-9]{1,5}"
_LONGEST = 2048


class _Ask:
    """What the client asked for; every member is text from outside."""

    def __init__(self, values: dict[str, str]) -> None:
        self.client = values.get("client_id", "")
        self.redirect = values.get("redirect_uri", "")
        self.response_type = values.get("response_type", "")
        self.challenge = values.get("code_challenge", "")
        self.method = values.get("code_challenge_method", "")
        self.state = values.get("state", "")
        self.scope = values.get("scope", "")

    def hidden(self) -> dict[str, str]:
        return {
            "client_id": self.client,
            "redirect_uri": self.redirect,
            "response_type": self.response_type,
            "code_challenge": self.challenge,
            "code_challenge_method": self.method,
            "state": self.state,
            "scope": self.scope,
        }


@router.get("/oauth/style.css")
def get_style() -> Response:
    """The style sheet of the pages."""
    return Response(style(), media_type="text/css", headers={"Cache-Control": "max-age=3600"})


@router.get("/oauth/authorize")
def ask_to_sign_in(
    request: Request,
    client_id: Annotated[str, Query()] = "",
    redirect_uri: Annotated[str, Query()] = "",
    response_type: Annotated[str, Query()] = "",
    code_challenge: Annotated[str, Query()] = "",
    code_challenge_method: Annotated[str, Query()] = "",
    state: Annotated[str, Query(max_length=_LONGEST)] = "",
    scope: Annotated[str, Query()] = PERSON_SCOPE,
) -> Response:
    """Show the form, or send the browser back with an error."""
    site = site_of(request)
    ask = _Ask(
        {
            "client_id": client_id,
            "redirect_uri": redirect_uri,
            "response_type": response_type,
            "code_challenge": code_challenge,
            "code_challenge_method": code_challenge_method,
            "state": state,
            "scope": scope,
        }
    )
    refusal = _refusal(site, ask)
    if refusal is not None:
        return refusal
    return sign_in_page(
        site, client=CLIENT_NAMES[ask.client], hidden=ask.hidden(), ticket=random_text(site, 24)
    )


@router.post("/oauth/authorize")
def answer_sign_in(
    request: Request,
    email: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    ticket: Annotated[str, Form()] = "",
    client_id: Annotated[str, Form()] = "",
    redirect_uri: Annotated[str, Form()] = "",
    response_type: Annotated[str, Form()] = "",
    code_challenge: Annotated[str, Form()] = "",
    code_challenge_method: Annotated[str, Form()] = "",
    state: Annotated[str, Form(max_length=_LONGEST)] = "",
    scope: Annotated[str, Form()] = PERSON_SCOPE,
) -> Response:
    """Check the form; a right one sends the browser back with a code."""
    site = site_of(request)
    ask = _Ask(
        {
            "client_id": client_id,
            "redirect_uri": redirect_uri,
            "response_type": response_type,
            "code_challenge": code_challenge,
            "code_challenge_method": code_challenge_method,
            "state": state,
            "scope": scope,
        }
    )
    refusal = _refusal(site, ask)
    if refusal is not None:
        return refusal
    if not ticket_fits(request, ticket):
        return expired_form(site)
    found = sign_in(site, request, email=email, password=password)
    if isinstance(found, str):
        return sign_in_page(
            site,
            client=CLIENT_NAMES[ask.client],
            hidden=ask.hidden(),
            ticket=random_text(site, 24),
            email=email,
            wrong=found,
            status=401,
        )
    return _back(ask, {"code": _new_code(site, ask, contact=found.id), "iss": site.url}, forget=True)


def ticket_fits(request: Request, ticket: str) -> bool:
    """Whether the form was given to the browser that sends it."""
    return bool(ticket) and same(request.cookies.get(TICKET_COOKIE, ""), ticket)


def expired_form(site: Site) -> Response:
    """The page for a form that is not this browser's."""
    return message_page(
        site, "This form is too old", "Go back to Caseferry and sign in again.", good=False, status=400
    )


def _new_code(site: Site, ask: _Ask, *, contact: str) -> str:
    code = random_text(site, 32)
    with site.database.transaction() as connection:
        insert_code(
            connection,
            CodeRow(
                code_sha256=digest_of(code),
                client=ask.client,
                contact=contact,
                redirect=ask.redirect,
                challenge=ask.challenge,
                scope=PERSON_SCOPE,
                expires=site.clock() + site.lifetimes.code,
                family=random_text(site, 12),
            ),
        )
    return code


def _refusal(site: Site, ask: _Ask) -> Response | None:
    """A page when the browser must not be sent to that address, an error for the client otherwise."""
    pattern = redirect_pattern(site.database, ask.client)
    if pattern is None or not _fits(ask.redirect, pattern):
        return message_page(
            site,
            "This sign-in was not started well",
            "The program that sent you here is unknown to the portal. Close this page.",
            good=False,
            status=400,
        )
    if ask.response_type != "code":
        return _back(ask, {"error": "unsupported_response_type"})
    if ask.method != "S256" or not _CHALLENGE.match(ask.challenge):
        return _back(ask, {"error": "invalid_request", "error_description": "PKCE with S256 is needed"})
    if ask.scope != PERSON_SCOPE:
        return _back(ask, {"error": "invalid_scope"})
    return None


def _fits(redirect: str, pattern: str) -> bool:
    """Whether an address fits a client's pattern, where ``*`` stands for a port (RFC 8252 §7.3)."""
    expression = re.escape(pattern).replace(r"\*", _PORT)
    return re.fullmatch(expression, redirect, flags=re.ASCII) is not None


def _back(ask: _Ask, answer: dict[str, str], *, forget: bool = False) -> Response:
    query = urlencode({**answer, **({"state": ask.state} if ask.state else {})})
    response = RedirectResponse(
        f"{ask.redirect}?{query}", status_code=303, headers={"Cache-Control": "no-store"}
    )
    if forget:
        response.delete_cookie(TICKET_COOKIE, secure=True, httponly=True, samesite="strict", path="/")
    return response
