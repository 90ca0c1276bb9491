"""Whether the machine and its link are otherwise unused: what others do there, without our own part."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from app.transfer.bandwidth import Limiter, Limits, Pace

MOST_CPU = 0.5
"""Share of all processors that others may use while the machine still counts as idle."""

MOST_LINK = 256 * 1024
"""Bytes per second that others may move over the link while it still counts as idle."""

QUIET_FOR = 10.0
"""Seconds that both must have been so."""

_OVERHEAD = 1.08
"""What leaves the machine for each byte of ours: TLS or SSH, TCP, IP, acknowledgements."""

_SHORTEST = 0.5
_SYSTEM: str = sys.platform


@dataclass(frozen=True, slots=True)
class Reading:
    """Counters that only grow, as they stand at one moment.

    Attributes:
        at: seconds, monotonic.
        busy: processor seconds that the whole machine has worked; None where the system does not say.
        own: processor seconds of this process.
        link: bytes that all links have carried both ways, loopback left out; None where it is not known.
        moved: bytes of our own transfers.
        processors: how many work at once.
    """

    at: float
    busy: float | None
    own: float
    link: int | None
    moved: int
    processors: int


def others_at_work(before: Reading, now: Reading) -> bool:
    """Whether others used the machine or its link between two readings. Pure."""
    seconds = now.at - before.at
    if seconds <= 0:
        return False
    if before.busy is not None and now.busy is not None:
        theirs = (now.busy - before.busy) - (now.own - before.own)
        if theirs > MOST_CPU * seconds * now.processors:
            return True
    if before.link is not None and now.link is not None:
        theirs = (now.link - before.link) - _OVERHEAD * (now.moved - before.moved)
        return theirs > MOST_LINK * seconds
    return False


class Machine(Protocol):
    """Where readings come from; a seam, for tests."""

    def read(self, moved: int) -> Reading:
        """The counters now; `moved` are the bytes of our own transfers."""


class Idleness:
    """Answers `Limiter`'s question; asked about once a second, from any one thread at a time."""

    def __init__(self, *, moved: Callable[[], int], machine: Machine | None = None) -> None:
        """`moved`: bytes of our own transfers so far, see `Limiter.moved`."""
        self._moved = moved
        self._machine = machine or ThisMachine()
        self._before: Reading | None = None
        self._used_at = 0.0

    def __call__(self) -> bool:
        """Whether nobody else has used the machine for `QUIET_FOR` seconds."""
        now = self._machine.read(self._moved())
        if self._before is None:
            self._before, self._used_at = now, now.at
            return False
        if now.at - self._before.at >= _SHORTEST:
            if others_at_work(self._before, now):
                self._used_at = now.at
            self._before = now
        return now.at - self._used_at >= QUIET_FOR


def limiter_for(limits: Limits, *, pace: Pace | None = None) -> Limiter:
    """A limiter that knows by itself whether others use this machine; `pace` is the time it lives by."""
    made: list[Limiter] = []
    made.append(Limiter(limits, pace=pace, idle=Idleness(moved=lambda: made[0].moved)))
    return made[0]


class ThisMachine:
    """Linux: processors and links. Windows: processors. macOS: the load of the last minute."""

    def __init__(self) -> None:
        self._load = 0.0
        self._loaded_at: float | None = None

    def read(self, moved: int) -> Reading:
        """`Machine.read`."""
        now = time.monotonic()
        return Reading(
            at=now,
            busy=self._busy(now),
            own=time.process_time(),
            link=_link(),
            moved=moved,
            processors=os.cpu_count() or 1,
        )

    def _busy(self, now: float) -> float | None:
        if _SYSTEM == "linux":
            return _busy_linux()
        if _SYSTEM == "win32":
            return _busy_windows()
        if not hasattr(os, "getloadavg"):
            return None
        # A load is processors at work: over time it adds up to seconds of work.
        if self._loaded_at is not None:
            self._load += min(os.getloadavg()[0], float(os.cpu_count() or 1)) * (now - self._loaded_at)
        self._loaded_at = now
        return self._load


def _busy_linux() -> float | None:
    try:
        fields = Path("/proc/stat").read_text(encoding="ascii").split(maxsplit=10)[1:9]
        user, nice, system, _idle, _iowait, irq, softirq, steal = (int(each) for each in fields)
    except (OSError, ValueError):
        return None
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def _busy_windows() -> float | None:
    import ctypes

    idle, kernel, user = ctypes.c_uint64(), ctypes.c_uint64(), ctypes.c_uint64()
    pointers = (ctypes.byref(idle), ctypes.byref(kernel), ctypes.byref(user))
    kernel32 = ctypes.WinDLL("kernel32")  # type: ignore[attr-defined]
    if not kernel32.GetSystemTimes(*pointers):
        return None
    # The kernel's time includes the idle one; all in units of 100 ns.
    return (kernel.value - idle.value + user.value) / 10_000_000


def _link() -> int | None:
    if _SYSTEM != "linux":
        return None
    try:
        lines = Path("/proc/net/dev").read_text(encoding="ascii").splitlines()[2:]
        total = 0
        for line in lines:
            name, _colon, counts = line.partition(":")
            if name.strip() != "lo":
                words = counts.split()
                total += int(words[0]) + int(words[8])
    except (OSError, ValueError, IndexError):
        return None
    return total
