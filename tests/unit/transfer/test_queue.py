"""Several bundles at once: whose turn it is, and what a person may ask of each."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.files import SealedBundle
from app.transfer import (
    Control,
    Destination,
    Entry,
    Journal,
    Level,
    Order,
    Progress,
    Proof,
    Queue,
    RetryPolicy,
    SourceChanged,
    Standing,
    Stopped,
    TransferState,
    Waiting,
    next_turn,
    send,
)
from tests.peers.memory_store import Fault, MemoryDestination, MemoryStore
from tests.peers.sealed import sealed_bundle
from tests.peers.transfer_journal import journal

__all__ = ["journal"]

KIB = 1024
GROUPS = st.sampled_from(["a", "b", "c"])


def keys(turns: list[Waiting], *, times: int) -> list[str]:
    """The order in which they get their turn, one at a time."""
    served: dict[str, int] = {}
    order: list[str] = []
    for number in range(times):
        turn = next_turn(turns, running=[], served=served)
        assert turn is not None
        served[turn.group] = number
        turns = [one for one in turns if one != turn]
        order.append(turn.key)
    return order


def test_a_case_with_many_files_does_not_hold_up_another() -> None:
    waiting = [Waiting(f"a{number}", "a") for number in range(4)] + [Waiting("b0", "b"), Waiting("b1", "b")]
    assert keys(waiting, times=6) == ["a0", "b0", "a1", "b1", "a2", "a3"]


def test_what_is_urgent_comes_first() -> None:
    waiting = [Waiting("a0", "a"), Waiting("b0", "b"), Waiting("a1", "a", priority=1)]
    assert keys(waiting, times=3) == ["a1", "b0", "a0"]


def test_the_case_that_has_nothing_under_way_comes_first() -> None:
    turn = next_turn([Waiting("a1", "a"), Waiting("b0", "b")], running=["a"], served={"a": 0, "b": 9})
    assert turn == Waiting("b0", "b")


def test_nothing_waits() -> None:
    assert next_turn([], running=["a"], served={}) is None


@given(st.lists(GROUPS, min_size=1, max_size=30))
def test_every_group_has_its_turn_before_any_has_two_more(groups: list[str]) -> None:
    waiting = [Waiting(str(number), group) for number, group in enumerate(groups)]
    had: Counter[str] = Counter()
    left = Counter(groups)
    of = dict(zip(map(str, range(len(groups))), groups, strict=True))
    for key in keys(waiting, times=len(groups)):
        group = of[key]
        assert all(had[group] <= had[other] for other in left if left[other])
        had[group] += 1
        left[group] -= 1


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


class Desk:
    """A queue to a store in memory, and a way to wait for what becomes of its entries."""

    def __init__(self, journal: Journal, store: MemoryStore, folder: Path) -> None:
        self.journal, self.store, self.folder = journal, store, folder
        self.changed = threading.Condition()
        self.begun: list[str] = []
        self.policy = RetryPolicy(first=0.0, longest=0.0, give_up_after=0.0)
        self.queue = Queue(self.send, at_once=1, changed=self.note)

    def send(
        self,
        order: Order,
        destination: Destination,
        *,
        control: Control,
        on_progress: Callable[[Progress], None],
    ) -> Proof:
        self.begun.append(order.key)
        return send(
            self.journal,
            order.bundle,
            destination,
            key=order.key,
            control=control,
            on_progress=on_progress,
            policy=self.policy,
        )

    def note(self, _entry: Entry) -> None:
        with self.changed:
            self.changed.notify_all()

    def order(self, key: str, *, group: str = "", priority: int = 0, slow: bool = False) -> Order:
        bundle = sealed_bundle(self.folder, size=80 * KIB, name=f"{key}.zip", seed=len(key))

        def destination() -> MemoryDestination:
            return MemoryDestination(
                self.store,
                connections=2,
                part_size=4 * KIB,
                block=KIB,
                seconds_per_byte=2e-5 if slow else 0.0,
            )

        return Order(key, bundle, destination, group=group, priority=priority)

    def until(self, key: str, standing: Standing) -> Entry:
        with self.changed:
            assert self.changed.wait_for(lambda: self.queue.entry(key).standing is standing, timeout=120)
        return self.queue.entry(key)

    def until_moving(self, key: str) -> None:
        def moving() -> bool:
            progress = self.queue.entry(key).progress
            return progress is not None and progress.acked > 8 * KIB

        with self.changed:
            assert self.changed.wait_for(moving, timeout=120)


@pytest.fixture
def desk(journal: Journal, store: MemoryStore, tmp_path: Path) -> Iterator[Desk]:
    made = Desk(journal, store, tmp_path / "spool")
    yield made
    made.queue.stop()


def test_an_order_is_sent_to_its_proof(desk: Desk) -> None:
    desk.queue.start()
    desk.queue.add(desk.order("a"))
    proof = desk.until("a", Standing.SENT).proof
    assert proof is not None
    assert proof.level is Level.SERVER_SHA256


def test_the_queue_is_worked_off_in_fair_turns(desk: Desk) -> None:
    for key, group in (("a1", "a"), ("a2", "a"), ("a3", "a"), ("b1", "b")):
        desk.queue.add(desk.order(key, group=group))
    desk.queue.add(desk.order("b2", group="b", priority=5))
    desk.queue.move_before("a3", "a1")
    desk.queue.start()
    for key in ("a1", "a2", "a3", "b1", "b2"):
        desk.until(key, Standing.SENT)
    assert desk.begun == ["b2", "a3", "b1", "a1", "a2"]


def test_a_paused_one_gives_its_place_to_another_and_goes_on_where_it_was(
    desk: Desk, store: MemoryStore
) -> None:
    desk.queue.start()
    desk.queue.add(desk.order("slow", slow=True))
    desk.until_moving("slow")
    desk.queue.pause("slow")
    desk.queue.add(desk.order("quick"))
    desk.until("quick", Standing.SENT)
    assert desk.queue.entry("slow").standing is Standing.PAUSED
    desk.queue.resume("slow")
    proof = desk.until("slow", Standing.SENT).proof
    assert proof is not None
    assert proof.resumed == 1


def test_a_cancelled_one_leaves_nothing_at_the_peer(desk: Desk, store: MemoryStore) -> None:
    desk.queue.start()
    desk.queue.add(desk.order("slow", slow=True))
    desk.until_moving("slow")
    desk.queue.cancel("slow")
    desk.until("slow", Standing.CANCELLED)
    desk.queue.stop()
    assert (store.files, store.unfinished) == ({}, {})


def test_a_cancelled_one_that_was_paused_leaves_nothing_either(desk: Desk, store: MemoryStore) -> None:
    desk.queue.start()
    desk.queue.add(desk.order("slow", slow=True))
    desk.until_moving("slow")
    desk.queue.pause("slow")
    desk.queue.add(desk.order("quick"))
    desk.until("quick", Standing.SENT)
    desk.queue.cancel("slow")
    desk.queue.add(desk.order("last"))
    desk.until("last", Standing.SENT)
    assert (set(store.files), store.unfinished) == ({"quick", "last"}, {})


def test_one_that_is_cancelled_when_its_turn_has_just_stopped_leaves_nothing_either(
    desk: Desk, store: MemoryStore
) -> None:
    def cancelled_late(
        order: Order,
        destination: Destination,
        *,
        control: Control,
        on_progress: Callable[[Progress], None],
    ) -> Proof:
        try:
            return desk.send(order, destination, control=control, on_progress=on_progress)
        except Stopped:
            desk.queue.cancel(order.key)
            raise

    desk.queue = Queue(cancelled_late, at_once=1, changed=desk.note)
    desk.queue.start()
    desk.queue.add(desk.order("slow", slow=True))
    desk.until_moving("slow")
    desk.queue.pause("slow")
    desk.queue.add(desk.order("last"))
    desk.until("last", Standing.SENT)
    desk.queue.stop()
    assert (set(store.files), store.unfinished) == ({"last"}, {})


def test_one_that_is_cancelled_twice_before_its_turn_is_thrown_away_once(desk: Desk) -> None:
    for _time in range(2):
        desk.queue.add(desk.order("one"))
        desk.queue.cancel("one")
        desk.queue.forget("one")
    desk.queue.add(desk.order("last"))
    desk.queue.start()
    desk.until("last", Standing.SENT)
    desk.queue.stop()
    assert desk.begun == ["one", "last"]


def test_one_that_an_earlier_process_had_begun_leaves_nothing_either(
    desk: Desk, journal: Journal, store: MemoryStore, tmp_path: Path
) -> None:
    desk.queue.start()
    slow = desk.order("slow", slow=True)
    desk.queue.add(slow)
    desk.until_moving("slow")
    desk.queue.stop()
    later = Desk(journal, store, tmp_path / "spool")
    later.queue.add(slow)
    later.queue.add(later.order("last"))
    later.queue.cancel("slow")
    later.queue.forget("slow")
    later.queue.start()
    later.until("last", Standing.SENT)
    later.queue.stop()
    assert (set(store.files), store.unfinished) == ({"last"}, {})
    found = journal.find("slow")
    assert found is not None
    assert found.state is TransferState.CANCELLED


def test_one_whose_bundle_is_gone_leaves_nothing_either(
    desk: Desk, journal: Journal, store: MemoryStore
) -> None:
    desk.queue.start()
    slow = desk.order("slow", slow=True)
    desk.queue.add(slow)
    desk.until_moving("slow")
    desk.queue.pause("slow")
    desk.queue.add(desk.order("quick"))
    desk.until("quick", Standing.SENT)
    slow.bundle.path.unlink()
    desk.queue.cancel("slow")
    desk.queue.add(desk.order("last"))
    desk.until("last", Standing.SENT)
    desk.queue.stop()
    found = journal.find("slow")
    assert found is not None
    assert (found.state, store.unfinished) == (TransferState.CANCELLED, {})


def test_a_failed_one_says_why_and_may_be_tried_again(desk: Desk, store: MemoryStore) -> None:
    store.say("open", Fault.SIGN_IN)
    desk.queue.start()
    desk.queue.add(desk.order("a"))
    error = desk.until("a", Standing.FAILED).error
    assert getattr(error, "code", "") == "CF-1310"
    desk.queue.retry("a")
    assert desk.until("a", Standing.SENT).error is None


def test_a_file_that_still_grows_is_refused_with_the_reason(desk: Desk) -> None:
    order = desk.order("a")
    with order.bundle.path.open("ab") as file:
        file.write(b"one more line")
    with pytest.raises(SourceChanged) as caught:
        desk.queue.add(order)
    assert "bytes, not" in caught.value.happened
    assert desk.queue.entries() == []


def test_an_order_is_in_the_queue_once(desk: Desk) -> None:
    first = desk.queue.add(desk.order("a"))
    assert desk.queue.add(desk.order("a")).order is first.order


def test_after_a_stop_the_orders_wait(desk: Desk) -> None:
    desk.queue.start()
    desk.queue.add(desk.order("slow", slow=True))
    desk.until_moving("slow")
    desk.queue.stop()
    assert desk.queue.entry("slow").standing is Standing.WAITING


def test_two_are_sent_at_once_when_asked(journal: Journal, store: MemoryStore, tmp_path: Path) -> None:
    meeting = threading.Barrier(2, timeout=120)

    def meet(
        order: Order, destination: Destination, *, control: Control, on_progress: Callable[[Progress], None]
    ) -> Proof:
        meeting.wait()
        return Proof(order.key, Level.SERVER_SHA256, 0)

    sent = threading.Semaphore(0)

    def note(entry: Entry) -> None:
        if entry.standing is Standing.SENT:
            sent.release()

    both = Queue(meet, at_once=2, changed=note)
    for key in ("a", "b"):
        bundle: SealedBundle = sealed_bundle(tmp_path / "spool", size=KIB, name=f"{key}.zip")
        both.add(Order(key, bundle, lambda: MemoryDestination(store)))
    both.start()
    assert sent.acquire(timeout=120)
    assert sent.acquire(timeout=120)
    both.stop()
