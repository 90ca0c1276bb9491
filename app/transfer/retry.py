"""How long to wait before the next attempt, and when to stop trying."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum

from app.domain.errors import (
    CredentialsError,
    InputError,
    IntegrityError,
    LocalError,
    PeerError,
    RefusedError,
    TrustError,
    UnreachableError,
)

_SYSTEM = random.SystemRandom()

_NO_CONNECTION = frozenset({"CF-1511", "CF-1512", "CF-1519", "CF-1540", "CF-1541"})
"""No answer, no address, no way, and the same of a proxy: an attempt costs both sides next to nothing."""
_LONG_OUTAGE = 600.0
_LOOKED_FOR, _LOOKED_FOR_LATER = 10.0, 60.0
"""Seconds between two looks whether a connection can be had again, in the first ten minutes and later."""


class Cause(StrEnum):
    """What kind of error it was, for those who decide or show what happens next.

    Members:
        TRANSIENT: the network or the server; it passes by itself, and is tried again by itself.
        CREDENTIALS: sign-in, certificate or host key; a person must act. What was sent is kept.
        REFUSED: a rule or the server's limits say no; the same file is refused again.
        LOCAL: this machine: disk, rights, another program.
        CONTENT: digests differ, or the source is another file now.
        DEFECT: ours.
    """

    TRANSIENT = "transient"
    CREDENTIALS = "credentials"
    REFUSED = "refused"
    LOCAL = "local"
    CONTENT = "content"
    DEFECT = "defect"


def cause_of(error: BaseException) -> Cause:
    """The kind of an error; what is none of the world's is a defect of ours."""
    if isinstance(error, CredentialsError | TrustError):
        return Cause.CREDENTIALS
    if isinstance(error, RefusedError | InputError):
        return Cause.REFUSED
    if isinstance(error, IntegrityError):
        return Cause.CONTENT
    if isinstance(error, LocalError):
        return Cause.LOCAL
    if isinstance(error, UnreachableError | PeerError):
        return Cause.TRANSIENT if error.retryable else Cause.REFUSED
    return Cause.DEFECT


def has_no_connection(error: BaseException) -> bool:
    """Whether an attempt ended because no connection came about, or nobody answered on it."""
    return isinstance(error, UnreachableError) and error.code in _NO_CONNECTION


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Exponential backoff with full jitter; the peer's ``Retry-After`` wins over it.

    A peer that says *at once* (0, or a date that is past by its clock) is believed once, and not again.

    Attributes:
        first, longest: seconds of the first and of the longest possible wait.
        longest_asked: the most seconds that a ``Retry-After`` is followed.
        give_up_after: seconds without one acknowledged byte after which an error is final; no pause counts.
        stalled_after: seconds without a moved byte after which a connection is dropped and made anew.
        most_restarts: how often a peer may forget an upload before that is an error of its own.
        draw: a number from 0 to 1.
    """

    first: float = 0.5
    longest: float = 300.0
    longest_asked: float = 3600.0
    give_up_after: float = 3 * 86_400.0
    stalled_after: float = 30.0
    most_restarts: int = 5
    draw: Callable[[], float] = field(default=_SYSTEM.random)

    def wait(self, failures: int, *, asked: float | None = None, outage: float | None = None) -> float:
        """Seconds before the next attempt.

        Args:
            failures: 1, 2, 3 …, without progress in a row.
            asked: seconds that the peer wants to be left alone for; None when it did not say.
            outage: seconds since something moved, where no connection comes about (`has_no_connection`): only
                another attempt tells when a network behind the router is back, and it costs little.
        """
        if asked is not None and (asked >= self.first or failures <= 1):
            return min(max(asked, 0.0), self.longest_asked)
        ceiling: float = min(self.longest, self.first * 2.0 ** min(failures - 1, 60))
        if outage is not None:
            ceiling = min(ceiling, _LOOKED_FOR if outage < _LONG_OUTAGE else _LOOKED_FOR_LATER)
        return self.draw() * ceiling


def parse_retry_after(value: str | None, *, now: datetime) -> float | None:
    """Seconds from a ``Retry-After`` (RFC 9110, 10.2.3): a number or a date; None when it is neither."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    moment = parse_moment(text)
    return None if moment is None else max(0.0, (moment - now).total_seconds())


def parse_moment(text: str) -> datetime | None:
    """A date as HTTP writes it, with its zone; None when it is none, or one that no clock shows."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
