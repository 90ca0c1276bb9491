"""A job whose transfer waits for the other side, or for its turn, is not shown as one that sends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from agent.jobs import JobRow, ProgressBoard, Sender, TransferPace, VolumeRow
from agent.jobs.progress import Moved
from app.agentlink import ErrorReply, Job, JobState, TransferLimits, Via
from app.commands.agent_transfers import _state
from app.transfer import Control, Journal, RetryPolicy
from tests.peers.memory_store import Fault, MemoryDestination, MemoryStore
from tests.peers.sealed import sealed_bundle

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
PART = 1000


@pytest.fixture
def transfers(tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path / "transfers.db") as made:
        yield made


def test_between_two_attempts_and_until_the_next_is_connected_it_says_why(
    transfers: Journal, tmp_path: Path
) -> None:
    store, board, bundle = MemoryStore(), ProgressBoard(), sealed_bundle(tmp_path / "sealed", size=8 * PART)
    store.say("open", Fault.BEFORE, Fault.BEFORE)
    seen: list[str] = []

    def look(job: str) -> None:
        moved = board.of(job)
        if moved is not None:
            seen.append("" if moved.problem is None else moved.problem.code)

    sender = Sender(
        transfers=transfers,
        journal=cast(
            "Any", SimpleNamespace(volumes=SimpleNamespace(of=lambda _job: []), move=lambda *_a, **_k: True)
        ),
        spool=cast("Any", SimpleNamespace(bundle=lambda _job, _name: bundle.path)),
        destinations=cast("Any", SimpleNamespace(of=lambda _job: MemoryDestination(store, part_size=PART))),
        progress=cast("Any", SimpleNamespace(note=lambda job, moved: (board.note(job, moved), look(job)))),
        policy=RetryPolicy(first=0.0, longest=0.0, give_up_after=60),
        changed=lambda _job: None,
        pace=TransferPace(tmp_path / "limits.json", configured=TransferLimits(), fixed=False),
        record=lambda _job, _volume: None,
    )
    volume = VolumeRow("j", 1, bundle.name, bundle.size, bundle.sha256, bundle.manifest_sha256, "k")
    job = JobRow("j", "0003256109", "all", Via.HTTPS, JobState.SENDING, bundle.name, NOW, NOW)
    sender.send(job, volume, Control(), last=True)
    troubled = [number for number, code in enumerate(seen) if code]
    assert {seen[number] for number in troubled} == {"CF-1510"}
    # Without a gap from the first failure to the attempt that is connected, and none after it.
    assert troubled == list(range(troubled[0], troubled[-1] + 1))
    assert seen[-1] == ""


def shown(state: JobState, *, problem: ErrorReply | None = None, queued: bool = False) -> str:
    return _state(
        Job(
            id="j",
            case="0003256109",
            name="j.zip",
            source="all",
            via=Via.HTTPS,
            state=state,
            created=NOW,
            changed=NOW,
            problem=problem,
            queued=queued,
        )
    )


def test_the_list_tells_waiting_from_sending() -> None:
    away = ErrorReply("CF-1510", "The server closed the connection")
    assert shown(JobState.SENDING) == "sending"
    assert shown(JobState.SENDING, queued=True) == "sending: waits for its turn"
    assert shown(JobState.SENDING, problem=away) == "waiting: The server closed the connection"
    assert shown(JobState.PAUSED, problem=away) == "paused"
    assert shown(JobState.FAILED, problem=away) == "failed: The server closed the connection"


def test_the_time_left_of_a_job_is_that_of_all_its_bundles() -> None:
    first_of_two = Moved(sent=400, rate=100.0, resumed=0, eta=6.0, left=600)
    assert first_of_two.eta_of_all(1600) == 16.0
    assert first_of_two.eta_of_all(600) == 6.0
    assert Moved(sent=400, rate=100.0, resumed=0, left=600).eta_of_all(1600) is None
    assert Moved(sent=400, rate=0.0, resumed=0, eta=0.0, left=600).eta_of_all(1600) is None
