"""Preparing jobs without being felt: low priority, a limit of processor, rests on a busy host, hours."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from agent.catalogue.idle import rest_in_the_background
from app.transfer.bandwidth import Hours
from app.transfer.idle import Machine, Reading, ThisMachine

WHILE_BUSY = 0.1
"""Of one processor that may be used while others keep the host busy."""

_STRETCH = 0.1
"""Seconds of work between two rests."""

_LONGEST_REST = 2.0
"""Seconds: after it is asked anew how long a rest is wanted, since the host may be calm again."""
_MOST_RESTS = 60
"""One behind the other: a clock that jumps back keeps nobody for longer."""
_LOOK_EVERY = 2.0
"""Seconds between two looks at what others do on this host."""


@dataclass(frozen=True, slots=True)
class Manners:
    """How kind the agent is to the host while it prepares jobs.

    Attributes:
        nice: the lowest priority of processor and disk.
        cpu: of one processor that the agent may use meanwhile: 0.5 is half of it; None is without limit.
        busy: share of all processors that others must use for the host to count as busy, 0 to 1; None never.
        hours: when jobs of rules and log requests are prepared, local time; always when there are none.
    """

    nice: bool = True
    cpu: float | None = 1.0
    busy: float | None = 0.75
    hours: Sequence[Hours] = field(default_factory=tuple)

    def may_prepare(self, moment: datetime) -> bool:
        """Whether jobs of rules and log requests are prepared at this local moment. Pure."""
        return not self.hours or any(each.covers(moment) for each in self.hours)

    def threads(self) -> int:
        """That mask one file: a second one only where more than one processor may be used. Pure."""
        return 2 if self.cpu is None or self.cpu > 1 else 1

    def limit(self, *, busy: bool) -> float | None:
        """Of one processor that may be used now; None is without limit. Pure."""
        if not busy:
            return self.cpu
        return WHILE_BUSY if self.cpu is None else min(self.cpu, WHILE_BUSY)


def rest_for(*, cpu: float, wall: float, limit: float) -> float:
    """Seconds to rest now so that work takes no more than its share of one processor; two at most. Pure.

    Args:
        cpu: processor seconds that were used.
        wall: seconds that passed meanwhile.
        limit: processors that may be used, more than 0.
    """
    return min(max(0.0, cpu / limit - wall), _LONGEST_REST)


def used_by_others(before: Reading, now: Reading) -> float | None:
    """Share of all processors that others used between two readings; None where nobody can say. Pure."""
    seconds = (now.at - before.at) * now.processors
    if seconds <= 0 or before.busy is None or now.busy is None:
        return None
    theirs = (now.busy - before.busy) - (now.own - before.own)
    return min(1.0, max(0.0, theirs / seconds))


class Kindness:
    """Rests for the threads that prepare, which call `breathe` again and again: while one rests, all do."""

    def __init__(
        self,
        manners: Manners,
        *,
        machine: Machine | None = None,
        clock: Callable[[], float] = time.monotonic,
        cpu: Callable[[], float] = time.process_time,
        rest: Callable[[float], object] | None = None,
    ) -> None:
        """Nothing is asked yet.

        Args:
            manners: how kind.
            machine: what others do on this host.
            clock: monotonic seconds.
            cpu: processor seconds of this process: threads that pack count, too.
            rest: rests for so many seconds; until `stop` at most, by default.
        """
        self.manners = manners
        self._machine = machine or ThisMachine()
        self._clock = clock
        self._cpu = cpu
        self._stop = threading.Event()
        self._rest = rest or self._stop.wait
        self._since, self._used = clock(), cpu()
        self._resting = threading.Lock()
        self._looked: Reading | None = None
        self._busy = False

    def begin(self) -> None:
        """What a thread that prepares calls first."""
        if self.manners.nice:
            rest_in_the_background()

    def stop(self) -> None:
        """No rest from now on: the agent ends."""
        self._stop.set()

    def breathe(self) -> None:
        """Rest for what was done since the last rest."""
        if not self._stop.is_set():
            with self._resting:
                self._breathe()

    def _breathe(self) -> None:
        wall = self._clock() - self._since
        if wall < _STRETCH:
            return
        for _ in range(_MOST_RESTS):
            limit = self.manners.limit(busy=self._host_is_busy())
            if limit is None or self._stop.is_set():
                break
            rest = rest_for(cpu=self._cpu() - self._used, wall=self._clock() - self._since, limit=limit)
            if rest <= 0:
                break
            self._rest(rest)
        self._since, self._used = self._clock(), self._cpu()

    def _host_is_busy(self) -> bool:
        if self.manners.busy is None:
            return False
        now = self._clock()
        if self._looked is None or now - self._looked.at >= _LOOK_EVERY:
            reading = self._machine.read(0)
            share = None if self._looked is None else used_by_others(self._looked, reading)
            self._busy = share is not None and share > self.manners.busy
            self._looked = reading
        return self._busy
