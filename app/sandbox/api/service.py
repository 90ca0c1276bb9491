"""``/capabilities``, ``/me``, ``/accounts``, ``/contacts``."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from app.domain.access import Action
from app.portal.contract import Capabilities, Contact, Gateway, Me, Membership, Page
from app.sandbox.api.answers import answer
from app.sandbox.callers import Caller, person, require
from app.sandbox.problems import not_found
from app.sandbox.site import site_of
from app.sandbox.store.accounts import contact_by_id, contacts_of, memberships_of
from app.sandbox.uploads import CHECKSUMS, EXTENSIONS

router = APIRouter(tags=["service"])
CONTRACT = "1"


@router.get("/capabilities", response_model=Capabilities)
def capabilities(request: Request) -> Response:
    """What this portal is able to do; needs no sign-in."""
    site = site_of(request)
    return answer(
        request,
        Capabilities(
            product="Caseferry built-in portal",
            contract=CONTRACT,
            limits=site.limits,
            gateways=[Gateway(region="EMEA", url=f"{site.url}/api/v1/uploads")],
            tus_extensions=list(EXTENSIONS),
            tus_checksums=list(CHECKSUMS),
            sftp=site.sftp,
            demo=site.demo,
            features=["cases", "comments", "files", "uploads", "agents", "events", "log-requests"]
            + (["sftp"] if site.sftp is not None else []),
            log_request_key=site.request_key.public,
        ),
    )


@router.get("/me", response_model=Me)
def me(request: Request, caller: Annotated[Caller, Depends(person)]) -> Response:
    """The signed-in contact and all its combinations; never the PIN (R-ACC-6)."""
    site = site_of(request)
    contact = contact_by_id(site.database, caller.id)
    if contact is None:
        raise not_found("contact")
    return answer(
        request,
        Me(
            id=contact.id,
            first_name=contact.first_name,
            last_name=contact.last_name,
            email=contact.email,
            employer=contact.employer,
            country=contact.country,
            memberships=memberships_of(site.database, contact.id, now=site.clock()),
        ),
    )


@router.get("/accounts", response_model=Page[Membership])
def accounts(request: Request, caller: Annotated[Caller, Depends(person)]) -> Response:
    """The combinations the caller belongs to, with its level in each."""
    site = site_of(request)
    found = memberships_of(site.database, caller.id, now=site.clock())
    return answer(request, Page(items=found, next_cursor=None, total=len(found)))


@router.get("/contacts", response_model=Page[Contact])
def contacts(
    request: Request,
    caller: Annotated[Caller, Depends(person)],
    account: Annotated[str, Query(min_length=1, max_length=64)],
) -> Response:
    """The people of a combination, for those who may see its cases."""
    require(caller, account, Action.SEE_CASES, what="account")
    site = site_of(request)
    found = contacts_of(site.database, account, now=site.clock())
    return answer(request, Page(items=found, next_cursor=None, total=len(found)))
