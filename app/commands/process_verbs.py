"""The verbs that run programs of ours or examine the machine, and their options, for cyclopts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from app.commands.console import Screen
from app.commands.portal_options import PortalOptions

_NO_OPTIONS = PortalOptions()
_Json = Annotated[bool, Parameter(negative=())]
_Flag = Annotated[bool, Parameter(negative=())]


def add_verbs(verbs: App, screen: Screen) -> None:
    """``portal``, ``demo`` and ``doctor``."""
    _add_processes(verbs)
    _add_doctor(verbs, screen)


def _add_processes(verbs: App) -> None:
    @verbs.command
    def portal(
        *,
        data: Path,
        listen: str = "127.0.0.1:8443",
        sftp: str = "",
        no_sftp: _Flag = False,
        demo: _Flag = False,
    ) -> int:
        """Run the built-in portal.

        Args:
            data: its data folder; made when missing.
            listen: HOST:PORT for HTTPS.
            sftp: HOST:PORT for SFTP; a free port beside HTTPS when left out.
            no_sftp: serve HTTPS only; temporary SFTP accounts cannot be made then.
            demo: fill an empty portal with demo data.
        """
        from app.commands import processes

        arguments = ["--data", str(data), "--listen", listen]
        if sftp:
            arguments += ["--sftp", sftp]
        if no_sftp:
            arguments.append("--no-sftp")
        if demo:
            arguments.append("--demo")
        return processes.run_portal(arguments)

    @verbs.command(name="demo")
    def demo_verb(*, headless: _Flag = False, keep: Path | None = None) -> int:
        """Show the whole product on made-up logs: portal, agent, masking, transfer and desktop.

        Args:
            headless: no window; print a table and end.
            keep: a folder for everything the demo writes; a temporary one, removed at the end, when left out.
        """
        from app.commands.demo import run_demo

        run_demo(headless=headless, keep=keep)
        return 0


def _add_doctor(verbs: App, screen: Screen) -> None:
    doctor = App(name="doctor", help="Find out what is wrong.")
    verbs.command(doctor)

    @doctor.command
    def network(*, json: _Json = False, options: PortalOptions = _NO_OPTIONS) -> int:
        """Try the way to the portal step by step, and say which step fails.

        Args:
            json: print JSON.
            options: which portal, and the way to it.
        """
        from app.commands import doctor as examination

        return examination.doctor_network(options, screen, json=json)
