"""Whether an address and a password belong to a contact."""

from __future__ import annotations

from fastapi import Request

from app.sandbox.passwords import Guesses, password_fits
from app.sandbox.problems import ProblemError
from app.sandbox.site import Site
from app.sandbox.store.accounts import ContactRow, contact_by_email

_LONGEST = 1024
WRONG = "The email or the password is not right."


def sign_in(site: Site, request: Request, *, email: str, password: str) -> ContactRow | str:
    """The contact, or the sentence that says why not; it never tells which of the two was wrong."""
    guesses = Guesses(site, tried=f"person:{email.strip()}", address=address_of(request))
    try:
        guesses.check()
    except ProblemError as problem:
        return f"{problem.title}. {problem.detail}"
    contact = contact_by_email(site.database, email.strip())
    fits = password_fits(password[:_LONGEST], None if contact is None else contact.password)
    if contact is None or not fits:
        guesses.failed()
        return WRONG
    guesses.succeeded()
    return contact


def address_of(request: Request) -> str:
    """The network address that calls."""
    return request.client.host if request.client is not None else "unknown"
