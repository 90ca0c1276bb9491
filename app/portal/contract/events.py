"""Changes, as server-sent events of ``GET /api/v1/events`` (resumable with ``Last-Event-ID``)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class EventKind(StrEnum):
    """The ``event:`` line. ``resync`` tells a client that its id is too old: ask for everything again."""

    CASE_CHANGED = "case-changed"
    UPDATE_ADDED = "update-added"
    FILE_CHANGED = "file-changed"
    SFTP_ACCOUNT = "sftp-account"
    AGENT_CHANGED = "agent-changed"
    RESYNC = "resync"


@dataclass(frozen=True, slots=True)
class Event:
    """The ``data:`` line: what changed, never its content."""

    id: int
    kind: EventKind
    at: datetime
    account: str = ""
    case: str = ""
    subject: str = ""
    """Id of the update, file or agent that changed; empty when the case itself did."""
