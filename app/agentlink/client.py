"""Calling an agent: one typed method per call, over HTTPS with the pinned certificate."""

from __future__ import annotations

import ssl
from typing import Any, TypeVar

import msgspec
import urllib3

from app.agentlink.agreement import CONTRACT_HEADER
from app.agentlink.alarms import (
    AlarmRef,
    Alarms,
    AlarmsAsk,
    AlarmShown,
    CaseDraft,
    CaseDrafts,
    DraftRef,
)
from app.agentlink.audit import AuditAsk, AuditCheck, AuditCheckAsk, AuditPage
from app.agentlink.contract import (
    CONTRACT_MAX,
    Confirm,
    Drop,
    Endpoint,
    ErrorReply,
    Events,
    Hello,
    Job,
    JobRef,
    JobRetry,
    Jobs,
    JobsAsk,
    Preview,
    PreviewAsk,
    Quarantine,
    Status,
)
from app.agentlink.finding import (
    CallAsk,
    CallView,
    Coverage,
    CoverageAsk,
    FindAsk,
    FoundLogs,
    HeldEvidence,
    HoldAsk,
    HoldRef,
    Holds,
    LogScope,
    ReadinessReport,
    SearchAnswer,
    SearchAsk,
)
from app.agentlink.health import Diagnosis, Health, WatchFolder
from app.agentlink.limits import JobPlace, JobPriority, LendAsk, Lent, LimitsShown, TransferLimits
from app.agentlink.pairing import (
    PairAsk,
    PairBegin,
    PairBegun,
    PairedPrograms,
    PairedRef,
    PairFinish,
    PairFinished,
    PairingOpen,
)
from app.agentlink.replies import error_of
from app.agentlink.requests import LogAsk, LogAskDenial, LogAskRef, LogAsks, RequestKeyTrust
from app.agentlink.rules import RulesShown
from app.agentlink.serving import ConfigShown, ConfigValue, DrainShown, Restarting
from app.decoding import ready
from app.domain.errors import CaseferryError, InputError, PeerError, TrustError, UnreachableError
from app.domain.places import place_of

T = TypeVar("T")

_REPLY_LIMIT = 32 * 1024 * 1024
_EVENT_SLACK = 10.0
_SEARCHING = 300.0
"""Seconds in which an agent may look through all of its logs."""


class _Envelope(msgspec.Struct):
    """``{"id", "result"}`` or ``{"id", "error"}``; both are read lazily by their own type."""

    id: int | None = None
    result: msgspec.Raw = msgspec.Raw(b"null")
    error: ErrorReply | None = None


