"""How many connections a transfer uses, and how large its parts are: found by measuring. Pure."""

from __future__ import annotations

import math

from app.transfer.destination import Features

MOST_CONNECTIONS = 16
"""More are never opened for one file."""

IN_MEMORY = 48 * 1024 * 1024
"""Bytes of parts that one transfer holds at once, read or on their way."""

_LANE_MEMORY = 2560 * 1024
"""What a connection holds, and what its comings and goings leave unused; taken from the room for parts."""

_FAR = 0.020
_WINDOW = 1.0
_FIRST_LOOK = 0.75
_LONGEST_OPENING = 4.0

_THIN = 64 * 1024
"""Bytes of a far connection under way at once, below which the windows of SSH are not what holds it back:
packets are lost, or the link is narrow. Only measuring with many connections tells the two apart."""

_GAIN = 1.08
_REST = 30.0
_PART_SECONDS = 2.0
_PARTS_EACH = 4
_TRIPS_EACH = 4
_LAST_PARTS = 4
"""The last parts may be so many times smaller than the smallest, so that slow connections end together."""


_CARRIED = 256 * 1024
"""Bytes that a far connection has under way at once, as a rule: a limited rate needs no more connections."""

_REACHED = 0.9
"""Of a limit on this side: more connections bring nothing then."""


def first_connections(*, most: int, round_trip: float | None) -> int:
    """With how many a transfer begins, for a peer so many seconds away (None when not known)."""
    start = 2
    if round_trip is not None and round_trip > _FAR:
        start = 8
    return max(1, min(start, most))


