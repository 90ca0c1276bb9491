"""A download goes on by itself while the server is away, and at once when the network is back."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from app.domain.errors import UnreachableError, WorldError
from app.transfer.bandwidth import Limiter
from app.transfer.closed import closed_now
from app.transfer.control import Control, Stopped, Wish
from app.transfer.outage import Network, RoutingTable
from app.transfer.retry import RetryPolicy, has_no_connection

T = TypeVar("T")
Tell = Callable[[int, int], None]
Waiting = Callable[[WorldError, float | None], None]

_LOOK_EVERY = 1.0


def keep_on(
    attempt: Callable[[Tell], T],
    *,
    policy: RetryPolicy,
    limiter: Limiter,
    tell: Tell,
    waiting: Waiting = lambda _error, _left: None,
    here: Callable[[], bool] = lambda: False,
    place: str = "",
    network: Network | None = None,
    monotonic: Callable[[], float] = time.monotonic,
    wait: Callable[[float], None] | None = None,
    control: Control | None = None,
) -> T:
    """Try, again and again while the server cannot be reached; time in which nothing may move is none.

    Args:
        attempt: fetches, from where an earlier call ended; is given what it must tell of bytes so far and
            in all.
        policy: of waiting and giving up.
        limiter: what the attempts keep to.
        tell: hears what they tell; what it raises ends it.
        waiting: called about once a second while it waits, with the error and the seconds that are left; also
            while the limiter lets nothing move (CF-1251), and then with None. What it raises ends it.
        here: whether an earlier call left every byte of it, so that no hours hold it.
        place: address of the server; the way to it is watched while it waits.
        network: says that it is back; the machine's routing table by default.
        monotonic: seconds that never step.
        wait: waits so many seconds; until the control asks for something by default.
        control: asks it to stop; what breaks meanwhile was broken by that.

    Raises:
        Stopped: asked for; what arrived is kept for the next call.
        UnreachableError: nothing arrived for `policy.give_up_after` seconds, or waiting does not mend it.
    """
    network, control = network or RoutingTable(), control or Control()
    pause = wait or (lambda seconds: _idle(control, seconds))
    most, failures, moved_at, stood = -1, 0, monotonic(), limiter.stood()
    arrived = False

    def told(done: int, whole: int) -> None:
        nonlocal most, failures, moved_at, stood, arrived
        _heed(control)
        arrived = 0 < whole <= done
        if done > most:
            most, failures, moved_at, stood = done, 0, monotonic(), limiter.stood()
        elif done < whole and limiter.rate_now() == 0:
            waiting(closed_now(fetching=True), None)
            return
        tell(done, whole)

    def outwait(error: UnreachableError) -> None:
        way = network.way(place)
        outage = monotonic() - moved_at if has_no_connection(error) else None
        left = policy.wait(failures, asked=error.retry_after, outage=outage)
        while left > 0:
            waiting(error, left)
            pause(min(left, _LOOK_EVERY))
            _heed(control)
            left -= _LOOK_EVERY
            way_now = network.way(place)
            if way_now and way_now != way and error.retry_after is None:
                return
            way = way_now

    while True:
        _hold_while_closed(
            limiter, waiting=waiting, here=lambda: arrived or here(), pause=pause, control=control
        )
        try:
            return attempt(told)
        except WorldError as error:
            if error.retryable:
                _heed(control)
            if not isinstance(error, UnreachableError):
                raise
            quiet = monotonic() - moved_at - (limiter.stood() - stood)
            if quiet >= policy.give_up_after or not error.retryable:
                raise
            failures += 1
            outwait(error)


def _hold_while_closed(
    limiter: Limiter,
    *,
    waiting: Waiting,
    here: Callable[[], bool],
    pause: Callable[[float], None],
    control: Control,
) -> None:
    """Open nothing in hours in which nothing may be fetched, unless nothing is to be."""
    _heed(control)
    while limiter.rate_now() == 0 and not here():
        waiting(closed_now(fetching=True), None)
        pause(_LOOK_EVERY)
        _heed(control)


def _heed(control: Control) -> None:
    if control.wish is not Wish.GO:
        raise Stopped("stopped")


def _idle(control: Control, seconds: float) -> None:
    control.wait_for_change(Wish.GO, seconds=seconds)
