"""A limit of bytes per second that remembers when what left: how exact it was over any ten seconds."""

from __future__ import annotations

from collections.abc import Callable

from app.transfer import Limiter, Limits
from app.transfer.bandwidth import Flow
from tests.peers.fake_pace import FakePace

WINDOW = 10.0


class WatchedLimit(Limiter):
    """Its time passes by being waited for; one thread at a time waits."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self.pace = FakePace(alone=True)
        self.left: list[tuple[float, int]] = []
        super().__init__(Limits(rate), pace=self.pace)

    def take(self, flow: Flow, size: int, *, going: Callable[[], None]) -> None:
        super().take(flow, size, going=going)
        self.left.append((self.pace.now(), size))

    def worst(self) -> float:
        """How far off the limit any ten seconds were, as a share of what it allows in them."""
        first, last = self.left[0][0], self.left[-1][0]
        assert last - first > 1.5 * WINDOW, "too little was sent to tell"
        begins = [at for at, _size in self.left if at + WINDOW <= last]
        moved = [sum(size for at, size in self.left if begin <= at < begin + WINDOW) for begin in begins]
        return max(abs(each / (WINDOW * self.rate) - 1) for each in moved)
