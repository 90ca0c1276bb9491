"""The limit of bytes per second: one for all connections of all transfers, shared fairly between them."""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from itertools import count
from time import monotonic
from typing import Protocol

_LOOK_EVERY = 0.1
LARGEST_STRIDE = 256 * 1024
_SMALLEST_STRIDE = 1024
_STRIDES_A_SECOND = 16
"""A limit is as exact as what leaves at once is small."""

_BURST = 0.25
"""Seconds of the rate that may be caught up at once after a pause: a busy machine wakes threads a tenth of a
second late, which then costs nothing, and no ten seconds have more than 3 % too much."""


@dataclass(frozen=True, slots=True)
class Hours:
    """A rule of the week.

    Attributes:
        days: 0 (Monday) to 6.
        begin, end: local time of the day, `end` not included; an `end` not after `begin` is on the next day.
        rate: bytes per second; 0 stops, None is without limit.
    """

    days: frozenset[int]
    begin: time
    end: time
    rate: int | None

    def covers(self, moment: datetime) -> bool:
        """Whether it is the rule at this local moment."""
        at = moment.time()
        today = moment.weekday() in self.days
        if self.begin < self.end:
            return today and self.begin <= at < self.end
        yesterday = (moment.weekday() - 1) % 7 in self.days
        return (today and at >= self.begin) or (yesterday and at < self.end)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a person set.

    Attributes:
        rate: bytes per second when no hours hold; 0 stops, None is without limit.
        hours: the first that covers the moment wins.
        only_idle: nothing moves while the machine is in use.
    """

    rate: int | None = None
    hours: Sequence[Hours] = ()
    only_idle: bool = False

    def at(self, moment: datetime, *, idle: bool) -> int | None:
        """Bytes per second at this local moment; 0 stops, None is without limit."""
        if self.only_idle and not idle:
            return 0
        return next((each.rate for each in self.hours if each.covers(moment)), self.rate)


def stride_at(rate: int | None) -> int:
    """Bytes that may leave at once under a limit, so that it is exact over ten seconds. Pure.

    Args:
        rate: bytes per second; None is without limit.
    """
    if rate is None:
        return LARGEST_STRIDE
    return max(_SMALLEST_STRIDE, min(LARGEST_STRIDE, rate // _STRIDES_A_SECOND))


class Pace(Protocol):
    """The time a limiter lives by."""

    def now(self) -> float:
        """Seconds, monotonic."""

    def moment(self) -> datetime:
        """Local time."""

    def wait(self, condition: threading.Condition, seconds: float) -> None:
        """Wait on the condition, at most so long."""


class SystemPace:
    """The machine's own time."""

    def now(self) -> float:
        """`Pace.now`."""
        return monotonic()

    def moment(self) -> datetime:
        """`Pace.moment`."""
        return datetime.now().astimezone()

    def wait(self, condition: threading.Condition, seconds: float) -> None:
        """`Pace.wait`."""
        condition.wait(seconds)


class Lender(Protocol):
    """Another program's limiter, which counts our bytes among its own; `app.transfer.purse.Purse` is one."""

    def draw(self, size: int, *, rate: int, going: Callable[[], None]) -> None:
        """Wait until so many bytes may be moved; `rate` is the limit, `going` as for `Flow.take`."""


