"""The verbs about the agents of other machines, for cyclopts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from app.commands.console import Screen

_Flag = Annotated[bool, Parameter(negative=())]
_Agent = Annotated[Path | None, Parameter(env_var="CASEFERRY_AGENT", show_default=False)]


def add_verbs(verbs: App, screen: Screen) -> None:
    """``agents``."""
    agents = App(name="agents", help="Agents: pairing with those of other machines, seeing, draining them.")
    verbs.command(agents)
    _add_pairing(agents, screen)
    _add_care(agents, screen)


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
