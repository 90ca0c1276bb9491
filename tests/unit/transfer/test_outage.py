"""A network that is gone for days, and one that is back: when it is tried again, what ends the waiting."""

from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.domain import errors
from app.domain.files import SealedBundle
from app.transfer import (
    Cause,
    Control,
    Journal,
    Opened,
    Part,
    Progress,
    RetryPolicy,
    Stopped,
    TransferState,
    cause_of,
    send,
)
from app.transfer.control import Wish
from app.transfer.outage import RoutingTable
from app.transfer.source import Source
from tests.peers.memory_store import Fault, MemoryDestination, MemoryStore
from tests.peers.sealed import sealed_bundle
from tests.peers.transfer_journal import journal

__all__ = ["journal"]

DAY = 86_400.0
SLOW = RetryPolicy(draw=lambda: 1.0)


class FakeClock:
    """A time that passes by being waited for."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def wall(self) -> float:
        return 1_764_000_000.0 + self.seconds

    def monotonic(self) -> float:
        return self.seconds

    def wait(self, control: Control, *, wish: Wish, seconds: float) -> Wish:
        self.seconds += seconds
        return control.wish


class FakeNetwork:
    """There is a way, but not between two moments of a clock."""

    def __init__(self, clock: FakeClock, *, gone_until: float) -> None:
        self.clock, self.gone_until = clock, gone_until

    def way(self, identity: str) -> str:
        return "192.0.2.7" if self.clock.seconds >= self.gone_until else ""


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def bundle(tmp_path: Path) -> SealedBundle:
    return sealed_bundle(tmp_path / "spool", size=4000)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def always(clock: FakeClock) -> FakeNetwork:
    return FakeNetwork(clock, gone_until=0.0)


def test_it_goes_on_for_days(
    store: MemoryStore, bundle: SealedBundle, journal: Journal, clock: FakeClock
) -> None:
    store.say("open", *[Fault.BEFORE] * 500)
    send(journal, bundle, MemoryDestination(store), key="k", clock=clock, policy=SLOW, network=always(clock))
    assert DAY < clock.seconds < 3 * DAY


def test_it_gives_up_after_what_was_asked_for(
    store: MemoryStore, bundle: SealedBundle, journal: Journal, clock: FakeClock
) -> None:
    store.say("open", *[Fault.BEFORE] * 500)
    policy = RetryPolicy(draw=lambda: 1.0, give_up_after=3600)
    with pytest.raises(errors.UnreachableError):
        send(journal, bundle, MemoryDestination(store), key="k", clock=clock, policy=policy)
    assert 3600 < clock.seconds - 1000 < 3600 + 2 * policy.longest
    found = journal.find("k")
    assert found is not None
    assert (found.state, found.error) == (TransferState.FAILED, "Cut. The store hung up.")


def test_a_network_that_is_back_ends_the_wait(
    store: MemoryStore, bundle: SealedBundle, journal: Journal, clock: FakeClock
) -> None:
    for_long = RetryPolicy(first=3000.0, longest=3000.0, draw=lambda: 1.0)
    network = FakeNetwork(clock, gone_until=1_120.0)
    store.say("open", Fault.BEFORE)
    send(journal, bundle, MemoryDestination(store), key="k", clock=clock, policy=for_long, network=network)
    assert 1_120 <= clock.seconds <= 1_122


class BehindTheRouter(MemoryDestination):
    """Its address and this machine's way stay what they are; no packet comes through before a moment."""

    clock: FakeClock
    back_at = 0.0
    tries = 0

    def open_or_resume(self, *arguments: Any, **named: Any) -> Opened:
        if self.clock.seconds < self.back_at:
            self.tries += 1
            self.clock.seconds += 20.0  # as long as a connection is waited for
            raise errors.UnreachableError("Silent", happened="Silent.", todo="Again.", code="CF-1511")
        return super().open_or_resume(*arguments, **named)


@pytest.mark.parametrize(("hours", "late", "tries"), [(0.1, 30, 16), (6, 80, 300)])
def test_an_outage_behind_the_router_ends_soon_after_its_end(
    store: MemoryStore,
    bundle: SealedBundle,
    journal: Journal,
    clock: FakeClock,
    hours: float,
    late: int,
    tries: int,
) -> None:
    there = BehindTheRouter(store)
    there.clock, there.back_at = clock, clock.seconds + hours * 3600
    send(journal, bundle, there, key="k", clock=clock, policy=SLOW, network=always(clock))
    assert clock.seconds - there.back_at <= late
    assert there.tries <= tries


def test_a_server_that_answers_is_left_alone_for_longer(
    store: MemoryStore, bundle: SealedBundle, journal: Journal, clock: FakeClock
) -> None:
    store.say("open", *[Fault.BEFORE] * 20)  # it is there, and cuts
    send(journal, bundle, MemoryDestination(store), key="k", clock=clock, policy=SLOW, network=always(clock))
    assert clock.seconds > 1_000 + 10 * 300


