"""How the agent is, in figures: of its pulse, its catalogue, its spool and its configuration."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from agent.catalogue import Catalogue, count_applications, count_folders
from agent.jobs import Spool
from agent.service.config import AgentConfig
from agent.service.pulse import Pulse
from app.agentlink import AppShown, FolderShown, Health, JobState, RuleFolders, Status

NEARLY_FULL = 0.8
"""Share of the spool's quota from which on it needs a person."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What `Health` is made of.

    Attributes:
        masking: name of the rule set.
        system: what this machine runs, see `system_name`.
    """

    pulse: Pulse
    catalogue: Catalogue
    spool: Spool
    config: AgentConfig
    masking: str
    system: str
    wall: Callable[[], datetime]

    def health(self) -> Health:
        """The figures now."""
        folders = {counted.name: counted for counted in count_folders(self.catalogue.database)}
        watched = dict.fromkeys(str(folder) for rule in self.config.rules for folder in rule.folders)
        manners = self.config.jobs.manners
        return Health(
            at=self.wall(),
            system=self.system,
            since=self.pulse.since,
            beats=self.pulse.beats(),
            cpu=self.pulse.cpu,
            memory=memory_now(),
            queue=self.spool.used(),
            queue_most=self.config.jobs.spool,
            applications=[
                AppShown(each.name, each.segments, each.growing, each.size, each.newest)
                for each in count_applications(self.catalogue.database)
            ],
            folders=[
                FolderShown(path, found.size, found.newest)
                if (found := folders.get(path))
                else FolderShown(path, 0)
                for path in watched
            ],
            rules=[
                RuleFolders(rule.name, [str(path) for path in rule.folders]) for rule in self.config.rules
            ],
            masking=self.masking,
            cpu_most=manners.cpu,
            nice=manners.nice,
        )

    def beat(self, status: Status) -> None:
        """One more beat of the pulse."""
        queue = self.spool.used()
        self.pulse.beat(warned=needs_person(status, queue=queue, most=self.config.jobs.spool), queue=queue)


def needs_person(status: Status, *, queue: int, most: int) -> bool:
    """Whether something is wrong that does not mend itself. Pure.

    Args:
        status: how the agent is.
        queue: bytes that wait on its disk.
        most: how many may.
    """
    return (
        not status.portal_reachable
        or any(not folder.readable for folder in status.folders)
        or bool(status.jobs.get(JobState.FAILED.value))
        or (status.config is not None and bool(status.config.problem))
        or queue >= NEARLY_FULL * most
    )


def system_name() -> str:
    """What this machine runs, for people: ``Linux, Debian GNU/Linux 12 (bookworm)``."""
    name = {"Darwin": "macOS"}.get(platform.system(), platform.system())
    if sys.platform == "linux":
        try:
            more = platform.freedesktop_os_release().get("PRETTY_NAME", "")
        except OSError:
            more = ""
    else:
        more = platform.mac_ver()[0] if name == "macOS" else platform.win32_ver()[0]
    return f"{name}, {more}" if more else name


def memory_now() -> int | None:
    """Bytes of memory this process has now; None where the system does not tell it in a file."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, IndexError, ValueError):
        return None
    return pages * int(os.sysconf("SC_PAGE_SIZE"))