class Growth:
    """How many connections are wanted: more while the rate grows, fewer when it does not or on refusal.

    It begins with two, and with eight at more than 20 ms to the peer: there the windows of TCP and SSH, not
    the link, are what holds one connection back. When far connections turn out to
    carry next to nothing each, it goes to the most at once, and back when that brought nothing. A limit on
    this side asks for no more than what carries it; more are added while it is not reached.

    Attributes:
        most: connections.
        wanted: connections that should be open now.
        thin: whether far connections were seen to carry next to nothing each.
    """

    def __init__(
        self,
        *,
        most: int,
        round_trip: float | None,
        limited: bool = False,
        allowed: int = 0,
        all_at_once: bool = False,
    ) -> None:
        """Nothing is measured yet.

        Args:
            most: connections.
            round_trip: seconds to the peer and back; None when not known.
            all_at_once: see `Features.all_at_once`.
            limited: the rate is held down on this side: little on a connection says nothing of the way then.
            allowed: bytes per second of that limit now; 0: there is none, or it stops all.
        """
        self.most = max(1, min(most, MOST_CONNECTIONS))
        far = (round_trip or 0.0) > _FAR
        begun = first_connections(most=self.most, round_trip=round_trip)
        begun = self.most if all_at_once and far else begun
        if allowed:
            begun = min(begun, max(2, math.ceil(allowed * (round_trip or 0.0) / _CARRIED)))
        self.wanted = begun
        self._allowed = allowed
        self._lifted = False
        self._round_trip = round_trip or 0.0
        self._best = 0.0
        self._before = self.wanted
        self._looked = limited or not far
        self.thin = False
        self._first: tuple[float, int] | None = None
        self._last = 0.0
        self._lane_seconds = 0.0
        self._asked_at: float | None = None
        self._since: float | None = None
        self._bytes = 0
        self._rest_until = 0.0

    def measure(self, moved: int, *, open_now: int, now: float, allowed: int = 0) -> None:
        """Look at how much has moved.

        Args:
            moved: bytes since the start, over all connections.
            open_now: connections that are open.
            now: seconds, monotonic.
            allowed: bytes per second of a limit on this side at this time; 0 without one.
        """
        if not self._looked:
            self._look_whether_thin(moved, open_now=open_now, now=now)
        if self._asked_at is None:
            self._asked_at = now
        opening = open_now < self.wanted and now - self._asked_at < _LONGEST_OPENING
        if self._since is None or opening:
            self._since, self._bytes = now, moved
            return
        elapsed = now - self._since
        if elapsed < _WINDOW:
            return
        rate = (moved - self._bytes) / elapsed
        self._since, self._bytes = now, moved
        if allowed != self._allowed:
            # What was enough for a lower limit says nothing of what the way carries.
            self._lifted = self._allowed > 0 and not 0 < allowed < self._allowed
            self._allowed = allowed
        if allowed and rate >= _REACHED * allowed:
            self._best, self._before = rate, self.wanted
        elif now >= self._rest_until:
            if self._lifted and rate > 0:
                self._best, self._lifted = 0.0, False
            self._judge(rate, now=now)

    def refused(self, *, open_now: int, now: float) -> None:
        """The peer took no further connection: those that are open are enough for a while."""
        self.wanted = self._before = max(1, open_now)
        self._rest_until = now + _REST
        self._since = None

    def _look_whether_thin(self, moved: int, *, open_now: int, now: float) -> None:
        """Once, soon after the first connection is open: what each has carried for a second."""
        if self._first is None:
            if open_now:
                self._first, self._last = (now, moved), now
            return
        self._lane_seconds += open_now * (now - self._last)
        self._last = now
        since, before = self._first
        if now - since < _FIRST_LOOK or self._lane_seconds <= 0:
            return
        self._looked = True
        self.thin = (moved - before) / self._lane_seconds * self._round_trip < _THIN
        if self.thin and now >= self._rest_until:
            self._best = (moved - before) / (now - since)
            self._want(self.most, now=now)
            self._since = None

    def _want(self, count: int, *, now: float) -> None:
        self._before, self.wanted, self._asked_at = self.wanted, count, now

    def _judge(self, rate: float, *, now: float) -> None:
        if rate >= self._best * _GAIN:
            self._best = rate
            self._want(min(self.most, self.wanted + max(1, self.wanted // 2)), now=now)
            return
        # The last step brought nothing: back, and another look when the network may have changed.
        self.wanted = self._before
        self._best = rate
        self._rest_until = now + _REST


def overlapping(features: Features, *, lane_rate: float) -> bool:
    """Whether a connection begins a part before the last one is acknowledged. Pure.

    It saves a round trip for each part. Where a connection takes more than a second for the smallest part,
    that is little, and what a slow one has begun is what all others wait for in the end.

    Args:
        features: of the destination.
        lane_rate: bytes per second of one connection; 0 when not measured yet.
    """
    return not 0 < lane_rate < features.smallest_part


def part_size(
    features: Features,
    *,
    size: int,
    most: int,
    lanes: int,
    lane_rate: float,
    left: int | None = None,
    in_memory: int = IN_MEMORY,
) -> int:
    """Bytes of the next part.

    The preferred size; less for a file that would not give every connection some parts, and where a
    connection needs much more than two seconds for one; more where it needs much less. Never more than what
    the memory allows. Towards the end of the file less and less, so that no connection is still at work long
    after the others.

    Args:
        features: of the destination.
        size: bytes of the file.
        most: connections that may come to be open.
        lanes: connections that are open.
        lane_rate: bytes per second of one connection; 0 when not measured yet.
        left: bytes of the file that are not yet under way; None for all of it.
        in_memory: bytes that may be held at once.
    """
    wanted = features.preferred_part
    if lane_rate > 0:
        seconds = wanted / lane_rate
        if seconds > 2 * _PART_SECONDS or seconds < _PART_SECONDS / 20:
            wanted = int(lane_rate * _PART_SECONDS)
    if most > 1:
        wanted = min(wanted, size // (_PARTS_EACH * (lanes if lane_rate > 0 else most)))
    smallest = features.smallest_part
    if left is not None and lanes > 1:
        # A connection waits for a round trip between two parts: none is to be shorter than some of those.
        trips = int(lane_rate * _TRIPS_EACH * (features.round_trip or 0.0))
        wanted = min(wanted, max(left // (2 * lanes), trips))
        if 0 < lane_rate < smallest:
            smallest //= _LAST_PARTS
    wanted = max(smallest, min(wanted, features.largest_part))
    # Beside those under way one is ready, and with several lanes another one is being read.
    held = features.parts_each * lanes + (1 if lanes == 1 else 2)
    return max(1, min(wanted, room_for_parts(lanes, in_memory=in_memory) // held))


def room_for_parts(lanes: int, *, in_memory: int = IN_MEMORY) -> int:
    """Bytes of parts that are held at once: what so many open connections leave of the memory."""
    return max(in_memory // 2, in_memory - max(0, lanes - 2) * _LANE_MEMORY)
