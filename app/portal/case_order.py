"""The question a list of cases asks of the offline copy, and the SQL that answers it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from app.domain.cases import CaseState, CaseType, Priority, Status, Turn, turn_of
from app.domain.errors import InputError
from app.domain.followup import FollowUpDays, follow_up
from app.portal.contract import Case, CaseView

TURNS = (Turn.YOU, Turn.SUPPORT, Turn.THIRD_PARTY, Turn.NOBODY)
"""The groups of a list in their fixed order: waiting on you, with support, with a third party, closed."""

SORTS = ("updated", "opened", "number", "priority", "subject", "status", "closes")
NO_TIMER = 2**62

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STATUSES = tuple(Status)
_PRIORITIES = tuple(Priority)
_TYPES = tuple(CaseType)
_CLOSED_TURN = TURNS.index(Turn.NOBODY)
_ORDER = {
    "updated": ("updated", "number"),
    "opened": ("opened", "number"),
    "number": ("number",),
    "priority": ("priority", "recency", "number"),
    "subject": ("subject", "recency", "number"),
    "status": ("status", "recency", "number"),
    "closes": ("closes", "recency", "number"),
}


@dataclass(frozen=True, slots=True)
class CopyFilter:
    """What narrows a list; members narrow (AND), values inside a member widen (OR), empty means all.

    Attributes:
        accounts: ids of combinations.
        closed_since: closed cases younger than this are the list's last group, also in the views of open
            cases. None leaves closed ones out there, and takes all of the copy in *closed* and *admin*.
    """

    accounts: Sequence[str] = ()
    status: Sequence[Status] = ()
    priority: Sequence[Priority] = ()
    component: Sequence[str] = ()
    closed_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class CaseGroup:
    """A run of a list: whose turn it is, how many cases, and whether these are all of them."""

    turn: Turn
    count: int
    whole: bool = True


@dataclass(frozen=True, slots=True)
class CaseOrder:
    """A list: case numbers in order, and the groups they fall into one after another (never an empty one)."""

    numbers: list[str]
    groups: tuple[CaseGroup, ...]
    whole: bool = True
    """False when a limit left cases out."""


@dataclass(frozen=True, slots=True)
class CaseKeys:
    """The values a case is sorted and filtered by; names still as text."""

    turn: int
    type: int
    status: int
    priority: int
    updated: int
    opened: int
    closes: int
    closed: int
    subject: str


@dataclass(slots=True)
class Where:
    """Conditions with their parameters."""

    conditions: list[str] = field(default_factory=list)
    values: list[object] = field(default_factory=list)

    def add(self, condition: str, *values: object) -> None:
        """One more condition."""
        self.conditions.append(condition)
        self.values += values

    def among(self, column: str, values: Sequence[object]) -> None:
        """The column is one of the values; none at all means no condition."""
        if values:
            self.add(f"{column} IN ({', '.join('?' * len(values))})", *values)

    @property
    def sql(self) -> str:
        """The conditions joined; true when there is none."""
        return " AND ".join(self.conditions) or "1"


def keys_of(case: Case, *, days: FollowUpDays | None = None) -> CaseKeys:
    """The sort and filter values of a case."""
    state = CaseState(status=case.status, substatus=case.substatus)
    timer = follow_up(state, priority=case.priority, since=case.waiting_since, days=days)
    return CaseKeys(
        turn=TURNS.index(turn_of(state)),
        type=_TYPES.index(case.type),
        status=_STATUSES.index(case.status),
        priority=_PRIORITIES.index(case.priority),
        updated=stamp(case.updated),
        opened=stamp(case.opened),
        closes=NO_TIMER if timer is None else stamp(timer.closes),
        closed=0 if case.closed_at is None else stamp(case.closed_at),
        subject=case.subject.casefold(),
    )


def words_of(case: Case) -> str:
    """The folded text in which words are found."""
    parts = (
        case.number,
        case.subject,
        case.component,
        case.version,
        case.reference,
        case.end_user,
        case.contact,
        case.owner,
        case.description,
        case.last_message,
    )
    return "\n".join(part for part in parts if part).casefold()


def conditions(view: CaseView, *, me: int | None, wanted: CopyFilter, names: dict[str, int]) -> Where:
    """The conditions of a view and a filter.

    Args:
        view: the list.
        me: id of the signed-in contact's name; None when no case bears it.
        wanted: the filter.
        names: ids of the names that the filter mentions, as far as the copy knows them.
    """
    where = Where()
    _of_view(where, view, me=me, closed_since=wanted.closed_since)
    if wanted.accounts:
        where.among("account", [names.get(each, -1) for each in wanted.accounts])
    if wanted.component:
        where.among("component", [names.get(each, -1) for each in wanted.component])
    where.among("status", [_STATUSES.index(each) for each in wanted.status])
    where.among("priority", [_PRIORITIES.index(each) for each in wanted.priority])
    return where


def _of_view(where: Where, view: CaseView, *, me: int | None, closed_since: datetime | None) -> None:
    since = NO_TIMER if closed_since is None else stamp(closed_since)
    if view in (CaseView.CLOSED, CaseView.ADMIN):
        if closed_since is not None:
            where.add(f"(turn < {_CLOSED_TURN} OR closed >= ?)", since)
        if view is CaseView.CLOSED:
            where.add(f"turn = {_CLOSED_TURN}")
        else:
            where.add("type = ?", _TYPES.index(CaseType.ADMIN))
        return
    if view is CaseView.WAITING:
        where.add("turn = ?", TURNS.index(Turn.YOU))
    else:
        where.add(f"(turn < {_CLOSED_TURN} OR closed >= ?)", since)
    if view in (CaseView.MINE, CaseView.WAITING, CaseView.URGENT):
        where.add("contact = ?", -1 if me is None else me)
    if view is CaseView.URGENT:
        where.among("priority", [_PRIORITIES.index(each) for each in (Priority.CRITICAL, Priority.HIGH)])


def order_by(sort: str) -> str:
    """The ORDER BY inside a group; it follows one index forwards or backwards.

    Raises:
        InputError: there is no such sort.
    """
    name = sort.removeprefix("-")
    if name not in _ORDER:
        raise InputError(
            "There is no such order",
            happened="Cases cannot be sorted by this field.",
            todo=f"Sort by one of {', '.join(SORTS)}.",
            code="CF-1184",
        )
    direction = " DESC" if sort.startswith("-") else ""
    return ", ".join(f"{column}{direction}" for column in _ORDER[name])


def stamp(moment: datetime) -> int:
    """Microseconds since 1970 UTC."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def moment(micros: int) -> datetime:
    """The aware moment of a stamp."""
    return _EPOCH + timedelta(microseconds=micros)
