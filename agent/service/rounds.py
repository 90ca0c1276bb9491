"""The thread that asks the portal for cases, acts on alarms, and has rules judged between passes."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from app.domain.errors import WorldError

_log = logging.getLogger(__name__)
_EVERY = 20.0


class RuleRounds:
    """One round at the start, after every `wake`, and every 20 seconds."""

    def __init__(
        self,
        *,
        refresh: Callable[[], bool],
        act: Callable[[], None],
        claim: Callable[[], float | None],
        changed: Callable[[], None],
        prune: Callable[[], object],
    ) -> None:
        """Nothing runs before `start`.

        Args:
            refresh: asks the portal for the cases of which the state is old; whether one changed.
            act: does what alarms ask for.
            claim: has rules judged; in how many seconds to come again, None when nothing is owed.
            changed: called when the state of a case is another one.
            prune: forgets what is old.
        """
        self._refresh = refresh
        self._act = act
        self._claim = claim
        self._changed = changed
        self._prune = prune
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="rules", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """Something changed that rules or alarms ask about."""
        self._wake.set()

    def stop(self) -> None:
        """End soon; a question to the portal that is under way is waited for only shortly."""
        self._stop.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(15)

    def once(self) -> float | None:
        """One round; seconds after which the next one is owed. Trouble with alarms does not hold up rules."""
        try:
            self._act()
        except WorldError as error:
            _log.info("alarms cannot be looked at now (%s)", error.code)
        if self._refresh():
            self._changed()
        again = self._claim()
        try:
            self._prune()
        except WorldError as error:
            _log.info("what is old cannot be forgotten now (%s)", error.code)
        return again

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            again: float | None = None
            try:
                again = self.once()
            except WorldError as error:
                _log.info("rules cannot be looked at now (%s)", error.code)
            except Exception:  # noqa: BLE001 - the border of this thread
                _log.exception("a round of rules and alarms failed; it is repeated")
            self._wake.wait(_EVERY if again is None else min(again, _EVERY))
