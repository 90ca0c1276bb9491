"""The case that an address names, if this caller may do this with it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path

from app.domain.access import Action
from app.sandbox.callers import Caller, require
from app.sandbox.problems import not_found
from app.sandbox.site import Site
from app.sandbox.store.cases import case_account

CASE_NUMBER = Annotated[
    str, Path(pattern=r"^[0-9]{1,10}$", description="Case number; leading zeros may be left out.")
]


def visible_case(site: Site, caller: Caller, number: str, action: Action) -> tuple[str, str]:
    """The ten-digit number and the combination of a case that the caller may do this with.

    Raises:
        ProblemError: 404 when there is none for this caller, 403 when the level is too low.
    """
    full = number.zfill(10)
    account = case_account(site.database, full)
    if account is None:
        if not caller.accounts_for(action):
            require(caller, next(iter(caller.accounts), ""), action)
        raise not_found("case")
    require(caller, account, action)
    return full, account