class AgentClient:
    """An agent's API. Every call blocks and may be made from any thread.

    Every method raises `UnreachableError` when the agent does not answer, `TrustError` when another
    program answers on its port, `CredentialsError` when the token is not (or no longer) accepted,
    `PeerError` when the answer is not what the contract says, `Defect` with a reference when the agent
    failed, and whatever error of the world the agent replied.
    """

    def __init__(self, endpoint: Endpoint, *, timeout: float = 30.0) -> None:
        """Keep the endpoint; nothing is sent before the first call.

        Args:
            endpoint: host, port, certificate digest and token, as `read_endpoint` gives them.
            timeout: seconds to wait for each answer.
        """
        self.endpoint = endpoint
        self._timeout = timeout
        self._pool = urllib3.HTTPSConnectionPool(
            endpoint.host,
            endpoint.port,
            maxsize=8,  # the desktop's workers and its long poll call at the same time
            ssl_context=_pinned(endpoint),
            assert_fingerprint=endpoint.certificate_sha256,
            retries=False,
        )

    def hello(self) -> Hello:
        """Who answers, and which contracts it speaks (needs no token)."""
        return _read(self._request("GET", "/v1/hello", timeout=self._timeout), Hello)

    def status(self) -> Status:
        """The agent at a glance."""
        return self._call("status", None, Status)

    def health(self) -> Health:
        """How the agent is and was; an older one does not know that (`InputError`, CF-1191)."""
        return self._call("health", None, Health)

    def diagnose(self) -> Diagnosis:
        """Have the agent check all that it needs."""
        return self._call("diagnose", None, Diagnosis, timeout=_SEARCHING)

    def watch_folder(self, ask: WatchFolder) -> ConfigShown:
        """Have a rule watch one more folder of the agent's machine."""
        return self._call("watch_folder", ask, ConfigShown, timeout=_SEARCHING)

    def jobs(self, ask: JobsAsk | None = None) -> Jobs:
        """Jobs, newest first."""
        return self._call("jobs", ask or JobsAsk(), Jobs)

    def job(self, job: str) -> Job:
        """One job with its files."""
        return self._call("job", JobRef(job=job), Job)

    def drop(self, drop: Drop) -> Job:
        """Start a job from files a person chose; it stops at *review*."""
        return self._call("drop", drop, Job)

    def preview(self, ask: PreviewAsk) -> Preview:
        """Lines before and after masking, of one file of a job in review."""
        return self._call("preview", ask, Preview)

    def confirm(self, confirm: Confirm) -> Job:
        """The person has seen what was masked; the job goes on."""
        return self._call("confirm", confirm, Job)

    def pause(self, job: str) -> Job:
        """Stop work on a job until `resume`."""
        return self._call("pause", JobRef(job=job), Job)

    def resume(self, job: str) -> Job:
        """Go on where `pause` stopped."""
        return self._call("resume", JobRef(job=job), Job)

    def cancel(self, job: str) -> Job:
        """End a job for good; what was prepared for it is deleted, its sources are not touched."""
        return self._call("cancel", JobRef(job=job), Job)

    def retry(self, job: str, *, not_there: bool = False) -> Job:
        """Try a failed or waiting job again, now; see `JobRetry`."""
        return self._call("retry", JobRetry(job=job, not_there=not_there), Job)

    def prioritise(self, job: str, priority: int) -> Job:
        """Have a job sent before (or after) those of a lower (or higher) priority."""
        return self._call("prioritise", JobPriority(job=job, priority=priority), Job)

    def move(self, job: str, *, before: str = "") -> Job:
        """Another place in the order of the jobs that wait: before another one, or at the end."""
        return self._call("move", JobPlace(job=job, before=before), Job)

    def limits(self) -> LimitsShown:
        """How fast the agent may send, and who said so."""
        return self._call("limits", None, LimitsShown)

    def set_limits(self, limits: TransferLimits) -> LimitsShown:
        """Other limits, from now on and after a restart."""
        return self._call("set_limits", limits, LimitsShown)

    def reset_limits(self) -> LimitsShown:
        """The limits of the agent's configuration again."""
        return self._call("reset_limits", None, LimitsShown)

    def lend(self, ask: LendAsk) -> Lent:
        """Bytes that this program may move under the agent's limit; see there."""
        return self._call("lend", ask, Lent)

    def quarantine(self) -> Quarantine:
        """Files that could not be masked and were therefore not sent."""
        return self._call("quarantine", None, Quarantine)

    def rules(self) -> RulesShown:
        """What each automatic rule sent, what waits, and what it did not send and why."""
        return self._call("rules", None, RulesShown)

    def alarms(self, ask: AlarmsAsk | None = None) -> Alarms:
        """What alarm rules saw in logs, the newest first; lines are masked."""
        return self._call("alarms", ask or AlarmsAsk(), Alarms)

    def alarm(self, alarm: int) -> AlarmShown:
        """One alarm."""
        return self._call("alarm", AlarmRef(alarm), AlarmShown)

    def drafts(self) -> CaseDrafts:
        """Cases that alarms propose, and that nobody has taken."""
        return self._call("drafts", None, CaseDrafts)

    def draft(self, draft: int) -> CaseDraft:
        """One of them, or one that was taken."""
        return self._call("draft", DraftRef(draft), CaseDraft)

    def take_draft(self, draft: int) -> CaseDraft:
        """Take a draft: what comes later begins another one."""
        return self._call("take_draft", DraftRef(draft), CaseDraft)

    def find(self, scope: LogScope | None = None) -> FoundLogs:
        """Which bytes of which segments hold the records of a scope."""
        return self._call("find", FindAsk(scope or LogScope()), FoundLogs, timeout=_SEARCHING)

    def search(self, ask: SearchAsk) -> SearchAnswer:
        """Records that hold a text, as they are in the log: not masked."""
        return self._call("search", ask, SearchAnswer, timeout=_SEARCHING)

    def call(self, ask: CallAsk) -> CallView:
        """The records of one call at this agent, not masked; `follow_call` asks several."""
        return self._call("call", ask, CallView, timeout=_SEARCHING)

    def hold(self, ask: HoldAsk) -> HeldEvidence:
        """Keep the segments of a range before rotation deletes them."""
        return self._call("hold", ask, HeldEvidence, timeout=_SEARCHING)

    def release(self, hold: int) -> Holds:
        """End a hold; what is left."""
        return self._call("release", HoldRef(hold=hold), Holds)

    def holds(self) -> Holds:
        """What is held as evidence."""
        return self._call("holds", None, Holds)

    def readiness(self) -> ReadinessReport:
        """How well the logs of each application would serve."""
        return self._call("readiness", None, ReadinessReport)

    def coverage(self, ask: CoverageAsk) -> Coverage:
        """What was written when."""
        return self._call("coverage", ask, Coverage)

    def drain(self) -> DrainShown:
        """Take no new job, and stop what runs at the next point from which it goes on."""
        return self._call("drain", None, DrainShown)

    def undrain(self) -> DrainShown:
        """Work again."""
        return self._call("undrain", None, DrainShown)

    def restart(self) -> Restarting:
        """Have the agent end and begin anew; this client's token may not be accepted afterwards."""
        return self._call("restart", None, Restarting)

    def reload(self) -> ConfigShown:
        """Have the agent read its configuration file now."""
        return self._call("reload", None, ConfigShown, timeout=_SEARCHING)

    def configure(self, value: ConfigValue) -> ConfigShown:
        """Set one field of the agent's configuration file."""
        return self._call("configure", value, ConfigShown, timeout=_SEARCHING)

    def pair(self, ask: PairAsk) -> PairingOpen:
        """Let one program on another machine in."""
        return self._call("pair", ask, PairingOpen)

    def paired(self) -> PairedPrograms:
        """The programs on other machines that may call."""
        return self._call("paired", None, PairedPrograms)

    def revoke(self, program: str) -> PairedPrograms:
        """Let a program in no more; those that are left."""
        return self._call("revoke", PairedRef(id=program), PairedPrograms)

    def pair_begin(self, ask: PairBegin) -> PairBegun:
        """First step of a pairing, see `app.agentlink.pair_with`; needs no token."""
        return self._post("/v1/pair/begin", ask, PairBegun)

    def pair_finish(self, ask: PairFinish) -> PairFinished:
        """Second step of a pairing; needs no token."""
        return self._post("/v1/pair/finish", ask, PairFinished)

    def events(self, since: int, timeout: float = 25.0) -> Events:
        """What changed after event `since` (0 at first); waits up to `timeout` seconds (0 to 60).

        An event of kind ``resync`` says that changes were missed: ask for everything again.
        """
        return _read(
            self._request(
                "GET", f"/v1/events?since={since:d}&timeout={timeout:g}", timeout=timeout + _EVENT_SLACK
            ),
            Events,
        )

    def audit(self, ask: AuditAsk | None = None) -> AuditPage:
        """Records of the audit trail, in their order."""
        return self._call("audit", ask or AuditAsk(), AuditPage, timeout=_SEARCHING)

    def check_audit(self, ask: AuditCheckAsk | None = None) -> AuditCheck:
        """Whether the audit trail is whole, and where it is not."""
        return self._call("check_audit", ask or AuditCheckAsk(), AuditCheck, timeout=_SEARCHING)

    def requests(self) -> LogAsks:
        """What support asked for, and what was said."""
        return self._call("requests", None, LogAsks)

    def allow_request(self, ask: LogAskRef) -> LogAsk:
        """Send what a request asks for."""
        return self._call("allow_request", ask, LogAsk)

    def deny_request(self, ask: LogAskDenial) -> LogAsk:
        """Refuse a request."""
        return self._call("deny_request", ask, LogAsk)

    def trust_request_key(self, ask: RequestKeyTrust) -> LogAsks:
        """Agree to the key that the portal signs requests with."""
        return self._call("trust_request_key", ask, LogAsks)

    def close(self) -> None:
        """Close idle connections."""
        self._pool.close()

    def _call(self, method: str, params: Any, result: type[T], *, timeout: float = 0.0) -> T:
        body = msgspec.json.encode({"id": 1, "method": method, "params": params})
        answer = self._request("POST", "/v1/rpc", body=body, timeout=max(timeout, self._timeout))
        return _read(bytes(_envelope(answer).result), result)

    def _post(self, path: str, ask: Any, result: type[T]) -> T:
        return _read(
            self._request("POST", path, body=msgspec.json.encode(ask), timeout=self._timeout), result
        )

    def _request(self, verb: str, path: str, *, timeout: float, body: bytes | None = None) -> bytes:
        headers = {"Accept": "application/json", CONTRACT_HEADER: str(CONTRACT_MAX)}
        if self.endpoint.token:
            headers["Authorization"] = f"Bearer {self.endpoint.token}"
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            response = self._pool.request(
                verb,
                path,
                body=body,
                headers=headers,
                timeout=urllib3.Timeout(connect=min(timeout, 5.0), read=timeout),
                preload_content=False,
                redirect=False,
            )
            answer = response.read(_REPLY_LIMIT, decode_content=True)
            response.release_conn()
        except urllib3.exceptions.SSLError as error:
            raise TrustError(
                "Another program answers in the agent's place",
                happened="The certificate is not the one the agent wrote into its endpoint file.",
                todo="Restart the agent. If it stays so, tell your administrator.",
                code="CF-1490",
            ) from error
        except urllib3.exceptions.HTTPError as error:
            raise UnreachableError(
                "The agent does not answer",
                happened=f"{type(error).__name__} on {place_of(self.endpoint.host, self.endpoint.port)}.",
                todo="Check that the agent runs: caseferry-agent status --config FILE.",
                code="CF-1592",
            ) from error
        if response.status != 200:
            raise _error_in(answer, response.status)
        return answer