class Limiter:
    """A token bucket for the sum of all connections. Usable from any thread.

    Transfers share it by weight, however many connections each has: what waits leaves in the order of its
    virtual time (start-time fair queueing), and what one does not use is the others'.
    """

    def __init__(
        self,
        limits: Limits,
        *,
        pace: Pace | None = None,
        idle: Callable[[], bool] = lambda: True,
        lender: Lender | None = None,
    ) -> None:
        """Limits that hold from now on.

        Args:
            limits: see there.
            pace: the time it lives by.
            idle: whether nobody uses the machine; asked about once a second, only when it matters.
            lender: whose limit it is, too; asked only while there is one.
        """
        self._limits = limits
        self._lender = lender
        self._pace = pace or SystemPace()
        self._idle = idle
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._waiting: list[tuple[float, int]] = []
        self._numbers = count()
        self._virtual = 0.0
        self._free_at = self._pace.now()
        self._rate: int | None = None
        self._looked_at: float | None = None
        self._stood = 0.0
        self._moved = 0

    @property
    def limits(self) -> Limits:
        """What a person set."""
        return self._limits

    @property
    def moved(self) -> int:
        """Bytes of all flows since the beginning: our own share of what the link carries."""
        return self._moved

    def set(self, limits: Limits) -> None:
        """Other limits, from now on; who waits notices at once."""
        with self._lock:
            self._rate_at(self._pace.now())
            self._limits = limits
            self._looked_at = None
            self._changed.notify_all()

    def rate_now(self) -> int | None:
        """Bytes per second at this moment; 0 stops, None is without limit."""
        with self._lock:
            return self._rate_at(self._pace.now())

    def stood(self) -> float:
        """Seconds in which nothing was allowed to move, as far as somebody looked; it only grows."""
        with self._lock:
            self._rate_at(self._pace.now())
            return self._stood

    @property
    def limited(self) -> bool:
        """Whether there is a limit at this moment."""
        return self.rate_now() is not None

    def flow(self, *, weight: float = 1.0) -> Flow:
        """The share of one transfer; one of weight 2 has twice what one of weight 1 has."""
        return Flow(self, weight=weight)

    def take(self, flow: Flow, size: int, *, going: Callable[[], None]) -> None:
        """Count `size` bytes of the flow and wait until they are due."""
        if self._lender is not None and (limit := self.rate_now()) is not None:
            self._lender.draw(size, rate=limit, going=going)
        with self._lock:
            self._moved += size
            now = self._pace.now()
            rate = self._rate_at(now)
            if rate is None:
                return
            tag = max(self._virtual, flow.finished)
            flow.finished = tag + size / flow.weight
            if rate and not self._waiting and now >= self._free_at:
                # The usual case costs little: nobody waits, and the bytes are due.
                self._virtual = tag
                self._free_at = max(self._free_at, now - _BURST) + size / rate
                return
            ticket = (tag, next(self._numbers))
            heapq.heappush(self._waiting, ticket)
            try:
                self._wait_for(ticket, size, going=going)
            except BaseException:
                # They do not leave: they cost the flow no turn.
                self._moved -= size
                flow.finished -= size / flow.weight
                self._waiting.remove(ticket)
                heapq.heapify(self._waiting)
                self._changed.notify_all()
                raise

    def _wait_for(self, ticket: tuple[float, int], size: int, *, going: Callable[[], None]) -> None:
        while True:
            now = self._pace.now()
            rate = self._rate_at(now)
            first = self._waiting[0] == ticket
            if first and (rate is None or (rate > 0 and now >= self._free_at)):
                heapq.heappop(self._waiting)
                self._virtual = ticket[0]
                if rate:
                    self._free_at = max(self._free_at, now - _BURST) + size / rate
                self._changed.notify_all()
                return
            seconds = _LOOK_EVERY
            if first and rate:
                seconds = min(seconds, self._free_at - now)
            self._pace.wait(self._changed, seconds)
            # What it tells or asks takes its time: the others need not wait for that.
            self._lock.release()
            try:
                going()
            finally:
                self._lock.acquire()

    def _rate_at(self, now: float) -> int | None:
        if self._looked_at is None or now - self._looked_at >= 1.0:
            if self._rate == 0 and self._looked_at is not None:
                self._stood += now - self._looked_at
            idle = self._idle() if self._limits.only_idle else True
            self._rate = self._limits.at(self._pace.moment(), idle=idle)
            self._looked_at = now
        return self._rate


class Flow:
    """One transfer at a `Limiter`."""

    def __init__(self, limiter: Limiter, *, weight: float) -> None:
        self._limiter = limiter
        self.weight = weight
        self.finished = 0.0

    @property
    def closed(self) -> bool:
        """Whether nothing may move at this moment."""
        return self._limiter.rate_now() == 0

    @property
    def stood(self) -> float:
        """See `Limiter.stood`."""
        return self._limiter.stood()

    @property
    def limited(self) -> bool:
        """See `Limiter.limited`."""
        return self._limiter.limited

    @property
    def allowed(self) -> int:
        """Bytes per second of the limit now, for all who share it; 0: there is none, or it stops all."""
        return self._limiter.rate_now() or 0

    @property
    def stride(self) -> int:
        """Bytes to be taken at once, at most; see `stride_at`. It changes with the limit."""
        return stride_at(self._limiter.rate_now())

    def take(self, size: int, *, going: Callable[[], None]) -> None:
        """Count bytes that have left; wait until the next may.

        Args:
            size: bytes.
            going: called while it waits, and may take its time; raises to end the waiting.
        """
        self._limiter.take(self, size, going=going)


def unlimited() -> Flow:
    """A share that never waits."""
    return Limiter(Limits()).flow()
