"""What the agent forgets, and that nothing is sent twice because of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.audit.chain import Head
from agent.audit.index import TrailIndex
from agent.catalogue import Catalogue, Trace, forget_unwatched, open_catalogue, still_known
from agent.jobs import KEPT, CaseState, FileRow, JobJournal, Pruning, RuleBook
from agent.jobs.rows import SegmentMark
from agent.watch import Fingerprint, scan_folder
from app.agentlink import JobState
from app.domain.errors import LocalError
from tests.unit.agent.test_jobs_journal import file, job

ENDED = datetime(2026, 3, 4, tzinfo=UTC)
AFTER = ENDED + KEPT + timedelta(days=1)
PRINT = Fingerprint(size=9000, head_length=4096, head="h", tail="t")


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[JobJournal]:
    made = JobJournal(tmp_path / "journal.db", wall=lambda: ENDED)
    yield made
    made.close()


def marked(number: str, segment: str) -> FileRow:
    mark = SegmentMark(generation=segment, device=1, inode=2**64 - 1, print=PRINT)
    return replace(file(number, 1, segment), mark=mark)


def end(journal: JobJournal, number: str, segment: str, state: JobState = JobState.VERIFIED) -> None:
    row = marked(number, segment)
    journal.create(job(number), [row])
    journal.taken.carrier(row, rule="all", sha256=f"digest of {segment}")
    journal.move(number, before=(JobState.COLLECTING,), after=state)


def prune(
    journal: JobJournal,
    *,
    now: datetime = AFTER,
    known: Collection[Trace] | Callable[[Collection[Trace]], Collection[Trace]] = (),
    forgotten: Callable[[Sequence[str]], None] = lambda _jobs: None,
    others: Sequence[Callable[[datetime], object]] = (),
) -> Pruning:
    asked = known if callable(known) else lambda _traces: known
    return Pruning(journal.ended, asked, forgotten, others, wall=lambda: now)


def test_a_job_whose_logs_are_gone_is_forgotten(journal: JobJournal) -> None:
    end(journal, "j1", "seg")
    assert prune(journal).look() == 1
    assert (journal.job("j1"), journal.files("j1"), journal.claimed("all")) == (None, [], set())


def test_what_was_sent_is_known_for_good(journal: JobJournal) -> None:
    end(journal, "j1", "seg")
    prune(journal).look()
    journal.create(job("j2"), [file("j2", 1, "back from a backup")])
    carrier = journal.taken.carrier(file("j2", 1), rule="all", sha256="digest of seg")
    assert (carrier.job, carrier.number) == ("j1", 1)


@pytest.mark.parametrize("by", [Trace("seg"), Trace("seg", "1", str(2**64 - 1), "h")])
def test_a_job_of_a_log_that_is_still_known_stays(journal: JobJournal, by: Trace) -> None:
    end(journal, "j1", "seg")
    assert prune(journal, known=[by]).look() == 0
    assert journal.claimed("all") == {"seg"}


def test_a_job_is_kept_ninety_days(journal: JobJournal) -> None:
    end(journal, "j1", "seg")
    assert prune(journal, now=ENDED + KEPT).look() == 0


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.WAITING, JobState.PAUSED, JobState.REVIEW])
def test_a_job_that_has_not_ended_is_never_forgotten(journal: JobJournal, state: JobState) -> None:
    end(journal, "j1", "seg", state)
    assert prune(journal, now=AFTER + timedelta(days=3000)).look() == 0


def test_jobs_behind_those_that_stay_are_forgotten_too(journal: JobJournal) -> None:
    for number in range(230):
        end(journal, f"j{number}", f"seg{number}")

    def known(traces: Collection[Trace]) -> list[Trace]:
        return [trace for trace in traces if trace.key.endswith("7")]

    assert prune(journal, known=known).look() == 207
    assert journal.counts() == {"verified": 23}


def test_it_is_looked_at_once_a_day(journal: JobJournal) -> None:
    done: list[datetime] = []
    pruning = prune(journal, others=[done.append])
    for hours in (0, 1, 23, 25):
        pruning.wall = lambda hours=hours: AFTER + timedelta(hours=hours)  # type: ignore[misc]
        pruning.look()
    assert len(done) == 2


def test_what_could_not_be_forgotten_is_tried_again(journal: JobJournal) -> None:
    end(journal, "j1", "seg")
    full = [LocalError("Full", happened="The disk is full.", todo="Free space.", code="CF-1802")]

    def forgotten(_jobs: Sequence[str]) -> None:
        if full:
            raise full.pop()

    pruning = prune(journal, forgotten=forgotten)
    with pytest.raises(LocalError):
        pruning.look()
    assert journal.job("j1") is not None
    assert pruning.look() == 1


def test_the_trails_index_forgets_the_events_of_those_jobs_only(tmp_path: Path) -> None:
    index = TrailIndex(tmp_path / "audit.db")
    for number, event in enumerate(["job/a1/created", "job/a1/ended", "job/a10/created"], start=1):
        index.note(event, head=Head(number, "d", genuine=True), key=b"k", line=b"l")
    index.forget(["job/a1/"])
    kept = [index.has(event) for event in ("job/a1/created", "job/a1/ended", "job/a10/created")]
    head = index.head(None)
    index.close()
    assert kept == [False, False, True]
    assert head is not None
    assert head.seq == 3


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    for name in ("watched", "left"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "sips_a.log").write_bytes(b"x" * 5000)
    made = open_catalogue(tmp_path / "catalogue.db", quiet=0.0, wall=lambda: ENDED)
    for name in ("left", "watched"):
        made.observe(scan_folder(tmp_path / name))
    yield made
    made.close()


def test_a_log_is_known_by_its_file_and_by_its_beginning(catalogue: Catalogue) -> None:
    segment = catalogue.segments()[0]
    by_file = Trace("other", str(segment.device), str(segment.inode))
    by_head = Trace("other", "0", "0", segment.print.head)
    foreign = Trace("other", str(segment.device), "0", "h")
    assert still_known(catalogue.database, [by_file, by_head, foreign]) == {by_file, by_head}


def test_folders_that_nobody_watches_any_more_are_forgotten(catalogue: Catalogue, tmp_path: Path) -> None:
    watched = [tmp_path / "watched"]
    for days in (0, 29):
        assert forget_unwatched(catalogue.database, watched, now=ENDED + timedelta(days=days)) == 0
    assert forget_unwatched(catalogue.database, watched, now=ENDED + timedelta(days=31)) == 1
    assert {segment.folder.name for segment in catalogue.segments()} == {"watched"}


def test_a_number_of_a_forgotten_log_is_never_used_again(catalogue: Catalogue, tmp_path: Path) -> None:
    newest = max(segment.id for segment in catalogue.segments())
    for days in (0, 31):
        forget_unwatched(catalogue.database, [], now=ENDED + timedelta(days=days))
    (tmp_path / "left" / "sips_b.log").write_bytes(b"y" * 5000)
    catalogue.observe(scan_folder(tmp_path / "left"))
    assert all(one.id > newest for one in catalogue.segments() if one.path == "sips_b.log")
    assert len([one for one in catalogue.segments() if one.path == "sips_b.log"]) == 1


def test_a_folder_that_is_watched_again_in_time_is_kept(catalogue: Catalogue, tmp_path: Path) -> None:
    both = [tmp_path / "watched", tmp_path / "left"]
    for days, folders in ((0, both[:1]), (20, both), (45, both[:1])):
        forget_unwatched(catalogue.database, folders, now=ENDED + timedelta(days=days))
    assert len(catalogue.segments()) == 2


def test_cases_that_nobody_asks_about_are_forgotten(tmp_path: Path) -> None:
    book = RuleBook(tmp_path / "rules.db")
    book.keep_case("0003256109", CaseState.OPEN, asked=ENDED)
    book.keep_case("0003256110", CaseState.OPEN, asked=ENDED + timedelta(days=31))
    kept = set(book.cases())
    book.close()
    assert kept == {"0003256110"}
