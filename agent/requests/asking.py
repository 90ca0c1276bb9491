"""The threads of log requests: one that waits for them at the portal, one that collects and answers."""

from __future__ import annotations

import logging
import random
import secrets
import threading
from collections.abc import Callable, Sequence

from agent.requests.desk import RequestDesk
from app.domain.errors import TrustError, WorldError
from app.portal.contract import SignedLogRequest

_log = logging.getLogger(__name__)

WAIT = 25.0
"""Seconds that the portal may wait with its answer."""
_FIRST_PAUSE = 5.0
_LONGEST_PAUSE = 60.0
_LONGEST_ASKED = 3600.0
_BETWEEN = 1.0
_TURN = 30.0
_WITHOUT_KEY = 60.0
_FOREIGN = 60.0

Fetch = Callable[[float], Sequence[SignedLogRequest]]
"""Asks the portal, which may wait so many seconds."""


def pause_after(failures: int, *, spread: float, asked: float | None = None) -> float:
    """Seconds until the portal is asked again after so many failures in a row.

    Args:
        failures: at least 1.
        spread: 0.0 to 1.0, so that many agents do not come at once.
        asked: seconds that the portal wants to be left alone for.
    """
    longest = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** min(failures - 1, 16))
    return max(longest * (0.5 + 0.5 * spread), min(asked or 0.0, _LONGEST_ASKED))


class Asking:
    """Runs a `RequestDesk`.

    Attributes:
        problem: why requests cannot be fetched at present, for people; empty while they can.
    """

    def __init__(
        self, desk: RequestDesk, fetch: Fetch, *, spread: Callable[[], float] = random.random
    ) -> None:
        self._desk = desk
        self._fetch = fetch
        self._spread = spread
        self._stop = threading.Event()
        self._news = threading.Event()
        self._ask = threading.Event()
        self.problem = ""
        steps = {"poll": (self.poll, self._ask), "answer": (self.turn, self._news)}
        self._threads = [
            threading.Thread(target=self._run, args=step, name=f"requests-{name}", daemon=True)
            for name, step in steps.items()
        ]

    def start(self) -> None:
        """Begin with a first question at once."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End. A question that the portal waits with is not waited for; a turn under way is."""
        self._stop.set()
        self._news.set()
        self._ask.set()
        if self._threads[1].is_alive():
            self._threads[1].join(30)

    def wake(self) -> None:
        """Something was decided, or a job has changed."""
        self._news.set()

    def ask_now(self) -> None:
        """The portal is asked without a further pause: its key was agreed to."""
        self._ask.set()

    def _run(self, step: Callable[[], float], awaited: threading.Event) -> None:
        failures = 0
        while not self._stop.is_set():
            try:
                pause = step()
                failures = 0
            except WorldError as error:
                failures += 1
                asked = getattr(error, "retry_after", None)
                pause = pause_after(failures, spread=self._spread(), asked=asked)
                if failures == 1:
                    _log.info("log requests: %s (%s)", error.title, error.code)
            except Exception:  # noqa: BLE001 - the border of this thread
                failures += 1
                pause = pause_after(failures, spread=self._spread())
                _log.exception("defect %s in log requests", secrets.token_hex(4))
            awaited.wait(pause)
            awaited.clear()

    def poll(self) -> float:
        """Fetch and take; seconds until the next question.

        Raises:
            WorldError: the portal cannot be asked, or something cannot be recorded.
        """
        try:
            if self._desk.key.current() is None:
                self._desk.key.look()
                self.problem = "Nobody has agreed to the portal's key for log requests."
                return _WITHOUT_KEY
            found = self._fetch(WAIT)
        except WorldError as error:
            self.problem = f"{error.title}. {error.happened}"
            raise
        self.problem = ""
        taken = [self._take(signed) for signed in found]
        if not taken:
            return 0.0
        self.wake()
        return _BETWEEN if all(taken) else _FOREIGN

    def _take(self, signed: SignedLogRequest) -> bool:
        """Whether it was the portal's. One that is not stays with the portal until it expires there."""
        try:
            self._desk.take(signed)
        except TrustError as error:
            self.problem = f"{error.title}. {error.happened}"
            _log.info("a log request was not taken (%s)", error.code)
            return False
        return True

    def turn(self) -> float:
        """Everything that is due; seconds until the next turn.

        Raises:
            WorldError: the portal cannot be told; it is repeated.
        """
        self._desk.expire()
        self._desk.settle()
        self._desk.tell()
        self._desk.collect()
        self._desk.tell()
        return _TURN
