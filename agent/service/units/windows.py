"""The agent as a service of Windows."""

from __future__ import annotations

import logging
import secrets
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from agent.api import windows_rights
from agent.service.units.order import Machine, UnitOrder, UnitShown, needed
from app.domain.errors import Defect, WorldError

_log = logging.getLogger(__name__)

SERVICE_NAME = "CaseferryAgent"
DISPLAY_NAME = "Caseferry Agent"
DESCRIPTION = "Masks the logs of this server and sends them to support cases."
VIRTUAL_ACCOUNT = rf"NT SERVICE\{SERVICE_NAME}"
"""An account of this service alone, without a password; it is given the right to read the logs."""


@dataclass(frozen=True, slots=True)
class WindowsServiceSpec:
    """What the service manager is told.

    Attributes:
        command_line: as Windows splits it.
        restart_after: seconds after the first, the second and every further failure.
    """

    name: str
    display: str
    description: str
    command_line: str
    account: str
    restart_after: tuple[int, int, int] = (5, 30, 60)


class WindowsServices(Protocol):
    """The service manager of Windows."""

    def create(self, spec: WindowsServiceSpec) -> None:
        """Make the service, or change the one of this name; it starts (delayed) at every boot."""

    def start(self, name: str) -> None:
        """Start it; one that runs is stopped first."""

    def delete(self, name: str) -> None:
        """Stop it and take it away; one that is not there is no error."""

    def state(self, name: str) -> str | None:
        """``running``, ``stopped`` or another word; None when there is none."""


class WindowsService:
    """`Installer` by the service manager."""

    def __init__(self, machine: Machine, services: WindowsServices) -> None:
        self._machine = machine
        self._services = services

    def install(self, order: UnitOrder) -> None:
        """Make the service, close the data folder to others, and start it.

        Raises:
            LocalError: Windows does not do it (CF-1883).
        """
        self._services.create(
            WindowsServiceSpec(
                name=SERVICE_NAME,
                display=DISPLAY_NAME,
                description=DESCRIPTION,
                command_line=subprocess.list2cmdline(order.command),
                account=order.user,
            )
        )
        order.data.mkdir(parents=True, exist_ok=True)
        for words in windows_rights(order.data, account=order.user):
            needed(self._machine.run(words), words)
        self._services.start(SERVICE_NAME)

    def remove(self) -> None:
        """Stop it and take it away."""
        self._services.delete(SERVICE_NAME)

    def status(self) -> UnitShown:
        """How it is."""
        state = self._services.state(SERVICE_NAME)
        return UnitShown(state is not None, state == "running", state or "not installed")


def told_when_it_cannot(run: Callable[[], bool], *, tell: Callable[[str], None]) -> bool:
    """Run; whether the manager of services is to start it anew: it asks for that, or could not run.

    Args:
        run: the agent; true when it wants to begin anew.
        tell: writes to the log of the system, as a service has no other stream; why it could not run.
    """
    try:
        return run()
    except WorldError as error:
        tell(f"{error.title}\n{error.happened}\n{error.todo} ({error.code})")
    except Exception:  # noqa: BLE001 - the border of the program
        reference = secrets.token_hex(4)
        _log.exception("defect %s", reference)
        tell(str(Defect(reference)))
    return True
