"""The agent API's contract, versions 1 and 2: what a desktop or a command may ask of an agent.

``GET /v1/hello`` answers without a token. ``POST /v1/rpc`` takes ``{"id", "method", "params"}`` and answers
``{"id", "result"}`` or ``{"id", "error"}``. ``GET /v1/events?since=N&timeout=S`` is a long poll.
Everything is JSON over HTTPS with a pinned certificate; times are aware UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.agentlink.serving import ConfigShown

CONTRACT_MIN = 1
CONTRACT_MAX = 2


class JobState(StrEnum):
    """The life of a job; `VERIFIED` and `CANCELLED` are its ends (a `FAILED` one can be tried again)."""

    COLLECTING = "collecting"
    MASKING = "masking"
    REVIEW = "review"
    BUNDLING = "bundling"
    WAITING = "waiting"
    SENDING = "sending"
    VERIFYING = "verifying"
    VERIFIED = "verified"
    PAUSED = "paused"
    FAILED = "failed"
    CANCELLED = "cancelled"


FINAL_STATES = frozenset({JobState.VERIFIED, JobState.CANCELLED})


class Via(StrEnum):
    """The way a bundle takes."""

    HTTPS = "https"
    SFTP = "sftp"


class Role(StrEnum):
    """What a token may do."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Hello:
    """Who answers, and which contracts it speaks."""

    product: str
    version: str
    instance: str
    contract_min: int
    contract_max: int


@dataclass(frozen=True, slots=True)
class ErrorReply:
    """A `WorldError` on the wire, or a defect with its reference only."""

    code: str
    title: str
    happened: str = ""
    todo: str = ""
    rule: str = ""
    reference: str = ""
    retryable: bool = False


@dataclass(frozen=True, slots=True)
class JobFile:
    """One file of a job.

    Attributes:
        name: relative name inside the bundle; never a path of the disk.
        state: ``waiting``, ``masked``, ``quarantined`` or ``left-out``.
        counts: values replaced, by kind.
        reason: why it was quarantined or left out.
    """

    name: str
    state: str
    raw_size: int
    packed_size: int = 0
    lines: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    reason: str = ""


class Step(StrEnum):
    """What is done for a job, one after the other; sending and verifying begin while masking goes on."""

    SELECT = "select"
    HOLD = "hold"
    MASK = "mask"
    REVIEW = "review"
    BUNDLE = "bundle"
    SEND = "send"
    VERIFY = "verify"


@dataclass(frozen=True, slots=True)
class JobStep:
    """How far a step of a job is: `done` of `total` files (select, hold, mask, review) or bundles."""

    step: Step
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class JobVolume:
    """A bundle of a job that was sealed; a large collection has several.

    Attributes:
        sha256: empty while it has to be sealed again.
        verified: the other side has it, proven.
        level: how: A the server computed the SHA-256, B it checked every part, C a companion lies beside it
            and a sample was read back, D at most the size was compared; empty when that is not known.
    """

    name: str
    size: int
    sha256: str
    verified: bool = False
    level: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """A durable piece of work as lists show it.

    Attributes:
        id: stable.
        name: name of the bundle.
        source: what started it: a rule's name, or ``drop``.
        sent: bytes the other side has acknowledged; ``size`` is the bundle's size (0 while unknown).
        rate: bytes per second, moving average; 0 when nothing moves.
        counts: values replaced, by kind, over all files.
        problem: set in state `FAILED`, and while it, or a transfer of it that runs, waits for a retry.
        paused_from: the state a pause interrupted.
        priority: that a person gave it; higher goes first.
        place: in the order of those of one priority; lower goes first.
        eta: seconds to the last byte; None while that cannot be said.
        connections: that are open.
        acked, moving: first byte and length of what the other side has, and of the parts under way, in order;
            empty while nothing of it runs.
        held: it stands still because nothing may be prepared or sent at this time.
        queued: nobody is at work on it: it waits for its turn; not in states of rest.
        volumes: its bundles, as far as they are sealed; `size` is that of all, `sha256` that of the only one.
        steps: in order; those that it does not have are left out.
        level: how all of its bundles that arrived are proven at least, as for `JobVolume`.
    """

    id: str
    case: str
    name: str
    source: str
    via: Via
    state: JobState
    created: datetime
    changed: datetime
    raw_size: int = 0
    size: int = 0
    sent: int = 0
    rate: float = 0.0
    resumed: int = 0
    sha256: str = ""
    files: list[JobFile] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    quarantined: int = 0
    problem: ErrorReply | None = None
    next_attempt: datetime | None = None
    paused_from: JobState | None = None
    priority: int = 0
    place: int = 0
    eta: float | None = None
    connections: int = 0
    acked: list[tuple[int, int]] = field(default_factory=list)
    moving: list[tuple[int, int]] = field(default_factory=list)
    held: bool = False
    queued: bool = False
    volumes: list[JobVolume] = field(default_factory=list)
    steps: list[JobStep] = field(default_factory=list)
    level: str = ""


