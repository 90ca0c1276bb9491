"""How many connections a transfer uses, and how large its parts are: found by measuring. Pure."""

from __future__ import annotations

from app.transfer.destination import Features

MOST_CONNECTIONS = 16
"""More are never opened for one file."""

IN_MEMORY = 48 * 1024 * 1024
"""Bytes of parts that one transfer holds at once, read or on their way."""

_LANE_MEMORY = 1536 * 1024
"""What a connection itself holds, taken from the room for parts."""

_FAR, _VERY_FAR = 0.020, 0.080
_WINDOW = 1.0
_GAIN = 1.08
_REST = 30.0
_PART_SECONDS = 2.0
_PARTS_EACH = 4


class Growth:
    """How many connections are wanted: more while the rate grows, fewer when it does not or on refusal.

    It begins with two, with four at more than 20 ms to the peer and eight at more than 80 ms: there the
    windows of TCP and SSH, not the link, are what holds one connection back.
    """

    def __init__(self, *, most: int, round_trip: float | None) -> None:
        """`most` connections at most, `round_trip` seconds to the peer and back (None when not known)."""
        self.most = max(1, min(most, MOST_CONNECTIONS))
        start = 2
        if round_trip is not None and round_trip > _FAR:
            start = 8 if round_trip > _VERY_FAR else 4
        self.wanted = min(start, self.most)
        self._best = 0.0
        self._before = self.wanted
        self._since: float | None = None
        self._bytes = 0
        self._rest_until = 0.0

    def measure(self, moved: int, *, open_now: int, now: float) -> None:
        """Look at how much has moved.

        Args:
            moved: bytes since the start, over all connections.
            open_now: connections that are open.
            now: seconds, monotonic.
        """
        if self._since is None or open_now < self.wanted:
            self._since, self._bytes = now, moved
            return
        elapsed = now - self._since
        if elapsed < _WINDOW:
            return
        rate = (moved - self._bytes) / elapsed
        self._since, self._bytes = now, moved
        if now >= self._rest_until:
            self._judge(rate, now=now)

    def refused(self, *, open_now: int, now: float) -> None:
        """The peer took no further connection: those that are open are enough for a while."""
        self.wanted = self._before = max(1, open_now)
        self._rest_until = now + _REST
        self._since = None

    def _judge(self, rate: float, *, now: float) -> None:
        if rate >= self._best * _GAIN:
            self._best, self._before = rate, self.wanted
            self.wanted = min(self.most, self.wanted + max(1, self.wanted // 2))
            return
        # The last step brought nothing: back, and another look when the network may have changed.
        self.wanted = self._before
        self._best = rate
        self._rest_until = now + _REST


def part_size(
    features: Features, *, size: int, most: int, lanes: int, lane_rate: float, in_memory: int = IN_MEMORY
) -> int:
    """Bytes of the next part.

    The preferred size; less for a file that would not give every connection some parts, and where a
    connection needs much more than two seconds for one; more where it needs much less. Never more than what
    the memory allows.

    Args:
        features: of the destination.
        size: bytes of the file.
        most: connections that may come to be open.
        lanes: connections that are open.
        lane_rate: bytes per second of one connection; 0 when not measured yet.
        in_memory: bytes that may be held at once.
    """
    wanted = features.preferred_part
    if lane_rate > 0:
        seconds = wanted / lane_rate
        if seconds > 2 * _PART_SECONDS or seconds < _PART_SECONDS / 20:
            wanted = int(lane_rate * _PART_SECONDS)
    if most > 1:
        wanted = min(wanted, size // (most * _PARTS_EACH))
    wanted = max(features.smallest_part, min(wanted, features.largest_part))
    free = max(in_memory // 2, in_memory - max(0, lanes - 2) * _LANE_MEMORY)
    return max(1, min(wanted, free // (lanes + 2)))
