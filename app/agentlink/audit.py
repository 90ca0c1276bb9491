"""The agent API's contract for the audit trail. No entry holds a personal value."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class AuditAsk:
    """``audit``: records in their order.

    Attributes:
        case: of this case only; all when empty.
        since: from this aware time on.
        after: behind this number, to go on where the last answer ended.
        limit: 1 to 1000.
    """

    case: str = ""
    since: datetime | None = None
    after: int = 0
    limit: int = 200


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One record.

    Attributes:
        seq: its number, without gaps.
        id: of the event.
        kind: ``created``, ``sending``, ``sent``, ``refused`` …; a newer agent may know more.
        by: who or what caused it.
        facts: digests, counts, tokens, by kind.
    """

    seq: int
    at: datetime
    id: str
    kind: str
    by: str
    case: str = ""
    job: str = ""
    rule: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuditPage:
    """The answer to `AuditAsk`; ``more`` when there are further ones."""

    entries: list[AuditEntry]
    more: bool = False


@dataclass(frozen=True, slots=True)
class AuditCheckAsk:
    """``check_audit``: prove the trail from this record on."""

    first: int = 1


@dataclass(frozen=True, slots=True)
class AuditBreak:
    """A place where the chain breaks; ``line`` counts from 1."""

    file: str
    line: int
    what: str


@dataclass(frozen=True, slots=True)
class AuditCheck:
    """The answer to `AuditCheckAsk`.

    Attributes:
        records, files: how many were read.
        first, last: numbers of the first and the last record.
        digest: of the last record's line; note it elsewhere to hold the trail against it later.
        keyed: whether every record was held against the key.
        breaks: none when the trail is whole.
    """

    records: int
    files: int
    first: int
    last: int
    digest: str
    keyed: bool
    breaks: list[AuditBreak]
