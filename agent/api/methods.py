"""The calls an agent answers: each with its parameters, the role it needs, and who does the work."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from app.agentlink import (
    AlarmRef,
    Alarms,
    AlarmsAsk,
    AlarmShown,
    AuditAsk,
    AuditCheck,
    AuditCheckAsk,
    AuditPage,
    CallAsk,
    CallView,
    CaseDraft,
    CaseDrafts,
    ConfigValue,
    Confirm,
    Coverage,
    CoverageAsk,
    DraftRef,
    Drop,
    FindAsk,
    FoundLogs,
    Health,
    HeldEvidence,
    HoldAsk,
    HoldRef,
    Holds,
    Job,
    JobPlace,
    JobPriority,
    JobRef,
    JobRetry,
    Jobs,
    JobsAsk,
    LendAsk,
    Lent,
    LimitsShown,
    LogAsk,
    LogAskDenial,
    LogAskRef,
    LogAsks,
    PairAsk,
    PairedRef,
    Preview,
    PreviewAsk,
    Quarantine,
    ReadinessReport,
    RequestKeyTrust,
    Role,
    RulesShown,
    SearchAnswer,
    SearchAsk,
    Status,
    TransferLimits,
    WatchFolder,
)
from app.decoding import ready
from app.domain.errors import InputError


class Desk(Protocol):
    """Who does what the API asks for. Methods block and may be called from any thread."""

    def status(self) -> Status:
        """The agent at a glance."""

    def health(self) -> Health:
        """How the agent is and was."""

    def jobs(self, ask: JobsAsk) -> Jobs:
        """Jobs, newest first."""

    def job(self, ask: JobRef) -> Job:
        """One job."""

    def drop(self, ask: Drop) -> Job:
        """A new job from chosen files."""

    def preview(self, ask: PreviewAsk) -> Preview:
        """Lines before and after."""

    def confirm(self, ask: Confirm) -> Job:
        """Go on after review."""

    def pause(self, ask: JobRef) -> Job:
        """Stop for now."""

    def resume(self, ask: JobRef) -> Job:
        """Go on."""

    def cancel(self, ask: JobRef) -> Job:
        """End for good."""

    def retry(self, ask: JobRetry) -> Job:
        """Try again now."""

    def prioritise(self, ask: JobPriority) -> Job:
        """Sooner or later than others."""

    def move(self, ask: JobPlace) -> Job:
        """Another place in the order."""

    def limits(self) -> LimitsShown:
        """How fast it may send."""

    def set_limits(self, ask: TransferLimits) -> LimitsShown:
        """Other limits."""

    def reset_limits(self) -> LimitsShown:
        """Those of the configuration again."""

    def lend(self, ask: LendAsk) -> Lent:
        """Bytes for another program under the same limit."""

    def quarantine(self) -> Quarantine:
        """What could not be masked."""

    def rules(self) -> RulesShown:
        """What automatic rules did, and did not."""

    def alarms(self, ask: AlarmsAsk) -> Alarms:
        """What was seen in logs."""

    def alarm(self, ask: AlarmRef) -> AlarmShown:
        """One alarm."""

    def drafts(self) -> CaseDrafts:
        """Cases that are proposed."""

    def draft(self, ask: DraftRef) -> CaseDraft:
        """One of them."""

    def take_draft(self, ask: DraftRef) -> CaseDraft:
        """A person takes it."""

    def find(self, ask: FindAsk) -> FoundLogs:
        """Which bytes of which segments."""

    def search(self, ask: SearchAsk) -> SearchAnswer:
        """Records that hold a text."""

    def call(self, ask: CallAsk) -> CallView:
        """The records of one call."""

    def hold(self, ask: HoldAsk) -> HeldEvidence:
        """Keep segments."""

    def release(self, ask: HoldRef) -> Holds:
        """End a hold."""

    def holds(self) -> Holds:
        """What is held."""

    def readiness(self) -> ReadinessReport:
        """How well the logs would serve."""

    def coverage(self, ask: CoverageAsk) -> Coverage:
        """What was written when."""

    def audit(self, ask: AuditAsk) -> AuditPage:
        """Records of the audit trail."""

    def check_audit(self, ask: AuditCheckAsk) -> AuditCheck:
        """Whether the audit trail is whole."""

    def requests(self) -> LogAsks:
        """What support asked for."""

    def allow_request(self, ask: LogAskRef) -> LogAsk:
        """Send what a request asks for."""

    def deny_request(self, ask: LogAskDenial) -> LogAsk:
        """Refuse a request."""

    def trust_request_key(self, ask: RequestKeyTrust) -> LogAsks:
        """Agree to the portal's key."""


@dataclass(frozen=True, slots=True)
class Method:
    """One call: the type of its parameters (None for none) and the least role.

    Attributes:
        enduring: it never changes, so that programs of any older contract may use it.
        service: the running agent itself answers (`agent.api.Service`), not its desk.
        here: only callers of this machine are answered.
        paths: the paths that the parameters name; only an administrator of this machine may name paths
            outside the agent's folders.
    """

    params: type | None
    role: Role
    enduring: bool = False
    service: bool = False
    here: bool = False
    paths: Callable[[Any], Sequence[str]] | None = None


