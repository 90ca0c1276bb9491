"""How fast the desktop fetches: by the limits of the agent it follows, as Settings › Bandwidth shows them."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from app.agentlink import LendAsk, LimitHours, LimitsShown, TransferLimits
from app.domain.errors import WorldError
from app.transfer import Hours, Idleness, Limiter, Limits
from app.transfer.bandwidth import Pace
from app.transfer.idle import Machine, Reading, ThisMachine
from app.transfer.purse import Purse
from app.transfer.wording import parse_time
from ui.shell.services import AgentService, PortalService
from ui.tasks import beside

LOOK_EVERY = 2.0
"""Seconds after which the agent is asked anew while something is fetched: others may set its limits, too."""

Call = Callable[[], None]

_log = logging.getLogger(__name__)


class DownloadPace:
    """One limiter for all downloads of the desktop. Usable from any thread.

    The limit is that of the agent, for what it sends and what the desktop fetches together: the agent's own
    limiter is asked for what is fetched. Without an agent there are no limits. When it cannot be asked, what
    it said last holds for the downloads alone.
    """

    def __init__(
        self,
        agent: AgentService | None,
        *,
        pace: Pace | None = None,
        machine: Machine | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        beside: Callable[[Call], None] = beside,
    ) -> None:
        """Nothing is asked yet.

        Args:
            agent: of this PC.
            pace: the limiter's time.
            machine: what others do.
            monotonic: the time between two looks.
            beside: how the agent is asked while something is fetched: one that is slow holds up no byte.
        """
        self._agent = agent
        self._monotonic = monotonic
        self._beside = beside
        self._asking = threading.Lock()
        self._asked_at: float | None = None
        self._silent = False
        self._both = _Both(machine or ThisMachine())
        self._idleness = Idleness(moved=self._moved, machine=self._both)
        self._idle = False
        self._agents_moved = 0
        self._who = secrets.token_hex(8)
        purse = None if agent is None else Purse(partial(self._borrow, agent), beside=beside, pace=pace)
        self.limiter = Limiter(Limits(), pace=pace, idle=lambda: self._idle, lender=purse)

    @property
    def held(self) -> bool:
        """Whether nothing may be fetched at this moment."""
        return self.limiter.rate_now() == 0

    def fetch(
        self,
        portal: PortalService,
        number: str,
        file_id: str,
        target: Path,
        *,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> object:
        """`PortalService.download`, as fast as the limits allow; they may change meanwhile. It blocks."""
        self._look(at_once=True)

        def told(done: int, whole: int) -> None:
            self._look()
            if on_progress is not None:
                on_progress(done, whole)

        return portal.download(number, file_id, target, on_progress=told, limiter=self.limiter)

    def take(self, shown: LimitsShown) -> None:
        """What the agent said of its limits; it holds at once."""
        wanted = limits_of(shown.limits)
        if wanted != self.limiter.limits:
            self.limiter.set(wanted)

    def _look(self, *, at_once: bool = False) -> None:
        """Ask the agent, unless that was just done or is being done; `at_once` waits for the answer."""
        if self._agent is None or not self._asking.acquire(blocking=False):
            return
        now = self._monotonic()
        if self._asked_at is not None and now - self._asked_at < LOOK_EVERY:
            self._asking.release()
            return
        self._asked_at = now
        call = partial(self._ask, self._agent)
        if at_once:
            call()
        else:
            self._beside(call)

    def _ask(self, agent: AgentService) -> None:
        """One question; whoever may ask has taken the lock, and this gives it back."""
        try:
            self._heed(agent)
        finally:
            self._asking.release()

    def _heed(self, agent: AgentService) -> None:
        try:
            shown = agent.limits()
        except WorldError as error:
            if not self._silent:
                _log.info("the agent's limits are not known anew (%s); what it said last holds", error.code)
            self._silent = True
            return
        self._silent = False
        self._agents_moved, self._both.worked = shown.moved, shown.worked
        if shown.limits.only_idle:
            self._idle = self._idleness()
        self.take(shown)

    def _borrow(self, agent: AgentService, count: int) -> int | None:
        return agent.lend(LendAsk(bytes=count, who=self._who)).bytes

    def _moved(self) -> int:
        return self.limiter.moved + self._agents_moved


class _Both:
    """A machine on which the agent's work is our own, too: what it sends is not what a download waits for."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self.worked = 0.0

    def read(self, moved: int) -> Reading:
        """`Machine.read`."""
        reading = self._machine.read(moved)
        return replace(reading, own=reading.own + self.worked)


def limits_of(limits: TransferLimits) -> Limits:
    """What the limiter takes; the agent has checked it."""
    return Limits(
        rate=limits.rate, hours=tuple(_hours(each) for each in limits.hours), only_idle=limits.only_idle
    )


def _hours(hours: LimitHours) -> Hours:
    return Hours(
        days=frozenset(hours.days), begin=parse_time(hours.begin), end=parse_time(hours.end), rate=hours.rate
    )
