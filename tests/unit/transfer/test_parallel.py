"""Parts side by side: how many connections, how much memory, what a lost one costs."""

from __future__ import annotations

import threading
import weakref
from pathlib import Path

import pytest

from app.domain.errors import CredentialsError, UnreachableError
from app.domain.files import SealedBundle
from app.transfer import Control, Journal, Limiter, Limits, Progress, RetryPolicy, TransferState, send
from app.transfer.destination import Beat
from app.transfer.growth import IN_MEMORY, Growth, overlapping, part_size, room_for_parts
from app.transfer.parts import Part
from tests.peers.memory_store import Fault, MemoryDestination, MemoryLane, MemoryStore
from tests.peers.sealed import sealed_bundle
from tests.peers.transfer_journal import journal

__all__ = ["journal"]

KIB = 1024
AT_ONCE = RetryPolicy(first=0.0, longest=0.0, give_up_after=5)
NO_PATIENCE = RetryPolicy(first=0.0, longest=0.0, give_up_after=0.0)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def bundle(tmp_path: Path) -> SealedBundle:
    return sealed_bundle(tmp_path / "spool", size=400 * KIB)


def arrived(store: MemoryStore, bundle: SealedBundle) -> bool:
    return list(store.files.values()) == [bundle.path.read_bytes()]


@pytest.mark.parametrize("runs", [0, 1, 3, 7])
def test_parts_arrive_whatever_their_order(
    store: MemoryStore, bundle: SealedBundle, journal: Journal, runs: int
) -> None:
    destination = MemoryDestination(store, runs=runs, connections=4, part_size=16 * KIB)
    proof = send(journal, bundle, destination, key="k")
    assert arrived(store, bundle)
    assert proof.sent == bundle.size


