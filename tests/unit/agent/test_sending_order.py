"""Which job of an agent is sent next, and what of the limit it may have."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from agent.jobs import (
    DROP,
    JobJournal,
    JobRow,
    ProgressBoard,
    Sender,
    TransferPace,
    VolumeRow,
    Workshop,
    after_error,
)
from agent.jobs.turns import PREPARES
from agent.jobs.turns import SENDS as SENDING
from app.agentlink import JobState, TransferLimits, Via
from app.domain.errors import UnreachableError
from app.transfer import ByteRange, Control, Level, Progress, Proof, RetryPolicy, TransferState

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
SENDS = frozenset({JobState.SENDING})


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[JobJournal]:
    made = JobJournal(tmp_path / "journal.db", wall=lambda: NOW)
    yield made
    made.close()


def job(number: str, *, case: str = "0003256109", source: str = "all") -> JobRow:
    return JobRow(
        id=number,
        case=case,
        source=source,
        via=Via.HTTPS,
        state=JobState.SENDING,
        name=f"{number}.zip",
        created=NOW,
        changed=NOW,
        key="k",
    )


def order(journal: JobJournal) -> list[str]:
    """The order in which one sender takes them, each ended before the next."""
    tools = cast("Any", SimpleNamespace(journal=journal))
    workshop = Workshop(tools, changed=lambda _job: None, senders=0, wall=lambda: NOW)
    taken = []
    while journal.due(NOW):
        found = workshop._take(SENDS)
        assert found is not None
        taken.append(found[0].id)
        journal.move(found[0].id, before=SENDS, after=JobState.VERIFIED)
        del workshop._held[found[0].id], workshop._cases[found[0].id]
    return taken


def test_cases_take_turns_and_what_a_person_dropped_comes_first(journal: JobJournal) -> None:
    for each in (job("a1"), job("a2"), job("b1", case="0003256110"), job("d1", source=DROP)):
        journal.create(each, [])
    assert order(journal) == ["d1", "b1", "a1", "a2"]


def test_what_was_prepared_for_a_case_is_no_turn_at_being_sent(journal: JobJournal) -> None:
    later = "0003256110"
    for each in (job("a1"), job("a2"), job("b1", case=later), job("b2", case=later)):
        journal.create(each, [])
    collecting = frozenset({JobState.COLLECTING})
    for number in ("b1", "b2"):
        journal.move(number, before=SENDS, after=JobState.COLLECTING)
    workshop = Workshop(
        cast("Any", SimpleNamespace(journal=journal)), changed=lambda _job: None, senders=0, wall=lambda: NOW
    )
    taken = []
    for states in (SENDING, PREPARES, PREPARES, SENDING, SENDING):
        found = workshop._take(states)
        assert found is not None
        number = found[0].id
        taken.append(number)
        if states == PREPARES:
            journal.move(number, before=collecting, after=JobState.SENDING)
        else:
            journal.move(number, before=SENDS, after=JobState.VERIFIED)
        del workshop._held[number], workshop._cases[number]
    assert taken == ["a1", "b1", "b2", "b1", "a2"]


def test_a_priority_comes_before_all_of_that_and_a_place_within_it(journal: JobJournal) -> None:
    for each in (job("a1"), job("a2"), job("a3"), job("d1", source=DROP), job("a4")):
        journal.create(each, [])
    journal.prioritise("a2", 1)
    journal.prioritise("a1", -1)
    journal.place_before("a4", "a3")
    assert order(journal) == ["a2", "d1", "a4", "a3", "a1"]


@pytest.mark.parametrize(("source", "share"), [("slow", 0.5), ("other", 1.0), (DROP, 1.0)])
def test_a_bundle_has_the_share_of_its_rule_and_the_limits_of_all(
    journal: JobJournal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, share: float
) -> None:
    given: dict[str, Any] = {}
    recorded: list[int] = []

    def send(*_arguments: object, **kw: Any) -> Proof:
        given.update(kw, recorded=list(recorded))
        kw["on_progress"](
            Progress(
                state=TransferState.SENDING,
                done=7,
                acked=5,
                size=9,
                rate=2.0,
                eta=1.5,
                resumed=0,
                connections=3,
                acked_ranges=(ByteRange(0, 5),),
                moving=(ByteRange(5, 9),),
            )
        )
        return Proof("a" * 64, Level.SERVER_SHA256, 0)

    monkeypatch.setattr("agent.jobs.sending.send", send)
    monkeypatch.setattr(Sender, "_sealed", lambda _self, _job, _volume: None)
    pace = TransferPace(tmp_path / "limits.json", configured=TransferLimits(connections=3), fixed=False)
    board = ProgressBoard()
    nothing = cast("Any", SimpleNamespace(of=lambda _job: None))
    sender = Sender(
        transfers=nothing,
        journal=journal,
        spool=nothing,
        destinations=nothing,
        progress=board,
        policy=RetryPolicy(),
        changed=lambda _job: None,
        pace=pace,
        record=lambda _job, volume: recorded.append(volume.number),
        shares={"slow": 0.5},
    )
    volume = VolumeRow("j1", 1, "j1.zip", 9, "aa", "bb", "k")
    sender.send(job("j1", source=source), volume, Control(), last=True)
    assert (given["share"], given["limiter"], given["connections"]) == (share, pace.limiter, 3)
    assert given["recorded"] == [1]
    moved = board.of("j1")
    assert moved is not None
    assert (moved.eta, moved.left, moved.connections) == (1.5, 4, 3)
    assert (moved.acked, moved.moving) == (((0, 5),), ((5, 4),))


@pytest.mark.parametrize("states", [SENDS, frozenset({JobState.MASKING})])
def test_what_is_due_and_in_nobodys_turn_is_not_run_in_circles_for(
    journal: JobJournal, states: frozenset[JobState]
) -> None:
    journal.create(job("a1"), [])
    past = NOW - timedelta(seconds=1)
    journal.move(
        "a1", before=SENDS, after=JobState.WAITING, back_to=JobState.SENDING, next_attempt=past, attempts=1
    )
    tools = cast("Any", SimpleNamespace(journal=journal))
    workshop = Workshop(tools, changed=lambda _job: None, senders=0, wall=lambda: NOW)
    workshop._held["a1"] = Control()
    assert workshop._first(states, NOW) is None
    assert workshop._sleep(NOW) > 1


def test_the_rest_of_a_bundle_ends_with_the_job_that_it_was_ahead_of(journal: JobJournal) -> None:
    tools = cast("Any", SimpleNamespace(journal=journal))
    workshop = Workshop(tools, changed=lambda _job: None, senders=0, wall=lambda: NOW)
    workshop._rests["gone"] = after_error(
        UnreachableError("t", happened="h", todo="d"), attempts=3, now=NOW, spread=0.0
    )
    assert workshop._first(SENDS | {JobState.VERIFYING}, NOW) is None
    assert workshop._sleep(NOW) > 3
