"""The agents of other machines that this person's programs are paired with; their tokens lie in the vault."""

from __future__ import annotations

import hashlib
import secrets
import ssl
from dataclasses import dataclass, replace

import msgspec

from app.agentlink.client import AgentClient
from app.agentlink.contract import Endpoint, Role
from app.agentlink.pairing import (
    NONCE_BYTES,
    PairBegin,
    PairFinish,
    Transcript,
    check_agent,
    program_proof,
    stretched,
)
from app.decoding import ready
from app.domain.errors import InputError, PeerError
from app.domain.places import place_of
from app.secrets import SecretStore

PAIRED_NAME = "paired-agents"


@dataclass(frozen=True, slots=True)
class PairedAgent:
    """One of them; ``place`` is ``host:port``."""

    place: str
    role: Role
    endpoint: Endpoint


class PairedAgents:
    """All of them, by their place."""

    def __init__(self, vault: SecretStore) -> None:
        self._vault = vault

    def all(self) -> list[PairedAgent]:
        """By place."""
        kept = self._vault.get(PAIRED_NAME)
        if kept is None:
            return []
        return sorted(msgspec.json.decode(kept, type=ready(list[PairedAgent])), key=lambda agent: agent.place)

    def at(self, place: str) -> PairedAgent | None:
        """The agent at ``host:port``, or None."""
        return next((agent for agent in self.all() if agent.place == place), None)

    def required(self, place: str) -> PairedAgent:
        """The agent at ``host:port``.

        Raises:
            InputError: there is none (CF-1187).
        """
        found = self.at(place)
        if found is None:
            raise _not_paired(place)
        return found

    def keep(self, agent: PairedAgent) -> None:
        """Keep it, in place of an older pairing with the same place."""
        with self._vault.exclusive():
            others = [each for each in self.all() if each.place != agent.place]
            self._vault.put(PAIRED_NAME, msgspec.json.encode([*others, agent]))

    def forget(self, place: str) -> None:
        """Forget a pairing.

        Raises:
            InputError: there is none (CF-1187).
        """
        with self._vault.exclusive():
            agents = self.all()
            left = [each for each in agents if each.place != place]
            if len(left) == len(agents):
                raise _not_paired(place)
            self._vault.put(PAIRED_NAME, msgspec.json.encode(left))


def pair_with(host: str, port: int, *, certificate: bytes, code: str, name: str) -> PairedAgent:
    """Prove the code to the agent and take the token it gives; blocks for less than a second.

    Args:
        host: where it listens.
        port: where it listens.
        certificate: the DER form of the one that a person has compared.
        code: as `read_code` gives it.
        name: of this machine, for the people at the agent.

    Raises:
        TrustError: another certificate is shown, or the agent does not know the code (CF-1490, CF-1480).
        CredentialsError: the code is wrong (CF-1389).
        RefusedError: the agent is not being paired (CF-1281).
        UnreachableError, PeerError: as for every call.
    """
    bare = Endpoint(
        host=host,
        port=port,
        certificate_sha256=hashlib.sha256(certificate).hexdigest(),
        token="",
        instance="",
        certificate=ssl.DER_cert_to_PEM_cert(certificate),
    )
    client = AgentClient(bare)
    try:
        nonce = secrets.token_hex(NONCE_BYTES)
        begun = client.pair_begin(PairBegin(nonce))
        seen = Transcript(bare.certificate_sha256, nonce, begun.nonce)
        key = stretched(code, seen)
        finished = client.pair_finish(PairFinish(begun.nonce, name, program_proof(key, seen, name=name)))
    finally:
        client.close()
    check_agent(finished, key, seen)
    if not finished.token:
        raise PeerError(
            "The agent's answer is not understood",
            happened="It gave no token.",
            todo="Install the same version of the agent and of this program.",
            code="CF-1690",
        )
    endpoint = replace(bare, token=finished.token, instance=finished.instance)
    return PairedAgent(place=place_of(host, port), role=finished.role, endpoint=endpoint)


def _not_paired(place: str) -> InputError:
    return InputError(
        "There is no pairing with this agent",
        happened=f"{place} is not among the paired agents.",
        todo="caseferry agents list shows them.",
        code="CF-1187",
    )
