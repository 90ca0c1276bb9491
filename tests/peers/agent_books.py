"""An `AgentBook` in memory, for tests and pictures of the Agents page: real types, no network."""

from __future__ import annotations

import threading
from datetime import timedelta

from app.agentlink import Status, WatchedFolder
from app.domain.errors import CaseferryError, CredentialsError, UnreachableError
from app.transfer.network import ShownCertificate
from tests.peers.made_up import NOW
from ui.shell.services import HERE, KnownAgent

DIGEST = "5f1c" * 16
SHOWN = ShownCertificate("med-02:8443", b"a certificate of the stage")


def a_status(host: str, *folders: WatchedFolder, **jobs: int) -> Status:
    """A healthy agent."""
    return Status(
        version="1.4.1",
        host=host,
        started=NOW - timedelta(days=3),
        portal="https://support.vendor.example",
        portal_reachable=True,
        folders=list(folders) or [WatchedFolder(f"/opt/gcti/logs/{host}", True, 312, 2)],
        jobs=jobs,
        quarantined=0,
        watch="events+scan",
    )


def unreachable() -> UnreachableError:
    """As an agent that was switched off."""
    return UnreachableError(
        "The agent does not answer",
        happened="Nothing answers at med-01:8443.",
        todo="Look whether it runs.",
        code="CF-1591",
    )


def wrong_code() -> CredentialsError:
    """As an agent that was given another code."""
    return CredentialsError("The code is wrong", happened="h.", todo="t.", code="CF-1389")


class FakeBook:
    """Agents by place.

    Attributes:
        statuses: what they answer, or raise.
        gate: while it is cleared, no call returns.
    """

    def __init__(self, statuses: dict[str, Status | CaseferryError]) -> None:
        self.statuses = statuses
        self.agents = [KnownAgent(place, "" if place == HERE else "operator", DIGEST) for place in statuses]
        self.calls: list[tuple[str, ...]] = []
        self.fail: CaseferryError | None = None
        self.gate = threading.Event()
        self.gate.set()

    def all(self) -> list[KnownAgent]:
        self.gate.wait(20)
        return list(self.agents)

    def status(self, place: str) -> Status:
        self.gate.wait(20)
        found = self.statuses[place]
        if isinstance(found, CaseferryError):
            raise found
        return found

    def look(self, place: str) -> ShownCertificate:
        self.calls.append(("look", place))
        self._refuse()
        return SHOWN

    def pair(self, place: str, code: str, *, shown: ShownCertificate) -> KnownAgent:
        self.calls.append(("pair", place, code, shown.fingerprint))
        self._refuse()
        made = KnownAgent(place, "operator", DIGEST)
        self.agents.append(made)
        self.statuses[place] = a_status("med-02")
        return made

    def forget(self, place: str) -> None:
        self.calls.append(("forget", place))
        self.agents = [each for each in self.agents if each.place != place]

    def _refuse(self) -> None:
        if self.fail is not None:
            raise self.fail


def some_agents() -> FakeBook:
    """As the design draws them: most are well, one needs a person, one is away."""
    return FakeBook(
        {
            HERE: a_status("nadia-pc", verified=12),
            "sip-a01:8443": a_status(
                "sip-a01",
                WatchedFolder("/opt/gcti/logs/SIP_Server_A", True, 312, 1),
                WatchedFolder("/opt/gcti/logs/ResMgr", True, 298, 1),
                sending=1,
                verified=40,
            ),
            "rtg-01:8443": a_status(
                "rtg-01",
                WatchedFolder("/opt/gcti/logs/URS", True, 120, 1),
                WatchedFolder("/opt/gcti/logs/ORS", False, 0, 0, problem="The agent may not read it."),
                waiting=2,
            ),
            "med-01:8443": unreachable(),
        }
    )
