"""``caseferry-desktop``: the command line, the check for a display, the event loop."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler
from pathlib import Path

from app.settings import Trust, data_folder, log_folder

NO_WINDOW = 3
"""Exit code when Qt cannot open a window here."""

_NO_DISPLAY = (
    "caseferry-desktop: no window can be opened here.\n"
    "  {why}\n"
    "  Debian and Ubuntu need: libegl1 libgl1 libxkbcommon0 libdbus-1-3 libfontconfig1 libxcb-cursor0\n"
    "  libgssapi-krb5-2\n"
    "  Without a screen use the commands: caseferry --help\n"
)


@dataclass(frozen=True, slots=True)
class Start:
    """What the command line said; empty members come from the settings.

    Attributes:
        agent: path of an agent's ``endpoint.json``.
    """

    portal: str = ""
    ca: str = ""
    agent: str = ""


def read_arguments(words: Sequence[str]) -> Start:
    """Read the command line; ends the program for ``--help`` and for mistakes."""
    parser = argparse.ArgumentParser(prog="caseferry-desktop", description="Support cases and transfers.")
    parser.add_argument("--portal", default="", metavar="URL", help="the support portal, https://…")
    parser.add_argument("--ca", default="", metavar="FILE", help="trust exactly this authority (PEM)")
    parser.add_argument("--agent", default="", metavar="ENDPOINT", help="endpoint.json of an agent")
    given = parser.parse_args(words)
    return Start(portal=given.portal, ca=given.ca, agent=given.agent)


def why_no_window() -> str:
    """Why Qt cannot open a window in this session; empty when it can."""
    try:
        from PySide6 import QtGui, QtNetwork, QtSvg, QtWidgets  # noqa: F401 - a missing library shows here
    except ImportError as error:
        return str(error)
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    if sys.platform == "linux" and not any(os.environ.get(name) for name in names):
        return "There is no display: DISPLAY and WAYLAND_DISPLAY are empty."
    return ""


def main(words: Sequence[str] | None = None) -> int:
    """Run the desktop until its window is closed; returns the exit code."""
    start = read_arguments(sys.argv[1:] if words is None else words)
    why = why_no_window()
    if why:
        sys.stderr.write(_NO_DISPLAY.format(why=why))
        return NO_WINDOW
    _log_to_file()
    return _run(start)


def _log_to_file() -> None:
    from app.masking.records import MaskedRecords

    handler = RotatingFileHandler(
        log_folder() / "desktop.log", maxBytes=2_000_000, backupCount=3, encoding="utf-8"
    )
    handler.setFormatter(MaskedRecords(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s")))
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(logging.INFO)


def _run(start: Start) -> int:
    from ui.shell.application import make_application
    from ui.shell.configuration import settings_path, settings_to_start
    from ui.shell.surroundings import Surroundings
    from ui.shell.window import Desktop
    from ui.theme import install_theme

    application = make_application(sys.argv[:1])
    settings, problem = settings_to_start(settings_path())
    install_theme(application, mode=settings.appearance)
    ca = start.ca or settings.ca_file
    desktop = Desktop(
        settings,
        Surroundings(
            portal=start.portal or settings.portal,
            trust=Trust(Path(ca) if ca else None),
            agent=start.agent or settings.agent,
            chosen_agent="" if start.agent else settings.chosen_agent,
            data=data_folder() / "desktop",
            network=settings.network,
        ),
    )
    desktop.show()
    desktop.begin()
    if problem is not None:
        desktop.show_problem(problem)
    return application.exec()
