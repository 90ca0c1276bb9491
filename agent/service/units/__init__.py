"""The agent as a service of its system: a unit of systemd, a daemon of launchd, a service of Windows."""

from __future__ import annotations

import sys

from agent.service.units.launchd import LaunchdDaemon, property_list
from agent.service.units.order import Installer, Machine, Ran, ThisMachine, UnitOrder, UnitShown
from agent.service.units.systemd import SystemdUnit, unit_text
from agent.service.units.windows import (
    VIRTUAL_ACCOUNT,
    WindowsService,
    WindowsServices,
    WindowsServiceSpec,
)

__all__ = [
    "Installer",
    "LaunchdDaemon",
    "Machine",
    "Ran",
    "SystemdUnit",
    "ThisMachine",
    "UnitOrder",
    "UnitShown",
    "WindowsService",
    "WindowsServiceSpec",
    "WindowsServices",
    "default_user",
    "installer",
    "property_list",
    "unit_text",
]


def installer() -> Installer:
    """The one of this system."""
    machine = ThisMachine()
    if sys.platform == "win32":
        from agent.service.units.win32 import Pywin32Services

        return WindowsService(machine, Pywin32Services())
    return LaunchdDaemon(machine) if sys.platform == "darwin" else SystemdUnit(machine)


def default_user() -> str:
    """The account of the service, when nobody names one."""
    if sys.platform == "win32":
        return VIRTUAL_ACCOUNT
    return "_caseferry" if sys.platform == "darwin" else "caseferry"
