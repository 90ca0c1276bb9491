"""The device flow (RFC 8628): for machines without a browser."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import JSONResponse

from app.portal.contract import TokenReply
from app.sandbox.callers import PERSON_SCOPE, digest_of
from app.sandbox.oauth.authorize import expired_form, ticket_fits
from app.sandbox.oauth.errors import OAuthError, invalid_grant
from app.sandbox.oauth.pages import activate_page, message_page
from app.sandbox.oauth.people import address_of, sign_in
from app.sandbox.oauth.tokens import random_text, tokens_for_person
from app.sandbox.passwords import Guesses
from app.sandbox.problems import ProblemError
from app.sandbox.site import Site, site_of
from app.sandbox.store.credentials import (
    DeviceRow,
    decide_device,
    device_by_code,
    device_by_user_code,
    forget_device,
    insert_device,
    note_poll,
    redirect_pattern,
)

router = APIRouter(include_in_schema=False)
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
# No vowels and nothing that looks like something else (RFC 8628 §6.1): 20^8 codes.
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
_CODE_LENGTH = 8
_SLACK = timedelta(milliseconds=250)


@router.post("/oauth/device")
def begin(
    request: Request,
    client_id: Annotated[str, Form()] = "",
    scope: Annotated[str, Form()] = PERSON_SCOPE,
) -> Response:
    """Give a device its codes."""
    site = site_of(request)
    if redirect_pattern(site.database, client_id) is None:
        raise OAuthError("invalid_client", "This client is not known.", status=401)
    if scope != PERSON_SCOPE:
        raise OAuthError("invalid_scope", f"The scope of a person is {PERSON_SCOPE}.")
    device_code, user_code = random_text(site, 32), _user_code(site)
    now = site.clock()
    with site.database.transaction() as connection:
        insert_device(
            connection,
            DeviceRow(
                device_sha256=digest_of(device_code),
                user_code=user_code,
                client=client_id,
                scope=scope,
                expires=now + site.lifetimes.device_code,
                polled=now - site.lifetimes.device_interval,
            ),
        )
    shown = f"{user_code[:4]}-{user_code[4:]}"
    return JSONResponse(
        {
            "device_code": device_code,
            "user_code": shown,
            "verification_uri": f"{site.url}/oauth/activate",
            "verification_uri_complete": f"{site.url}/oauth/activate?user_code={shown}",
            "expires_in": int(site.lifetimes.device_code.total_seconds()),
            "interval": max(1, int(site.lifetimes.device_interval.total_seconds())),
        },
        headers={"Cache-Control": "no-store"},
    )


def exchange_device(site: Site, *, device_code: str, client: str) -> TokenReply:
    """Tokens once the person has allowed the device.

    Raises:
        OAuthError: ``authorization_pending``, ``slow_down``, ``access_denied``, ``expired_token`` or
            ``invalid_grant``.
    """
    now = site.clock()
    with site.database.transaction() as connection:
        row = device_by_code(connection, digest_of(device_code))
        if row is None or row.client != client:
            raise invalid_grant("The device code is unknown or was used.")
        too_soon = now - row.polled + _SLACK < site.lifetimes.device_interval
        note_poll(connection, row.device_sha256, now=now)
        ready = not row.denied and row.expires > now and row.contact is not None and not too_soon
        reply = None
        if ready and row.contact is not None:
            forget_device(connection, row.device_sha256)
            reply = tokens_for_person(
                connection, site, client=client, contact=row.contact, family=random_text(site, 12)
            )
    if reply is not None:
        return reply
    if row.denied:
        raise OAuthError("access_denied", "The person refused.")
    if row.expires <= now:
        raise OAuthError("expired_token", "The codes have expired; begin again.")
    if too_soon:
        raise OAuthError("slow_down", "Ask less often.")
    raise OAuthError("authorization_pending", "The person has not decided yet.")


@router.get("/oauth/activate")
def ask_for_code(request: Request, user_code: Annotated[str, Query(max_length=32)] = "") -> Response:
    """Show the form where a person types the code."""
    site = site_of(request)
    return activate_page(site, code=user_code, ticket=random_text(site, 24))


@router.post("/oauth/activate")
def answer_code(
    request: Request,
    user_code: Annotated[str, Form()] = "",
    email: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    ticket: Annotated[str, Form()] = "",
    decision: Annotated[str, Form()] = "",
) -> Response:
    """Connect the device, or refuse it."""
    site = site_of(request)
    if not ticket_fits(request, ticket):
        return expired_form(site)
    found = sign_in(site, request, email=email, password=password)
    if isinstance(found, str):
        return activate_page(
            site, code=user_code, ticket=random_text(site, 24), email=email, wrong=found, status=401
        )
    guesses = Guesses(site, tried=f"device-of:{found.id}", address=address_of(request))
    try:
        guesses.check()
    except ProblemError as problem:
        return message_page(site, problem.title, problem.detail, good=False, status=problem.status)
    allowed = decision == "allow"
    code = user_code.upper().replace("-", "").replace(" ", "")
    with site.database.transaction() as connection:
        row = device_by_user_code(connection, code)
        known = row is not None and row.expires > site.clock() and row.contact is None and not row.denied
        if row is not None and known:
            decide_device(connection, row.device_sha256, contact=found.id if allowed else None)
    if not known:
        guesses.failed()
        return activate_page(
            site,
            code=user_code,
            ticket=random_text(site, 24),
            email=email,
            wrong="This code is not known, or has expired. Read it again on the device.",
            status=400,
        )
    if not allowed:
        return message_page(site, "Refused", "The device was not connected.", good=False)
    return message_page(site, "Connected", "The device is signed in now. You can close this page.", good=True)


def _user_code(site: Site) -> str:
    """Eight letters, each equally likely: bytes past the last whole multiple are thrown away."""
    letters = ""
    limit = 256 - 256 % len(_LETTERS)
    while len(letters) < _CODE_LENGTH:
        letters += "".join(_LETTERS[byte % len(_LETTERS)] for byte in site.token(16) if byte < limit)
    return letters[:_CODE_LENGTH]
