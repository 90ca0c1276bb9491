"""What becomes of a job after an error: wait and try again, or stop until a person acts. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from agent.jobs.collected import SourceMoved
from agent.jobs.spool import NO_ROOM
from app.agentlink import ErrorReply, JobState, reply_of
from app.domain.disks import NEVER_SO_LARGE
from app.domain.errors import LocalError, PeerError, UnreachableError, WorldError

_FIRST = 5.0
_LONGEST = 900.0
_LONGEST_ASKED = 3600.0
_LONGEST_AWAY = 60.0
"""A destination that is away is asked again within this time: nobody waits much longer than it is gone."""
_NEXT_LOOK = 40.0
"""A full spool may have room at any moment: what waits for that does not wait longer each time, but for long
enough that many jobs do not write a journal full. A bundle that has left makes them due at once. Nothing has
failed: however long it lasts, it counts once, so that what comes after it has all its tries."""
_PEER_TRIES = 20
"""A portal that answers nonsense is tried for some hours; then a person must look."""


LONGEST_WAIT = timedelta(seconds=_LONGEST_ASKED)
"""Nothing waits for longer: what is due later was put off by a clock that has been set back since."""


@dataclass(frozen=True, slots=True)
class Turn:
    """The next state of a job.

    Attributes:
        state: `JobState.WAITING` or `JobState.FAILED`.
        attempts: failures in a row, this one included.
        tries: those of them that are not waited out for ever.
        next_attempt: when it is tried again; None when a person must act.
        problem: what people see.
    """

    state: JobState
    attempts: int
    tries: int
    next_attempt: datetime | None
    problem: ErrorReply

    def over(self, now: datetime) -> Turn:
        """What it waited for is there: it is due now, and what comes has all its attempts."""
        return replace(self, attempts=0, tries=0, next_attempt=now)


def after_error(error: WorldError, *, attempts: int, tries: int = 0, now: datetime, spread: float) -> Turn:
    """The next state after an error.

    What may pass by itself is waited for: an unreachable portal and a full disk for as long as it takes, a
    portal that answers nonsense a number of times. A refusal by a rule (a closed case), credentials, trust,
    different digests and a disk that takes no file so large need a person. Nothing is thrown away in either
    case.

    However long the world was waited for: what comes after that, a log that moves or an answer that makes no
    sense, has all its tries.

    Args:
        error: what went wrong.
        attempts: failures in a row before this one, 0 or more.
        tries: those of them that counted as tries.
        now: the wall clock.
        spread: 0.0 to 1.0, drawn at random: jobs must not all come back in the same second.
    """
    passes = error.retryable or isinstance(error, (UnreachableError, LocalError))
    passes = passes and error.code != NEVER_SO_LARGE
    if isinstance(error, PeerError):
        passes = tries < _PEER_TRIES
    problem = reply_of(error)
    counts = isinstance(error, (PeerError, SourceMoved))
    if not passes:
        return Turn(
            state=JobState.FAILED, attempts=attempts + 1, tries=tries + 1, next_attempt=None, problem=problem
        )
    delay = min(_LONGEST, _FIRST * 2.0 ** min(tries if counts else attempts, 20))
    if error.code == NO_ROOM:
        delay, attempts = (_NEXT_LOOK if attempts else _FIRST), 0
    delay = max(delay * (0.5 + 0.5 * spread), _asked(error))
    return Turn(
        state=JobState.WAITING,
        attempts=attempts + 1,
        tries=tries + counts,
        next_attempt=now + timedelta(seconds=delay),
        problem=problem,
    )


def wait_for_one_away(error: WorldError, *, failures: int, spread: float) -> tuple[timedelta, bool]:
    """How long a destination that did not answer is left alone, and whether it has asked for that itself.

    Args:
        error: what came of the last question or job.
        failures: those in a row before, 0 or more.
        spread: 0.0 to 1.0, drawn at random: agents must not all come back in the same second.
    """
    delay = min(_LONGEST_AWAY, _FIRST * 2.0 ** min(failures, 20)) * (0.5 + 0.5 * spread)
    return timedelta(seconds=max(delay, _asked(error))), _asked(error) > 0


def _asked(error: WorldError) -> float:
    """Seconds that the other side wants to be left alone for."""
    return min(float(getattr(error, "retry_after", None) or 0.0), _LONGEST_ASKED)
