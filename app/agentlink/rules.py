"""The agent API's contract for automatic rules: what each sent, what waits, what it did not send and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

MOST_NAMES = 50
"""Names of files that are told for one reason."""


@dataclass(frozen=True, slots=True)
class RuleReason:
    """Files that wait, or that were not sent, for one reason.

    Attributes:
        reason: a word that stays the same, such as ``case closed``, ``level`` or ``quarantined``.
        text: the same for people.
        size: bytes of the sources.
        application, name, since: of the last one, where that is kept; the name is relative to its folder.
        names: of the last ones, where they are kept, `MOST_NAMES` at most; an older agent tells none.
    """

    reason: str
    text: str
    files: int
    size: int
    application: str = ""
    name: str = ""
    since: datetime | None = None
    names: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RuleShown:
    """A rule of the configuration, and what became of the segments in its folders.

    Attributes:
        case_state: ``open``, ``closed``, ``unknown``, ``not asked yet`` or ``no answer``; empty when the
            rule does not ask.
        when: as the configuration says it.
        following: when its next batch is due; None when that is now, or when segments go as they are closed.
        level: the least level of records; empty when every segment counts.
        sent, sent_size: files that arrived, and bytes of their sources.
    """

    name: str
    case: str
    case_state: str
    when: str
    following: datetime | None
    level: str
    sent: int
    sent_size: int
    waiting: list[RuleReason] = field(default_factory=list)
    not_sent: list[RuleReason] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RulesShown:
    """The answer of ``rules``, in the order of the configuration."""

    rules: list[RuleShown]
