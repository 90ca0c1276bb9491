"""The records of one download: one for all of its connections, whatever the disk does meanwhile."""

from __future__ import annotations

import errno
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from itertools import count, repeat
from pathlib import Path

import pytest

from app.transfer.downloads import Changed, ledger
from app.transfer.downloads.landing import Landing
from app.transfer.downloads.ledger import Island, Ledger, Mark
from app.transfer.downloads.recording import LONGEST_UNRECORDED, Records

PLACE = "https://portal.example/content"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "x.part.json"


@pytest.fixture(autouse=True)
def _nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "_PAUSE", 0.0)


def records(path: Path, *, seconds: Iterator[float] | None = None) -> Records:
    clock = seconds or repeat(0.0)
    return Records(Ledger(PLACE, 100, ""), path, monotonic=lambda: next(clock))


def recorded(path: Path) -> set[int]:
    """The ends of what lies in the ledger."""
    found = Ledger.read(path)
    return set() if found is None else {each.end for each in (*found.marks, *found.islands)}


class Disk:
    """Saves ledgers, once it is let, but for the times that it refuses."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.begun, self.let = threading.Event(), threading.Event()
        self.let.set()
        self.saved = 0
        self.refuses = 0
        save = Ledger.save

        def saves(ledger: Ledger, path: Path) -> None:
            self.begun.set()
            self.let.wait(60)
            if self.refuses:
                self.refuses -= 1
                raise PermissionError(errno.EACCES, "Permission denied")
            self.saved += 1
            save(ledger, path)

        patch.setattr(Ledger, "save", saves)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(monkeypatch)


def test_all_that_wait_for_a_slow_disk_are_recorded_at_once(path: Path, disk: Disk) -> None:
    disk.let.clear()
    told = records(path)
    with ThreadPoolExecutor(9) as pool:
        first = pool.submit(told.mark, Mark(1, ""))
        disk.begun.wait(60)
        others = [pool.submit(told.island, Island(at, at + 1, 0)) for at in range(10, 18)]
        wait(others, timeout=0.5)
        disk.let.set()
        wait([first, *others])
    assert recorded(path) == {1, *range(11, 19)}
    assert disk.saved == 2


def test_nothing_older_lies_over_what_is_newer(path: Path) -> None:
    told = records(path)
    with ThreadPoolExecutor(8) as pool:
        wait([pool.submit(told.island, Island(at, at + 1, 0)) for at in range(200)])
    assert recorded(path) == set(range(1, 201))


def test_what_grows_takes_its_own_place(path: Path) -> None:
    told = records(path)
    told.island(Island(10, 11, 0))
    told.island(Island(10, 20, 1))
    assert recorded(path) == {20}


def test_what_is_refused_is_recorded_at_the_next_turn(path: Path, disk: Disk) -> None:
    told = records(path)
    disk.refuses = 1
    told.mark(Mark(1, ""))
    told.mark(Mark(2, ""))
    assert recorded(path) == {1, 2}


def test_only_what_was_not_refused_is_named(path: Path, disk: Disk) -> None:
    told = records(path)
    told.mark(Mark(1, ""))
    disk.refuses = 1
    told.mark(Mark(2, ""))
    assert told.named == 1


def test_refusals_for_long_are_an_error(path: Path, disk: Disk) -> None:
    told = records(path, seconds=count(0.0, LONGEST_UNRECORDED / 2))
    disk.refuses = 3
    told.mark(Mark(1, ""))
    told.mark(Mark(2, ""))
    with pytest.raises(PermissionError):
        told.mark(Mark(3, ""))


def test_what_is_whole_needs_no_record(path: Path, disk: Disk) -> None:
    told = records(path, seconds=count(0.0, LONGEST_UNRECORDED))
    disk.refuses = 1000
    told.island(Island(40, 100, 0))
    told.mark(Mark(40, ""))
    told.settle(all_there=True)
    assert recorded(path) == set()


def test_long_is_counted_from_the_first_of_the_refusals(path: Path, disk: Disk) -> None:
    told = records(path, seconds=iter([0.0, 2 * LONGEST_UNRECORDED]))
    disk.refuses = 1
    told.mark(Mark(1, ""))
    told.mark(Mark(2, ""))
    disk.refuses = 1
    told.mark(Mark(3, ""))
    assert recorded(path) == {1, 2}


def test_a_record_that_is_taken_while_another_one_is_refused_ends_nothing(path: Path, disk: Disk) -> None:
    class Taken(Records):
        """As when another thread's record is taken right behind each look at the first refusal's time."""

        @property
        def _refused_since(self) -> float | None:
            since, self.since = self.since, None
            return since

        @_refused_since.setter
        def _refused_since(self, since: float | None) -> None:
            self.since = since

    told = Taken(Ledger(PLACE, 100, ""), path, monotonic=lambda: 0.0)
    told.since = 0.0  # one was refused before
    disk.refuses = 1
    told.mark(Mark(1, ""))
    told.mark(Mark(2, ""))
    assert recorded(path) == {1, 2}


def test_at_the_end_what_was_refused_is_recorded_all_the_same(path: Path, disk: Disk) -> None:
    told = records(path)
    disk.refuses = 3
    told.mark(Mark(1, ""))
    told.settle(all_there=False)
    assert recorded(path) == {1}


def test_what_all_say_at_the_end_is_recorded_once(path: Path, disk: Disk) -> None:
    told = records(path)
    told.hold()
    for at in range(8):
        told.island(Island(at, at + 1, 0))
    told.settle(all_there=False)
    assert (disk.saved, recorded(path)) == (1, set(range(1, 9)))


def test_where_all_is_there_nobody_minds_that_it_cannot_be_recorded(path: Path, disk: Disk) -> None:
    told = records(path)
    disk.refuses = 1000
    told.mark(Mark(1, ""))
    told.settle(all_there=True)
    assert recorded(path) == set()


def test_of_all_that_is_told_together_nothing_older_counts(path: Path) -> None:
    told = records(path)
    told.all_of(Mark(1, ""), [Island(10, 11, 0), Island(20, 21, 0)])
    told.all_of(Mark(1, ""), [Island(20, 22, 0)])
    assert recorded(path) == {1, 22}


def test_a_first_record_that_is_refused_for_a_moment_ends_nothing(tmp_path: Path, disk: Disk) -> None:
    landing = Landing(tmp_path / "x")
    disk.refuses = 1
    landing.begin(Ledger(PLACE, 100, ""))
    assert landing.ledger_path.exists()


def test_two_answers_of_two_contents_do_not_agree(path: Path) -> None:
    told = records(path)
    told.agree('"one"')
    with pytest.raises(Changed):
        told.agree('"two"')
    assert told.etag == '"one"'


@pytest.mark.parametrize("etag", ["", '"one"', 'W/"one"'])
def test_an_answer_without_another_etag_agrees(path: Path, etag: str) -> None:
    told = records(path)
    told.agree('"one"')
    told.agree(etag)
    assert told.etag == '"one"'


def test_of_answers_that_come_at_once_only_one_content_agrees(path: Path) -> None:
    def agrees(etag: str) -> bool:
        try:
            told.agree(etag)
        except Changed:
            return False
        return True

    told = records(path)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(agrees, [f'"{number}"' for number in range(50)]))
    assert found.count(True) == 1


def test_what_cannot_be_recorded_at_the_end_is_said(path: Path, disk: Disk) -> None:
    told = records(path)
    disk.refuses = 1000
    told.mark(Mark(1, ""))
    with pytest.raises(PermissionError):
        told.settle(all_there=False)