def test_what_counts_as_there_is_not_kept_in_memory(
    store: MemoryStore, bundle: SealedBundle, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    put: list[weakref.ref[memoryview]] = []
    kept: dict[int, bool] = {}
    of_lane = MemoryLane.put

    def noted(lane: MemoryLane, part: Part, data: memoryview, *, beat: Beat) -> int:
        put.append(weakref.ref(data))
        return of_lane(lane, part, data, beat=beat)

    def look(progress: Progress) -> None:
        if progress.state is TransferState.SENDING and 0 < progress.acked < bundle.size:
            # When it is first told, the lane waits for that and has not gone on yet.
            kept.setdefault(progress.acked, put[progress.acked // (16 * KIB) - 1]() is not None)

    monkeypatch.setattr(MemoryLane, "put", noted)
    alone = MemoryDestination(store, connections=1, part_size=16 * KIB, part_digests=False)
    send(journal, bundle, alone, key="k", on_progress=look)
    assert not all(kept.values())


def test_one_stream_has_one_connection(store: MemoryStore, bundle: SealedBundle, journal: Journal) -> None:
    send(journal, bundle, MemoryDestination(store, connections=1, part_size=16 * KIB), key="k")
    assert store.most_seen == 1


def test_never_more_connections_than_the_setting(
    store: MemoryStore, bundle: SealedBundle, journal: Journal
) -> None:
    far = MemoryDestination(store, connections=16, part_size=16 * KIB, round_trip=0.1)
    send(journal, bundle, far, key="k", connections=3)
    assert store.most_seen == 3


def test_a_refused_connection_costs_nothing(
    store: MemoryStore, bundle: SealedBundle, journal: Journal
) -> None:
    store.most_lanes = 2
    far = MemoryDestination(store, connections=16, part_size=16 * KIB, round_trip=0.1)
    proof = send(journal, bundle, far, key="k", policy=AT_ONCE)
    found = journal.find("k")
    assert found is not None
    assert (proof.sent, found.attempts) == (bundle.size, 1)


def test_a_lost_connection_leaves_the_others_at_work(
    store: MemoryStore, bundle: SealedBundle, journal: Journal
) -> None:
    store.say("put", None, Fault.BEFORE, None, Fault.AFTER)
    slow = MemoryDestination(store, connections=4, part_size=16 * KIB, seconds_per_byte=1e-7, round_trip=0.05)
    send(journal, bundle, slow, key="k", policy=AT_ONCE)
    found = journal.find("k")
    assert found is not None
    assert found.attempts == 1
    assert store.stored <= bundle.size + 16 * KIB


def test_what_a_person_must_mend_ends_all_connections(
    store: MemoryStore, bundle: SealedBundle, journal: Journal
) -> None:
    store.say("put", None, None, Fault.SIGN_IN)
    with pytest.raises(CredentialsError):
        send(journal, bundle, MemoryDestination(store, part_size=16 * KIB, round_trip=0.1), key="k")
    assert store.lanes == 0
    send(journal, bundle, MemoryDestination(store, part_size=16 * KIB, round_trip=0.1), key="k")
    assert store.stored <= bundle.size + 4 * 16 * KIB


def test_when_the_last_connection_is_lost_the_reason_is_told(
    store: MemoryStore, bundle: SealedBundle, journal: Journal
) -> None:
    store.say("put", *[Fault.BEFORE] * 50)
    store.say("lane", *[Fault.BEFORE] * 50)
    with pytest.raises(UnreachableError) as caught:
        send(journal, bundle, MemoryDestination(store, part_size=16 * KIB), key="k", policy=NO_PATIENCE)
    assert caught.value.code == "CF-1510"


def test_a_connection_that_stands_still_is_dropped(
    store: MemoryStore, bundle: SealedBundle, journal: Journal
) -> None:
    stuck = MemoryDestination(store, connections=2, part_size=64 * KIB)
    stuck.stuck.append(threading.Event())
    policy = RetryPolicy(first=0.0, longest=0.0, give_up_after=20, stalled_after=0.3)
    send(journal, bundle, stuck, key="k", policy=policy)
    assert arrived(store, bundle)


def test_a_pause_ends_every_connection_and_keeps_what_was_acknowledged(
    store: MemoryStore, bundle: SealedBundle, journal: Journal
) -> None:
    control = Control()
    lanes: list[int] = []

    def follow(progress: Progress) -> None:
        if progress.acked >= 100 * KIB and not lanes:
            control.pause()
        if progress.state is TransferState.PAUSED:
            lanes.append(store.lanes)
            control.resume()

    slow = MemoryDestination(store, part_size=16 * KIB, seconds_per_byte=2e-7, block=2 * KIB)
    send(journal, bundle, slow, key="k", control=control, on_progress=follow)
    assert lanes == [0]
    assert store.stored <= bundle.size + 4 * 16 * KIB


def test_the_part_map_shows_what_is_there_and_what_moves(
    store: MemoryStore, bundle: SealedBundle, journal: Journal
) -> None:
    seen: list[Progress] = []
    slow = MemoryDestination(store, connections=3, part_size=16 * KIB, seconds_per_byte=1e-6, block=2 * KIB)
    send(journal, bundle, slow, key="k", on_progress=seen.append)
    busy = [one for one in seen if one.moving]
    assert busy
    for one in busy:
        acked = {byte for each in one.acked_ranges for byte in range(each.start, each.end, KIB)}
        moving = {byte for each in one.moving for byte in range(each.start, each.end, KIB)}
        assert not acked & moving


def measured(growth: Growth, *, rate: float, seconds: int) -> int:
    """The wanted connections after this long at a rate that each connection brings."""
    moved = 0.0
    for tick in range(seconds * 10):
        moved += rate * growth.wanted / 10
        growth.measure(int(moved), open_now=growth.wanted, now=tick / 10)
    return growth.wanted


def test_connections_are_added_while_each_brings_its_rate() -> None:
    assert measured(Growth(most=16, round_trip=0.05), rate=4e6, seconds=8) == 16


@pytest.mark.parametrize(("round_trip", "begins"), [(None, 2), (0.001, 2), (0.05, 16)])
def test_only_a_far_peer_is_met_with_all_connections_at_once(round_trip: float | None, begins: int) -> None:
    assert Growth(most=16, round_trip=round_trip, all_at_once=True).wanted == begins


def test_no_more_than_the_link_needs() -> None:
    growth = Growth(most=16, round_trip=0.001)
    moved = 0.0
    for tick in range(200):
        moved += min(100e6, 60e6 * growth.wanted) / 10
        growth.measure(int(moved), open_now=growth.wanted, now=tick / 10)
    assert growth.wanted <= 3


@pytest.mark.parametrize(("round_trip", "start"), [(None, 2), (0.001, 2), (0.05, 8), (0.1, 8)])
def test_it_begins_with_what_the_distance_asks_for(round_trip: float | None, start: int) -> None:
    assert Growth(most=16, round_trip=round_trip).wanted == start


def test_far_connections_that_carry_next_to_nothing_are_the_most_at_once() -> None:
    assert measured(Growth(most=16, round_trip=0.05), rate=3e5, seconds=1) == 16


def test_a_narrow_link_has_few_connections_again_soon() -> None:
    growth = Growth(most=16, round_trip=0.05)
    for tick in range(50):
        growth.measure(int(1.25e6 * tick / 10), open_now=growth.wanted, now=tick / 10)
    assert growth.wanted == 8


def test_connections_that_never_open_do_not_keep_it_from_measuring() -> None:
    growth = Growth(most=16, round_trip=0.05)
    for tick in range(60):
        growth.measure(int(2e7 * tick / 10), open_now=3, now=tick / 10)
    assert growth.wanted > 8


def test_after_a_refusal_it_stays_with_those_that_are_open() -> None:
    growth = Growth(most=16, round_trip=0.1)
    growth.refused(open_now=3, now=0.0)
    assert measured(growth, rate=4e6, seconds=20) == 3


def test_where_next_to_nothing_gets_through_every_connection_is_told_to_expect_loss(
    store: MemoryStore, bundle: SealedBundle, journal: Journal
) -> None:
    thin = MemoryDestination(
        store, connections=16, part_size=4 * KIB, round_trip=0.05, seconds_per_byte=2.5e-5, block=KIB
    )
    send(journal, bundle, thin, key="k")
    assert len(store.lossy) == store.opened > 8


@pytest.mark.parametrize(
    ("rate", "limited", "thin"), [(3e5, False, True), (3e5, True, False), (4e7, False, False)]
)
def test_thin_is_what_the_way_makes_of_a_connection_not_the_limit(
    rate: float, limited: bool, thin: bool
) -> None:
    growth = Growth(most=16, round_trip=0.05, limited=limited)
    measured(growth, rate=rate, seconds=3)
    assert growth.thin is thin


def test_a_limit_on_this_side_is_no_reason_for_more() -> None:
    assert measured(Growth(most=16, round_trip=0.05, limited=True), rate=3e5, seconds=1) == 8


@pytest.mark.parametrize(("allowed", "begins"), [(100_000, 2), (1_000_000, 2), (40_000_000, 8), (10**9, 16)])
def test_a_limited_rate_is_met_with_no_more_than_carry_it(allowed: int, begins: int) -> None:
    growth = Growth(most=16, round_trip=0.05, limited=True, allowed=allowed, all_at_once=True)
    assert growth.wanted == begins


@pytest.mark.parametrize(("each", "ends"), [(1_000_000, 2), (140_000, 9)])
def test_under_a_limit_more_are_added_only_while_it_is_not_reached(each: int, ends: int) -> None:
    growth, moved = Growth(most=16, round_trip=0.05, limited=True, allowed=1_000_000, all_at_once=True), 0.0
    for tick in range(400):
        moved += min(1_000_000, each * growth.wanted) / 10
        growth.measure(int(moved), open_now=growth.wanted, now=tick / 10, allowed=1_000_000)
    assert growth.wanted == ends


@pytest.mark.parametrize("after", [0, 50_000_000])
def test_once_a_limit_is_lifted_more_are_tried_also_where_few_could_just_keep_to_it(after: int) -> None:
    growth, moved = Growth(most=16, round_trip=0.1, limited=True, allowed=5_000_000), 0.0
    wanted = {}
    for tick in range(900):
        allowed = 5_000_000 if tick < 400 else after
        moved += min(allowed or 10**9, 2_600_000 * growth.wanted) / 10
        growth.measure(int(moved), open_now=growth.wanted, now=tick / 10, allowed=allowed)
        wanted[tick] = growth.wanted
    assert (wanted[399], wanted[899]) == (2, 16)


@pytest.mark.parametrize("runs", [0, 16])
def test_a_low_limit_opens_few_streams_to_a_far_server(
    store: MemoryStore, bundle: SealedBundle, journal: Journal, runs: int
) -> None:
    far = MemoryDestination(store, runs=runs, connections=16, part_size=16 * KIB, round_trip=0.1)
    limiter = Limiter(Limits(rate=4 * bundle.size))
    send(journal, bundle, far, key="k", limiter=limiter)
    assert store.most_seen <= 3


def test_after_a_refusal_thin_connections_are_no_reason_for_more() -> None:
    growth = Growth(most=16, round_trip=0.05)
    growth.refused(open_now=3, now=0.0)
    assert measured(growth, rate=3e5, seconds=5) == 3


@pytest.mark.parametrize(("rate", "overlaps"), [(0.0, True), (3e5, False), (1e6, True), (1e8, True)])
def test_on_thin_connections_no_part_is_begun_before_the_last_has_arrived(
    rate: float, overlaps: bool
) -> None:
    features = MemoryDestination(MemoryStore()).features.__class__(most_connections=16)
    assert overlapping(features, lane_rate=rate) is overlaps


def test_parts_are_smaller_on_slow_connections_and_larger_on_fast_ones() -> None:
    features = MemoryDestination(MemoryStore()).features.__class__(most_connections=4)
    sizes = [
        part_size(features, size=10**12, most=4, lanes=2, lane_rate=rate) for rate in (0, 3e5, 3e6, 5e6, 4e8)
    ]
    assert sizes == [8 << 20, 600_000, 8 << 20, 8 << 20, 12 << 20]


def test_parts_are_smaller_towards_the_end_so_that_connections_end_together() -> None:
    features = MemoryDestination(MemoryStore()).features.__class__(most_connections=16)
    sizes = [
        part_size(features, size=1 << 30, most=16, lanes=8, lane_rate=rate, left=left)
        for rate, left in ((3e6, 1 << 28), (3e6, 16 << 20), (3e6, 1 << 20), (3e5, 1 << 20))
    ]
    assert sizes == [3460300, 1 << 20, 512 << 10, 128 << 10]


def test_connections_take_their_memory_from_that_of_parts() -> None:
    rooms = [room_for_parts(lanes) for lanes in range(1, 17)]
    assert rooms == sorted(rooms, reverse=True)
    assert rooms[15] == IN_MEMORY // 2


@pytest.mark.parametrize("lanes", range(1, 17))
def test_parts_fit_into_the_memory(lanes: int) -> None:
    features = MemoryDestination(MemoryStore()).features.__class__(most_connections=16)
    size = part_size(features, size=10**12, most=16, lanes=lanes, lane_rate=1e9)
    assert size * lanes < 32 << 20
