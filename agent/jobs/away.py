"""Destinations that do not answer: each is asked now and then, and its jobs wait for that together.

A job that is tried reads its whole bundle again. So while its destination is away no job is: one cheap
question a minute at most finds out when it is back, and the first job that is taken there wakes all others.
Where questions are answered and jobs are not taken, these take turns, each later than before.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from agent.jobs.journal import JobJournal
from agent.jobs.retry import LONGEST_WAIT, Turn, wait_for_one_away
from agent.jobs.rows import JobRow
from agent.jobs.sending import Destinations
from app.domain.errors import PeerError, UnreachableError, WorldError
from app.transfer import Network

_log = logging.getLogger(__name__)

_IN_HAND = timedelta(seconds=60)
"""So long the other jobs of a destination wait for the one that is tried, unless it ends before."""
_BETWEEN_TWO = timedelta(seconds=10)
"""Jobs are not woken more often: one that alone does not get through is not tried at each of the others."""
_AFTER_OTHERS = timedelta(seconds=5)
"""So much later comes a job that was not taken than one that waits for its turn at the same destination."""
_OF_ONE_UPLOAD = frozenset({"CF-1516", "CF-1517", "CF-1518", "CF-1520", "CF-1521"})
"""What a server that is there says of one upload: the others need not wait for that."""
_SYSTEM = random.SystemRandom()


@dataclass(slots=True)
class _Silence:
    """A destination that did not answer.

    Attributes:
        failures: so many questions and jobs in a row.
        until: it is left alone.
        asked: it has said itself that it wants to be left alone until then.
        error: what came of the last question or job.
        in_hand: id of the job that finds out, when the time has come.
        greets: it has answered the last question, and takes nothing all the same.
    """

    failures: int
    until: datetime
    asked: bool
    error: WorldError
    in_hand: str = ""
    greets: bool = False


def is_away(error: WorldError) -> bool:
    """Whether an error says that the destination as a whole cannot be used now."""
    return isinstance(error, UnreachableError) and error.code not in _OF_ONE_UPLOAD


class Away:
    """What is known of the destinations that are away. Usable from any thread; forgotten at the end."""

    def __init__(
        self,
        journal: JobJournal,
        destinations: Callable[[], Destinations],
        *,
        wall: Callable[[], datetime],
        network: Network,
        spread: Callable[[], float] = _SYSTEM.random,
    ) -> None:
        """All are thought to be there.

        Args:
            journal: of the jobs that wait.
            destinations: where they go; asked for when one is away.
            wall: aware UTC time.
            network: tells when this machine's network is back.
            spread: 0.0 to 1.0, so that many agents do not come at once.
        """
        self._journal = journal
        self._destinations = destinations
        self._wall = wall
        self._spread = spread
        self._network = network
        self._way = network.way("")
        self._silent: dict[str, _Silence] = {}
        self._addresses: dict[str, str] = {}
        self._woken: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def holds(self, job: JobRow, now: datetime) -> bool:
        """Whether a job that waits for its destination is not to be tried yet, though its time has come."""
        silence = self._silence_of(job)
        return silence is not None and now < silence.until <= now + LONGEST_WAIT

    def taken(self, job: JobRow, now: datetime) -> None:
        """The job is tried now: no other one of its destination is meanwhile. A new one may be too early."""
        silence = self._silence_of(job)
        if silence is not None and not self.holds(job, now):
            silence.until, silence.in_hand = now + _IN_HAND, job.id

    def released(self, job: JobRow) -> None:
        """The job that was tried has ended, and nothing is known: another one may find out now."""
        silence = self._silence_of(job)
        if silence is not None and silence.in_hand == job.id:
            silence.until = self._wall()

    def wanted_now(self, job: JobRow) -> None:
        """A person wants it tried now: its destination is asked at once, unless it said itself when."""
        silence = self._silence_of(job)
        if silence is not None and not silence.asked:
            silence.until = self._wall()

    def require_there(self, job: JobRow) -> None:
        """Refuse to try a job whose destination was away and still is: it is asked, if it may be.

        Raises:
            UnreachableError, PeerError: why it cannot be used yet.
        """
        silence = self._silence_of(job)
        if silence is None:
            return
        if silence.in_hand != job.id and self.holds(job, self._wall()):
            raise silence.error.with_traceback(None)  # else it grows each time
        silence.greets = False
        try:
            self._destinations().ask(job)
        except (UnreachableError, PeerError) as error:
            self.silent(job, error)
            raise
        except WorldError:
            pass  # it answers; what is wrong is told when the job is tried
        silence.greets = True

    def failed(self, job: JobRow, turn: Turn, error: WorldError) -> Turn:
        """What becomes of a job whose destination did not take it for a reason that is not the job's own.

        One that answers questions may be at fault with this job only: the next time is another job's, and
        this one comes again the later the oftener that happens.
        """
        before = self._silence_of(job)
        until = self.silent(job, error)
        tried = before is None or before.error is not error
        if tried and before is not None and before.greets and turn.next_attempt is not None:
            until = max(until + _AFTER_OTHERS, turn.next_attempt)
        return replace(turn, next_attempt=until)

    def silent(self, job: JobRow, error: WorldError) -> datetime:
        """The destination of a job does not answer; until when it is left alone, and its jobs wait."""
        now = self._wall()
        address = self._address_of(job)
        with self._lock:
            before = self._silent.get(address)
            if before is not None and before.error is error:
                return before.until  # it is known already
            failures = max(job.attempts, 0 if before is None else before.failures)
            wait, asked = wait_for_one_away(error, failures=failures, spread=self._spread())
            greets = before is not None and before.greets
            self._silent[address] = _Silence(failures + 1, now + wait, asked, error, greets=greets)
        try:
            self._journal.waits.put_off(now + wait, self._waiting_for(address))
        except WorldError as trouble:
            _log.info("jobs that wait for a destination are told to be due (%s)", trouble.code)
        return now + wait

    def answered(self, job: JobRow) -> bool:
        """The destination of a job answers: whether others that waited for it are due now."""
        if self._silence_of(job) is None:
            return False
        address, now = self._address_of(job), self._wall()
        with self._lock:
            self._silent.pop(address, None)
            woken = self._woken.get(address)
            if woken is not None and timedelta() <= now - woken < _BETWEEN_TWO:
                return False
            self._woken[address] = now
        due = self._hasten(now, lambda each: self._address_of(each) == address)
        if due:
            _log.info("a destination is back: %d jobs that wait for it are due", due)
        return due > 0

    def network_is_back(self) -> bool:
        """Whether this machine has another way out than before: who waits is due, unless asked to wait."""
        before, self._way = self._way, self._network.way("")
        if not self._way or self._way == before:
            return False
        if self.may_be_back():
            _log.info("the network is back: jobs that wait to send are due")
        return True

    def may_be_back(self, address: str | None = None) -> int:
        """Something says that a destination that is away is back: try now, unless it said itself when.

        Args:
            address: of the destination, one of whose jobs is tried; None for the network: for all of them,
                and whatever else waits for another side.

        Returns:
            How many jobs are due now that were not.
        """
        now = self._wall()
        with self._lock:
            if address is not None and address not in self._silent:
                return 0
            for each, silence in self._silent.items():
                if address in (None, each) and not silence.asked:
                    silence.until = now
        return self._hasten(
            now, lambda each: not self.holds(each, now) and address in (None, self._address_of(each))
        )

    def _hasten(self, now: datetime, concerned: Callable[[JobRow], bool]) -> int:
        """Jobs are due now, as far as that can be recorded: else they wait as long as they would have."""
        try:
            waiting = self._journal.waits.to_send()
            return self._journal.waits.hasten(now, [job.id for job in waiting if concerned(job)])
        except WorldError as error:
            _log.info("jobs that wait for another side wait on (%s)", error.code)
            return 0

    def _waiting_for(self, address: str) -> list[str]:
        waiting = self._journal.waits.to_send()
        found = [each.id for each in waiting if self._address_of(each) == address]
        known = {each.id for each in waiting}
        for job in list(self._addresses):  # a copy: other threads ask for jobs meanwhile
            if job not in known:
                self._addresses.pop(job, None)
        return found

    def _silence_of(self, job: JobRow) -> _Silence | None:
        if not self._silent:
            return None
        return self._silent.get(self._address_of(job))

    def _address_of(self, job: JobRow) -> str:
        found = self._addresses.get(job.id)
        if found is None:
            found = self._addresses[job.id] = self._destinations().address(job)
        return found
