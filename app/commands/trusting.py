"""Certificates that nothing vouches for: shown to a person once, pinned on a yes, listed and forgotten."""

from __future__ import annotations

import ssl
from urllib.parse import urlsplit

from app.commands.console import Screen
from app.commands.portal_options import PortalOptions
from app.commands.reaching import CERTIFICATES, HOST_KEYS, Reached, reach
from app.domain.errors import InputError, TrustError, WorldError
from app.domain.places import place_of
from app.settings import data_folder
from app.transfer import KnownHosts
from app.transfer.network import Pins, ShownCertificate, connect_tls, parse_place, show_certificate

_SECONDS = 20.0
_NOT_MENDED = frozenset({9, 10, 62, 63, 64})
"""Of OpenSSL: expired, not valid yet, made out for another name. A yes does not mend these."""


def agree_on_first_use(options: PortalOptions, reached: Reached, screen: Screen) -> Reached:
    """Ask the person about a certificate that no authority of ours signed; nothing stands for that yes.

    Only where neither ``--ca`` nor an earlier agreement says whom to trust. What cannot be looked at is left
    to the call that needs it.

    Raises:
        TrustError: the person did not agree, or no person is there (CF-1441).
    """
    if reached.settled or not _unknown_authority(reached):
        return reached
    shown = show_certificate(*parse_place(reached.url), network=reached.way.network, seconds=_SECONDS)
    if not _agreed(screen, shown):
        raise TrustError(
            "Nobody has agreed to this server's certificate",
            happened=f"{shown.place} shows SHA-256 {shown.fingerprint}. Nothing was sent.",
            todo="Ask the portal's operator for the fingerprint and answer yes, or give --ca.",
            code="CF-1441",
        )
    Pins(data_folder() / CERTIFICATES).keep(shown, confirmed=shown.fingerprint)
    return reach(options)


def list_agreed(screen: Screen, *, json: bool) -> int:
    """Everything that this person agreed to."""
    certificates = Pins(data_folder() / CERTIFICATES).places()
    keys = KnownHosts(data_folder() / HOST_KEYS).places()
    if json:
        screen.json({"certificates": certificates, "host_keys": keys})
        return 0
    rows = [["certificate", place, text] for place, text in certificates.items()]
    rows += [["host key", place, text] for place, text in keys.items()]
    if rows:
        screen.table(["Kind", "Server", "Fingerprint"], rows)
    else:
        screen.note("You have agreed to no certificate and no host key by hand.")
    return 0


def forget_agreed(place: str, screen: Screen) -> int:
    """Agree no longer to what a server shows.

    Raises:
        InputError: nothing of this server was agreed to (CF-1158).
    """
    host, port = parse_place(place)
    shown = place_of(host, port)
    pins, keys = Pins(data_folder() / CERTIFICATES), KnownHosts(data_folder() / HOST_KEYS)
    if not pins.of(host, port) and keys.of(host, port) is None:
        raise InputError(
            "Nothing of this server was agreed to",
            happened=f"There is neither a certificate nor a host key of {shown} that you agreed to.",
            todo="caseferry trust list shows what there is.",
            code="CF-1158",
        )
    pins.forget(host, port)
    keys.forget(host, port)
    screen.line(f"Forgotten: {shown}.")
    return 0


def _unknown_authority(reached: Reached) -> bool:
    host, port = parse_place(reached.url)
    try:
        with (
            reached.way.dial(host, port, _SECONDS) as plain,
            connect_tls(plain, host=host, context=reached.trust.ssl_context()),
        ):
            return False
    except ssl.SSLCertVerificationError as error:
        return error.verify_code not in _NOT_MENDED
    except (OSError, WorldError):
        return False


def _agreed(screen: Screen, shown: ShownCertificate) -> bool:
    screen.note(f"No authority that this machine trusts has signed the certificate of {shown.place}.")
    screen.note(f"  SHA-256 {shown.fingerprint}")
    host = urlsplit(f"//{shown.place}").hostname
    return screen.ask(f"Did the operator of {host} tell you this fingerprint, and is it the same?")
