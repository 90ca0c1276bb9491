"""What becomes of a log request: taken, decided, collected, told; every step is a row before it is an act."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from agent.audit import AuditEvent, AuditTrail, EventKind, current_actor
from agent.catalogue import Evidence, HoldReason
from agent.jobs import JobJournal, JobRow
from agent.requests.approval import beyond
from agent.requests.collection import Collection, Wanted, scope_of, source_of
from agent.requests.freshness import objection
from agent.requests.ledger import RequestLedger, RequestRow, RequestState
from agent.requests.policy import Circumstances, Decision, RequestRule, Ruling, judge
from agent.requests.portalkey import PortalKey
from agent.requests.waiting import WaitingTime, decide_until
from app.agentlink import FINAL_STATES, JobState
from app.domain.errors import InputError, LocalError, RefusedError, TrustError, WorldError
from app.portal import signed_request
from app.portal.contract import (
    LogAnswerKind,
    LogRequest,
    LogRequestState,
    LogRequestView,
    NewLogAnswer,
    SignedLogRequest,
)

_log = logging.getLogger(__name__)

_KEPT_BEHIND = timedelta(days=2)
"""Behind the end of a request: what it asks for is held as long as it may be followed."""
_AGENT = "agent"


class RequestPortal(Protocol):
    """What is asked of the portal about requests."""

    def log_request(self, request: str) -> LogRequestView:
        """A request as it stands now."""

    def answer_log_request(self, request: str, answer: NewLogAnswer) -> LogRequestView:
        """What this agent answers."""


@dataclass(frozen=True, slots=True)
class RequestDesk:
    """Takes, decides, collects and answers. Methods may be called from any thread.

    Attributes:
        rules: the customer's policy, in order.
        account: the combination that this agent belongs to; not looked at when empty.
        profile: of masking that is in use.
        wall: aware time.
        waiting: notices that it was set.
        changed: called with the id of a request after every change.
    """

    ledger: RequestLedger
    key: PortalKey
    portal: RequestPortal
    collection: Collection
    journal: JobJournal
    evidence: Evidence
    trail: AuditTrail
    rules: Sequence[RequestRule]
    account: str
    profile: str
    wall: Callable[[], datetime]
    waiting: WaitingTime
    changed: Callable[[str], None]

    def take(self, signed: SignedLogRequest) -> None:
        """A request came: prove it, look what it asks for, and let the policy decide. Once for every id.

        Raises:
            TrustError: it is not the portal's (CF-1476); nothing of it is kept but a record in the trail.
            LocalError: it cannot be recorded.
        """
        if self.ledger.get(signed.id) is not None:
            return
        key = self.key.current()
        if key is None:
            raise _no_key()
        try:
            request = signed_request(signed, key)
        except TrustError:
            self._record_foreign(signed)
            raise
        self.waiting.look()
        now = self.wall()
        why = objection(request, account=self.account, now=now)
        if why:
            row = RequestRow(request, now, RequestState.REFUSED, reason=why, decided=now, decided_by=_AGENT)
        else:
            row = self._judged(request, now)
        if not row.state.ended:
            self._hold(request)
        if self.ledger.add(row):
            _log.info("log request %s: %s", request.id, row.state)
            self._record_received(row)
            self._told(row)

    def allow(self, request: str) -> RequestRow:
        """A person says yes to what was shown, as far as the policy lets it be sent.

        Raises:
            InputError: there is none of this id (CF-1137).
            RefusedError: nobody is asked about it any more (CF-1284), or there is more than was shown by now,
                which is shown from now on (CF-1289).
            LocalError: it cannot be recorded.
        """
        self.expire()
        row = self.ledger.get(request)
        if row is not None and row.state is RequestState.WAITING and not self._stands(row):
            now = self._now(request)
            if now.state is RequestState.WAITING:
                raise _more_than_shown(now)
            return now
        return self._said(request, RequestState.ACCEPTED, reason="")

    def deny(self, request: str, *, reason: str = "") -> RequestRow:
        """A person says no; raises as `allow`.

        Args:
            request: its id.
            reason: for support; it is sent.
        """
        plain = " ".join("".join(c if c.isprintable() else " " for c in reason).split())
        return self._said(request, RequestState.REFUSED, reason=plain or "The customer said no.")

    def trust(self, fingerprint: str) -> None:
        """A person agrees to the key that the portal offers; raises as `PortalKey.trust`."""
        self.key.trust(fingerprint)
        facts = {"request_key": "".join(fingerprint.split()).lower()}
        at = self.wall().isoformat()
        self.trail.append(
            AuditEvent(f"request-key/{at}", EventKind.PAIRED, current_actor() or _AGENT, facts=facts)
        )

    def expire(self) -> None:
        """Whoever was asked in vain has said no by now."""
        self.waiting.look()
        now = self.wall()
        for row in self.ledger.rows([RequestState.WAITING]):
            if now >= decide_until(row):
                own_end = decide_until(row) == row.request.expires
                why = "Nobody answered before its end." if own_end else "Nobody answered within 8 hours."
                self._move(row, RequestState.EXPIRED, by=_AGENT, reason=why)

    def collect(self) -> None:
        """Make the jobs of what was decided to be sent, if the case is still open and the request good.

        Raises:
            WorldError: the portal cannot be asked, or a job cannot be recorded; it is repeated.
        """
        for row in reversed(self.ledger.rows([RequestState.ACCEPTED])):
            view = self.portal.log_request(row.id)
            why = _not_any_more(view, row, now=self.wall())
            if why:
                self._move(row, RequestState.REFUSED, by=_AGENT, reason=why)
                continue
            jobs = self.collection.begun(row.request)
            if jobs and self._is_more(row):
                self.ledger.note_jobs(row.id, jobs, reason="Logs that came since are not sent.")
                self.changed(row.id)
                continue
            if not jobs and not self._stands(row):
                continue
            jobs = self.collection.begin(row.request)
            missing = self.collection.look(row.request).missing
            if not jobs:
                why = missing or "The logs are gone meanwhile."
                self._move(row, RequestState.NOTHING, by=_AGENT, reason=why)
                continue
            self.ledger.note_jobs(row.id, jobs, reason=missing)
            self.changed(row.id)

    def settle(self) -> None:
        """Requests whose jobs have all ended have ended, too."""
        for row in self.ledger.rows([RequestState.COLLECTING]):
            jobs = [job for number in row.jobs if (job := self.journal.job(number)) is not None]
            if all(job.state in FINAL_STATES for job in jobs):
                state, why = _outcome(jobs)
                self._move(row, state, by=_AGENT, reason=" ".join(filter(None, (why, row.reason))))

    def tell(self) -> None:
        """Tell the portal what it does not know yet.

        Raises:
            WorldError: it cannot be told now; it is repeated.
        """
        for row in self.ledger.untold():
            kind = row.state.answer
            bundles = self._bundles(row) if kind is LogAnswerKind.SENT else []
            try:
                self.portal.answer_log_request(row.id, NewLogAnswer(kind, row.reason, bundles))
            except (InputError, RefusedError) as error:
                _log.info("log request %s: the portal does not take the answer (%s)", row.id, error.code)
            self.ledger.note_told(row.id, kind)

    def catch_up(self) -> None:
        """What a kill left between a row and its record in the trail is recorded; it is recorded once.

        What an open request asks for is held, should its hold be gone.

        Raises:
            LocalError: it cannot be recorded.
        """
        held = {hold.label for hold in self.evidence.holds()}
        for row in reversed(self.ledger.rows()):
            self._record_received(row)
            if row.state is not RequestState.WAITING:
                self._record_answer(row)
            if row.state.ended:
                self._release(row)
            elif source_of(row.request) not in held:
                self._hold(row.request)

    def _judged(self, request: LogRequest, now: datetime) -> RequestRow:
        wanted = self.collection.look(request)
        if not wanted.segments:
            why = wanted.missing or "There is no such log on this server."
            return RequestRow(request, now, RequestState.NOTHING, reason=why, decided=now, decided_by=_AGENT)
        return _row_of(request, self._ruling(request, wanted, at=now), wanted, now=now)

    def _ruling(self, request: LogRequest, wanted: Wanted, *, at: datetime) -> Ruling:
        circumstances = Circumstances(request.last - request.first, self.profile, at.astimezone())
        return judge(wanted.parts(), self.rules, at=circumstances)

    def _is_more(self, row: RequestRow) -> bool:
        """Whether more lies here than was decided about, or something that the policy never sends."""
        wanted = self.collection.look(row.request)
        ruling = self._ruling(row.request, wanted, at=row.decided or self.wall())
        return ruling.decision is Decision.NEVER or beyond(row.parts, wanted.parts())

    def _stands(self, row: RequestRow) -> bool:
        """Whether what was decided or is asked about is what lies here now; else it is refused or asked anew.

        A rule's yes is one to what its rule holds for; a person's is one to what was shown.
        """
        wanted = self.collection.look(row.request)
        if not wanted.segments:
            return True  # which is told as it always is
        ruling = self._ruling(row.request, wanted, at=row.decided or self.wall())
        if ruling.decision is Decision.NEVER:
            self._move(row, RequestState.REFUSED, by=_AGENT, reason=_never(ruling))
            return False
        by_rule = row.state is RequestState.ACCEPTED and row.decided_by == _by(row.rule)
        if by_rule and ruling.decision is Decision.SEND:
            return True
        parts = wanted.parts()
        if not by_rule and not beyond(row.parts, parts):
            return True
        self.waiting.look()  # a step of the clock until now is in the time from which it is asked
        if self.ledger.ask_anew(row, parts=parts, files=len(wanted.segments), at=self.wall()):
            _log.info("log request %s: there is more than was decided about; it is asked anew", row.id)
            self._record_received(self._now(row.id))
            self._told(self._now(row.id))
        return False

    def _said(self, request: str, after: RequestState, *, reason: str) -> RequestRow:
        self.expire()
        row = self.ledger.get(request)
        if row is None:
            raise _unknown()
        if not self._move(row, after, by=current_actor() or _AGENT, reason=reason[:300], at=self.wall()):
            raise RefusedError(
                "Nobody is asked about this any more",
                happened=f"The log request is {self._now(request).state.value}.",
                todo="Ask support to send it again if the logs are needed.",
                rule="R-LOG-1",
                code="CF-1284",
            )
        return self._now(request)

    def _now(self, request: str) -> RequestRow:
        row = self.ledger.get(request)
        if row is None:
            raise _unknown()
        return row

    def _move(
        self, row: RequestRow, after: RequestState, *, by: str, reason: str, at: datetime | None = None
    ) -> bool:
        """From the state that the row has; with `at` a person decides, which is possible while it waits."""
        waits = row.state is RequestState.WAITING
        if at is not None and not waits:
            return False
        decided = (at or self.wall()) if waits else None
        who = by if waits else None
        if not self.ledger.move(row.id, before=row.state, after=after, at=decided, by=who, reason=reason):
            return False
        now = self._now(row.id)
        _log.info("log request %s: %s", row.id, after)
        self._told(now)
        return True

    def _told(self, row: RequestRow) -> None:
        """What follows every change of state."""
        if row.state is not RequestState.WAITING:
            self._record_answer(row)
        if row.state.ended:
            self._release(row)
        self.changed(row.id)

    def _hold(self, request: LogRequest) -> None:
        """While a person thinks, or the portal is away, rotation deletes nothing of it."""
        left = max(request.expires - self.wall(), timedelta())
        try:
            self.evidence.hold(
                HoldReason.COLLECTION,
                label=source_of(request),
                scope=scope_of(request),
                keep=left + _KEPT_BEHIND,
            )
        except WorldError as error:
            _log.info("log request %s: its logs are not held (%s)", request.id, error.code)

    def _release(self, row: RequestRow) -> None:
        try:
            self.evidence.release_labelled(HoldReason.COLLECTION, source_of(row.request))
        except LocalError as error:
            _log.info("log request %s: its logs are held until they expire (%s)", row.id, error.code)

    def _bundles(self, row: RequestRow) -> list[str]:
        jobs = [self.journal.job(number) for number in row.jobs]
        return [job.sha256 for job in jobs if job is not None and job.state is JobState.VERIFIED]

    def _record_foreign(self, signed: SignedLogRequest) -> None:
        digest = hashlib.sha256(signed.document.encode("utf-8", "surrogatepass")).hexdigest()
        event = AuditEvent(
            f"request-refused/{digest[:16]}",
            EventKind.REFUSED,
            "portal",
            facts={"code": "CF-1476", "document_sha256": digest},
        )
        self.trail.append(event)

    def _record_received(self, row: RequestRow) -> None:
        request = row.request
        facts = {
            "applications": request.applications,
            "first": request.first.astimezone(UTC).isoformat(),
            "last": request.last.astimezone(UTC).isoformat(),
            "files": row.files,
            "size": row.size,
        }
        event = AuditEvent(
            f"request/{row.id}/received{_again(row)}",
            EventKind.REQUESTED,
            "portal",
            case=request.case,
            facts=facts,
        )
        self.trail.append(event)

    def _record_answer(self, row: RequestRow) -> None:
        answer = row.state.answer
        event = AuditEvent(
            f"request/{row.id}/{answer.value}{_again(row)}",
            EventKind.ANSWERED,
            row.decided_by or _AGENT,
            case=row.request.case,
            rule=row.rule,
            facts={"request": row.id, "answer": answer.value, "jobs": list(row.jobs)},
        )
        self.trail.append(event)


def _row_of(request: LogRequest, ruling: Ruling, wanted: Wanted, *, now: datetime) -> RequestRow:
    states = {
        Decision.SEND: RequestState.ACCEPTED,
        Decision.ASK: RequestState.WAITING,
        Decision.NEVER: RequestState.REFUSED,
    }
    decided = ruling.decision is not Decision.ASK
    return RequestRow(
        request=request,
        received=now,
        state=states[ruling.decision],
        rule=ruling.rule,
        reason=_never(ruling) if ruling.decision is Decision.NEVER else "",
        decided=now if decided else None,
        decided_by=_by(ruling.rule) if decided else "",
        size=wanted.size,
        files=len(wanted.segments),
        parts=tuple(wanted.parts()),
    )


def _by(rule: str) -> str:
    return f"rule {rule}"


def _never(ruling: Ruling) -> str:
    return f"The customer's policy never sends logs of {ruling.application}."


def _more_than_shown(row: RequestRow) -> RefusedError:
    return RefusedError(
        "There is more to send than you were shown",
        happened=f"By now it is {row.files} files with {row.size} bytes, before masking; nothing was sent.",
        todo="Look at the request again, and say yes or no to what it is now.",
        rule="R-LOG-1",
        code="CF-1289",
    )


def _again(row: RequestRow) -> str:
    """What tells records of a request that was asked anew from those before."""
    return f"/{row.asked}" if row.asked else ""


def _not_any_more(view: LogRequestView, row: RequestRow, *, now: datetime) -> str:
    """Why what was decided to be sent is not sent; empty when it is."""
    if view.request != row.request:
        return "The portal shows another request under this id."
    if view.state is LogRequestState.WITHDRAWN:
        return "Support has taken the request back."
    if view.state is LogRequestState.EXPIRED or now >= row.request.expires:
        return "The request's time was over before its logs could be collected."
    return "" if view.case_open else "The case takes no files any more (R-FILE-1)."


def _outcome(jobs: Sequence[JobRow]) -> tuple[RequestState, str]:
    if not jobs:
        return RequestState.NOTHING, "It is not known what was sent: the agent has lost its journal."
    sent = sum(job.state is JobState.VERIFIED for job in jobs)
    if sent:
        rest = len(jobs) - sent
        return RequestState.SENT, f"{rest} of {len(jobs)} bundles were cancelled." if rest else ""
    if all(job.problem is None for job in jobs):
        return RequestState.REFUSED, "It was cancelled on this server."
    return RequestState.NOTHING, "The logs were gone, or could not be read."


def _unknown() -> InputError:
    return InputError(
        "There is no such log request",
        happened="The agent knows no request of this id.",
        todo="Ask for the list of requests again.",
        code="CF-1137",
    )


def _no_key() -> TrustError:
    return TrustError(
        "Nobody has agreed to the portal's key",
        happened="Log requests are taken only when they are signed with a key that was agreed to.",
        todo="Compare the fingerprint with what the portal's owner tells you, then agree to the key.",
        code="CF-1477",
    )
