"""``caseferry cases`` and ``case N``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from app.commands.console import Screen, counted
from app.commands.portal_options import PortalOptions
from app.commands.reaching import reach
from app.domain.cases import parse_case_number
from app.domain.errors import InputError
from app.portal.contract import Case, CaseFile, CaseFilter, Page, Update

_PAGE = 500
_FEED = 10


@dataclass(frozen=True, slots=True)
class CaseReport:
    """What ``case N --json`` prints."""

    case: Case
    files: list[CaseFile]
    updates: list[Update]


def list_cases(
    options: PortalOptions, screen: Screen, *, wanted: CaseFilter, everything: bool, json: bool
) -> int:
    """The cases of a view; ``everything`` follows the pages to the end."""
    if not 1 <= wanted.limit <= _PAGE:
        raise InputError(
            "This is no number of cases",
            happened=f"{wanted.limit} is not between 1 and {_PAGE}.",
            todo="Give a number in between, or --all for every case.",
            code="CF-1159",
        )
    reached = reach(options)
    client = reached.client(reached.tokens())
    if everything:
        found = list(client.every_case(replace(wanted, limit=_PAGE)))
        page = Page(items=found, next_cursor=None, total=len(found))
    else:
        page = client.cases(wanted)
    if json:
        screen.json(page)
        return 0
    if not page.items:
        screen.note("There is no such case." if _narrowed(wanted) else "There is no case in this view.")
        return 0
    screen.table(
        ["Case", "Subject", "Account", "Priority", "Component", "Status", "Updated"],
        [
            [
                case.number,
                case.subject,
                case.end_user,
                case.priority,
                case.component,
                f"{case.status} · {case.substatus}",
                _moment(case.updated),
            ]
            for case in page.items
        ],
    )
    if page.next_cursor is not None:
        screen.note(f"{len(page.items)} of {counted(page.total, 'case', 'cases')}; --all shows every one.")
    return 0


def _narrowed(wanted: CaseFilter) -> bool:
    return any((wanted.account, wanted.status, wanted.priority, wanted.component, wanted.words))


def show_case(options: PortalOptions, screen: Screen, *, number: str, json: bool) -> int:
    """One case with its files and the newest entries of its feed."""
    number = parse_case_number(number)
    reached = reach(options)
    client = reached.client(reached.tokens())
    report = CaseReport(
        case=client.case(number),
        files=client.files(number),
        updates=list(islice(client.every_update(number), _FEED)),
    )
    if json:
        screen.json(report)
        return 0
    _say(screen, report)
    return 0


def _say(screen: Screen, report: CaseReport) -> None:
    case = report.case
    screen.line(f"{case.number}  {case.subject}")
    facts = [
        ("Status", f"{case.status} · {case.substatus}"),
        ("Priority", f"{case.priority}, {case.stage}"),
        ("Component", f"{case.component} {case.version}".strip()),
        ("Account", case.end_user),
        ("Contact", case.contact),
        ("Case owner", case.owner),
        ("Opened", _moment(case.opened)),
        ("Updated", _moment(case.updated)),
        ("Support needs", case.ask),
        ("Your reference", case.reference),
    ]
    for name, value in facts:
        if value:
            screen.line(f"  {name:<15} {value}")
    if report.files:
        screen.line()
        screen.table(
            ["File", "Size", "Check", "Via", "Sent", "SHA-256"],
            [
                [file.name, str(file.size), file.check, file.via, _moment(file.sent), file.sha256]
                for file in report.files
            ],
        )
    for update in report.updates:
        screen.line()
        screen.line(f"{_moment(update.at)}  {update.author or 'Portal'}")
        for line in update.text.splitlines():
            screen.line(f"  {line}")


def _moment(moment: datetime) -> str:
    return moment.astimezone().strftime("%Y-%m-%d %H:%M")
