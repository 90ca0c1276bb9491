"""Everything that knows the logs, put together over one catalogue."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path

from agent.catalogue.activity import Activity
from agent.catalogue.backlog import Backlog, backlog_of
from agent.catalogue.calls import CallFinder, Skips, nothing_skipped
from agent.catalogue.catalogue import EVIDENCE_FOLDER, Catalogue, is_current, open_catalogue
from agent.catalogue.desk import LogDesk, readiness_of
from agent.catalogue.evidence import Evidence, Gap, Masked, gaps
from agent.catalogue.finding import Finder, micros_of
from agent.catalogue.idindex import IdIndex
from agent.catalogue.indexing import NamingRule, TimeIndexer
from agent.catalogue.listening import Listener
from agent.catalogue.readiness import Readiness
from agent.catalogue.searching import Searcher
from agent.catalogue.times import TimeTable
from agent.catalogue.upkeep import Upkeep
from app.domain.errors import WorldError
from app.storage import Database, Durability

CATALOGUE_NAME = "catalogue.db"
IDS_NAME = "ids.db"


@dataclass(frozen=True, slots=True)
class LogArchive:
    """The parts of a running agent that concern logs. Close it before the catalogue."""

    desk: LogDesk
    evidence: Evidence
    upkeep: Upkeep
    ids: IdIndex | None

    def close(self) -> None:
        """End the upkeep and close what was opened."""
        self.upkeep.stop()
        if self.ids is not None:
            self.ids.close()


def open_archive(
    catalogue: Catalogue,
    data: Path,
    *,
    host: str,
    quota: int,
    with_ids: bool,
    naming: Sequence[NamingRule] = (),
    wall: Callable[[], datetime],
    rules: tzinfo | None = None,
    changed: Callable[[], None] = lambda: None,
    recorded: Callable[[], None] = lambda: None,
    not_recorded: Callable[[WorldError], None] = lambda _error: None,
    masked: Masked = lambda _keys: (),
    crowded: Callable[[], None] = lambda: None,
    listener: Listener | None = None,
) -> LogArchive:
    """Put the parts together; nothing runs before ``upkeep.start``.

    Args:
        catalogue: opened.
        data: the agent's data folder; evidence and the index of ids lie in it.
        host: name of this server.
        quota: bytes of evidence.
        with_ids: whether ids are indexed.
        naming: applications of files that do not tell them.
        wall: aware UTC time.
        rules: time zone of this server; the system's own when None.
        changed: called when segments were read.
        recorded: called after every round that could write what it found.
        not_recorded: called with why a round could not; it is repeated.
        masked: which of these segments no job needs any more.
        crowded: called when it changes whether what waits to be sent has room among the evidence.
        listener: is told of every line that is read.
    """
    table = TimeTable(catalogue.database, evidence=data / EVIDENCE_FOLDER)
    indexer = TimeIndexer(table, host=host, rules=rules, naming=naming, listener=listener)
    finder = Finder(table, indexer, rules=rules)
    searcher = Searcher(finder)
    ids = IdIndex(data / IDS_NAME) if with_ids else None
    activity = Activity(catalogue.database)
    evidence = Evidence(
        catalogue.database, finder, folder=data / EVIDENCE_FOLDER, quota=quota, wall=wall, masked=masked
    )

    def backlog() -> Backlog:
        return backlog_of(catalogue.database, quota=quota, masked=masked)

    skips: Skips = (lambda _value: nothing_skipped) if ids is None else ids.without
    desk = LogDesk(
        table=table,
        indexer=indexer,
        finder=finder,
        searcher=searcher,
        calls=CallFinder(finder, searcher, skips=skips),
        skips=skips,
        evidence=evidence,
        activity=activity,
        backlog=backlog,
        wall=wall,
    )
    upkeep = Upkeep(
        table=table,
        indexer=indexer,
        evidence=evidence,
        activity=activity,
        ids=ids,
        wall=wall,
        changed=changed,
        recorded=recorded,
        not_recorded=not_recorded,
        backlog=backlog,
        crowded=crowded,
    )
    return LogArchive(desk=desk, evidence=evidence, upkeep=upkeep, ids=ids)


def readiness_at(data: Path, *, now: datetime) -> list[Readiness] | None:
    """How well the logs would serve, by the catalogue in a data folder; None without one of this version.

    Args:
        data: the data folder of an agent, which may be running.
        now: aware UTC time.

    Raises:
        LocalError: the catalogue cannot be read.
    """
    path = data / CATALOGUE_NAME
    if not path.is_file() or not is_current(path):
        return None
    catalogue = open_catalogue(path, quiet=1.0)
    try:
        table = TimeTable(catalogue.database, evidence=data / EVIDENCE_FOLDER)
        return readiness_of(table, now=micros_of(now) // 1000)
    finally:
        catalogue.close()


def gaps_at(data: Path) -> list[Gap]:
    """What holds of incidents and alarms miss, by the catalogue in a data folder; none without one.

    Raises:
        LocalError: the catalogue cannot be read.
    """
    with _looking(data) as database:
        return [] if database is None else gaps(database)


def backlog_at(data: Path, *, quota: int, masked: Masked) -> Backlog | None:
    """What waits to be sent among the evidence, by the catalogue in a data folder; None without one.

    Raises:
        LocalError: the catalogue cannot be read.
    """
    with _looking(data) as database:
        return None if database is None else backlog_of(database, quota=quota, masked=masked)


@contextmanager
def _looking(data: Path) -> Iterator[Database | None]:
    """The catalogue's database; None without one of this version."""
    path = data / CATALOGUE_NAME
    if not path.is_file() or not is_current(path):
        yield None
        return
    database = Database(path, durability=Durability.NORMAL)
    try:
        yield database
    finally:
        database.close()
