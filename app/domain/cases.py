"""What a case is made of: numbers, statuses, priorities, stages (R-CASE-1, 5, 7, 8)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from app.domain.errors import InputError

_NUMBER = re.compile(r"\A[0-9]{1,10}\Z")


class Status(StrEnum):
    """R-CASE-8."""

    OPEN = "Open"
    AWAITING_INFORMATION = "Awaiting Information"
    SOLUTION_PROPOSED = "Solution Proposed"
    CLOSED = "Closed"


class Substatus(StrEnum):
    """R-CASE-8; each belongs to exactly one `Status`."""

    NEW = "New"
    INVESTIGATION = "Investigation"
    ENGINEERING_REQUEST = "Engineering Request"
    MAINTENANCE_REVIEW = "Maintenance Review"
    THIRD_PARTY_PENDING = "Third Party Pending"
    INFORMATION_REQUIRED = "Information Required From Customer"
    REPLIED = "Replied"
    FIXED = "Fixed - Software Provided"
    RESOLVED = "Resolved"
    CANCELLED = "Cancelled"


SUBSTATUSES: dict[Status, tuple[Substatus, ...]] = {
    Status.OPEN: (
        Substatus.NEW,
        Substatus.INVESTIGATION,
        Substatus.ENGINEERING_REQUEST,
        Substatus.MAINTENANCE_REVIEW,
    ),
    Status.AWAITING_INFORMATION: (Substatus.THIRD_PARTY_PENDING, Substatus.INFORMATION_REQUIRED),
    Status.SOLUTION_PROPOSED: (Substatus.REPLIED, Substatus.FIXED),
    Status.CLOSED: (Substatus.RESOLVED, Substatus.CANCELLED),
}


class Priority(StrEnum):
    """R-CASE-7; *Critical* is set by telephone only (R-CASE-6)."""

    CRITICAL = "Critical"
    HIGH = "High"
    MEDIUM = "Medium"
    LOW = "Low"


class Stage(StrEnum):
    """R-CASE-5, implementation stage."""

    PRODUCTION = "Production"
    UAT = "UAT"


class CaseType(StrEnum):
    """Technical cases, and the *Admin* list of R-CASE-16."""

    TECHNICAL = "Technical"
    ADMIN = "Admin"


class Turn(StrEnum):
    """Who has to act next."""

    YOU = "you"
    SUPPORT = "support"
    THIRD_PARTY = "third party"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class CaseState:
    """The part of a case that the rules look at."""

    status: Status
    substatus: Substatus

    def __post_init__(self) -> None:
        """Refuse a sub-status that does not belong to its status."""
        if self.substatus not in SUBSTATUSES[self.status]:
            raise InputError(
                "Status and sub-status do not fit",
                happened=f"{self.substatus} is not a sub-status of {self.status}.",
                todo="Use one of the pairs of R-CASE-8.",
            )


def parse_case_number(text: str) -> str:
    """Return the ten-digit, zero-padded case number (R-CASE-1).

    Raises:
        InputError: when the text is not one to ten digits.
    """
    stripped = text.strip()
    if not _NUMBER.match(stripped):
        raise InputError(
            "This is not a case number",
            happened="A case number has up to ten digits and nothing else.",
            todo="Copy the number from the case, for example 0003256109.",
            code="CF-1101",
        )
    return stripped.zfill(10)


def turn_of(state: CaseState) -> Turn:
    """Whose turn it is, from status and sub-status (R-CASE-8, R-CASE-12)."""
    if state.status is Status.CLOSED:
        return Turn.NOBODY
    if state.substatus is Substatus.THIRD_PARTY_PENDING:
        return Turn.THIRD_PARTY
    if state.status is Status.OPEN:
        return Turn.SUPPORT
    return Turn.YOU
