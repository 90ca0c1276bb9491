"""Where log requests are decided without threads: real rows, logs and jobs, and a clock in the hand."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent.audit import AuditRecord, AuditTrail, trail_records
from agent.catalogue import Evidence
from agent.jobs import CaseState, Intake, JobJournal, JobRow, RuleBook, Ruling, Sight, can_be_read
from agent.requests import (
    Collection,
    PortalKey,
    RequestCounter,
    RequestDesk,
    RequestLedger,
    RequestPortal,
    RequestRow,
    RequestRule,
    WaitingTime,
)
from app.agentlink import JobState
from app.domain.errors import UnreachableError
from app.portal.contract import (
    LogAnswer,
    LogRequest,
    LogRequestState,
    LogRequestView,
    NewLogAnswer,
    SignedLogRequest,
)
from app.portal.contract.logs import SIGNED_AS
from app.secrets import open_agent_vault
from tests.peers.shipping_line import ENGINE
from tests.peers.timed_logs import KnownSegment, TimedSite, steady

START = datetime(2023, 6, 9, 8, 0, tzinfo=UTC)
NOW = datetime(2023, 6, 9, 12, 0, tzinfo=UTC)
CASE = "0003256109"


class ListedPortal:
    """Answers for the portal out of two dictionaries."""

    def __init__(self) -> None:
        self.views: dict[str, LogRequestView] = {}
        self.answers: list[tuple[str, NewLogAnswer]] = []
        self.away = False

    def log_request(self, request: str) -> LogRequestView:
        self._reach()
        return self.views[request]

    def answer_log_request(self, request: str, answer: NewLogAnswer) -> LogRequestView:
        self._reach()
        self.answers.append((request, answer))
        view = self.views[request]
        return replace(view, answers=[LogAnswer("sip-a01", answer.kind, NOW, answer.reason)])

    def kinds(self) -> list[str]:
        return [answer.kind.value for _request, answer in self.answers]

    def _reach(self) -> None:
        if self.away:
            raise UnreachableError("t", happened="h", todo="d", code="CF-1570")


class RequestHall:
    """A desk over one folder of logs: `sips_a` with two segments, the first of them closed, and `urs_a`.

    Attributes:
        now: what the desk takes for the time.
        stepped: by how much its clock was set.
    """

    def __init__(
        self,
        root: Path,
        *,
        rules: Sequence[RequestRule] = (),
        account: str = "",
        client: RequestPortal | None = None,
        key: bytes | None = None,
        start: datetime = START,
        without: Sequence[str] = (),
    ) -> None:
        """`client` and `key` are those of a real portal; else `portal` answers. Logs begin at `start`.

        Applications that are named in `without` have none.
        """
        self.root = root
        self.now = NOW
        self.stepped = timedelta()
        self.site = TimedSite(root)
        self.rules = tuple(rules)
        self.account = account
        self.signer = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
        self.portal = ListedPortal()
        self.client = client or self.portal
        self.key = key or self.signer.public_key().public_bytes_raw()
        self.journal = JobJournal(root / "journal.db", wall=lambda: self.now)
        self.changes: list[str] = []
        self._fill(start, without=without)
        self.open()

    def open(self) -> None:
        self.trail = AuditTrail(self.root, bytes(32), wall=lambda: self.now)
        self.ledger = RequestLedger(self.root / "requests.db")
        evidence = Evidence(
            self.site.catalogue.database,
            self.site.finder,
            folder=self.root / "evidence",
            quota=10**9,
            wall=lambda: self.now,
        )
        vault = open_agent_vault(self.root)
        self.book = RuleBook(self.root / "rules.db")
        self.intake = Intake(
            journal=self.journal,
            engine=ENGINE,
            vault=vault,
            ruling=Ruling(
                [],
                journal=self.journal,
                catalogue=self.site.catalogue,
                book=self.book,
                sight=Sight(
                    case=lambda _number: CaseState.OPEN, lines=lambda _keys: {}, alarms=lambda _name: ()
                ),
                readable=can_be_read,
            ),
            created=lambda _job: None,
            wall=lambda: self.now,
        )
        self.desk = RequestDesk(
            ledger=self.ledger,
            key=PortalKey(vault, self.key, lambda: ""),
            portal=self.client,
            collection=Collection(self.site.finder, self.intake, self.journal),
            journal=self.journal,
            evidence=evidence,
            trail=self.trail,
            rules=self.rules,
            account=self.account,
            profile="",
            wall=lambda: self.now,
            waiting=WaitingTime(
                self.ledger,
                wall=lambda: self.now,
                lasting=lambda: self.now.timestamp() - self.stepped.total_seconds(),
            ),
            changed=self.changes.append,
        )

    def set_clock(self, **step: float) -> None:
        """The wall clock jumps; no time goes by."""
        self.stepped += timedelta(**step)
        self.now += timedelta(**step)

    def kill(self) -> None:
        """As kill -9: what was not committed is gone; then a new start."""
        self.ledger.close()
        self.book.close()
        self.trail.close()
        self.open()
        self.desk.catch_up()

    def close(self) -> None:
        self.ledger.close()
        self.book.close()
        self.trail.close()
        self.journal.close()
        self.site.close()

    def request(self, number: str = "lr-1", *applications: str, **changes: object) -> LogRequest:
        made = LogRequest(
            id=number,
            case=CASE,
            account="acc-1001",
            applications=list(applications) or ["sips_*"],
            first=START,
            last=START + timedelta(hours=3),
            asked=NOW,
            asked_by="Mara Lindqvist",
            expires=NOW + timedelta(hours=24),
            why="Calls drop.",
        )
        return replace(made, **changes)  # type: ignore[arg-type]

    def signed(self, request: LogRequest) -> SignedLogRequest:
        """As the portal sends it; the portal shows it as open from now on."""
        self.portal.views[request.id] = LogRequestView(request, LogRequestState.OPEN, case_open=True)
        document = msgspec.json.encode(request).decode()
        signature = self.signer.sign(SIGNED_AS + document.encode())
        return SignedLogRequest(request.id, document, base64.b64encode(signature).decode())

    def take(self, number: str = "lr-1", *applications: str, **changes: object) -> RequestRow:
        self.desk.take(self.signed(self.request(number, *applications, **changes)))
        return self.row(number)

    def row(self, number: str = "lr-1") -> RequestRow:
        found = self.ledger.get(number)
        assert found is not None
        return found

    def turn(self) -> None:
        """What the agent's thread does again and again."""
        self.desk.expire()
        self.desk.settle()
        self.desk.tell()
        self.desk.collect()
        self.desk.tell()

    def counter(self) -> RequestCounter:
        """Where people see and decide."""
        return RequestCounter(desk=self.desk, problem=lambda: "", wake=lambda: None, ask_now=lambda: None)

    def jobs(self) -> list[JobRow]:
        return self.journal.jobs()

    def names(self) -> list[str]:
        return sorted(file.name for job in self.jobs() for file in self.journal.files(job.id))

    def end_jobs(self, state: JobState = JobState.VERIFIED) -> None:
        for job in self.jobs():
            self.journal.move(job.id, before=tuple(JobState), after=state)

    def records(self) -> list[AuditRecord]:
        return list(trail_records(self.root / "audit"))

    def add(self, application: str, *, count: int) -> None:
        """A log of another application comes, with so many lines."""
        name = f"{application}.{START:%Y%m%d_%H%M%S}_000.log"
        made = KnownSegment(name, application=application)
        made.begin(START)
        self.site.put(steady(made, START, count=count, step=timedelta(seconds=2)))

    def add_broken(self, name: str) -> None:
        """A packed log comes that is cut off."""
        packed = gzip.compress(b"2023-06-09T08:00:00.000 Std 05060 one\n" * 200)
        (self.site.folder / name).write_bytes(packed[: len(packed) // 2])
        self.site.settle()

    def grow(self, application: str, *, count: int) -> None:
        """The last segment of an application gets so many lines more."""
        path = sorted(self.site.folder.glob(f"{application}.*"))[-1]
        at = START + timedelta(hours=1, minutes=50)
        more = steady(
            KnownSegment(path.name, application=application), at, count=count, step=timedelta(seconds=2)
        )
        with path.open("ab") as stream:
            stream.write(more.content)
        self.site.look()

    def _fill(self, start: datetime, *, without: Sequence[str]) -> None:
        segments = []
        for application, at in (("sips_a", start), ("sips_a", start + timedelta(hours=1)), ("urs_a", start)):
            if application in without:
                continue
            name = f"{application}.{at:%Y%m%d_%H%M%S}_000.log"
            made = KnownSegment(name, application=application)
            made.begin(at)
            segments.append(steady(made, at, count=20, step=timedelta(minutes=2)))
        self.site.put(*segments)
        self.site.settle()
