"""A clock that is set while a transfer runs: it arrives once, and nobody else takes it meanwhile."""

from __future__ import annotations

import itertools
import time
from pathlib import Path

import pytest

from app.domain.files import SealedBundle
from app.transfer import (
    Journal,
    Progress,
    RetryPolicy,
    SystemClock,
    TransferBusy,
    TransferState,
    send,
)
from tests.peers.memory_store import Fault, MemoryDestination, MemoryStore
from tests.peers.sealed import sealed_bundle
from tests.peers.transfer_journal import journal

__all__ = ["journal"]

DAY = 86_400.0
PART = 100_000
AT_ONCE = RetryPolicy(first=0.0, longest=0.0, give_up_after=30)


class SetClock(SystemClock):
    """The time of day jumps at every look: years ahead, days back, and right again."""

    def __init__(self) -> None:
        self._steps = itertools.cycle([0.0, 3650 * DAY, -2 * DAY])

    def wall(self) -> float:
        return time.time() + next(self._steps)


class AheadClock(SystemClock):
    """Years ahead all the time."""

    def wall(self) -> float:
        return time.time() + 3650 * DAY


@pytest.fixture
def bundle(tmp_path: Path) -> SealedBundle:
    return sealed_bundle(tmp_path / "spool", size=6 * PART)


def test_it_arrives_once_through_faults(journal: Journal, bundle: SealedBundle) -> None:
    store = MemoryStore()
    store.say("put", None, Fault.BEFORE, None, Fault.AFTER)
    store.say("finish", Fault.AFTER)
    seen: list[Progress] = []
    there = MemoryDestination(store, connections=1, part_size=PART)
    proof = send(journal, bundle, there, key="k", clock=SetClock(), policy=AT_ONCE, on_progress=seen.append)
    assert proof.sha256 == bundle.sha256
    assert (store.files["k"], store.closings["k"]) == (bundle.path.read_bytes(), 1)
    assert [one.state for one in journal.transfers()] == [TransferState.VERIFIED]
    assert all(one.rate >= 0 and (one.eta is None or one.eta >= 0) for one in seen)


def test_a_clock_that_is_put_forward_frees_no_transfer_that_is_under_way(
    journal: Journal, bundle: SealedBundle, tmp_path: Path
) -> None:
    store, refused = MemoryStore(), []

    def follow(progress: Progress) -> None:
        if progress.acked and not refused:
            second = MemoryDestination(store, connections=1, part_size=PART)
            with Journal(tmp_path / "journal.sqlite3") as other, pytest.raises(TransferBusy) as caught:
                send(other, bundle, second, key="k", clock=AheadClock(), policy=AT_ONCE)
            refused.append(caught.value)

    there = MemoryDestination(store, connections=1, part_size=PART)
    send(journal, bundle, there, key="k", policy=AT_ONCE, on_progress=follow)
    assert [error.code for error in refused] == ["CF-1823"]
    assert store.stored == bundle.size
