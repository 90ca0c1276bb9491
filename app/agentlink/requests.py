"""The agent API's contract for log requests of support (R-LOG-1). Times are aware UTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class LogAsk:
    """What support asked this agent for.

    Attributes:
        asked_by, why: support's words, for people.
        state: ``waiting`` (for a person), ``accepted``, ``collecting``, ``refused``, ``expired``, ``nothing``
            or ``sent``.
        decide_until: while it waits; after that no answer means no.
        rule: of the policy that decided; empty when none did.
        decided_by: a rule, the label of a token, or ``agent``.
        size, files: bytes and number of the segments that it asks for.
        jobs: ids of the jobs that collect it.
    """

    id: str
    case: str
    applications: list[str]
    first: datetime
    last: datetime
    asked: datetime
    asked_by: str
    why: str
    received: datetime
    state: str
    decide_until: datetime | None = None
    rule: str = ""
    reason: str = ""
    decided: datetime | None = None
    decided_by: str = ""
    size: int = 0
    files: int = 0
    jobs: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class LogAsks:
    """The answer of ``requests``: the newest first, at most 500.

    Attributes:
        enabled: whether the configuration turns them on.
        key: fingerprint of the portal's key that counts; empty while nobody has agreed to one.
        offered: fingerprint of the key that the portal offers; empty while it was not asked.
        problem: why requests cannot be fetched at present; empty while they can.
    """

    enabled: bool
    requests: list[LogAsk]
    key: str = ""
    offered: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class LogAskRef:
    """Names a request, for ``allow_request``."""

    request: str


@dataclass(frozen=True, slots=True)
class LogAskDenial:
    """``deny_request``; ``reason`` is told to support."""

    request: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RequestKeyTrust:
    """``trust_request_key``: a person has compared this fingerprint of the portal's key."""

    fingerprint: str
