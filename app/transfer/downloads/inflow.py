"""What one connection of a download brings, as fast as a limit lets it come."""

from __future__ import annotations

from collections.abc import Callable

from app.transfer.bandwidth import Flow
from app.transfer.incoming import Incoming

_LIMITED_BLOCK = 64 * 1024


class Inflow:
    """For one thread."""

    def __init__(self, incoming: Incoming, flow: Flow) -> None:
        self._incoming = incoming
        self._flow = flow
        self._let = 0
        self._owed = 0

    def readinto(self, block: memoryview, *, going: Callable[[], None]) -> int:
        """The next bytes; 0 when the connection was cut.

        Args:
            block: takes them.
            going: called while nothing comes, or may come; raises to end the waiting.

        Raises:
            WorldError: the connection broke, and everything that came before was read.
        """
        if not self._flow.limited:
            count = self._incoming.readinto(block, going=going)
            self._owed += count
            return count
        # Little at a time is smooth, and what is not read yet holds the server back.
        most = min(len(block), _LIMITED_BLOCK, self._flow.stride)
        more = max(0, most - self._let)
        self._flow.take(more, going=going)
        self._let += more
        count = self._incoming.readinto(block[: min(most, self._let)], going=going)
        self._let -= count
        return count

    def settle(self, *, going: Callable[[], None]) -> None:
        """Count what was read, once it is in good hands: a limit that has come meanwhile may end the call.

        Args:
            going: as for `readinto`.
        """
        owed, self._owed = self._owed, 0
        if owed:
            self._flow.take(owed, going=going)
