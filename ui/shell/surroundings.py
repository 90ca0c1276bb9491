"""Where the portal, the agent and this user's state are found, and how to open them. Blocks: use `Task`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from app.agentlink import AgentClient, find_local_agent, read_endpoint
from app.domain.errors import CaseferryError
from app.portal import (
    CaseCopy,
    Drafts,
    PersonTokens,
    PortalClient,
    TokenSource,
    open_portal_database,
    portal_root,
)
from app.secrets import FileVault, open_user_vault
from app.settings import Trust
from ui.shell.services import Services


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the command line and the settings say.

    Attributes:
        portal: address; empty when it was never given.
        agent: path of an ``endpoint.json``; empty to look for the local one.
        data: folder of the offline copy and the vault.
    """

    portal: str
    trust: Trust
    agent: str
    data: Path

    def open_store(self) -> FileVault:
        """The vault of this user's sign-ins; the system's key store may be asked."""
        return open_user_vault(self.data)

    def kept_tokens(self) -> PersonTokens | None:
        """The kept sign-in of the portal, or None."""
        if not self.portal:
            return None
        tokens = PersonTokens(self.portal, trust=self.trust, store=self.open_store())
        return tokens if tokens.signed_in() else None

    def open_agent(self) -> AgentClient | None:
        """The agent that was named, or found on this machine; None when there is none.

        Raises:
            CredentialsError: there is one, but this account may not use it.
        """
        endpoint = read_endpoint(Path(self.agent)) if self.agent else find_local_agent()
        return None if endpoint is None else AgentClient(endpoint)


def portal_folder(data: Path, address: str) -> Path:
    """Where the copy of a portal lies: one folder per address."""
    return data / hashlib.sha256(portal_root(address).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Opened:
    """The services of a signed-in person, and why there is no agent when it is not just absent."""

    services: Services
    agent_problem: CaseferryError | None = None


def open_services(
    surroundings: Surroundings,
    address: str,
    tokens: TokenSource,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Opened:
    """Everything a page may use.

    Raises:
        LocalError: the offline copy cannot be opened.
    """
    database = open_portal_database(portal_folder(surroundings.data, address) / "portal.db")
    agent, problem = None, None
    try:
        agent = surroundings.open_agent()
    except CaseferryError as error:
        problem = error
    services = Services(
        portal=PortalClient(address, trust=surroundings.trust, tokens=tokens),
        agent=agent,
        copy=CaseCopy(database),
        clock=clock,
        drafts=Drafts(database, clock=clock),
    )
    return Opened(services, problem)