def _pinned(endpoint: Endpoint) -> ssl.SSLContext:
    """A context that accepts the agent's own certificate and no other."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_verify_locations(cadata=endpoint.certificate)
    except (ssl.SSLError, ValueError) as error:
        raise InputError(
            "The agent's endpoint file is damaged",
            happened="It holds no certificate.",
            todo="Restart the agent; it writes the file anew.",
            code="CF-1190",
        ) from error
    return context


def _read(answer: bytes, result: type[T]) -> T:
    try:
        return msgspec.json.decode(answer, type=ready(result))
    except msgspec.DecodeError as error:
        raise PeerError(
            "The agent's answer is not understood",
            happened=f"It is not a {result.__name__} of this contract.",
            todo="Install the same version of the agent and of this program.",
            code="CF-1690",
        ) from error


def _envelope(answer: bytes) -> _Envelope:
    envelope = _read(answer, _Envelope)
    if envelope.error is not None:
        raise error_of(envelope.error)
    return envelope


def _error_in(answer: bytes, status: int) -> CaseferryError:
    try:
        envelope = msgspec.json.decode(answer, type=ready(_Envelope))
    except msgspec.DecodeError:
        envelope = _Envelope()
    if envelope.error is not None:
        return error_of(envelope.error)
    if status == 503:
        return UnreachableError(
            "The agent does not answer",
            happened="It has too many calls at once.",
            todo="Try again in a moment.",
            code="CF-1592",
        )
    return PeerError(
        "The agent's answer is not understood",
        happened=f"It answered with HTTP status {status} and no error of this contract.",
        todo="Install the same version of the agent and of this program.",
        code="CF-1690",
    )
