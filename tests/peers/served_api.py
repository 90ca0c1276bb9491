"""The agent's real API with a small desk and a small service behind it."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import urllib3

from agent.api import ApiServer, EventBoard, Reach, Standing, callers_folders
from app.agentlink import (
    AgentClient,
    AppShown,
    Beat,
    CallAsk,
    CallView,
    CheckShown,
    ConfigShown,
    ConfigValue,
    Diagnosis,
    DrainShown,
    Drop,
    FolderShown,
    Health,
    Hello,
    Job,
    JobRef,
    Jobs,
    JobsAsk,
    JobState,
    KnownId,
    LogRecord,
    PairAsk,
    PairedPrograms,
    PairedRef,
    PairingOpen,
    Restarting,
    Role,
    RuleFolders,
    Status,
    Verdict,
    Via,
    WatchFolder,
    read_endpoint,
)

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
JOB = Job(
    id="j1",
    case="0003256109",
    name="a.zip",
    source="all",
    via=Via.HTTPS,
    state=JobState.SENDING,
    created=NOW,
    changed=NOW,
)


class SmallDesk:
    """Knows one job, and keeps what was dropped."""

    def __init__(self) -> None:
        self.dropped: list[Drop] = []
        self.within: list[tuple[Path, ...] | None] = []

    def status(self) -> Status:
        return Status("9.9", "sip-a01", NOW, "https://p", True, [], {"sending": 1}, 0, "scan", draining=True)

    def health(self) -> Health:
        return Health(
            at=NOW,
            system="Linux",
            since=NOW,
            beats=[Beat(NOW, True, 7, 0.5)],
            cpu=0.5,
            memory=None,
            queue=7,
            queue_most=10,
            applications=[AppShown("sips_a", 2, 1, 30, NOW)],
            folders=[FolderShown("/logs", 30)],
            rules=[RuleFolders("all", ["/logs"])],
            masking="default",
            cpu_most=None,
            nice=True,
        )

    def jobs(self, ask: JobsAsk) -> Jobs:
        return Jobs(jobs=[JOB])

    def job(self, ask: JobRef) -> Job:
        return replace(JOB, id=ask.job)

    def call(self, ask: CallAsk) -> CallView:
        text = f"one record of {' and '.join(ask.ids)}"
        record = LogRecord("sip-a01", "sips_a", 1, "sips_a.log", 7, NOW, text, ids=list(ask.ids))
        return CallView(ids=[KnownId(value, "call") for value in ask.ids], records=[record])

    def drop(self, ask: Drop) -> Job:
        self.within.append(callers_folders())
        self.dropped.append(ask)
        return JOB


class SmallService:
    """Says what it was told to do."""

    def __init__(self, *roots: Path) -> None:
        self.allowed = list(roots)
        self.told: list[str] = []
        self.server: ApiServer | None = None

    def roots(self) -> list[Path]:
        return self.allowed

    def refused(self, method: str, code: str) -> None:
        self.told.append(f"refused {method} {code}")

    def drain(self) -> DrainShown:
        self.told.append("drain")
        return DrainShown(draining=True, running=1)

    def undrain(self) -> DrainShown:
        self.told.append("undrain")
        return DrainShown(draining=False, running=0)

    def restart(self) -> Restarting:
        self.told.append("restart")
        return Restarting(instance="i1")

    def reload(self) -> ConfigShown:
        return ConfigShown(read=NOW)

    def configure(self, ask: ConfigValue) -> ConfigShown:
        return ConfigShown(read=NOW)

    def watch_folder(self, ask: WatchFolder) -> ConfigShown:
        self.told.append(f"watch {ask.path}")
        return ConfigShown(read=NOW)

    def diagnose(self) -> Diagnosis:
        return Diagnosis(NOW, [CheckShown("disk", Verdict.OK, "There is room.")])

    def pair(self, ask: PairAsk) -> PairingOpen:
        assert self.server is not None
        return self.server.pair(ask.role)

    def paired(self) -> PairedPrograms:
        assert self.server is not None
        return self.server.paired()

    def revoke(self, ask: PairedRef) -> PairedPrograms:
        assert self.server is not None
        return self.server.revoke(ask.id)


class ServedApi:
    """``with ServedApi(folder) as api``: `api.client` has the token of the endpoint file."""

    def __init__(
        self,
        folder: Path,
        *roots: Path,
        reach: Reach | None = None,
        contracts: tuple[int, int] = (1, 2),
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.desk = SmallDesk()
        self.service = SmallService(*roots)
        self.server = ApiServer(
            folder=folder,
            hello=Hello("Caseferry agent", "9.9", "i1", *contracts),
            standing=Standing(self.desk),  # type: ignore[arg-type]  # it answers a few calls only
            service=self.service,
            board=EventBoard(first=1000),
            wall=wall,
            reach=reach,
        )
        self.service.server = self.server

    def __enter__(self) -> ServedApi:
        self.client = AgentClient(read_endpoint(self.server.start()))
        return self

    def __exit__(self, *_exception: object) -> None:
        self.client.close()
        self.server.stop()

    def as_role(self, role: Role) -> AgentClient:
        """A client of this machine with another role; close it."""
        token = self.server.tokens.issue(label=role.value, role=role)
        return AgentClient(replace(self.server.endpoint, token=token))

    def raw(
        self, verb: str, path: str, body: Any = None, *, host: str = "", port: int = 0, **headers: str
    ) -> tuple[int, Any]:
        """A request as any program could send it; underscores in names mean dashes."""
        endpoint = self.server.endpoint
        context = ssl.create_default_context(cadata=endpoint.certificate)
        given = {"Authorization": f"Bearer {endpoint.token}", "Content_Type": "application/json", **headers}
        with urllib3.HTTPSConnectionPool(
            host or endpoint.host,
            port or endpoint.port,
            ssl_context=context,
            assert_fingerprint=endpoint.certificate_sha256,
        ) as pool:
            answer = pool.request(
                verb,
                path,
                body=None if body is None else json.dumps(body).encode(),
                headers={name.replace("_", "-"): value for name, value in given.items()},
                retries=False,
            )
            return answer.status, json.loads(answer.data) if answer.data else None
