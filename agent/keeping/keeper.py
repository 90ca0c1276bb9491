"""What is done about growing segments that rules want: pinned when seen, let go when sent."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from agent.catalogue import Catalogue, GrowingPins, Segment, SegmentState


@dataclass(frozen=True, slots=True)
class Kept:
    """What a round of keeping has changed.

    Attributes:
        closed: whether there is something to be sent that was not there before.
        again: seconds after which another round is owed; None when none is.
    """

    closed: bool
    again: float | None


class Keeper:
    """Keeps growing segments. Methods may be called from any thread."""

    def __init__(self, *, catalogue: Catalogue, pins: GrowingPins, wants: Callable[[Segment], bool]) -> None:
        """Nothing is kept yet.

        Args:
            catalogue: which segments grow, and which are gone.
            pins: of growing segments.
            wants: whether a segment is to be sent by a rule, closed or not.
        """
        self._catalogue = catalogue
        self._pins = pins
        self._wants = wants
        self._lock = threading.Lock()
        self._stock = True

    def take_stock(self) -> None:
        """The next round looks at all segments: rules, cases, or the program are others than before."""
        self._stock = True

    def let_go(self) -> None:
        """Keep nothing any more: nobody wants that growing segments are kept.

        Raises:
            LocalError: it cannot be recorded.
        """
        with self._lock:
            self._pins.settle(lambda _segment: False, all_of_them=True)

    def note(self, touched: Iterable[int]) -> None:
        """A pass has seen these segments anew: those that grow are pinned before anything happens to them.

        Raises:
            LocalError: it cannot be recorded.
        """
        with self._lock:
            self._pin(touched)

    def keep(self, *, wanted: Callable[[], bool] = lambda: True) -> Kept:
        """One round.

        Args:
            wanted: asked in between; false ends the round early.

        Raises:
            LocalError: it cannot be recorded; what is owed stays owed.
        """
        with self._lock:
            stock = self._stock and wanted()
            if stock:
                self._pin(self._catalogue.growing())
            settled = self._pins.settle(self._wants, all_of_them=stock)
            self._stock = self._stock and not stock
            return Kept(settled.closed, settled.look_again)

    def _pin(self, ids: Iterable[int]) -> None:
        segments = self._catalogue.of_ids(ids)
        self._pins.pin(
            [one for one in segments if one.state is SegmentState.GROWING and one.size and self._wants(one)]
        )
