"""The agent's pulse: that it ran, how that was, and what waited; ten minutes at a time, for a day."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from app.agentlink import BEAT_SECONDS, Beat
from app.decoding import ready
from app.domain.errors import LocalError
from app.secrets import replace_file

_log = logging.getLogger(__name__)
_EVERY = 30.0
_KEPT = 86_400 // BEAT_SECONDS


@dataclass(slots=True)
class _Slot:
    warned: bool = False
    queue: int = 0
    used: float = 0.0
    lasted: float = 0.0


@dataclass(slots=True)
class _Kept:
    since: float | None = None
    slots: dict[int, _Slot] = field(default_factory=dict)


class Pulse:
    """Kept in a small file, so that a restart forgets nothing. Usable from any thread."""

    def __init__(
        self,
        path: Path,
        *,
        wall: Callable[[], datetime],
        ticks: Callable[[], float] = time.monotonic,
        used: Callable[[], float] = time.process_time,
    ) -> None:
        """Read what was kept; a file that cannot be read is begun anew.

        Args:
            path: of the file.
            wall: the clock.
            ticks: monotonic seconds.
            used: seconds of processors that this process took.
        """
        self._path, self._wall, self._ticks, self._used = path, wall, ticks, used
        self._lock = threading.Lock()
        self._last: tuple[float, float] | None = None
        self._cpu: float | None = None
        self._told = False
        self._kept = _read(path)

    def due(self) -> bool:
        """Whether it is time for the next beat."""
        return self._last is None or self._ticks() - self._last[0] >= _EVERY

    def beat(self, *, warned: bool, queue: int) -> None:
        """The agent runs; what cannot be written now is written with the next beat.

        Args:
            warned: something needs a person.
            queue: bytes that wait on the disk.
        """
        with self._lock:
            now, ticks, used = self._wall().timestamp(), self._ticks(), self._used()
            slots = self._kept.slots
            slot = slots.setdefault(int(now // BEAT_SECONDS), _Slot())
            slot.warned, slot.queue = slot.warned or warned, max(slot.queue, queue)
            if self._last is not None and ticks > self._last[0]:
                lasted, worked = ticks - self._last[0], used - self._last[1]
                slot.lasted, slot.used = slot.lasted + lasted, slot.used + worked
                self._cpu = worked / lasted
            self._last = (ticks, used)
            if self._kept.since is None:
                self._kept.since = now
            oldest = now // BEAT_SECONDS - _KEPT
            self._kept.slots = {number: each for number, each in slots.items() if number > oldest}
            self._write()

    @property
    def cpu(self) -> float | None:
        """Share of one processor between the last two beats; None before there were two."""
        return self._cpu

    @property
    def since(self) -> datetime | None:
        """When the first beat was that is known."""
        since = self._kept.since
        return None if since is None else datetime.fromtimestamp(since, UTC)

    def beats(self) -> list[Beat]:
        """Those of the last day, the oldest first."""
        first = self._wall().timestamp() // BEAT_SECONDS - _KEPT
        with self._lock:
            return [
                Beat(
                    at=datetime.fromtimestamp(number * BEAT_SECONDS, UTC),
                    warned=slot.warned,
                    queue=slot.queue,
                    cpu=slot.used / slot.lasted if slot.lasted else 0.0,
                )
                for number, slot in sorted(self._kept.slots.items())
                if number > first
            ]

    def _write(self) -> None:
        try:
            replace_file(self._path, msgspec.json.encode(self._kept))
            self._told = False
        except LocalError as error:
            if not self._told:
                _log.info("the pulse is not written at present (%s)", error.code)
            self._told = True


def _read(path: Path) -> _Kept:
    try:
        return msgspec.json.decode(path.read_bytes(), type=ready(_Kept))
    except FileNotFoundError:
        return _Kept()
    except (OSError, msgspec.MsgspecError):
        _log.info("what was kept of the pulse cannot be read; it begins anew")
        return _Kept()
