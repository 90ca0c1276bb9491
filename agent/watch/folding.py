"""Events of one directory that come together are one: a log that is written to all the time costs little.

The library makes an object of every event and takes a lock for each. Ten thousand writes a second are ten
thousand events; what is told of them is that so many directories have changed.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Callable
from typing import cast

from watchdog.observers.inotify_c import InotifyConstants, InotifyEvent, InotifyFD, Mask, WatchDescriptor

_TOGETHER = 0.01
"""Seconds in which events are gathered after one came; the first after such a pause is told at once."""
_IN_A_STORM = 0.025
_STORM = 4096
"""Bytes of events (some eighty) that make a storm of what was gathered."""
_BUFFER = 1 << 18
"""Bytes of events that are read at once."""
_HEAD = struct.Struct("iIII")
"""Watch, what happened, cookie, bytes of the name behind it: `struct inotify_event`."""
_OF_THE_WATCH = (
    InotifyConstants.IN_DELETE_SELF
    | InotifyConstants.IN_MOVE_SELF
    | InotifyConstants.IN_UNMOUNT
    | InotifyConstants.IN_Q_OVERFLOW
    | InotifyConstants.IN_IGNORED
)
_read = InotifyFD._read_event_buffer


class FoldingReader(InotifyFD):
    """The library's reader; of what happened in a directory it tells once per reading, without names."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Ask the system for a queue of events.

        Args:
            clock: monotonic seconds.

        Raises:
            OSError: there is none left.
        """
        super().__init__()
        self._clock = clock
        self._told = float("-inf")
        self._rest = _TOGETHER

    def read_events(self, *, event_buffer_size: int = _BUFFER) -> list[InotifyEvent]:
        """What has happened, waiting for it; nothing when the reader ends."""
        if self._clock() - self._told < self._rest:
            self.stopped_event.wait(self._rest)
        buffer = _read(self, event_buffer_size)
        self._rest = _IN_A_STORM if len(buffer) >= _STORM else _TOGETHER
        self._told = self._clock()
        return folded(buffer)


def folded(buffer: bytes) -> list[InotifyEvent]:
    """The events of a buffer of the kernel, those in one directory as one.

    What happens to a watch itself stays one event each, in its place: what came before is told before it.
    """
    events: list[InotifyEvent] = []
    changed: dict[int, int] = {}
    at, end, head, heads = 0, len(buffer), _HEAD.size, _HEAD.unpack_from
    while at + head <= end:
        watch, mask, _cookie, length = heads(buffer, at)
        at += head + length
        if not mask & _OF_THE_WATCH:
            changed[watch] = mask
            continue
        events += _told_once(changed)
        changed.clear()
        events.append(_event(watch, mask))
    return [*events, *_told_once(changed)]


def _told_once(changed: dict[int, int]) -> list[InotifyEvent]:
    return [_event(watch, mask) for watch, mask in changed.items() if watch != -1]


def _event(watch: int, mask: int) -> InotifyEvent:
    return InotifyEvent(cast("WatchDescriptor", watch), cast("Mask", mask), 0, b"")
