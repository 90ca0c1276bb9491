"""The Cases page over many cases: first frame, first rows, another sort, a jump. Medians in ms.

``./dev bench cases [--cases N]``. It fails when the page is slower than its promise.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table

from app.domain.cases import SUBSTATUSES, CaseType, Priority, Stage, Status
from app.portal.contract import Case

NOW = datetime(2026, 6, 14, 14, 32, tzinfo=UTC)
FIRST_FRAME_MS = 100.0
FIRST_ROWS_MS = 300.0
SORT_MS = 300.0
JUMP_MS = 50.0
ROUNDS = 9
ME = "Nadia Ferrow"
_WAITING = (Status.AWAITING_INFORMATION, Status.SOLUTION_PROPOSED)
_COMPONENTS = ("SIP Server", "URS", "ORS", "MCP", "Stat Server", "Config Server", "Interaction")


def made_up_cases(count: int) -> Iterator[Case]:
    """Cases that differ in everything a list sorts by; the same every time."""
    pairs = [(status, sub) for status, subs in SUBSTATUSES.items() for sub in subs]
    for number in range(count):
        status, sub = pairs[number * 7 % len(pairs)]
        updated = NOW - timedelta(minutes=number * 13 % 40_000)
        yield Case(
            number=f"{number + 1:010}",
            subject=f"Calls of queue {number * 7919 % 100_003} are late",
            account="acc-1001",
            end_user="ABC Testing Co",
            type=CaseType.TECHNICAL,
            status=status,
            substatus=sub,
            priority=list(Priority)[number % 4],
            stage=Stage.PRODUCTION,
            component=_COMPONENTS[number % len(_COMPONENTS)],
            version="8.1.103",
            opened=updated - timedelta(days=3),
            updated=updated,
            contact=ME,
            owner="Ilse Brandt",
            etag=f"r{number}",
            waiting_since=updated
            if status in (Status.AWAITING_INFORMATION, Status.SOLUTION_PROPOSED)
            else None,
            closed_at=updated if status is Status.CLOSED else None,
            unread=number % 5 == 0,
        )


def measure(count: int, folder: Path) -> dict[str, float]:
    """Medians in ms, by name. The waits are those of a person: until the rows are painted."""
    from PySide6.QtCore import QEventLoop, QTimer

    from app.domain.access import AccessLevel
    from app.portal import CaseCopy, Drafts, open_portal_database
    from app.portal.contract import AccountPair, Me, Membership
    from ui.pages.cases import CasesPage
    from ui.shell.application import make_application
    from ui.shell.services import Services
    from ui.shell.session import Session
    from ui.theme import install_theme

    install_theme(make_application(["bench"]))
    database = open_portal_database(folder / "portal.db")
    copy = CaseCopy(database)
    copy.put(made_up_cases(count))
    account = AccountPair("acc-1001", "ABC Testing Co", "ABC Testing Co", "ABC Testing Co", True, "Premium")
    me = Me("c-1", *ME.split(), "n@abc.example", "ABC", "DE", [Membership(account, AccessLevel.READ_WRITE)])
    services = Services(portal=None, agent=None, copy=copy, clock=lambda: NOW, drafts=Drafts(database))  # type: ignore[arg-type]

    def until(condition: Callable[[], bool]) -> None:
        loop = QEventLoop()
        timer = QTimer()
        timer.setInterval(1)
        timer.timeout.connect(lambda: loop.quit() if condition() else None)
        timer.start()
        loop.exec()
        timer.stop()

    def painted(page: CasesPage) -> bool:
        view = page.list
        first = max(view.place_at(view.verticalOffset()), 0)
        places = range(first, min(first + 10, len(page.model.ids())))
        return bool(places) and all(
            page.model.group_at(place) or page.model.known_row(page.model.id_at(place)) for place in places
        )

    def jump(page: CasesPage, share: float) -> None:
        bar = page.list.verticalScrollBar()
        bar.setValue(round(bar.maximum() * share))
        page.list.viewport().repaint()

    def timed(page: CasesPage, do: Callable[[], object], condition: Callable[[], bool]) -> float:
        started = time.perf_counter()
        do()
        until(condition)
        page.list.grab()
        return (time.perf_counter() - started) * 1000

    found: dict[str, list[float]] = {"first frame": [], "first rows": [], "sort": [], "jump": []}
    for _ in range(ROUNDS):
        started = time.perf_counter()
        session = Session()
        page = CasesPage(services, session)
        page.resize(1224, 900)
        page.show()
        session.know(me, None)
        page.grab()
        found["first frame"].append((time.perf_counter() - started) * 1000)
        until(partial(painted, page))
        page.list.grab()
        found["first rows"].append((time.perf_counter() - started) * 1000)
        for sort in ("subject", "-updated"):
            before = list(page.model.ids()[:50])
            found["sort"].append(
                timed(
                    page,
                    partial(page.columns.sort_chosen.emit, sort),
                    lambda page=page, before=before: list(page.model.ids()[:50]) != before and painted(page),
                )
            )
        for share in (0.93, 0.21, 0.64):
            found["jump"].append(timed(page, partial(jump, page, share), partial(painted, page)))
        page.deleteLater()
    database.close()
    return {name: statistics.median(values) for name, values in found.items()}


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(prog="./dev bench cases", description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    count = parser.parse_args().cases
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory(prefix="caseferry-bench-") as folder:
        os.environ["CASEFERRY_HOME"] = folder
        medians = measure(count, Path(folder))
    limits = {"first frame": FIRST_FRAME_MS, "first rows": FIRST_ROWS_MS, "sort": SORT_MS, "jump": JUMP_MS}
    table = Table(title=f"Cases page, {count} cases")
    for head in ("step", "median ms", "limit ms"):
        table.add_column(head, justify="left" if head == "step" else "right")
    for name, median in medians.items():
        table.add_row(name, f"{median:.1f}", f"{limits[name]:.0f}")
    Console().print(table)
    slow = [name for name, median in medians.items() if median >= limits[name]]
    if slow:
        sys.stderr.write(f"too slow: {', '.join(slow)}\n")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
