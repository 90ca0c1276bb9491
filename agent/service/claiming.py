"""How often closed segments are asked for: at once when one was closed, and never all the time."""

from __future__ import annotations

import time
from collections.abc import Callable

_REST_PER_CLAIM = 20.0
_SMALLEST_REST = 0.2
_LONGEST_REST = 30.0


class RestedClaims:
    """Asks for new jobs after passes over folders, at most 5 % of the time.

    A busy folder brings many passes a second, and asking takes longer the more closed segments there are.
    """

    def __init__(self, claim: Callable[[], int], *, clock: Callable[[], float] = time.monotonic) -> None:
        """Nothing is asked yet.

        Args:
            claim: makes the jobs that are due; how many.
            clock: monotonic seconds.
        """
        self._claim = claim
        self._clock = clock
        self._after = 0.0
        self._owed = False

    def after_a_pass(self, *, closed: bool) -> tuple[int, float | None]:
        """How many jobs were made, and in how many seconds to come again; None when nothing is owed.

        Args:
            closed: whether the pass closed a segment.
        """
        self._owed = self._owed or closed
        began = self._clock()
        if began < self._after:
            return 0, (self._after - began) if self._owed else None
        made = self._claim()
        ended = self._clock()
        self._owed = False
        self._after = ended + min(max(_SMALLEST_REST, (ended - began) * _REST_PER_CLAIM), _LONGEST_REST)
        return made, None
