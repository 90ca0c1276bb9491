"""The verbs about trust, and about the transfers of an agent, for cyclopts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from app.commands.console import Screen
from app.commands.portal_options import PortalOptions

_NO_OPTIONS = PortalOptions()
_Flag = Annotated[bool, Parameter(negative=())]
_Agent = Annotated[Path | None, Parameter(env_var="CASEFERRY_AGENT", show_default=False)]


def add_verbs(verbs: App, screen: Screen) -> None:
    """``trust``, ``proxy-password`` and ``transfers``."""
    _add_trust(verbs, screen)
    transfers = App(name="transfers", help="What an agent of this machine sends, and how fast.")
    verbs.command(transfers)
    _add_orders(transfers, screen)
    _add_limits(transfers, screen)


def _add_trust(verbs: App, screen: Screen) -> None:
    trust = App(name="trust", help="Certificates and host keys that you agreed to by hand.")
    verbs.command(trust)

    @trust.command(name="list")
    def list_verb(*, json: _Flag = False) -> int:
        """List them with their fingerprints.

        Args:
            json: print JSON.
        """
        from app.commands import trusting

        return trusting.list_agreed(screen, json=json)

    @trust.command
    def forget(place: str, /) -> int:
        """Agree no longer to what a server shows; you are asked anew at the next sign-in.

        Args:
            place: HOST:PORT.
        """
        from app.commands import trusting

        return trusting.forget_agreed(place, screen)

    @verbs.command(name="proxy-password")
    def proxy_password(*, forget: _Flag = False, options: PortalOptions = _NO_OPTIONS) -> int:
        """Keep the password of the proxy's user in the vault; it is typed, or read from standard input.

        Args:
            forget: take it out of the vault again.
            options: --proxy http://user@host:port names the proxy and the user.
        """
        from app.commands import signing

        return signing.proxy_password(options, screen, forget=forget)


def _add_orders(transfers: App, screen: Screen) -> None:
    @transfers.command(name="list")
    def list_verb(*, all: _Flag = False, agent: _Agent = None, json: _Flag = False) -> int:
        """List what is on its way; what waits in the order in which it is sent.

        Args:
            all: also what has arrived or was cancelled.
            agent: endpoint.json of an agent; the one of this machine when left out.
            json: print JSON.
        """
        from app.commands import agent_transfers

        return agent_transfers.list_transfers(agent, screen, all_jobs=all, json=json)

    @transfers.command
    def pause(transfer: str, /, *, agent: _Agent = None) -> int:
        """Stop a transfer for now; what has arrived is kept.

        Args:
            transfer: its id, from the list.
            agent: endpoint.json of an agent.
        """
        from app.commands import agent_transfers

        return agent_transfers.change(agent, transfer, screen, how=lambda to, job: to.pause(job))

    @transfers.command
    def resume(transfer: str, /, *, agent: _Agent = None) -> int:
        """Go on with a paused transfer.

        Args:
            transfer: its id, from the list.
            agent: endpoint.json of an agent.
        """
        from app.commands import agent_transfers

        return agent_transfers.change(agent, transfer, screen, how=lambda to, job: to.resume(job))

    @transfers.command
    def cancel(transfer: str, /, *, agent: _Agent = None) -> int:
        """Give a transfer up for good; what the portal has of it is thrown away.

        Args:
            transfer: its id, from the list.
            agent: endpoint.json of an agent.
        """
        from app.commands import agent_transfers

        return agent_transfers.change(agent, transfer, screen, how=lambda to, job: to.cancel(job))

    @transfers.command
    def retry(
        transfer: str,
        /,
        *,
        not_there: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
        agent: _Agent = None,
    ) -> int:
        """Try a failed or waiting transfer again now.

        Args:
            transfer: its id, from the list.
            not_there: you know that the place which it was sent to before, and which may have all of it
                (CF-1114), has not got it: send it where the configuration says now.
            agent: endpoint.json of an agent.
        """
        from app.commands import agent_transfers

        return agent_transfers.change(
            agent, transfer, screen, how=lambda to, job: to.retry(job, not_there=not_there)
        )

    @transfers.command
    def priority(
        transfer: str, level: Annotated[int, Parameter(allow_leading_hyphen=True)], /, *, agent: _Agent = None
    ) -> int:
        """Send a transfer before (or after) those of a lower (or higher) priority.

        Args:
            transfer: its id, from the list.
            level: -9 to 9; 0 is usual.
            agent: endpoint.json of an agent.
        """
        from app.commands import agent_transfers

        return agent_transfers.change(agent, transfer, screen, how=lambda to, job: to.prioritise(job, level))

    @transfers.command
    def move(transfer: str, /, *, before: str = "", agent: _Agent = None) -> int:
        """Put a transfer elsewhere in the order of its priority.

        Args:
            transfer: its id, from the list.
            before: the id that it goes before; the end when left out.
            agent: endpoint.json of an agent.
        """
        from app.commands import agent_transfers

        return agent_transfers.change(
            agent, transfer, screen, how=lambda to, job: to.move(job, before=before)
        )


def _add_limits(transfers: App, screen: Screen) -> None:
    @transfers.command
    def limits(
        *,
        limit: Annotated[str | None, Parameter(show_default=False)] = None,
        hours: Annotated[list[str] | None, Parameter(negative=(), show_default=False)] = None,
        no_hours: _Flag = False,
        only_idle: Annotated[bool | None, Parameter(show_default=False)] = None,
        connections: Annotated[int | None, Parameter(show_default=False)] = None,
        reset: _Flag = False,
        agent: _Agent = None,
        json: _Flag = False,
    ) -> int:
        """Show how fast the agent may send; set what is named.

        Args:
            limit: bytes per second for all its transfers and what the desktop there fetches, together, such
                as "2 MB/s"; 0 stops.
            hours: another limit in hours of the week, such as "mon-fri 08:00-18:00 2MB/s"; may be repeated.
            no_hours: no hours of the week any more.
            only_idle: send only while nobody else uses that machine and its link.
            connections: the most for one bundle, 1 to 16.
            reset: what the agent's configuration says again.
            agent: endpoint.json of an agent.
            json: print JSON.
        """
        from app.commands import agent_transfers

        if reset:
            return agent_transfers.reset_limits(agent, screen, json=json)
        if no_hours:
            hours = []
        if limit is None and hours is None and only_idle is None and connections is None:
            return agent_transfers.show_limits(agent, screen, json=json)
        return agent_transfers.set_limits(
            agent,
            screen,
            rate=limit,
            hours=hours,
            only_idle=only_idle,
            connections=connections,
            json=json,
        )
