"""The verbs of the portal and its cases and their options, for cyclopts."""

from __future__ import annotations

import sys
from typing import Annotated

from cyclopts import App, Parameter

from app.commands.console import Screen
from app.commands.options import OrDash
from app.commands.portal_options import PortalOptions
from app.domain.cases import Priority, Status, parse_case_number
from app.domain.errors import InputError
from app.portal.contract.cases import CaseView

_NO_OPTIONS = PortalOptions()
_Json = Annotated[bool, Parameter(negative=())]
_Flag = Annotated[bool, Parameter(negative=())]


def add_verbs(verbs: App, screen: Screen) -> None:
    """``sign-in``, ``sign-out``, ``cases``, ``case`` and ``comment``."""

    @verbs.command(name="sign-in")
    def sign_in(*, device: _Flag = False, options: PortalOptions = _NO_OPTIONS) -> int:
        """Sign in to the portal, in the browser.

        Args:
            device: sign in by a code on another device, when no browser can be opened here.
            options: which portal.
        """
        from app.commands import signing

        return signing.sign_in(options, screen, device=device)

    @verbs.command(name="sign-out")
    def sign_out(*, options: PortalOptions = _NO_OPTIONS) -> int:
        """Sign out of the portal."""
        from app.commands import signing

        return signing.sign_out(options, screen)

    @verbs.command
    def cases(
        *,
        view: CaseView = CaseView.MINE,
        account: str = "",
        status: Annotated[list[Status] | None, Parameter(negative=())] = None,
        priority: Annotated[list[Priority] | None, Parameter(negative=())] = None,
        component: Annotated[list[str] | None, Parameter(negative=())] = None,
        words: str = "",
        sort: Annotated[str, Parameter(allow_leading_hyphen=True)] = "-updated",
        limit: int = 25,
        all: _Flag = False,
        json: _Json = False,
        options: PortalOptions = _NO_OPTIONS,
    ) -> int:
        """List cases.

        Args:
            view: mine, group, waiting (for you), urgent (critical and high), closed or admin.
            account: only this (Sold To, End User) combination, by its id.
            status: only this status; may be repeated.
            priority: only this priority; may be repeated.
            component: only this component; may be repeated.
            words: only cases with these words or this number.
            sort: updated, opened, number, priority, subject, status or closes; a leading - turns it round.
            limit: how many, 1 to 500.
            all: every case, page after page.
            json: print JSON.
            options: which portal.
        """
        from app.commands import listing
        from app.portal.contract import CaseFilter

        wanted = CaseFilter(
            view=view,
            account=account,
            status=status or [],
            priority=priority or [],
            component=component or [],
            words=words,
            sort=sort,
            limit=limit,
        )
        return listing.list_cases(options, screen, wanted=wanted, everything=all, json=json)

    @verbs.command
    def case(number: str, /, *, json: _Json = False, options: PortalOptions = _NO_OPTIONS) -> int:
        """Show a case, its files and the newest entries of its feed.

        Args:
            number: the case number.
            json: print JSON.
            options: which portal.
        """
        from app.commands import listing

        return listing.show_case(options, screen, number=number, json=json)

    @verbs.command
    def comment(number: str, text: OrDash, /, *, options: PortalOptions = _NO_OPTIONS) -> int:
        """Comment a case.

        Args:
            number: the case number.
            text: the comment; - reads it from standard input.
            options: which portal.
        """
        from app.commands.reaching import reach

        number = parse_case_number(number)
        words = sys.stdin.read() if text == "-" else text
        if not words.strip():
            raise InputError(
                "The comment is empty",
                happened="It holds no word; nothing was sent.",
                todo="Write the comment behind the case number, or - to read it from standard input.",
                code="CF-1155",
            )
        reached = reach(options)
        client = reached.client(reached.tokens())
        client.comment(number, words)
        screen.line(f"Commented case {number}.")
        return 0
