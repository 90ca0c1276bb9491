"""Log requests of a running agent, put together; off when the configuration does not turn them on."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime

from agent.audit import AuditTrail
from agent.catalogue import LogArchive
from agent.jobs import REQUEST, Intake, JobJournal, JobRow
from agent.requests import (
    Asking,
    Collection,
    PortalKey,
    RequestCounter,
    RequestDesk,
    RequestLedger,
    WaitingTime,
    lasting_clock,
)
from agent.service.config import AgentConfig
from app.domain.errors import LocalError
from app.masking import load_rules
from app.portal import PortalClient, TokenSource
from app.secrets import SecretStore
from app.settings import Trust

_log = logging.getLogger(__name__)
_READ_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Requesting:
    """The desk with its threads; both None while requests are off."""

    desk: RequestDesk | None = None
    asking: Asking | None = None

    @property
    def counter(self) -> RequestCounter:
        """Where people see and decide."""
        return RequestCounter(desk=self.desk, problem=self._problem, wake=self.wake, ask_now=self._ask_now)

    def start(self) -> None:
        """Go on with what is unfinished, and ask the portal."""
        if self.asking is not None:
            self.asking.start()

    def catch_up(self) -> None:
        """What a kill left unrecorded; what cannot be recorded now is at the next start."""
        if self.desk is None:
            return
        try:
            self.desk.catch_up()
        except LocalError as error:
            _log.info("log requests are not in the audit trail yet (%s)", error.code)

    def approval_of(self, job: JobRow) -> str:
        """Who or what let the job of a request be sent, and when; empty for other jobs."""
        if self.desk is None or not job.source.startswith(REQUEST):
            return ""
        row = self.desk.ledger.get(job.source.removeprefix(REQUEST))
        if row is None or row.decided is None:
            return ""
        return f"{row.decided_by}, {row.decided.astimezone(UTC).isoformat(timespec='seconds')}"

    def stop(self) -> None:
        """End at a point from which everything goes on."""
        if self.asking is not None:
            self.asking.stop()

    def wake(self) -> None:
        """A job or a decision has changed."""
        if self.asking is not None:
            self.asking.wake()

    def _ask_now(self) -> None:
        if self.asking is not None:
            self.asking.ask_now()

    def _problem(self) -> str:
        return "" if self.asking is None else self.asking.problem


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What requests need of the rest of the agent."""

    journal: JobJournal
    intake: Intake
    archive: LogArchive
    trail: AuditTrail
    vault: SecretStore
    trust: Trust
    tokens: TokenSource


def open_requests(
    config: AgentConfig,
    rest: Neighbours,
    *,
    changed: Callable[[str], None],
    closing: ExitStack,
) -> Requesting:
    """Put the parts together; nothing runs before `start`.

    Args:
        config: whether, and by which policy.
        rest: of the agent.
        changed: called with the id of a request after every change.
        closing: what is opened is closed by it.

    Raises:
        WorldError: the rows of requests cannot be opened.
    """
    if not config.requests.enabled:
        return Requesting()
    portal = PortalClient(config.portal.url, trust=rest.trust, tokens=rest.tokens, read_seconds=_READ_SECONDS)
    closing.callback(portal.close)
    ledger = RequestLedger(config.data / "requests.db")
    closing.callback(ledger.close)

    def wall() -> datetime:
        return datetime.now(UTC)

    desk = RequestDesk(
        ledger=ledger,
        key=PortalKey(rest.vault, config.requests.portal_key, lambda: portal.capabilities().log_request_key),
        portal=portal,
        collection=Collection(rest.archive.desk.finder, rest.intake, rest.journal),
        journal=rest.journal,
        evidence=rest.archive.evidence,
        trail=rest.trail,
        rules=config.requests.rules,
        account=config.requests.account,
        profile=load_rules(config.rules_file, profile=config.profile).profile,
        wall=wall,
        waiting=WaitingTime(ledger, wall=wall, lasting=lasting_clock()),
        changed=changed,
    )
    return Requesting(desk, Asking(desk, lambda wait: portal.log_requests(wait=wait)))
