"""The portal behind the options, and the sign-in to it that the vault keeps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from app.commands.portal_options import PortalOptions
from app.decoding import ready
from app.domain.errors import InputError
from app.portal import PersonTokens, PortalClient, portal_root
from app.secrets import SecretStore, open_user_vault, replace_file
from app.settings import Trust, data_folder
from app.transfer.network import (
    Certificates,
    Network,
    Pins,
    Proxy,
    Way,
    parse_place,
    parse_proxy,
    prove_pin,
)

CERTIFICATES = "certificates.json"
"""In the data folder: the certificates of portals that this person has agreed to."""

HOST_KEYS = "host-keys.json"
"""In the data folder: the host keys of SFTP servers that this person has agreed to."""

_REMEMBERED = "portal.json"


@dataclass(frozen=True, slots=True)
class Reached:
    """A portal that commands speak to.

    Attributes:
        settled: whether ``--ca`` or an earlier agreement says whom to trust.
    """

    url: str
    trust: Trust
    store: SecretStore
    way: Way
    settled: bool = False

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
        TrustError: the portal shows another certificate than the one agreed to (CF-1440).
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
    root = portal_root(url)
    store = open_user_vault(data_folder())
    pinned = b"" if ca is not None else Pins(data_folder() / CERTIFICATES).of(*parse_place(root))
    way = _way(options, ca, store=store, pinned=pinned)
    if pinned:
        prove_pin(*parse_place(root), agreed=pinned, network=way.network)
    settled = ca is not None or bool(pinned)
    return Reached(url=root, trust=Trust(ca, way=way), store=store, way=way, settled=settled)


def proxy_secret(proxy: Proxy) -> str:
    """Under which name the vault keeps the password of a proxy's user."""
    return f"proxy-password {proxy.user}@{proxy.place}"


def _way(options: PortalOptions, ca: Path | None, *, store: SecretStore, pinned: bytes) -> Way:
    """The way out that the options name, with the proxy's password from the vault.

    Raises:
        InputError: the proxy's address cannot be used.
    """
    extra = () if options.extra_ca is None else (options.extra_ca,)
    return Way(
        network=network_of(options.proxy, options.no_proxy, store=store),
        certificates=Certificates(
            ca_files=extra if ca is None else (ca, *extra),
            system_store=ca is None,
            client_certificate=options.client_certificate,
            client_key=options.client_key,
            pinned=pinned,
        ),
    )


def network_of(proxy: str, no_proxy: str, *, store: SecretStore) -> Network:
    """The way out that ``--proxy`` and ``--no-proxy`` name, with the proxy's password from the vault.

    Raises:
        InputError: the proxy's address cannot be used.
    """
    found = parse_proxy(proxy) if proxy else None
    if found is not None and found.user and not found.password:
        kept = store.get(proxy_secret(found))
        found = replace(found, password="" if kept is None else kept.decode())
    return Network(proxy=found, no_proxy=tuple(each.strip() for each in no_proxy.split(",") if each.strip()))


def remember(reached: Reached) -> None:
    """Make this portal the one that the next command means."""
    ca = reached.trust.ca_file
    kept = _Remembered(url=reached.url, ca=str(ca.resolve()) if ca is not None else "")
    replace_file(data_folder() / _REMEMBERED, msgspec.json.encode(kept))


def _remembered() -> _Remembered | None:
    try:
        return msgspec.json.decode((data_folder() / _REMEMBERED).read_bytes(), type=ready(_Remembered))
    except (OSError, msgspec.MsgspecError):
        return None
