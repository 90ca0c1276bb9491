"""The agent as a daemon of launchd."""

from __future__ import annotations

import plistlib
from pathlib import Path
from typing import Any

from agent.service.units.order import Machine, UnitOrder, UnitShown, needed, unknown_user

LABEL = "org.caseferry.agent"
MOST_FILES = 65536
"""Open at a time: the 256 that launchd grants would be used up by a busy server."""
DAEMONS = Path("/Library/LaunchDaemons")


class LaunchdDaemon:
    """`Installer` by ``launchctl``."""

    def __init__(self, machine: Machine, *, folder: Path = DAEMONS) -> None:
        self._machine = machine
        self._path = folder / f"{LABEL}.plist"

    def install(self, order: UnitOrder) -> None:
        """Write the property list, and start the daemon now and at every boot.

        Raises:
            LocalError: the account is missing, or launchd does not do it (CF-1883).
        """
        if not self._machine.has_user(order.user):
            raise unknown_user(order.user, "Make it with sysadminctl, or name another with --user.")
        self._machine.run(["launchctl", "bootout", f"system/{LABEL}"])  # an older one; none is no error
        self._machine.write(self._path, plistlib.dumps(property_list(order)), mode=0o644)
        words = ["launchctl", "bootstrap", "system", str(self._path)]
        needed(self._machine.run(words), words)

    def remove(self) -> None:
        """Stop it and take it away."""
        self._machine.run(["launchctl", "bootout", f"system/{LABEL}"])
        self._machine.remove(self._path)

    def status(self) -> UnitShown:
        """How it is."""
        installed = self._machine.read(self._path) is not None
        found = self._machine.run(["launchctl", "print", f"system/{LABEL}"])
        states = [
            line.partition("=")[2].strip()
            for line in found.output.splitlines()
            if line.strip().startswith("state =")
        ]
        state = states[0] if states else "not loaded"
        return UnitShown(installed, found.code == 0 and state == "running", state)


def property_list(order: UnitOrder) -> dict[str, Any]:
    """What launchd is told."""
    return {
        "Label": LABEL,
        "ProgramArguments": list(order.command),
        "UserName": order.user,
        "WorkingDirectory": "/",
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "ThrottleInterval": 5,
        "ExitTimeOut": 120,
        "ProcessType": "Background",
        "LowPriorityIO": True,
        "Nice": 10,
        "SoftResourceLimits": {"NumberOfFiles": MOST_FILES},
        "HardResourceLimits": {"NumberOfFiles": MOST_FILES},
        "Umask": 0o077,
        "StandardErrorPath": str(order.data / "log" / "launchd.log"),
    }
