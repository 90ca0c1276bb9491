"""The agent API's contract for logs: finding, searching, following a call, holding evidence, readiness.

Times are aware UTC. Segments are named by a number of the agent and a relative name, never by a path of its
disk. Answers with text hold what the logs hold: they are for the customer's own people and are never sent.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from app.agentlink.contract import ErrorReply


@dataclass(frozen=True, slots=True)
class LogScope:
    """Where to look.

    Attributes:
        applications, hosts: names, or patterns with ``*`` and ``?``; all when empty.
        first: with the lines of this moment; from the oldest line on when None.
        last: without the lines of this moment; to the newest line when None.
    """

    applications: list[str] = field(default_factory=list)
    hosts: list[str] = field(default_factory=list)
    first: datetime | None = None
    last: datetime | None = None


@dataclass(frozen=True, slots=True)
class FindAsk:
    """``find``: which bytes of which segments hold the records of a scope."""

    scope: LogScope = field(default_factory=LogScope)


@dataclass(frozen=True, slots=True)
class FoundLog:
    """What of a segment was found.

    Attributes:
        segment: number at this agent.
        name: relative to its watched folder.
        header: bytes of the header, from 0 on; 0 when there is none.
        ranges: begin and end of whole records, without the header.
        packed: offsets are those of what is inside.
        held: it is kept as evidence.
        problem: why it cannot be read, for people; empty when it can.
    """

    segment: int
    name: str
    application: str
    host: str
    first: datetime | None
    last: datetime | None
    size: int
    header: int = 0
    ranges: list[tuple[int, int]] = field(default_factory=list)
    packed: bool = False
    held: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True)
class FoundLogs:
    """The answer to `FindAsk`: by application, host and time; ``size`` in bytes with headers."""

    logs: list[FoundLog]
    size: int


@dataclass(frozen=True, slots=True)
class SearchAsk:
    """``search``: records that hold a text.

    Attributes:
        text: a word; an expression of RE2 with ``expression``; an id that stands alone with ``whole``.
        fold: upper and lower case are the same.
        limit: records, 1 to 1000.
    """

    text: str
    scope: LogScope = field(default_factory=LogScope)
    expression: bool = False
    whole: bool = False
    fold: bool = False
    limit: int = 200


@dataclass(frozen=True, slots=True)
class LogRecord:
    """A record: a stamped line with the lines that belong to it.

    Attributes:
        offset: of its first byte in the (unpacked) segment.
        text: at most 64 KiB of it.
        ids: of the call that was followed, as far as they stand in it.
    """

    host: str
    application: str
    segment: int
    name: str
    offset: int
    at: datetime
    text: str
    ids: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """The answer to `SearchAsk`.

    Attributes:
        scanned: bytes that were looked through.
        cut: there are more.
        lost: segments that could not be read.
    """

    records: list[LogRecord]
    scanned: int
    cut: bool = False
    lost: int = 0


@dataclass(frozen=True, slots=True)
class CallAsk:
    """``call``: the records of one call, by any of its ids.

    Attributes:
        ids: connection id, call UUID, SIP Call-ID, session id.
        around: seconds of the same applications before and after each record, 0 to 600.
        limit: records, 1 to 5000.
    """

    ids: list[str]
    scope: LogScope = field(default_factory=LogScope)
    around: float = 0.0
    limit: int = 2000


@dataclass(frozen=True, slots=True)
class KnownId:
    """An id of a call; ``kind`` is connection, call, sip, session, media or unknown."""

    value: str
    kind: str


@dataclass(frozen=True, slots=True)
class CallView:
    """The answer to `CallAsk`: records by time.

    Attributes:
        ids: of the call, in the order in which they were found.
        common: ids that stand in too many records to be one call's; they were not followed.
        cut: there are more records.
        lost: segments that could not be read.
    """

    ids: list[KnownId]
    records: list[LogRecord]
    common: list[KnownId] = field(default_factory=list)
    cut: bool = False
    lost: int = 0


@dataclass(frozen=True, slots=True)
class HoldAsk:
    """``hold``: keep the segments of a range before rotation deletes them.

    Attributes:
        label: what happened, for people.
        days: until they are released by themselves, up to 365.
    """

    label: str
    first: datetime
    last: datetime
    applications: list[str] = field(default_factory=list)
    days: float = 14.0


@dataclass(frozen=True, slots=True)
class HoldRef:
    """Names a hold, for ``release``."""

    hold: int


@dataclass(frozen=True, slots=True)
class HeldEvidence:
    """A hold.

    Attributes:
        reason: ``incident``, ``alarm`` or ``collection``.
        first, last: None when segments were named one by one.
        segments, size: what is kept for it.
        missing: segments that could not be kept; ``problem`` is why.
    """

    hold: int
    reason: str
    label: str
    made: datetime
    expires: datetime
    first: datetime | None = None
    last: datetime | None = None
    applications: list[str] = field(default_factory=list)
    segments: int = 0
    size: int = 0
    missing: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Holds:
    """All holds, the newest first; ``used`` and ``quota`` in bytes."""

    holds: list[HeldEvidence]
    used: int
    quota: int


@dataclass(frozen=True, slots=True)
class LogReadiness:
    """How well the logs of one application would serve.

    Attributes:
        segments, size: what is kept.
        rate: bytes per hour at present.
        hours: how far back one can look if it goes on at this rate; None when nothing is written.
        missing: numbers of segments that are not there between others.
        verbosity: ``full``, ``trace``, ``interaction``, ``standard`` or ``unknown``.
        skew: seconds by which the clock of the lines is ahead of that of the files; None when not known.
        zone_known: the segments tell their time zone.
        warnings: what should be done, for people.
    """

    application: str
    host: str
    segments: int
    size: int
    first: datetime | None
    last: datetime | None
    rate: float
    hours: float | None
    missing: list[int]
    verbosity: str
    skew: float | None
    zone_known: bool
    warnings: list[str]


@dataclass(frozen=True, slots=True)
class ReadinessReport:
    """The answer of ``readiness``; ``waiting`` segments were not read yet."""

    applications: list[LogReadiness]
    waiting: int = 0
    problem: ErrorReply | None = None
    """That what waits to be sent has hardly any room among the evidence (CF-1879)."""


@dataclass(frozen=True, slots=True)
class CoverageAsk:
    """``coverage``: what was written when, in slots of ten minutes; at most 31 days."""

    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class CoverageSlot:
    """Ten minutes of one application; ``kinds`` counts records by kind."""

    at: datetime
    size: int
    records: int
    kinds: dict[str, int]


@dataclass(frozen=True, slots=True)
class CoverageGap:
    """A stretch without lines; ``kind`` is silent, stopped, missing or ``agent off``."""

    kind: str
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class CoverageLane:
    """One application on one host."""

    application: str
    host: str
    slots: list[CoverageSlot]
    gaps: list[CoverageGap]


@dataclass(frozen=True, slots=True)
class Coverage:
    """The answer to `CoverageAsk`; ``gaps`` are those of the agent itself."""

    lanes: list[CoverageLane]
    gaps: list[CoverageGap]
