"""A download goes on by itself while the server is away, and at once when the network is back."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from app.domain.errors import UnreachableError
from app.transfer.bandwidth import Limiter
from app.transfer.outage import Network, RoutingTable
from app.transfer.retry import RetryPolicy

T = TypeVar("T")
Tell = Callable[[int, int], None]
Waiting = Callable[[UnreachableError, float], None]

_LOOK_EVERY = 1.0


def keep_on(
    attempt: Callable[[Tell], T],
    *,
    policy: RetryPolicy,
    limiter: Limiter,
    tell: Tell,
    waiting: Waiting = lambda _error, _left: None,
    place: str = "",
    network: Network | None = None,
    monotonic: Callable[[], float] = time.monotonic,
    wait: Callable[[float], None] = time.sleep,
) -> T:
    """Try, again and again while the server cannot be reached; time in which nothing may move is none.

    Args:
        attempt: fetches, from where an earlier call ended; is given what it must tell of bytes so far and
            in all.
        policy: of waiting and giving up.
        limiter: what the attempts keep to.
        tell: hears what they tell; what it raises ends it.
        waiting: called about once a second while it waits, with the error and the seconds that are left; what
            it raises ends it.
        place: address of the server; the way to it is watched while it waits.
        network: says that it is back; the machine's routing table by default.
        monotonic: seconds that never step.
        wait: waits so many seconds.

    Raises:
        UnreachableError: nothing arrived for `policy.give_up_after` seconds, or waiting does not mend it.
    """
    network = network or RoutingTable()
    most, failures, moved_at, stood = -1, 0, monotonic(), limiter.stood()

    def told(done: int, whole: int) -> None:
        nonlocal most, failures, moved_at, stood
        if done > most:
            most, failures, moved_at, stood = done, 0, monotonic(), limiter.stood()
        tell(done, whole)

    def outwait(error: UnreachableError) -> None:
        way = network.way(place)
        left = policy.wait(failures, asked=error.retry_after)
        while left > 0:
            waiting(error, left)
            wait(min(left, _LOOK_EVERY))
            left -= _LOOK_EVERY
            way_now = network.way(place)
            if way_now and way_now != way and error.retry_after is None:
                return
            way = way_now

    while True:
        try:
            return attempt(told)
        except UnreachableError as error:
            quiet = monotonic() - moved_at - (limiter.stood() - stood)
            if quiet >= policy.give_up_after or not error.retryable:
                raise
            failures += 1
            outwait(error)
