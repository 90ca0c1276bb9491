"""``caseferry agents``: pairing with agents of other machines; seeing, draining and restarting agents."""

from __future__ import annotations

import hmac
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from app.agentlink import (
    AgentClient,
    Agreement,
    DrainShown,
    PairedAgent,
    PairedAgents,
    agreement,
    find_local_agent,
    pair_with,
    read_code,
    read_endpoint,
)
from app.commands.console import Screen
from app.domain.errors import InputError, TrustError, UnreachableError
from app.domain.places import place_of
from app.secrets import open_user_vault
from app.settings import data_folder
from app.transfer.network import parse_place, show_certificate

_SECONDS = 15.0


def kept_agents() -> PairedAgents:
    """The agents that this person is paired with.

    Raises:
        WorldError: the vault cannot be opened.
    """
    return PairedAgents(open_user_vault(data_folder()))


@contextmanager
def agent_at(named: Path | None) -> Iterator[AgentClient]:
    """The agent that is named by its endpoint file or its ``HOST:PORT``, or the one of this machine.

    Raises:
        UnreachableError: there is none (CF-1593).
        WorldError: this account may not use it, or its endpoint file is damaged.
    """
    paired = None if named is None or named.exists() else _paired_at(str(named))
    if paired is not None:
        found = paired.endpoint
    else:
        local = find_local_agent() if named is None else read_endpoint(named)
        if local is None:
            raise UnreachableError(
                "There is no agent on this machine",
                happened="No endpoint file of an agent was found.",
                todo="Start the agent, or name one with --agent: its file, or HOST:PORT once paired.",
                code="CF-1593",
            )
        found = local
    client = AgentClient(found)
    try:
        yield client
    finally:
        client.close()


def pair(place: str, screen: Screen, *, fingerprint: str, code: str) -> int:
    """Look at the agent's certificate, have a person compare it, prove the code, keep the token.

    Args:
        place: HOST:PORT.
        screen: where to ask.
        fingerprint: that the person was told; asked for by showing it when empty.
        code: that the person was told; asked for when empty.

    Raises:
        UnreachableError: nobody answers there (CF-1592).
        TrustError: the person did not agree to the certificate (CF-1481), or it is another one.
        WorldError: see `app.agentlink.pair_with`.
    """
    host, port = parse_place(place)
    try:
        shown = show_certificate(host, port, seconds=_SECONDS)
    except OSError as error:
        raise UnreachableError(
            "The agent does not answer",
            happened=f"{type(error).__name__} on {place_of(host, port)}.",
            todo="Run caseferry-agent pair on its machine; check [api] remote there, and the firewall.",
            code="CF-1592",
        ) from error
    if not _agreed(screen, shown.fingerprint, given=fingerprint, place=place_of(host, port)):
        raise TrustError(
            "Nobody has agreed to this agent's certificate",
            happened=f"{place_of(host, port)} shows SHA-256 {shown.fingerprint}. Nothing was sent.",
            todo="Compare it with the one that caseferry-agent pair shows, and answer yes.",
            code="CF-1481",
        )
    typed = read_code(code or screen.secret("The code that caseferry-agent pair shows:"))
    paired = pair_with(host, port, certificate=shown.der, code=typed, name=socket.gethostname())
    kept_agents().keep(paired)
    screen.line(f"Paired with the agent at {paired.place}, with the role {paired.role}.")
    return 0


def list_agents(screen: Screen, *, json: bool) -> int:
    """The agents of other machines, without their tokens."""
    agents = kept_agents().all()
    if json:
        screen.json([{"place": each.place, "role": each.role, "sha256": _sha256(each)} for each in agents])
    elif agents:
        screen.table(["Agent", "Role", "SHA-256"], [[e.place, e.role.value, _sha256(e)] for e in agents])
    else:
        screen.note("No agent of another machine is paired.")
    return 0


def forget(place: str, screen: Screen) -> int:
    """Forget a pairing here; the agent forgets it by caseferry-agent paired revoke.

    Raises:
        InputError: there is none (CF-1187).
    """
    kept_agents().forget(place_of(*parse_place(place)))
    screen.line("Forgotten here. On the agent's machine: caseferry-agent paired revoke.")
    return 0


def show(named: Path | None, screen: Screen, *, json: bool) -> int:
    """How an agent is, of whatever version it is."""
    with agent_at(named) as agent:
        hello = agent.hello()
        found = agent.status()
    if json:
        screen.json(found)
        return 0
    screen.line(f"Agent {found.version} on {found.host}, since {found.started:%Y-%m-%d %H:%M:%S} UTC")
    screen.line(f"Portal {found.portal}: {'reachable' if found.portal_reachable else 'not reachable'}")
    screen.line("Jobs: " + (", ".join(f"{n} {state}" for state, n in sorted(found.jobs.items())) or "none"))
    if found.draining:
        screen.line("Drained: no new job is taken.")
    if found.config is not None and found.config.problem:
        screen.line(f"Its configuration file was not taken: {found.config.problem}")
    if agreement(hello) is Agreement.ENDURING:
        screen.note("This program is older than the agent: it can see, drain and restart it, no more.")
    return 0


def drain(named: Path | None, screen: Screen, *, how: Callable[[AgentClient], DrainShown]) -> int:
    """Drain an agent, or have it work again."""
    with agent_at(named) as agent:
        found = how(agent)
    screen.line(
        f"It takes no new job; {found.running} still run." if found.draining else "It works.",
    )
    return 0


def restart(named: Path | None, screen: Screen) -> int:
    """Have an agent end and begin anew."""
    with agent_at(named) as agent:
        agent.restart()
    screen.line("The agent begins anew.")
    return 0


def _paired_at(text: str) -> PairedAgent | None:
    try:
        place = place_of(*parse_place(text))
    except InputError:
        return None
    return kept_agents().at(place) if ":" in text else None


def _agreed(screen: Screen, shown: str, *, given: str, place: str) -> bool:
    if given:
        told = given.replace(":", "").strip().lower()
        return hmac.compare_digest(told.encode(), shown.replace(":", "").lower().encode())
    screen.note(f"The agent at {place} shows the certificate\n  SHA-256 {shown}")
    return screen.ask("Is this the fingerprint that caseferry-agent pair shows on its machine?")


def _sha256(agent: PairedAgent) -> str:
    return bytes.fromhex(agent.endpoint.certificate_sha256).hex(":").upper()
