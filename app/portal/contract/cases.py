"""Cases and their feed (R-CASE)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.domain.cases import CaseType, Priority, Stage, Status, Substatus


class CaseView(StrEnum):
    """The lists of R-CASE-2 and the two the desktop adds."""

    MINE = "mine"
    GROUP = "group"
    WAITING = "waiting-on-me"
    URGENT = "high-and-critical"
    CLOSED = "closed"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Case:
    """A case as lists and pages show it.

    Attributes:
        number: ten digits (R-CASE-1).
        account: id of the combination.
        waiting_since: when support asked or proposed (start of R-CASE-12's timer); None when no timer runs.
        closed_at: when it was closed; ``closed_by_follow_up`` tells how (R-CASE-12).
        escalated_since: R-CASE-14.
        last_message: the latest message of support, shortened for the preview.
        ask: what support needs, one line; empty when it waits for nothing.
        unread: whether the contact has not seen the latest update.
        etag: changes with every change of the case; also sent as the HTTP ETag.
    """

    number: str
    subject: str
    account: str
    end_user: str
    type: CaseType
    status: Status
    substatus: Substatus
    priority: Priority
    stage: Stage
    component: str
    version: str
    opened: datetime
    updated: datetime
    contact: str
    owner: str
    etag: str
    waiting_since: datetime | None = None
    closed_at: datetime | None = None
    closed_by_follow_up: bool = False
    escalated_since: datetime | None = None
    agents_affected: int | None = None
    reference: str = ""
    description: str = ""
    last_message: str = ""
    last_message_at: datetime | None = None
    ask: str = ""
    unread: bool = False


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """The query of ``GET /cases``; every member narrows (AND), values inside a list widen (OR).

    Attributes:
        sort: ``updated``, ``opened``, ``number``, ``priority``, ``subject``, ``status`` or ``closes``;
            a leading ``-`` turns it round.
        limit: 1 to 500 (25 by default, R-CASE-2).
    """

    view: CaseView = CaseView.MINE
    account: str = ""
    status: list[Status] = field(default_factory=list)
    priority: list[Priority] = field(default_factory=list)
    component: list[str] = field(default_factory=list)
    words: str = ""
    sort: str = "-updated"
    cursor: str = ""
    limit: int = 25


@dataclass(frozen=True, slots=True)
class ViewCounts:
    """How many cases each view holds, for the tabs; keys are `CaseView` values."""

    counts: dict[str, int]


class UpdateKind(StrEnum):
    """What an entry of a case's feed is."""

    MESSAGE = "message"
    STATUS = "status"
    FILE = "file"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Update:
    """One entry of the feed, newest first in lists.

    Attributes:
        author: a name for people; empty for the portal itself.
        from_support: whether support wrote it.
        channel: ``portal``, ``email``, ``phone`` or empty.
        text: plain text; lines that begin with four spaces are code.
        files: ids of files that came with it.
    """

    id: str
    case: str
    kind: UpdateKind
    at: datetime
    author: str
    from_support: bool
    mine: bool
    channel: str
    text: str
    files: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class NewComment:
    """A comment on a case: 1 to 32 000 characters."""

    text: str
