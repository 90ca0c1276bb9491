"""An `AgentBook` in memory, for tests and pictures of the Agents page: real types, no network."""

from __future__ import annotations

import threading
from datetime import timedelta

from app.agentlink import (
    AppShown,
    Beat,
    CheckShown,
    ConfigShown,
    Diagnosis,
    FolderShown,
    Health,
    RuleFolders,
    Status,
    Verdict,
    WatchedFolder,
)
from app.domain.errors import CaseferryError, CredentialsError, UnreachableError
from app.transfer.network import ShownCertificate
from tests.peers.made_up import NOW
from ui.shell.services import HERE, AgentGlance, KnownAgent

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


GB = 10**9
DIAGNOSIS = Diagnosis(
    NOW,
    [
        CheckShown("configuration", Verdict.OK, "1 rules."),
        CheckShown("folder /opt/gcti/logs/URS", Verdict.OK, "120 files."),
        CheckShown(
            "folder /opt/gcti/logs/ORS",
            Verdict.FAIL,
            "The agent may not read it.",
            "Check the path, the mount and the rights of the agent's account.",
            "CF-1899",
        ),
        CheckShown("file events", Verdict.OK, "They come, and there are enough watches."),
        CheckShown("disk", Verdict.WARN, "812 MiB free for the data folder.", "Free some space."),
        CheckShown("masking rules", Verdict.OK, "voice-strict."),
        CheckShown("audit trail", Verdict.OK, "318 records, unbroken."),
        CheckShown("portal", Verdict.OK, "Reachable, and its certificate is trusted."),
    ],
)


def a_health(
    *applications: str,
    queue: int = 38_000_000,
    cpu: float = 0.011,
    warned: int = 0,
    silent: tuple[int, int] = (0, 0),
    growing: int = 0,
    system: str = "Linux, RHEL 8",
) -> Health:
    """A day of ten minutes each.

    Args:
        applications: that it watches.
        queue: bytes that wait now.
        cpu: share of a processor.
        warned: of the last beats, how many were warned.
        silent: beats that are missing, from and to, counted back from now.
        growing: in how many of the last beats the queue grew to what it is.
        system: of its machine.
    """
    small = queue // 20 if growing else queue
    beats = []
    for back in range(144, 0, -1):
        if silent[0] <= back < silent[1]:
            continue
        waits = small * (8 + back * 7 % 5) // 12
        if back <= growing:
            waits = queue - (queue - small) * (back - 1) // growing
        beats.append(Beat(NOW - timedelta(minutes=10 * back), back <= warned, waits, cpu))
    folders = [FolderShown(f"/opt/gcti/logs/{name}", 41 * GB, NOW) for name in applications]
    return Health(
        at=NOW,
        system=system,
        since=NOW - timedelta(days=40),
        beats=beats,
        cpu=cpu,
        memory=57_000_000,
        queue=queue,
        queue_most=10 * GB,
        applications=[AppShown(name, 312, 1, 41 * GB, NOW) for name in applications],
        folders=folders,
        rules=[RuleFolders("all", [folder.path for folder in folders])],
        masking="voice-strict",
        cpu_most=0.05,
        nice=True,
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
        self.healths: dict[str, Health] = {}
        self.agents = [KnownAgent(place, "" if place == HERE else "operator", DIGEST) for place in statuses]
        self.calls: list[tuple[str, ...]] = []
        self.fail: CaseferryError | None = None
        self.gate = threading.Event()
        self.gate.set()

    def add(self, place: str, status: Status, *, role: str = "operator") -> None:
        """One more, paired already."""
        self.agents.append(KnownAgent(place, role, DIGEST))
        self.statuses[place] = status

    def all(self) -> list[KnownAgent]:
        self.gate.wait(20)
        return list(self.agents)

    def glance(self, place: str) -> AgentGlance:
        self.gate.wait(20)
        found = self.statuses[place]
        if isinstance(found, CaseferryError):
            raise found
        return AgentGlance(found, self.healths.get(place))

    def restart(self, place: str) -> object:
        self.calls.append(("restart", place))
        self._refuse()
        return None

    def diagnose(self, place: str) -> Diagnosis:
        self.calls.append(("diagnose", place))
        self._refuse()
        return DIAGNOSIS

    def watch_folder(self, place: str, *, folder: str, rule: str) -> ConfigShown:
        self.calls.append(("watch", place, folder, rule))
        self._refuse()
        return ConfigShown(read=NOW)

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
    book = FakeBook(
        {
            HERE: a_status(
                "nadia-pc", WatchedFolder("/opt/gcti/logs/Stat_Server", True, 312, 1), verified=12
            ),
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
    book.healths = {
        HERE: a_health("Stat_Server", queue=6_000_000, cpu=0.004, silent=(60, 72)),
        "sip-a01:8443": a_health("SIP_Server_A", "ResMgr"),
        "rtg-01:8443": a_health("URS", "ORS", queue=112_000_000, cpu=0.024, warned=9),
    }
    return book


def with_a_full_queue() -> FakeBook:
    """One more, whose disk queue has little room left, and one that was never updated."""
    book = some_agents()
    book.add("med-02:8443", a_status("med-02", WatchedFolder("/opt/gcti/logs/MCP_01", True, 312, 1)))
    book.healths["med-02:8443"] = a_health("MCP_01", queue=8_100_000_000, cpu=0.03, warned=30, growing=44)
    book.add("old-01:8443", a_status("old-01", waiting=1), role="viewer")
    return book
