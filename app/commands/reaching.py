"""The portal behind the options, and the sign-in to it that the vault keeps."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec

from app.commands.options import PortalOptions
from app.domain.errors import InputError
from app.portal import PersonTokens, PortalClient, portal_root
from app.secrets import SecretStore, open_user_vault, replace_file
from app.settings import Trust, data_folder
from app.transfer.network import Certificates, Network, Way, parse_proxy

_REMEMBERED = "portal.json"


@dataclass(frozen=True, slots=True)
class Reached:
    """A portal that commands speak to."""

    url: str
    trust: Trust
    store: SecretStore
    way: Way

    def tokens(self) -> PersonTokens:
        """The person's sign-in to it."""
        return PersonTokens(self.url, trust=self.trust, store=self.store)

    def client(self, tokens: PersonTokens) -> PortalClient:
        """A client for it."""
        return PortalClient(self.url, trust=self.trust, tokens=tokens)


@dataclass(frozen=True, slots=True)
class _Remembered:
    url: str
    ca: str = ""


def reach(options: PortalOptions) -> Reached:
    """The portal that the options, the environment or the last sign-in name.

    Raises:
        InputError: none of them does, or the address or the CA file is not usable.
    """
    url, ca = options.portal, options.ca
    kept = _remembered()
    if kept is not None and url in ("", kept.url):
        url = kept.url
        ca = ca or (Path(kept.ca) if kept.ca else None)
    if not url:
        raise InputError(
            "Which portal?",
            happened="No portal was named, and there was no sign-in yet.",
            todo="Give --portal https://…, or set CASEFERRY_PORTAL.",
            code="CF-1147",
        )
    way = _way(options, ca)
    return Reached(
        url=portal_root(url), trust=Trust(ca, way=way), store=open_user_vault(data_folder()), way=way
    )


def _way(options: PortalOptions, ca: Path | None) -> Way:
    """The way out that the options name.

    Raises:
        InputError: the proxy's address cannot be used.
    """
    extra = () if options.extra_ca is None else (options.extra_ca,)
    return Way(
        network=Network(
            proxy=parse_proxy(options.proxy) if options.proxy else None,
            no_proxy=tuple(each.strip() for each in options.no_proxy.split(",") if each.strip()),
        ),
        certificates=Certificates(
            ca_files=extra if ca is None else (ca, *extra),
            system_store=ca is None,
            client_certificate=options.client_certificate,
            client_key=options.client_key,
        ),
    )


def remember(reached: Reached) -> None:
    """Make this portal the one that the next command means."""
    ca = reached.trust.ca_file
    kept = _Remembered(url=reached.url, ca=str(ca.resolve()) if ca is not None else "")
    replace_file(data_folder() / _REMEMBERED, msgspec.json.encode(kept))


def _remembered() -> _Remembered | None:
    try:
        return msgspec.json.decode((data_folder() / _REMEMBERED).read_bytes(), type=_Remembered)
    except (OSError, msgspec.MsgspecError):
        return None
