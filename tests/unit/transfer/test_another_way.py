"""A transfer that was begun one way, and is sent another way then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.domain.errors import InputError, WorldError
from app.domain.files import SealedBundle
from app.transfer import (
    Cancelled,
    Control,
    Journal,
    Progress,
    RetryPolicy,
    Stopped,
    TransferState,
    give_up,
    send,
)
from app.transfer.journal import TransferBusy
from tests.peers.memory_store import Fault, MemoryDestination, MemoryStore
from tests.peers.sealed import sealed_bundle
from tests.peers.transfer_journal import journal

__all__ = ["journal"]

PART = 1000
AT_ONCE = RetryPolicy(first=0.0, longest=0.0, give_up_after=30)


@pytest.fixture
def bundle(tmp_path: Path) -> SealedBundle:
    return sealed_bundle(tmp_path / "spool", size=6 * PART)


def place(store: MemoryStore, identity: str = "memory://first/") -> MemoryDestination:
    there = MemoryDestination(store, connections=1, part_size=PART)
    there.identity = identity
    return there


def begun(journal: Journal, bundle: SealedBundle, first: MemoryStore) -> None:
    """Some of it is there; then its sender is ended."""
    control = Control()

    def follow(progress: Progress) -> None:
        if progress.acked:
            control.stop()

    with pytest.raises(Stopped):
        send(journal, bundle, place(first), key="k", control=control, on_progress=follow, policy=AT_ONCE)


def test_it_arrives_there_whole_and_once(journal: Journal, bundle: SealedBundle) -> None:
    first, second = MemoryStore(), MemoryStore()
    begun(journal, bundle, first)
    for identity in ("memory://second/", "memory://first/"):
        send(journal, bundle, place(second, identity), key="k", policy=AT_ONCE)
    assert (first.files, second.files) == ({}, {"k": bundle.path.read_bytes()})
    assert second.closings["k"] == 1
    (row,) = journal.transfers()
    assert (row.state, row.destination) == (TransferState.VERIFIED, "memory://second/")


def test_what_may_have_arrived_is_sent_nowhere_else(journal: Journal, bundle: SealedBundle) -> None:
    first, second = MemoryStore(), MemoryStore()
    first.say("verify", *[Fault.BEFORE] * 1000)
    impatient = RetryPolicy(first=0.0, longest=0.0, give_up_after=0.0)
    with pytest.raises(WorldError):
        send(journal, bundle, place(first), key="k", policy=impatient)
    with pytest.raises(InputError) as caught:
        send(journal, bundle, place(second, "memory://second/"), key="k", policy=AT_ONCE)
    assert (caught.value.code, second.files) == ("CF-1114", {})


def test_a_person_who_knows_that_it_is_not_there_may_send_it_elsewhere_and_that_is_recorded(
    journal: Journal, bundle: SealedBundle
) -> None:
    first, second, third = MemoryStore(), MemoryStore(), MemoryStore()
    impatient = RetryPolicy(first=0.0, longest=0.0, give_up_after=0.0)
    first.say("verify", *[Fault.BEFORE] * 1000)
    second.say("verify", *[Fault.BEFORE] * 1000)
    with pytest.raises(WorldError):
        send(journal, bundle, place(first), key="k", policy=impatient)
    assert journal.vouch("k", now=1_764_000_000.0) == "memory://first/"
    with pytest.raises(WorldError) as caught:
        send(journal, bundle, place(second, "memory://second/"), key="k", policy=impatient)
    assert caught.value.code != "CF-1114"
    assert set(second.files) == {"k"}
    (row,) = journal.transfers()
    assert journal.vouched(row.id) == {"memory://first/": 1_764_000_000.0}
    with pytest.raises(InputError) as caught_again:  # it was said of the first place only
        send(journal, bundle, place(third, "memory://third/"), key="k", policy=AT_ONCE)
    assert caught_again.value.code == "CF-1114"


def test_what_a_person_said_of_a_place_is_over_once_it_is_sent_there_again(
    journal: Journal, bundle: SealedBundle
) -> None:
    first, second = MemoryStore(), MemoryStore()
    impatient = RetryPolicy(first=0.0, longest=0.0, give_up_after=0.0)
    first.say("verify", *[Fault.BEFORE] * 1000)
    for _ in range(2):
        with pytest.raises(WorldError):
            send(journal, bundle, place(first), key="k", policy=impatient)
        with pytest.raises(InputError) as caught:
            send(journal, bundle, place(second, "memory://second/"), key="k", policy=AT_ONCE)
        assert (caught.value.code, second.files) == ("CF-1114", {})
        assert journal.vouch("k", now=1.0) == "memory://first/"
    assert set(first.files) == {"k"}
    send(journal, bundle, place(second, "memory://second/"), key="k", policy=AT_ONCE)
    assert set(second.files) == {"k"}


def test_nobody_can_say_of_a_place_that_it_has_not_got_what_is_on_its_way_there(
    journal: Journal, bundle: SealedBundle, tmp_path: Path
) -> None:
    refused = []

    def follow(progress: Progress) -> None:
        if 0 < progress.acked < bundle.size and not refused:
            with Journal(tmp_path / "journal.sqlite3") as other, pytest.raises(TransferBusy) as caught:
                other.vouch("k", now=1.0)
            refused.append(caught.value.code)

    send(journal, bundle, place(MemoryStore()), key="k", policy=AT_ONCE, on_progress=follow)
    assert refused == ["CF-1823"]


def test_there_is_nothing_to_say_of_what_is_proven_or_was_never_begun(
    journal: Journal, bundle: SealedBundle
) -> None:
    assert journal.vouch("k", now=0.0) == ""
    send(journal, bundle, place(MemoryStore()), key="k", policy=AT_ONCE)
    assert journal.vouch("k", now=0.0) == ""


def test_while_it_is_sent_one_way_it_goes_no_other_way(
    journal: Journal, bundle: SealedBundle, tmp_path: Path
) -> None:
    first, second, refused = MemoryStore(), MemoryStore(), []

    def follow(progress: Progress) -> None:
        if 0 < progress.acked < bundle.size and not refused:
            with Journal(tmp_path / "journal.sqlite3") as other, pytest.raises(TransferBusy) as caught:
                send(other, bundle, place(second, "memory://second/"), key="k", policy=AT_ONCE)
            refused.append(caught.value.code)

    send(journal, bundle, place(first), key="k", policy=AT_ONCE, on_progress=follow)
    assert (refused, second.files) == (["CF-1823"], {})
    assert first.files == {"k": bundle.path.read_bytes()}


def test_what_was_found_there_whole_is_sent_nowhere_else(journal: Journal, bundle: SealedBundle) -> None:
    first, second = MemoryStore(), MemoryStore()
    first.files["k"] = bundle.path.read_bytes()  # from before this journal
    first.say("verify", *[Fault.BEFORE] * 1000)
    impatient = RetryPolicy(first=0.0, longest=0.0, give_up_after=0.0)
    with pytest.raises(WorldError):
        send(journal, bundle, place(first), key="k", policy=impatient)
    with pytest.raises(InputError) as caught:
        send(journal, bundle, place(second, "memory://second/"), key="k", policy=AT_ONCE)
    assert (caught.value.code, second.files) == ("CF-1114", {})


class Overtaken(Journal):
    """Another process has the lease first, and is done when this one gets it."""

    before: Callable[[], object] = staticmethod(lambda: None)

    @contextmanager
    def leased(self, transfer: int, *, now: float) -> Iterator[None]:
        self.before()
        with super().leased(transfer, now=now):
            yield


def test_what_another_process_sent_another_way_meanwhile_goes_there_only(
    journal: Journal, bundle: SealedBundle, tmp_path: Path
) -> None:
    first, second = MemoryStore(), MemoryStore()
    begun(journal, bundle, first)
    second.say("verify", *[Fault.BEFORE] * 1000)
    impatient = RetryPolicy(first=0.0, longest=0.0, give_up_after=0.0)

    def another_way() -> None:
        with pytest.raises(WorldError):
            send(journal, bundle, place(second, "memory://second/"), key="k", policy=impatient)

    with Overtaken(tmp_path / "journal.sqlite3") as late:
        late.before = another_way
        with pytest.raises(InputError) as caught:
            send(late, bundle, place(first), key="k", policy=AT_ONCE)
    assert (caught.value.code, first.files) == ("CF-1114", {})


def test_what_another_process_proved_meanwhile_is_proven(
    journal: Journal, bundle: SealedBundle, tmp_path: Path
) -> None:
    store = MemoryStore()
    begun(journal, bundle, store)
    with Overtaken(tmp_path / "journal.sqlite3") as late:
        late.before = lambda: send(journal, bundle, place(store), key="k", policy=AT_ONCE)
        proof = send(late, bundle, place(store), key="k", policy=AT_ONCE)
    assert (proof.sha256, proof.sent, store.closings["k"]) == (bundle.sha256, 0, 1)


def test_what_another_process_proved_meanwhile_is_not_given_up(
    journal: Journal, bundle: SealedBundle, tmp_path: Path
) -> None:
    store = MemoryStore()
    begun(journal, bundle, store)
    with Overtaken(tmp_path / "journal.sqlite3") as late:
        late.before = lambda: send(journal, bundle, place(store), key="k", policy=AT_ONCE)
        assert give_up(late, place(store), key="k")
    assert [row.state for row in journal.transfers()] == [TransferState.VERIFIED]


def test_what_another_process_sends_another_way_meanwhile_is_not_gone(
    journal: Journal, bundle: SealedBundle, tmp_path: Path
) -> None:
    first, second = MemoryStore(), MemoryStore()
    begun(journal, bundle, first)

    def another_way() -> None:
        control = Control()
        control.stop()
        with pytest.raises(Stopped):
            send(journal, bundle, place(second, "memory://second/"), key="k", control=control, policy=AT_ONCE)

    with Overtaken(tmp_path / "journal.sqlite3") as late:
        late.before = another_way
        assert not give_up(late, place(first), key="k")


def test_cancelled_before_it_goes_another_way_it_can_still_be_taken_from_the_first(
    journal: Journal, bundle: SealedBundle
) -> None:
    first, control = MemoryStore(), Control()
    begun(journal, bundle, first)
    control.cancel()
    with pytest.raises(Cancelled):
        send(journal, bundle, place(MemoryStore(), "memory://second/"), key="k", control=control)
    assert first.unfinished
    assert give_up(journal, place(first), key="k")
    assert not first.unfinished
