"""Log requests in the words of the agent's API, and what people may do with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from agent.requests.desk import RequestDesk
from agent.requests.ledger import RequestRow, RequestState
from agent.requests.waiting import decide_until
from app.agentlink import LogAsk, LogAsks
from app.domain.errors import RefusedError


@dataclass(frozen=True, slots=True)
class RequestCounter:
    """Where people see and decide log requests.

    Attributes:
        desk: None when the configuration does not turn requests on.
        problem: why requests cannot be fetched at present; empty while they can.
        wake: what was decided is acted on.
        ask_now: the portal is asked at once.
    """

    desk: RequestDesk | None
    problem: Callable[[], str]
    wake: Callable[[], None]
    ask_now: Callable[[], None]

    def requests(self) -> LogAsks:
        """All requests, the newest first, and the key that they must be signed with.

        Raises:
            WorldError: they cannot be read.
        """
        if self.desk is None:
            return LogAsks(enabled=False, requests=[])
        trusted, offered = self.desk.key.fingerprints()
        return LogAsks(
            enabled=True,
            requests=[shown(row) for row in self.desk.ledger.rows()],
            key=trusted,
            offered=offered,
            problem=self.problem(),
        )

    def allow(self, request: str) -> LogAsk:
        """A person says yes; raises as `RequestDesk.allow`, and CF-1285 when requests are off."""
        row = self._on().allow(request)
        self.wake()
        return shown(row)

    def deny(self, request: str, reason: str) -> LogAsk:
        """A person says no; raises as `allow`."""
        row = self._on().deny(request, reason=reason)
        self.wake()
        return shown(row)

    def trust(self, fingerprint: str) -> LogAsks:
        """A person agrees to the key that the portal offers; raises as `RequestDesk.trust`."""
        self._on().trust(fingerprint)
        self.ask_now()
        return self.requests()

    def _on(self) -> RequestDesk:
        if self.desk is None:
            raise RefusedError(
                "Log requests are off",
                happened="The configuration of this agent does not turn them on.",
                todo="Set enabled = true in [requests]; it counts at once.",
                rule="R-LOG-1",
                code="CF-1285",
            )
        return self.desk


def shown(row: RequestRow) -> LogAsk:
    """A row in the words of the contract."""
    request = row.request
    return LogAsk(
        id=row.id,
        case=request.case,
        applications=list(request.applications),
        first=request.first,
        last=request.last,
        asked=request.asked,
        asked_by=request.asked_by,
        why=request.why,
        received=row.received,
        state=row.state.value,
        decide_until=decide_until(row) if row.state is RequestState.WAITING else None,
        rule=row.rule,
        reason=row.reason,
        decided=row.decided,
        decided_by=row.decided_by,
        size=row.size,
        files=row.files,
        jobs=list(row.jobs),
    )
