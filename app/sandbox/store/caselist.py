"""Lists of cases: views, filters, sort and the place where a page ended (R-CASE-2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.cases import Priority, Status, Substatus
from app.portal.contract import Case, CaseFilter, CaseView, ViewCounts
from app.sandbox.store.cases import COLUMNS, SOURCE, case_of
from app.sandbox.store.times import stamp
from app.storage import Database

_NEVER = 2**62
_YOURS = (Substatus.INFORMATION_REQUIRED, Substatus.REPLIED, Substatus.FIXED)


def _ranked(column: str, values: Sequence[str]) -> str:
    whens = " ".join(f"WHEN '{value}' THEN {rank}" for rank, value in enumerate(values))
    return f"CASE cases.{column} {whens} END"


_SORTS: dict[str, str] = {
    "updated": "cases.updated",
    "opened": "cases.opened",
    "number": "cases.number",
    "priority": _ranked("priority", [priority.value for priority in Priority]),
    "subject": "lower(cases.subject)",
    "status": _ranked("status", [status.value for status in Status]),
    "closes": f"coalesce(cases.waiting_since, {_NEVER})",
}
SORT_NAMES = tuple(_SORTS)


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose lists they are.

    Attributes:
        contact: id of the contact.
        accounts: combinations whose cases it may see; everything else does not exist for it.
    """

    contact: str
    accounts: Sequence[str]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: the last row's sort value and number."""

    value: int | str
    number: str


@dataclass(frozen=True, slots=True)
class _Where:
    sql: str
    values: dict[str, object]


def cases_page(
    database: Database,
    asked: CaseFilter,
    reader: Reader,
    *,
    after: Place | None,
    now: datetime,
    closed_days: int,
) -> tuple[list[Case], Place | None, int]:
    """One page in the order asked for, the place where the next one begins, and how many match in all.

    Args:
        database: the store.
        asked: the filter; `sort` is one of `SORT_NAMES`, perhaps with ``-`` before it.
        reader: whose list it is.
        after: where the page before ended.
        now: aware time.
        closed_days: how far back the view *closed* looks.
    """
    where = _where(asked, reader, now=now, closed_days=closed_days)
    down = asked.sort.startswith("-")
    key = _SORTS[asked.sort.removeprefix("-")]
    direction, beyond = ("DESC", "<") if down else ("ASC", ">")
    order = f"{key} {direction}, cases.number {direction}"
    values = dict(where.values)
    paged = where.sql
    if after is not None:
        paged += f" AND ({key}, cases.number) {beyond} (:place, :place_number)"
        values |= {"place": after.value, "place_number": after.number}
    # The inner question walks the index of the order and stops at the limit: the plus before `account` (see
    # `_where`) keeps SQLite from taking that column's index and sorting. Only the page's own rows are joined.
    rows = database.rows(
        f"SELECT {COLUMNS}, {key} AS place FROM {SOURCE} WHERE cases.number IN"  # noqa: S608
        f" (SELECT cases.number FROM cases WHERE {paged} ORDER BY {order} LIMIT :limit) ORDER BY {order}",
        {**values, "limit": asked.limit + 1},
    )
    counted = database.row(
        f"SELECT count(*) AS n FROM cases WHERE {where.sql.replace('+cases.', 'cases.')}",  # noqa: S608
        where.values,
    )
    shown = rows[: asked.limit]
    more = Place(value=shown[-1]["place"], number=shown[-1]["number"]) if len(rows) > asked.limit else None
    total = int(counted["n"]) if counted is not None else 0
    return [case_of(row, reader=reader.contact) for row in shown], more, total


def view_counts(
    database: Database, reader: Reader, *, account: str, now: datetime, closed_days: int
) -> ViewCounts:
    """How many cases each view holds; of the *admin* list only those that are not closed, as its tab says."""
    where = _where(
        CaseFilter(view=CaseView.GROUP, account=account), reader, now=now, closed_days=closed_days, view=False
    )
    sums = ", ".join(
        f"coalesce(sum({rule}{f' AND {_OPEN}' if view is CaseView.ADMIN else ''}), 0) AS v{index}"
        for index, (view, rule) in enumerate(_VIEWS.items())
    )
    row = database.row(
        f"SELECT {sums} FROM cases WHERE {where.sql}".replace("+cases.", "cases."),  # noqa: S608
        {**where.values, "closed_from": stamp(now - timedelta(days=closed_days))},
    )
    if row is None:
        raise RuntimeError("SQLite gave no row for a sum")
    return ViewCounts(counts={view.value: int(row[f"v{index}"]) for index, view in enumerate(_VIEWS)})


def _where(
    asked: CaseFilter, reader: Reader, *, now: datetime, closed_days: int, view: bool = True
) -> _Where:
    values: dict[str, object] = {
        "reader": reader.contact,
        "closed_from": stamp(now - timedelta(days=closed_days)),
    }
    parts = [_among("+cases.account", "account", reader.accounts, values)]
    if view:
        parts.append(_VIEWS[asked.view])
    if asked.account:
        parts.append("+cases.account = :one_account")
        values["one_account"] = asked.account
    for column, wanted in (
        ("status", [status.value for status in asked.status]),
        ("priority", [priority.value for priority in asked.priority]),
        ("component", list(asked.component)),
    ):
        if wanted:
            parts.append(_among(f"cases.{column}", column, wanted, values))
    parts += [_word(word, f"word{index}", values) for index, word in enumerate(asked.words.split())]
    used = {name: value for name, value in values.items() if any(f":{name}" in part for part in parts)}
    return _Where(sql=" AND ".join(parts), values={**used, "reader": reader.contact})


_OPEN = "cases.status <> 'Closed'"
_MINE = "cases.contact = :reader"
_VIEWS: dict[CaseView, str] = {
    CaseView.MINE: f"{_OPEN} AND {_MINE}",
    CaseView.GROUP: _OPEN,
    CaseView.WAITING: f"{_OPEN} AND {_MINE} AND cases.substatus IN ("
    + ", ".join(f"'{substatus.value}'" for substatus in _YOURS)
    + ")",
    CaseView.URGENT: f"{_OPEN} AND {_MINE} AND cases.priority IN ('Critical', 'High')",
    CaseView.CLOSED: "cases.status = 'Closed' AND cases.closed_at >= :closed_from",
    CaseView.ADMIN: "cases.type = 'Admin'",
}


def _among(column: str, name: str, wanted: Sequence[str], values: dict[str, object]) -> str:
    marks = []
    for index, value in enumerate(wanted):
        values[f"{name}{index}"] = value
        marks.append(f":{name}{index}")
    return f"{column} IN ({', '.join(marks)})"


def _word(word: str, name: str, values: dict[str, object]) -> str:
    """A word of the search field: part of the number, or of a text, in any case of letters."""
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    values[name] = f"%{escaped}%"
    columns = ("number", "subject", "component", "reference", "owner", "description")
    return "(" + " OR ".join(f"cases.{column} LIKE :{name} ESCAPE '\\'" for column in columns) + ")"