def test_what_the_peer_is_to_be_asked_about_is_read_once_however_often_nobody_answers(
    store: MemoryStore,
    bundle: SealedBundle,
    journal: Journal,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    control = Control()

    def halfway(progress: Progress) -> None:
        if progress.acked >= 2000:
            control.stop()

    there = BehindTheRouter(store, connections=1, part_digests=False)
    there.features = replace(there.features, resume_digests=True)
    there.clock = clock
    with pytest.raises(Stopped):
        send(journal, bundle, there, key="k", clock=clock, control=control, on_progress=halfway)
    read: list[Part] = []
    plain = Source.read_part

    def noted(source: Source, part: Part) -> tuple[Part, memoryview]:
        read.append(part)
        return plain(source, part)

    monkeypatch.setattr(Source, "read_part", noted)
    there.back_at = clock.seconds + 100
    send(journal, bundle, there, key="k", clock=clock, policy=SLOW, network=always(clock))
    assert there.tries > 2
    assert len([part for part in read if part.end <= 2000]) <= 2


def test_what_the_server_asked_for_is_waited_for_all_the_same(
    store: MemoryStore, bundle: SealedBundle, journal: Journal, clock: FakeClock
) -> None:
    class Busy(MemoryDestination):
        told = False

        def lane(self) -> object:  # type: ignore[override]
            if not self.told:
                self.told = True
                raise errors.UnreachableError(
                    "Busy", happened="Busy.", todo="Later.", code="CF-1513", retry_after=600.0
                )
            return super().lane()

    network = FakeNetwork(clock, gone_until=1_120.0)
    busy = Busy(store, connections=1)
    send(journal, bundle, busy, key="k", clock=clock, policy=SLOW, network=network)
    assert 1_600 <= clock.seconds <= 1_602


def test_a_nudge_ends_the_wait(
    store: MemoryStore, bundle: SealedBundle, journal: Journal, clock: FakeClock
) -> None:
    store.say("open", Fault.BEFORE)
    control = Control()

    class Nudging(FakeClock):
        def wait(self, control: Control, *, wish: Wish, seconds: float) -> Wish:
            control.nudge()
            return super().wait(control, wish=wish, seconds=seconds)

    nudging = Nudging()
    for_long = RetryPolicy(first=3000.0, longest=3000.0, draw=lambda: 1.0)
    send(
        journal, bundle, MemoryDestination(store), key="k", clock=nudging, control=control, policy=for_long,
        network=always(nudging),
    )  # fmt: skip
    assert nudging.seconds < 1_010


def test_a_pause_is_not_the_peers_silence(store: MemoryStore, bundle: SealedBundle, journal: Journal) -> None:
    store.say("open", Fault.BEFORE)
    control = Control()

    class Resumed(FakeClock):
        def wait(self, control: Control, *, wish: Wish, seconds: float) -> Wish:
            self.seconds += 10 * DAY if wish is Wish.PAUSE else seconds
            control.resume()
            return control.wish

    def follow(progress: Progress) -> None:
        if progress.state is TransferState.WAITING:
            control.pause()

    clock = Resumed()
    policy = RetryPolicy(draw=lambda: 1.0, give_up_after=60)
    send(
        journal, bundle, MemoryDestination(store), key="k", clock=clock, control=control, policy=policy,
        on_progress=follow, network=always(clock),
    )  # fmt: skip
    assert clock.seconds > 10 * DAY


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (errors.UnreachableError("t", happened="h", todo="d"), Cause.TRANSIENT),
        (errors.PeerError("t", happened="h", todo="d", retryable=True), Cause.TRANSIENT),
        (errors.PeerError("t", happened="h", todo="d"), Cause.REFUSED),
        (errors.RefusedError("t", happened="h", todo="d", rule="R-FILE-1"), Cause.REFUSED),
        (errors.InputError("t", happened="h", todo="d"), Cause.REFUSED),
        (errors.CredentialsError("t", happened="h", todo="d"), Cause.CREDENTIALS),
        (errors.TrustError("t", happened="h", todo="d"), Cause.CREDENTIALS),
        (errors.LocalError("t", happened="h", todo="d"), Cause.LOCAL),
        (errors.IntegrityError("t", happened="h", todo="d"), Cause.CONTENT),
        (ValueError("a defect"), Cause.DEFECT),
    ],
)
def test_every_error_has_its_cause(error: BaseException, cause: Cause) -> None:
    assert cause_of(error) is cause


def test_the_routing_table_knows_the_way_to_this_machine() -> None:
    assert RoutingTable().way("https://127.0.0.1:443/files").startswith("127.0.0.1")


def test_the_way_is_asked_for_without_a_packet() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        RoutingTable().way(f"https://127.0.0.1:{listener.getsockname()[1]}/files")
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.recv(1)
