"""Blocks between the thread that receives and those that store and hash."""

from __future__ import annotations

import queue
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.sandbox.uploads.relay import Relay

WAIT_S = 120
MIB = 1 << 20


def send(relay: Relay, number: int, filled: int) -> bool:
    block = relay.block()
    if block is None:
        return False
    block[:filled] = bytes([number % 256]) * filled
    relay.hand_over(block, filled)
    return True


def gather(into: bytearray, views: list[memoryview]) -> None:
    into += b"".join(views)


@given(lengths=st.lists(st.integers(1, 2000), max_size=30), takers=st.integers(1, 3))
@settings(max_examples=30, deadline=None)
def test_every_taker_gets_every_block_in_order(lengths: list[int], takers: int) -> None:
    got = [bytearray() for _taker in range(takers)]
    relay = Relay(*(partial(gather, taken) for taken in got))
    with ThreadPoolExecutor(takers) as pool:
        running = [pool.submit(relay.run, number) for number in range(takers)]
        for number, length in enumerate(lengths):
            assert send(relay, number, length)
        relay.end()
        for one in running:
            one.result(WAIT_S)
    relay.close()
    wanted = b"".join(bytes([number]) * length for number, length in enumerate(lengths))
    assert [bytes(taken) for taken in got] == [wanted] * takers


def test_a_block_is_not_filled_again_while_a_slow_taker_has_it() -> None:
    quick, slow, go = bytearray(), bytearray(), threading.Event()

    def slowly(views: list[memoryview]) -> None:
        assert go.wait(WAIT_S)
        gather(slow, views)

    relay = Relay(partial(gather, quick), slowly)
    with ThreadPoolExecutor(3) as pool:
        running = [pool.submit(relay.run, number) for number in range(2)]
        sending = pool.submit(lambda: [send(relay, number, 5) for number in range(20)])
        # However far the quick one is, the sender waits for the slow one.
        with pytest.raises(TimeoutError):
            sending.result(0.05)
        go.set()
        sending.result(WAIT_S)
        relay.end()
        for one in running:
            one.result(WAIT_S)
    relay.close()
    assert quick == slow == b"".join(bytes([number]) * 5 for number in range(20))


def test_a_taker_that_fails_ends_the_relay_and_the_other_takes_what_was_handed_over() -> None:
    other, sent = bytearray(), 0

    def fails(_views: list[memoryview]) -> None:
        raise OSError("full")

    relay = Relay(fails, partial(gather, other))
    with ThreadPoolExecutor(2) as pool:
        running = [pool.submit(relay.run, number) for number in range(2)]
        while send(relay, sent, 7):
            sent += 1
        relay.end()
        with pytest.raises(OSError, match="full"):
            running[0].result(WAIT_S)
        running[1].result(WAIT_S)
    relay.close()
    assert len(other) == sent * 7


class Waits(Exception):
    """A body would wait for its takers."""


class Never(queue.SimpleQueue[memoryview | None]):
    """Takers that give nothing back."""

    def get(self, block: bool = True, timeout: float | None = None) -> memoryview | None:
        if self.empty():
            raise Waits
        return super().get(block, timeout)


def taken(relay: Relay) -> list[int]:
    """Bytes of the blocks that a body gets before it waits."""
    relay._free = Never()
    found: list[int] = []
    while True:
        try:
            block = relay.block()
        except Waits:
            return found
        assert block is not None
        found.append(len(block))


def test_the_blocks_of_many_bodies_are_bounded() -> None:
    relays = [Relay() for _number in range(40)]
    try:
        blocks = [taken(relay) for relay in relays]
    finally:
        for relay in relays:
            relay.close()
    assert sum(blocks[0]) > sum(blocks[-1])
    assert min(map(len, blocks)) > 1
    assert sum(map(sum, blocks)) <= 40 * 2 * MIB + 32 * MIB
    alone = Relay()
    assert taken(alone) == blocks[0], "what ended is there for others"
    alone.close()
