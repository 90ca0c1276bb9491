"""Asking the portal for cases, acting on alarms, and having rules judged between passes."""

from __future__ import annotations

import logging
from collections.abc import Callable

from agent.service.repeating import Repeating
from app.domain.errors import WorldError

_log = logging.getLogger(__name__)


class RuleRounds:
    """One round at the start, after every `wake`, and every 20 seconds."""

    def __init__(
        self,
        *,
        refresh: Callable[[], bool],
        act: Callable[[], bool],
        acted: Callable[[bool], None],
        claim: Callable[[], float | None],
        changed: Callable[[], None],
        prune: Callable[[], object],
    ) -> None:
        """Nothing runs before `start`.

        Args:
            refresh: asks the portal for the cases of which the state is old; whether one changed.
            act: does what alarms ask for; whether anything was done.
            acted: called in every round, with that: what is held may be other than before.
            claim: has rules judged; in how many seconds to come again, None when nothing is owed.
            changed: called when the state of a case is another one.
            prune: forgets what is old.
        """
        self._refresh = refresh
        self._act = act
        self._acted = acted
        self._claim = claim
        self._changed = changed
        self._prune = prune
        self._thread = Repeating(self.once, name="rules", cannot="rules cannot be looked at now")

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End soon; a question to the portal that is under way is waited for only shortly."""
        self._thread.stop()

    def wake(self) -> None:
        """Something changed that rules or alarms ask about."""
        self._thread.wake()

    def once(self) -> float | None:
        """One round; seconds after which the next one is owed. Trouble with alarms does not hold up rules."""
        done = True
        try:
            done = self._act()
        except WorldError as error:
            _log.info("alarms cannot be looked at now (%s)", error.code)
        self._acted(done)
        if self._refresh():
            self._changed()
        again = self._claim()
        try:
            self._prune()
        except WorldError as error:
            _log.info("what is old cannot be forgotten now (%s)", error.code)
        return again
