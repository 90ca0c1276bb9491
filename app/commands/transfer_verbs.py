"""The verbs about trust, and about the transfers of an agent, for cyclopts."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from app.commands.console import Screen
from app.commands.options import PortalOptions

_NO_OPTIONS = PortalOptions()
_Flag = Annotated[bool, Parameter(negative=())]


def add_transfer_verbs(verbs: App, screen: Screen) -> None:
    """``trust`` and ``proxy-password``."""
    trust = App(name="trust", help="Certificates and host keys that you agreed to by hand.")
    verbs.command(trust)

    @trust.command(name="list")
    def list_verb(*, json: _Flag = False) -> int:
        """List them with their fingerprints.

        Args:
            json: print JSON.
        """
        from app.commands import trusting

        return trusting.list_agreed(screen, json=json)

    @trust.command
    def forget(place: str, /) -> int:
        """Agree no longer to what a server shows; you are asked anew at the next sign-in.

        Args:
            place: HOST:PORT.
        """
        from app.commands import trusting

        return trusting.forget_agreed(place, screen)

    @verbs.command(name="proxy-password")
    def proxy_password(*, forget: _Flag = False, options: PortalOptions = _NO_OPTIONS) -> int:
        """Keep the password of the proxy's user in the vault; it is typed, or read from standard input.

        Args:
            forget: take it out of the vault again.
            options: --proxy http://user@host:port names the proxy and the user.
        """
        from app.commands import signing

        return signing.proxy_password(options, screen, forget=forget)
