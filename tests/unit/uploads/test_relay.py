"""Blocks between the thread that receives and those that store and hash."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.sandbox.uploads.relay import BLOCK, Relay

WAIT_S = 120


def send(relay: Relay, number: int, filled: int) -> bool:
    block = relay.block()
    if block is None:
        return False
    block[:filled] = bytes([number % 256]) * filled
    relay.hand_over(block, filled)
    return True


@given(lengths=st.lists(st.integers(1, 2000), max_size=30), takers=st.integers(1, 3))
@settings(max_examples=30, deadline=None)
def test_every_taker_gets_every_block_in_order(lengths: list[int], takers: int) -> None:
    got = [bytearray() for _taker in range(takers)]
    relay = Relay(*(taken.extend for taken in got))
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

    def slowly(view: memoryview) -> None:
        assert go.wait(WAIT_S)
        slow.extend(view)

    relay = Relay(quick.extend, slowly)
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
    assert quick == slow == b"".join(bytes([number]) * 5 for number in range(20))


def test_a_taker_that_fails_ends_the_relay_and_the_other_takes_what_was_handed_over() -> None:
    other, sent = bytearray(), 0

    def fails(_view: memoryview) -> None:
        raise OSError("full")

    relay = Relay(fails, other.extend)
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


def test_blocks_are_of_the_length_that_is_said() -> None:
    relay = Relay()
    block = relay.block()
    assert block is not None
    assert len(block) == BLOCK
