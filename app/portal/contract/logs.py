"""Log requests: what support asks for, and what each agent of the customer answers (R-LOG-1).

A request is signed by the portal (Ed25519), over `SIGNED_AS` and the bytes of ``document``, so that an agent
can prove it whatever carried it. ``document`` is a `LogRequest` as JSON.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

SIGNED_AS = b"caseferry log request 1\n"
"""Stands before the document in what is signed: the key is good for nothing else."""


@dataclass(frozen=True, slots=True)
class LogRequest:
    """Logs that support asks for; `first` up to `last` is the time they cover.

    Attributes:
        account: whose case it is.
        applications: names, or patterns with ``*`` and ``?``.
        asked_by: the support user, for people.
        why: what they are needed for, for people.
        expires: after this time it is not good any more.
    """

    id: str
    case: str
    account: str
    applications: list[str]
    first: datetime
    last: datetime
    asked: datetime
    asked_by: str
    expires: datetime
    why: str = ""


@dataclass(frozen=True, slots=True)
class SignedLogRequest:
    """A request on its way to an agent; ``signature`` is base64."""

    id: str
    document: str
    signature: str


@dataclass(frozen=True, slots=True)
class NewLogRequest:
    """What a support user asks for: 1 to 50 applications, at most 31 days."""

    applications: list[str]
    first: datetime
    last: datetime
    why: str = ""


class LogAnswerKind(StrEnum):
    """How far an agent is with a request.

    Members:
        RECEIVED: its policy or a person decides.
        ACCEPTED: it collects.
        REFUSED: policy or person said no; EXPIRED: nobody said anything in time, which means no.
        NOTHING: there is no such log on this server.
        SENT: everything is in the case and proven.
    """

    RECEIVED = "received"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    EXPIRED = "expired"
    NOTHING = "nothing"
    SENT = "sent"


@dataclass(frozen=True, slots=True)
class NewLogAnswer:
    """An agent's answer.

    Attributes:
        reason: for people, at most 300 characters.
        bundles: SHA-256 of what was sent.
    """

    kind: LogAnswerKind
    reason: str = ""
    bundles: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class LogAnswer:
    """What one server's agent answered; ``files`` are ids of files of the case."""

    server: str
    kind: LogAnswerKind
    at: datetime
    reason: str = ""
    files: list[str] = field(default_factory=list)


class LogRequestState(StrEnum):
    """Whether a request is still good."""

    OPEN = "open"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class LogRequestView:
    """A request with its answers; ``case_open`` tells whether its case takes files."""

    request: LogRequest
    state: LogRequestState
    case_open: bool
    answers: list[LogAnswer] = field(default_factory=list)
