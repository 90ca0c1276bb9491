"""Where the portal, the agent and this user's state are found, and how to open them. Blocks: use `Task`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from app.agentlink import AgentClient
from app.domain.errors import CaseferryError
from app.domain.places import place_of
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
from app.settings import Trust, network_error
from app.transfer import HostKey, KnownHosts, known_host_key
from app.transfer.network import (
    DIRECT,
    Network,
    Pins,
    ShownCertificate,
    Way,
    parse_place,
    prove_pin,
    show_certificate,
)
from ui.shell.agent_book import AgentElsewhere, PairedBook
from ui.shell.configuration import NetworkChoice, ProxyUse
from ui.shell.download_pace import DownloadPace
from ui.shell.services import HERE, Services
from ui.shell.way import way_of

PROXY_PASSWORD = "desktop-proxy-password"
"""Under which name the vault keeps the password of the proxy's user."""

_LOOK_SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the command line and the settings say.

    Attributes:
        portal: address; empty when it was never given.
        trust: the authority that was named, if one was.
        agent: path of an ``endpoint.json``; empty to look for the local one.
        chosen_agent: ``host:port`` of the paired agent to follow; `HERE` for that of this machine.
        data: folder of the offline copy and the vault.
        network: the way out.
    """

    portal: str
    trust: Trust
    agent: str
    data: Path
    chosen_agent: str = HERE
    network: NetworkChoice = field(default_factory=lambda: NetworkChoice(use=ProxyUse.NONE))

    @property
    def pins(self) -> Path:
        """The certificates that this person agreed to; the commands use the same file."""
        return self.data.parent / "certificates.json"

    @property
    def settled(self) -> bool:
        """Whether an authority was named, so that nobody is asked about a certificate."""
        return self.trust.ca_file is not None

    def way(self, choice: NetworkChoice, *, password: str, pinned: bytes = b"") -> Way:
        """The way out that a choice stands for.

        Raises:
            InputError: the proxy's address cannot be used.
        """
        return way_of(choice, password=password, ca_file=self.trust.ca_file, pinned=pinned)

    def trust_for(self, address: str, *, password: str | None = None) -> Trust:
        """Whom to trust at this portal, and the way to it. The vault may be asked, and the portal looked at.

        Args:
            address: of the portal.
            password: of the proxy's user; the kept one when None.

        Raises:
            TrustError: it shows another certificate than the one agreed to (CF-1440).
            InputError: something of the network settings cannot be used.
            LocalError: the vault, or what was agreed to, cannot be read.
        """
        host, port = parse_place(address)
        ca_file = self.trust.ca_file
        pinned = b"" if ca_file is not None else Pins(self.pins).of(host, port)
        secret = self._proxy_password() if password is None else password
        way = self.way(self.network, password=secret, pinned=pinned)
        if pinned:
            prove_pin(host, port, agreed=pinned, network=way.network, seconds=_LOOK_SECONDS)
        return Trust(ca_file, way=way)

    def look_at_certificate(self, address: str) -> ShownCertificate:
        """What the portal shows, trusted or not, for a person to compare.

        Raises:
            WorldError: it cannot be reached.
        """
        host, port = parse_place(address)
        way = self.way(self.network, password=self._proxy_password())
        try:
            return show_certificate(host, port, network=way.network, seconds=_LOOK_SECONDS)
        except OSError as error:
            raise network_error(error, f"https://{place_of(host, port)}/") from error

    def agree(self, shown: ShownCertificate) -> None:
        """Pin a certificate, because a person has compared its fingerprint.

        Raises:
            LocalError: it cannot be kept.
        """
        Pins(self.pins).keep(shown, confirmed=shown.fingerprint)

    def agreed(self) -> dict[str, str]:
        """Every ``host:port`` that a person agreed to, with the fingerprint."""
        return Pins(self.pins).places()

    def forget_agreed(self, place: str) -> dict[str, str]:
        """Agree to it no longer; what is left."""
        pins = Pins(self.pins)
        pins.forget(*parse_place(place))
        return pins.places()

    def keep_proxy_password(self, password: str) -> None:
        """Keep it in the vault; an empty one is forgotten."""
        store = self.open_store()
        if password:
            store.put(PROXY_PASSWORD, password.encode())
        else:
            store.delete(PROXY_PASSWORD)

    def _proxy_password(self) -> str:
        if not self.network.proxy_user or self.network.use is ProxyUse.NONE:
            return ""
        kept = self.open_store().get(PROXY_PASSWORD)
        return "" if kept is None else kept.decode()

    def open_store(self) -> FileVault:
        """The vault of this user's sign-ins; the system's key store may be asked."""
        return open_user_vault(self.data)

    def kept_tokens(self) -> PersonTokens | None:
        """The kept sign-in of the portal, or None."""
        if not self.portal:
            return None
        tokens = PersonTokens(self.portal, trust=self.trust_for(self.portal), store=self.open_store())
        return tokens if tokens.signed_in() else None

    @property
    def agents(self) -> PairedBook:
        """All agents of this person; the commands keep their pairings in the same vault."""
        named = Path(self.agent) if self.agent else None
        return PairedBook(lambda: open_user_vault(self.data.parent), named)

    def open_agent(self) -> AgentClient | None:
        """The agent that was chosen, named, or found on this machine; None when there is none.

        Raises:
            CredentialsError: there is one, but this account may not use it.
            InputError: the chosen one is paired no more (CF-1187).
        """
        if self.chosen_agent != HERE:
            return AgentElsewhere(self.agents.endpoint_of(self.chosen_agent))
        endpoint = self.agents.here()
        return None if endpoint is None else AgentClient(endpoint)


def portal_folder(data: Path, address: str) -> Path:
    """Where the copy of a portal lies: one folder per address."""
    return data / hashlib.sha256(portal_root(address).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class HostKeys:
    """`ui.shell.services.HostKeyBook`: the same file as that of the commands.

    Attributes:
        path: of the file.
        network: the way to the servers.
    """

    path: Path
    network: Network

    def known(self, host: str, port: int, announced: str) -> HostKey | None:
        """The one key that counts; None when a person must be asked."""
        return known_host_key(host, port, announced=announced, known=KnownHosts(self.path))

    def look(self, host: str, port: int) -> HostKey:
        """What the server shows."""
        from app.transfer import show_host_key  # loads SSH, which most sessions never need

        return show_host_key(host, port, network=self.network, seconds=_LOOK_SECONDS)

    def keep(self, host: str, port: int, key: HostKey) -> None:
        """Keep it, because a person has compared it."""
        KnownHosts(self.path).keep(host, port, key)


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
    trust = surroundings.trust_for(address)
    network = trust.way.network if isinstance(trust.way, Way) else DIRECT
    services = Services(
        portal=PortalClient(address, trust=trust, tokens=tokens),
        agent=agent,
        copy=CaseCopy(database),
        clock=clock,
        drafts=Drafts(database, clock=clock),
        host_keys=HostKeys(surroundings.data.parent / "host-keys.json", network),
        pace=DownloadPace(agent),
        agents=surroundings.agents,
        agent_place=surroundings.chosen_agent,
    )
    return Opened(services, problem)