@dataclass(frozen=True, slots=True)
class Drop:
    """Asks for a job from files a person chose. It stops at `JobState.REVIEW` until it is confirmed.

    Attributes:
        paths: absolute paths on the agent's machine; files or folders.
        sftp: the temporary account, when ``via`` is SFTP; kept in the agent's vault, never answered back.
    """

    case: str
    paths: list[str]
    via: Via = Via.HTTPS
    sftp: SftpAccess | None = None


@dataclass(frozen=True, slots=True)
class SftpAccess:
    """How to reach a temporary SFTP account."""

    host: str
    port: int
    host_key: str
    user: str
    password: str


@dataclass(frozen=True, slots=True)
class Confirm:
    """The person has seen what was masked and acknowledges R-FILE-1; the job goes on.

    Attributes:
        acknowledgement: id from the portal (`contract.Acknowledgement`).
        leave_out: names of files the person took out.
    """

    job: str
    acknowledgement: str
    leave_out: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Hit:
    """One replaced value, as the review shows it. ``before`` never leaves the customer's machine."""

    kind: str
    rule: str
    before: str
    after: str
    before_column: int
    after_column: int


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """One line before and after masking."""

    number: int
    before: str
    after: str
    hits: list[Hit] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class PreviewAsk:
    """Lines of one file of a job in review: ``limit`` lines from line ``first`` (1-based, at most 500)."""

    job: str
    name: str
    first: int = 1
    limit: int = 200
    changed_only: bool = False


@dataclass(frozen=True, slots=True)
class Preview:
    """The answer to `PreviewAsk`; ``total_lines`` of the file."""

    lines: list[PreviewLine]
    total_lines: int


@dataclass(frozen=True, slots=True)
class WatchedFolder:
    """A folder the agent watches; ``readable`` false means *unknown*, never *deleted*.

    Attributes:
        archives: packed files in it that are not opened (``.7z``, ``.tar.gz`` …); they are never sent.
    """

    path: str
    readable: bool
    segments: int
    growing: int
    problem: str = ""
    archives: int = 0


@dataclass(frozen=True, slots=True)
class Status:
    """``status``: the agent at a glance."""

    version: str
    host: str
    started: datetime
    portal: str
    portal_reachable: bool
    folders: list[WatchedFolder]
    jobs: dict[str, int]
    quarantined: int
    watch: str
    """``events+scan`` or ``scan``."""
    watch_reason: str = ""
    """Why there are no file events, or not for all folders; empty when there are."""
    draining: bool = False
    """No new job is taken, see ``drain``."""
    config: ConfigShown | None = None
    """Which configuration is in force; None from an agent of contract 1."""
    problems: list[ErrorReply] = field(default_factory=list)
    """What people should know of now, and what to do about it."""


@dataclass(frozen=True, slots=True)
class JobRef:
    """Names a job, for ``pause``, ``resume``, ``cancel`` and ``job``."""

    job: str


@dataclass(frozen=True, slots=True)
class JobRetry:
    """``retry``.

    Attributes:
        not_there: the person knows that the place to which its bundles were sent before, and which may have
            all of one, has not got it: they may go another way. An older agent does not know it.
    """

    job: str
    not_there: bool = False


@dataclass(frozen=True, slots=True)
class JobsAsk:
    """``jobs``: newest first, at most ``limit`` (1 to 500); ``case`` narrows."""

    case: str = ""
    limit: int = 200


@dataclass(frozen=True, slots=True)
class Jobs:
    """The answer to `JobsAsk`."""

    jobs: list[Job]


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A file that could not be masked; its source was not touched and nothing of it was sent.

    Attributes:
        job: the job it was taken out of.
        name: relative name; never a path of the disk.
        reason: why, for people; no personal value in it.
    """

    job: str
    case: str
    name: str
    reason: str
    at: datetime
    raw_size: int = 0


@dataclass(frozen=True, slots=True)
class Quarantine:
    """The answer of ``quarantine``: newest first, at most 500."""

    files: list[Quarantined]


@dataclass(frozen=True, slots=True)
class AgentEvent:
    """One change.

    ``kind`` is ``job``, ``folder``, ``logs``, ``rules``, ``alarm``, ``request``, ``status`` or ``resync``.
    ``subject`` is the id of the job or of the log request, or the number of an alarm.
    """

    id: int
    kind: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Events:
    """The answer of the long poll; ``last`` goes into the next ``since``."""

    last: int
    events: list[AgentEvent]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """``endpoint.json``, readable by administrators and operators only: how to reach a local agent.

    Attributes:
        certificate_sha256: of the certificate's DER form, lower-case hex.
        certificate: the self-signed certificate itself (PEM): the only one a client accepts.
    """

    host: str
    port: int
    certificate_sha256: str
    token: str
    instance: str
    certificate: str = ""
