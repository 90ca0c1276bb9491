"""Trying and keeping the network settings. Every call may block: go through `Task`."""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.transfer.network import refuse_unreadable
from ui.pages.sign_in.checks import look_at_portal
from ui.shell.configuration import NetworkChoice, ProxyUse, keep_network, settings_path
from ui.shell.surroundings import Surroundings


@dataclass(frozen=True, slots=True)
class WayBook:
    """`ui.pages.settings.network.WayKeeper` for the portal that is signed in to."""

    surroundings: Surroundings
    address: str

    def try_way(self, choice: NetworkChoice, password: str | None) -> str:
        """Reach the portal this way, without keeping it; what was found.

        Raises:
            WorldError: it cannot be reached, or a file or address cannot be used.
        """
        _check(choice)
        trust = replace(self.surroundings, network=choice).trust_for(self.address, password=password)
        found = look_at_portal(self.address, trust)
        return f"{found.capabilities.product} answers: {found.check.text}"

    def keep_way(self, choice: NetworkChoice, password: str | None) -> None:
        """Keep the choice, when all of it can be used.

        Raises:
            InputError: an address or a file cannot be used; nothing was kept.
            LocalError: the settings or the vault cannot be written.
        """
        _check(choice)
        self.surroundings.way(choice, password=password or "").ssl_context()
        keep_network(settings_path(), choice)
        if password is not None:
            self.surroundings.keep_proxy_password(password)

    def agreed(self) -> dict[str, str]:
        """Servers whose certificate was agreed to by hand."""
        return self.surroundings.agreed()

    def forget_agreed(self, place: str) -> dict[str, str]:
        """Agree to it no longer; what is left."""
        return self.surroundings.forget_agreed(place)


def _check(choice: NetworkChoice) -> None:
    """A person who types what means no server is told so; a file that holds such is read all the same."""
    if choice.use is not ProxyUse.NONE:
        refuse_unreadable(choice.no_proxy)
