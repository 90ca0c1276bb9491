"""The agents of this person: the one of this machine, and the paired ones of other machines. Blocks."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.agentlink import (
    AgentClient,
    ConfigShown,
    Diagnosis,
    Drop,
    Endpoint,
    Job,
    PairedAgent,
    PairedAgents,
    Restarting,
    WatchFolder,
    find_local_agent,
    pair_with,
    read_code,
    read_endpoint,
)
from app.domain.errors import InputError, LocalError
from app.domain.places import place_of
from app.secrets import SecretStore
from app.settings import network_error
from app.transfer.network import ShownCertificate, parse_place, show_certificate
from ui.shell.services import HERE, AgentGlance, KnownAgent

_SECONDS = 8.0
_TOO_OLD = ("CF-1191", "CF-1176")
"""The agent does not know the call, or this program is older than what it answers."""


class AgentElsewhere(AgentClient):
    """An agent of another machine: it cannot read the files of this one."""

    def drop(self, drop: Drop) -> Job:
        """Refuse.

        Raises:
            LocalError: always (CF-1832).
        """
        raise LocalError(
            "Files of this PC need the agent of this PC",
            happened=f"The agent of another machine is chosen; it cannot read {len(drop.paths)} files here.",
            todo="Choose This PC on the page Agents, then attach them again.",
            code="CF-1832",
        )


@dataclass(frozen=True, slots=True)
class PairedBook:
    """`ui.shell.services.AgentBook`. The commands (``caseferry agents``) use the same pairings.

    Attributes:
        open_store: opens the vault of this user's programs.
        endpoint: path of the ``endpoint.json`` of this machine's agent; None to look for it.
    """

    open_store: Callable[[], SecretStore]
    endpoint: Path | None = None

    def all(self) -> list[KnownAgent]:
        """The agent of this machine, when there is one, and the paired ones."""
        here = self.here()
        known = [] if here is None else [KnownAgent(HERE, "", here.certificate_sha256)]
        return known + [_known(each) for each in PairedAgents(self.open_store()).all()]

    def glance(self, place: str) -> AgentGlance:
        """How an agent is now, and was during the last day."""
        with self._called(place) as client:
            status = client.status()
            try:
                return AgentGlance(status, client.health())
            except InputError as error:
                if error.code not in _TOO_OLD:
                    raise
                return AgentGlance(status)

    def restart(self, place: str) -> Restarting:
        """Have an agent begin anew."""
        with self._called(place) as client:
            return client.restart()

    def diagnose(self, place: str) -> Diagnosis:
        """Have an agent check all that it needs."""
        with self._called(place) as client:
            return client.diagnose()

    def watch_folder(self, place: str, *, folder: str, rule: str) -> ConfigShown:
        """Have a rule of the agent of this machine watch one more folder."""
        with self._called(place) as client:
            return client.watch_folder(WatchFolder(folder, rule))

    @contextmanager
    def _called(self, place: str) -> Iterator[AgentClient]:
        client = AgentClient(self.endpoint_of(place), timeout=_SECONDS)
        try:
            yield client
        finally:
            client.close()

    def look(self, place: str) -> ShownCertificate:
        """The certificate that is shown there, for a person to compare."""
        host, port = parse_place(place)
        try:
            return show_certificate(host, port, seconds=_SECONDS)
        except OSError as error:
            raise network_error(error, f"https://{place_of(host, port)}/") from error

    def pair(self, place: str, code: str, *, shown: ShownCertificate) -> KnownAgent:
        """Prove the code to the agent that showed this certificate, and keep the token it gives."""
        host, port = parse_place(place)
        typed = read_code(code)
        paired = pair_with(host, port, certificate=shown.der, code=typed, name=socket.gethostname())
        PairedAgents(self.open_store()).keep(paired)
        return _known(paired)

    def forget(self, place: str) -> None:
        """Forget a pairing here."""
        PairedAgents(self.open_store()).forget(place)

    def endpoint_of(self, place: str) -> Endpoint:
        """Where an agent is called.

        Raises:
            LocalError: there is none on this machine any more (CF-1833).
            InputError: none is paired at this place (CF-1187).
        """
        if place != HERE:
            return PairedAgents(self.open_store()).required(place).endpoint
        found = self.here()
        if found is None:
            raise LocalError(
                "The agent of this PC does not run",
                happened="Its endpoint file is not there any more.",
                todo="Start the agent.",
                code="CF-1833",
            )
        return found

    def here(self) -> Endpoint | None:
        """Where the agent of this machine is called; None when there is none.

        Raises:
            CredentialsError: there is one, but this account may not use it.
        """
        return find_local_agent() if self.endpoint is None else read_endpoint(self.endpoint)


def _known(agent: PairedAgent) -> KnownAgent:
    return KnownAgent(agent.place, agent.role.value, agent.endpoint.certificate_sha256)