METHODS: dict[str, Method] = {
    "status": Method(params=None, role=Role.VIEWER, enduring=True),
    "health": Method(params=None, role=Role.VIEWER),
    "jobs": Method(params=JobsAsk, role=Role.VIEWER, enduring=True),
    "job": Method(params=JobRef, role=Role.VIEWER, enduring=True),
    "quarantine": Method(params=None, role=Role.VIEWER),
    "drop": Method(params=Drop, role=Role.OPERATOR, paths=lambda drop: drop.paths),
    "preview": Method(params=PreviewAsk, role=Role.OPERATOR),  # it shows values before masking
    "confirm": Method(params=Confirm, role=Role.OPERATOR),
    "pause": Method(params=JobRef, role=Role.OPERATOR),
    "resume": Method(params=JobRef, role=Role.OPERATOR),
    "cancel": Method(params=JobRef, role=Role.OPERATOR),
    "retry": Method(params=JobRetry, role=Role.OPERATOR),
    "prioritise": Method(params=JobPriority, role=Role.OPERATOR),
    "move": Method(params=JobPlace, role=Role.OPERATOR),
    "limits": Method(params=None, role=Role.VIEWER),
    "set_limits": Method(params=TransferLimits, role=Role.OPERATOR),
    "reset_limits": Method(params=None, role=Role.OPERATOR),
    "lend": Method(params=LendAsk, role=Role.VIEWER, here=True),  # no more than a fair share is lent
    "rules": Method(params=None, role=Role.VIEWER),
    "alarms": Method(params=AlarmsAsk, role=Role.VIEWER),
    "alarm": Method(params=AlarmRef, role=Role.VIEWER),
    "drafts": Method(params=None, role=Role.VIEWER),
    "draft": Method(params=DraftRef, role=Role.VIEWER),
    "take_draft": Method(params=DraftRef, role=Role.OPERATOR),
    "find": Method(params=FindAsk, role=Role.VIEWER),
    "holds": Method(params=None, role=Role.VIEWER),
    "readiness": Method(params=None, role=Role.VIEWER),
    "coverage": Method(params=CoverageAsk, role=Role.VIEWER),
    "audit": Method(params=AuditAsk, role=Role.VIEWER),
    "check_audit": Method(params=AuditCheckAsk, role=Role.VIEWER),
    "requests": Method(params=None, role=Role.VIEWER),
    "allow_request": Method(params=LogAskRef, role=Role.OPERATOR),
    "deny_request": Method(params=LogAskDenial, role=Role.OPERATOR),
    "trust_request_key": Method(params=RequestKeyTrust, role=Role.ADMIN),
    "search": Method(params=SearchAsk, role=Role.OPERATOR),  # the records are not masked
    "call": Method(params=CallAsk, role=Role.OPERATOR),
    "hold": Method(params=HoldAsk, role=Role.OPERATOR),
    "release": Method(params=HoldRef, role=Role.OPERATOR),
    "drain": Method(params=None, role=Role.OPERATOR, enduring=True, service=True),
    "undrain": Method(params=None, role=Role.OPERATOR, enduring=True, service=True),
    "diagnose": Method(params=None, role=Role.OPERATOR, service=True),
    "restart": Method(params=None, role=Role.ADMIN, enduring=True, service=True),
    "reload": Method(params=None, role=Role.ADMIN, service=True),
    "configure": Method(params=ConfigValue, role=Role.ADMIN, service=True, here=True),
    "watch_folder": Method(
        params=WatchFolder, role=Role.ADMIN, service=True, here=True, paths=lambda ask: [ask.path]
    ),
    "pair": Method(params=PairAsk, role=Role.ADMIN, service=True, here=True),
    "paired": Method(params=None, role=Role.ADMIN, service=True, here=True),
    "revoke": Method(params=PairedRef, role=Role.ADMIN, service=True, here=True),
}


def read_params(name: str, method: Method, params: Any) -> Any:
    """The typed parameters of a call; None for a call without.

    Raises:
        InputError: a parameter is unknown, missing, or of another type; the text names it, never its value.
    """
    if method.params is None:
        if params not in (None, {}):
            raise _wrong(name, "It takes no parameters.")
        return None
    given = {} if params is None else params
    if not isinstance(given, dict):
        raise _wrong(name, "The parameters must be an object.")
    known = {field.name for field in dataclasses.fields(method.params)}
    unknown = sorted(str(key)[:40] for key in given.keys() - known)
    if unknown:
        raise _wrong(name, f"Unknown parameter: {', '.join(unknown)}. Known are: {', '.join(sorted(known))}.")
    try:
        return msgspec.convert(given, type=ready(method.params))
    except msgspec.ValidationError as error:
        raise _wrong(name, f"{error}.") from error


def _wrong(name: str, happened: str) -> InputError:
    return InputError(
        "The call is not understood",
        happened=f"{name}: {happened}",
        todo="Install the same version of the agent and of the program that calls it.",
        code="CF-1192",
    )
