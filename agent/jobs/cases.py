"""Whether the cases that rules send to take files: asked of the portal, kept for some minutes."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from agent.jobs.destinations import JUST
from agent.jobs.journal import Wall, utc_now
from agent.jobs.rulebook import RuleBook
from agent.jobs.verdicts import CaseState
from app.domain.errors import InputError, RefusedError, WorldError

_log = logging.getLogger(__name__)

FRESH = timedelta(minutes=5)
"""How long an answer of the portal counts."""
_AGAIN = 30.0
"""Seconds after which a portal that did not answer is asked again."""
_NOT_KNOWN = "CF-1183"


class CaseStates:
    """What the portal says of cases. Methods may be called from any thread."""

    def __init__(
        self,
        ask: Callable[[str], bool],
        book: RuleBook,
        *,
        wall: Wall = utc_now,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin with what was answered before.

        Args:
            ask: whether a case takes files; raises `InputError` (CF-1183) when the portal does not know it,
                and another error of the world when it does not answer.
            book: keeps answers over a restart.
            wall: aware UTC time.
            clock: monotonic seconds.
        """
        self._ask = ask
        self._book = book
        self._wall = wall
        self._clock = clock
        self._known = book.cases()
        self._tried: dict[str, float] = {}
        self._lock = threading.Lock()

    def state(self, number: str) -> CaseState:
        """What is known of a case, without asking: the last answer, however old."""
        with self._lock:
            known = self._known.get(number)
            if known is not None:
                return known[0]
            return CaseState.NO_ANSWER if number in self._tried else CaseState.UNASKED

    def asked(self, number: str) -> datetime | None:
        """When the portal last answered; None when it never did."""
        with self._lock:
            known = self._known.get(number)
            return None if known is None else known[1]

    def refresh(self, numbers: Iterable[str]) -> bool:
        """Ask for the cases whose answer is old; whether any state is another than before.

        A portal that does not answer changes nothing but that it was asked.
        """
        changed = False
        for number in dict.fromkeys(numbers):
            if not self._is_due(number):
                continue
            before = self.state(number)
            try:
                self._asked(number)
            except WorldError as error:
                _log.info("the state of a case is not known (%s)", error.code)
            changed = changed or self.state(number) is not before
        return changed

    def require_open(self, number: str, *, within: timedelta = JUST) -> None:
        """Refuse to send to a case that is closed or not known.

        The portal is asked unless it said *open* within this time.

        Raises:
            RefusedError: the case is closed (R-FILE-1), or the portal does not know it.
            WorldError: the portal cannot be asked; nothing may be sent then.
        """
        with self._lock:
            known = self._known.get(number)
        state = None if known is None else known[0]
        if known is None or state is not CaseState.OPEN or not self._is_fresh(known[1], within):
            state = self._asked(number)
        if state is CaseState.CLOSED:
            raise RefusedError(
                "The case is closed",
                happened="Its rule sends to open cases only.",
                todo="Reopen the case and retry the job, or give the rule another case.",
                rule="R-FILE-1",
                code="CF-1296",
            )
        if state is not CaseState.OPEN:
            raise RefusedError(
                "The portal does not know the case",
                happened="There is none of this number in this agent's combination.",
                todo="Correct the rule's case, then cancel the job.",
                code="CF-1297",
            )

    def _asked(self, number: str) -> CaseState:
        """Ask the portal now, and keep what it says.

        Raises:
            WorldError: it does not answer.
        """
        try:
            state = CaseState.OPEN if self._ask(number) else CaseState.CLOSED
        except InputError as error:
            if error.code != _NOT_KNOWN:
                raise
            state = CaseState.UNKNOWN
        finally:  # not before: who looks meanwhile must not take it for a portal that does not answer
            with self._lock:
                self._tried[number] = self._clock()
        asked = self._wall()
        with self._lock:
            before = self._known.get(number)
            self._known[number] = (state, asked)
        if before is None or before[0] is not state:
            self._book.keep_case(number, state, asked=asked)
        return state

    def _is_due(self, number: str) -> bool:
        with self._lock:
            known, tried = self._known.get(number), self._tried.get(number)
        if tried is None:
            return True
        rested = self._clock() - tried
        if known is not None and self._is_fresh(known[1]):
            return False
        return rested >= _AGAIN

    def _is_fresh(self, asked: datetime, span: timedelta = FRESH) -> bool:
        return timedelta() <= self._wall() - asked < span
