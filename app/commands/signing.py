"""``caseferry sign-in`` and ``sign-out``."""

from __future__ import annotations

import webbrowser

from app.commands.console import Screen
from app.commands.options import PortalOptions
from app.commands.reaching import reach, remember
from app.domain.errors import UnreachableError
from app.portal import DeviceCode, sign_in_with_browser, sign_in_with_device


def sign_in(options: PortalOptions, screen: Screen, *, device: bool) -> int:
    """Sign a person in, in the browser or by a code; the sign-in is kept in the vault."""
    reached = reach(options)

    def show_code(begun: DeviceCode) -> None:
        screen.line(f"Open {begun.verification_uri} and type the code {begun.user_code}")
        screen.note(f"The code is good for {begun.expires_in // 60} minutes. Waiting …")

    def open_browser(address: str) -> bool:
        screen.note("Sign in in the browser. If none opens, visit this address:")
        screen.line(address)
        webbrowser.open(address)
        return True

    if device:
        tokens = sign_in_with_device(reached.url, trust=reached.trust, store=reached.store, show=show_code)
    else:
        tokens = sign_in_with_browser(
            reached.url, trust=reached.trust, store=reached.store, open_browser=open_browser
        )
    remember(reached)
    me = reached.client(tokens).me()
    screen.line(f"Signed in to {reached.url} as {me.first_name} {me.last_name}.")
    note = getattr(reached.store, "key_note", "")
    if note:
        screen.note(note)
    return 0


def sign_out(options: PortalOptions, screen: Screen) -> int:
    """Forget the sign-in here and take it back at the portal."""
    reached = reach(options)
    try:
        reached.tokens().sign_out()
    except UnreachableError:
        screen.note("The portal could not be told; the sign-in is forgotten on this machine.")
    screen.line(f"Signed out of {reached.url}.")
    return 0
