"""Access levels of a contact for a (Sold To, End User) combination (R-ACC-1 to 4)."""

from __future__ import annotations

from enum import StrEnum

from app.domain.verdicts import Verdict, no, yes


class AccessLevel(StrEnum):
    """R-ACC-3; *read-write* is the *Designated Contact*."""

    BASIC = "basic"
    READ_ONLY = "read-only"
    READ_WRITE = "read-write"


class Action(StrEnum):
    """What a person may want to do at the portal (R-ACC-3, first column)."""

    USE_KNOWLEDGE = "use knowledge"
    SEE_CASES = "see cases"
    CHANGE_CASES = "change cases"
    TRANSFER_FILES = "transfer files"
    DOWNLOAD_SOFTWARE = "download software"
    MANAGE_AGENTS = "manage agents"


_NEEDS: dict[Action, AccessLevel] = {
    Action.USE_KNOWLEDGE: AccessLevel.BASIC,
    Action.SEE_CASES: AccessLevel.READ_ONLY,
    Action.CHANGE_CASES: AccessLevel.READ_WRITE,
    Action.TRANSFER_FILES: AccessLevel.READ_WRITE,
    Action.DOWNLOAD_SOFTWARE: AccessLevel.READ_WRITE,
    Action.MANAGE_AGENTS: AccessLevel.READ_WRITE,
}
_ORDER = (AccessLevel.BASIC, AccessLevel.READ_ONLY, AccessLevel.READ_WRITE)
_WORDS = {
    AccessLevel.BASIC: "Basic",
    AccessLevel.READ_ONLY: "Read-only",
    AccessLevel.READ_WRITE: "Designated Contact",
}


def level_name(level: AccessLevel) -> str:
    """The level's name for people."""
    return _WORDS[level]


def may(level: AccessLevel | None, action: Action) -> Verdict:
    """Whether this access level allows the action (R-ACC-3).

    Args:
        level: the contact's level for the combination; None when it has none there.
        action: what is to be done.
    """
    needed = _NEEDS[action]
    if level is not None and _ORDER.index(level) >= _ORDER.index(needed):
        return yes("R-ACC-3")
    return no(
        "R-ACC-3",
        f"To {action} you need the access level {_WORDS[needed]} for this account.",
        way_out="Ask for another access level with an Admin case; it takes up to two business days.",
    )
