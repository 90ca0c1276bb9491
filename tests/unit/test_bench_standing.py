"""What the bench counts of the journal: time that lanes stand for it, and when that decides something."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from app.transfer import Journal, send
from tests.bench.intervals import Interval
from tests.bench.journal_share import verdict
from tests.bench.standing import Standing, counted
from tests.peers.memory_store import MemoryDestination, MemoryStore
from tests.peers.sealed import sealed_bundle

KIB = 1024


@pytest.mark.parametrize(
    ("low", "high", "confidence", "said"),
    [
        (0.01, 0.03, 0.95, "holds"),
        (0.031, 0.05, 0.95, "NOT"),
        (0.01, 0.04, 0.95, "not decided"),
        (0.01, 0.02, 0.75, "not decided"),
    ],
)
def test_a_verdict_needs_an_interval_that_is_sure_and_on_one_side(
    low: float, high: float, confidence: float, said: str
) -> None:
    assert verdict(Interval((low + high) / 2, low, high, confidence)) == said


def test_a_lane_that_waits_while_nothing_lies_at_the_journal_does_not_stand_for_it() -> None:
    standing = Standing()
    with standing.waits("a lane"):
        pass
    assert standing.stood == 0.0


def test_a_lane_that_waits_while_a_part_lies_at_the_journal_stands_for_it() -> None:
    standing = Standing()
    standing.step(at_journal=1)
    with standing.waits("a lane"):
        pass
    standing.ended("a lane")
    assert 0.0 < standing.stood <= standing.lived


def test_a_journal_that_is_slow_is_seen_in_what_lanes_stand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = sealed_bundle(tmp_path / "spool", size=400 * KIB)
    standing = Standing()
    with Journal(tmp_path / "journal.sqlite3") as journal:
        noting, never = journal.note_parts, threading.Event()

        def slow(*arguments: object) -> None:
            never.wait(0.05)
            noting(*arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(journal, "note_parts", slow)
        with counted(standing, journal):
            send(journal, bundle, MemoryDestination(MemoryStore(), part_size=64 * KIB), key="k")
    assert standing.stood >= 0.5 * standing.lived
