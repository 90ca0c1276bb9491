"""The verbs about the agents of other machines, for cyclopts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from app.commands.console import Screen

_Flag = Annotated[bool, Parameter(negative=())]
_Several = Annotated[tuple[str, ...], Parameter(negative=(), show_default=False)]
_Agent = Annotated[Path | None, Parameter(env_var="CASEFERRY_AGENT", show_default=False)]


def add_verbs(verbs: App, screen: Screen) -> None:
    """``agents``."""
    agents = App(
        name="agents", help="Agents: pairing with those of other machines, seeing, draining, asking them."
    )
    verbs.command(agents)
    _add_pairing(agents, screen)
    _add_care(agents, screen)
    _add_call(agents, screen)


def _add_pairing(agents: App, screen: Screen) -> None:
    @agents.command
    def pair(place: str, /, *, fingerprint: str = "", code: str = "") -> int:
        """Pair with an agent of another machine, on which caseferry-agent pair was run.

        Args:
            place: HOST:PORT.
            fingerprint: that of the certificate, when nobody can be asked.
            code: the code; else it is asked for, or read from standard input.
        """
        from app.commands import agents as doing

        return doing.pair(place, screen, fingerprint=fingerprint, code=code)

    @agents.command(name="list")
    def list_verb(*, json: _Flag = False) -> int:
        """List the agents of other machines.

        Args:
            json: print JSON.
        """
        from app.commands import agents as doing

        return doing.list_agents(screen, json=json)

    @agents.command
    def forget(place: str, /) -> int:
        """Forget the pairing with an agent.

        Args:
            place: HOST:PORT.
        """
        from app.commands import agents as doing

        return doing.forget(place, screen)


def _add_care(agents: App, screen: Screen) -> None:
    @agents.command
    def status(*, agent: _Agent = None, json: _Flag = False) -> int:
        """Show how an agent is.

        Args:
            agent: HOST:PORT of a paired one, or an endpoint.json; the one of this machine when left out.
            json: print JSON.
        """
        from app.commands import agents as doing

        return doing.show(agent, screen, json=json)

    @agents.command
    def drain(*, agent: _Agent = None) -> int:
        """Have an agent take no new job, and stop what runs where it can go on.

        Args:
            agent: HOST:PORT of a paired one, or an endpoint.json.
        """
        from app.commands import agents as doing

        return doing.drain(agent, screen, how=lambda to: to.drain())

    @agents.command
    def undrain(*, agent: _Agent = None) -> int:
        """Have an agent work again.

        Args:
            agent: HOST:PORT of a paired one, or an endpoint.json.
        """
        from app.commands import agents as doing

        return doing.drain(agent, screen, how=lambda to: to.undrain())

    @agents.command
    def restart(*, agent: _Agent = None) -> int:
        """Have an agent end and begin anew.

        Args:
            agent: HOST:PORT of a paired one, or an endpoint.json.
        """
        from app.commands import agents as doing

        return doing.restart(agent, screen)


def _add_call(agents: App, screen: Screen) -> None:
    @agents.command
    def call(
        ids: tuple[str, ...],
        /,
        *,
        agent: Annotated[tuple[Path, ...], Parameter(negative=(), show_default=False)] = (),
        app: _Several = (),
        host: _Several = (),
        begin: Annotated[str, Parameter(name="--from", show_default=False)] = "",
        end: Annotated[str, Parameter(name="--to", show_default=False)] = "",
        around: float = 0.0,
        limit: int = 2000,
        json: _Flag = False,
    ) -> int:
        """Follow one call through the logs of all servers. The records are not masked.

        Args:
            ids: connection id, call UUID, SIP Call-ID or session id; what stands with them is followed, too.
            agent: HOST:PORT of a paired one, or an endpoint.json; may be given several times. The one of this
                machine and all paired ones when left out.
            app: applications, names or patterns; may be given several times.
            host: hosts, the same.
            begin: from this time on: 2023-06-09T10:15, local or with a zone.
            end: up to this time.
            around: seconds before and after each record that are shown as well.
            limit: records at most, 1 to 5000.
            json: print JSON.
        """
        from app.commands import agents_call as doing

        ask = doing.ask_for(
            ids, applications=app, hosts=host, begin=begin, end=end, around=around, limit=limit
        )
        return doing.call(ask, agent, screen, json=json)
