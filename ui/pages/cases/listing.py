"""Reading a list from the offline copy: its order, and the rows one sees first. Blocks: use `Task`."""

from __future__ import annotations

from dataclasses import dataclass

from app.portal import CaseCopy, CaseOrder, CopyFilter
from app.portal.contract import Case, CaseView
from ui.pages.cases.groups import Group

FIRST_SIGHT = 60
"""Cases that are read before all others, so that something stands there at once."""
_IN_VIEW = 30


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which list."""

    view: CaseView
    me: str
    sort: str
    words: str
    filters: CopyFilter


@dataclass(frozen=True, slots=True)
class Listing:
    """An order and its first rows."""

    order: CaseOrder
    rows: tuple[Case, ...]

    def groups(self) -> list[Group]:
        """The groups with their numbers."""
        groups, start = [], 0
        for run in self.order.groups:
            numbers = tuple(self.order.numbers[start : start + run.count])
            groups.append(Group(turn=run.turn, numbers=numbers, whole=run.whole))
            start += run.count
        return groups


def read_listing(copy: CaseCopy, wanted: Wanted, *, limit: int | None = None) -> Listing:
    """Read a list; with a limit only its beginning.

    Raises:
        LocalError: the copy cannot be read.
    """
    order = copy.ids(
        wanted.view, me=wanted.me, sort=wanted.sort, words=wanted.words, filters=wanted.filters, limit=limit
    )
    return Listing(order, tuple(copy.rows(order.numbers[:_IN_VIEW])))
