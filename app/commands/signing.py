"""``caseferry sign-in`` and ``sign-out``."""

from __future__ import annotations

import webbrowser

from app.commands.console import Screen
from app.commands.portal_options import PortalOptions
from app.commands.reaching import proxy_secret, reach, remember
from app.commands.trusting import agree_on_first_use
from app.domain.errors import InputError, UnreachableError
from app.portal import DeviceCode, sign_in_with_browser, sign_in_with_device
from app.secrets import open_user_vault
from app.settings import data_folder
from app.transfer.network import parse_proxy


def sign_in(options: PortalOptions, screen: Screen, *, device: bool) -> int:
    """Sign a person in, in the browser or by a code; the sign-in is kept in the vault.

    A portal whose certificate nothing vouches for is shown to the person first.
    """
    reached = agree_on_first_use(options, reach(options), screen)

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


def proxy_password(options: PortalOptions, screen: Screen, *, forget: bool) -> int:
    """Keep the password of the proxy's user in the vault, or forget it.

    Raises:
        InputError: no proxy with a user is named (CF-1163, CF-1160), or nothing was typed (CF-1160).
    """
    proxy = parse_proxy(options.proxy)
    store = open_user_vault(data_folder())
    if not proxy.user:
        raise _no_proxy_user("The proxy's address names no user.")
    if forget:
        store.delete(proxy_secret(proxy))
        screen.line(f"The password of {proxy.user} at {proxy.place} is forgotten.")
        return 0
    typed = screen.secret(f"Password of {proxy.user} at {proxy.place}:")
    if not typed:
        raise _no_proxy_user("No password was given.")
    store.put(proxy_secret(proxy), typed.encode())
    screen.line(f"The password of {proxy.user} at {proxy.place} is kept in the vault.")
    return 0


def _no_proxy_user(happened: str) -> InputError:
    return InputError(
        "There is no password to keep",
        happened=happened,
        todo="Give --proxy http://user@host:port, and the password when it is asked for.",
        code="CF-1160",
    )
