"""Stages that end together, whatever happens to one of them."""

from __future__ import annotations

import threading

import pytest

from app.bundle.pipeline import Channel, Halted, Pipeline


def stages() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("bundle-")]


def test_things_pass_in_order_and_the_stage_ends_with_its_channel() -> None:
    taken: list[int] = []
    with Pipeline() as pipeline:
        channel: Channel[int] = pipeline.channel(room=2)
        pipeline.stage(lambda: taken.extend(channel), name="take")
        for number in range(100):
            channel.put(number)
        channel.close()
    assert taken == list(range(100))


def test_no_more_than_its_room_waits_in_a_channel() -> None:
    most = 0
    with Pipeline() as pipeline:
        channel: Channel[int] = pipeline.channel(room=3)
        given = 0

        def give() -> None:
            nonlocal given
            for number in range(50):
                channel.put(number)
                given = number + 1
            channel.close()

        pipeline.stage(give, name="give")
        for number in channel:
            most = max(most, given - number)
    assert most <= 3 + 1  # the one just taken, and a full channel behind it


def test_the_error_of_a_stage_is_raised_and_wakes_whoever_waits() -> None:
    def fail() -> None:
        raise OSError("no")

    def run() -> None:
        with Pipeline() as pipeline:
            never: Channel[int] = pipeline.channel(room=1)
            pipeline.stage(lambda: list(never) and None, name="waits-for-more")
            pipeline.stage(fail, name="fails")
            never.take()

    with pytest.raises(OSError, match="no"):
        run()
    assert stages() == []


def test_an_error_of_a_stage_is_raised_though_the_body_ended_well() -> None:
    def fail() -> None:
        raise ValueError("late")

    with pytest.raises(ValueError, match="late"), Pipeline() as pipeline:
        pipeline.stage(fail, name="fails")


def test_the_error_of_the_body_ends_stages_that_wait_for_room() -> None:
    def fill(full: Channel[int]) -> None:
        while True:
            full.put(1)

    def run() -> None:
        with Pipeline() as pipeline:
            full: Channel[int] = pipeline.channel(room=1)
            pipeline.stage(lambda: fill(full), name="fill")
            full.take()
            raise KeyError

    with pytest.raises(KeyError):
        run()
    assert stages() == []


def test_of_two_errors_the_first_is_raised() -> None:
    first = threading.Event()

    def fail() -> None:
        first.set()
        raise OSError("first")

    def fail_later(waits: Channel[int]) -> None:
        first.wait()
        with pytest.raises(Halted):
            waits.take()
        raise ValueError("second")

    def run() -> None:
        with Pipeline() as pipeline:
            waits: Channel[int] = pipeline.channel(room=1)
            pipeline.stage(lambda: fail_later(waits), name="second")
            pipeline.stage(fail, name="first")

    with pytest.raises(OSError, match="first"):
        run()


def test_a_closed_channel_gives_what_it_holds_first() -> None:
    with Pipeline() as pipeline:
        channel: Channel[int] = pipeline.channel(room=5)
        channel.put(1)
        channel.close()
        assert channel.take() == 1
        with pytest.raises(EOFError):
            channel.take()
