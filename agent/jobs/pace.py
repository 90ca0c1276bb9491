"""How fast the agent sends: the configuration's limits, until a person sets others; kept over restarts."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import msgspec

from app.agentlink import LendAsk, Lent, LimitHours, LimitsFrom, LimitsShown, TransferLimits
from app.decoding import ready
from app.domain.errors import InputError, LocalError, RefusedError
from app.secrets import replace_file
from app.transfer import MOST_CONNECTIONS, Hours, Limiter, Limits, limiter_for
from app.transfer.bandwidth import LARGEST_STRIDE, Flow, Pace, SystemPace
from app.transfer.wording import LARGEST_RATE, parse_time

_log = logging.getLogger(__name__)
_MOST_HOURS = 7 * 24
_LEND_WAIT = 1.0
_LENT_A_SECOND = 4
_FORGET_AFTER = 60.0
_MOST_BORROWERS = 64
_LONGEST_WHO = 64


class _NotDue(Exception):
    """The bytes that are asked for may not be moved yet."""


@dataclass(slots=True)
class _Borrower:
    """Another program that moves bytes under our limit."""

    flow: Flow
    asked_at: float


class TransferPace:
    """One limiter for all transfers of the agent. Usable from any thread."""

    def __init__(
        self, path: Path, *, configured: TransferLimits, fixed: bool, pace: Pace | None = None
    ) -> None:
        """Read what a person set before; not looked at when `fixed`.

        Args:
            path: the file that keeps what a person sets.
            configured: what the configuration says.
            fixed: nobody may set other limits.
            pace: the time that limits and loans live by; the machine's unless a test has its own.

        Raises:
            LocalError: the file is damaged or cannot be read (CF-1886).
        """
        self._pace: Pace = pace or SystemPace()
        self._path = path
        self._configured = configured
        self._fixed = fixed
        self._lock = threading.Lock()
        kept = None if fixed else _kept(path)
        self._set_by = LimitsFrom.CONFIGURATION if kept is None else LimitsFrom.PERSON
        self._limits = configured if kept is None else kept
        self.limiter: Limiter = limiter_for(limits_of(self._limits), pace=self._pace)
        self._borrowers: dict[str, _Borrower] = {}
        self._lent = 0

    @property
    def connections(self) -> int:
        """The most for one bundle."""
        return self._limits.connections

    def shown(self) -> LimitsShown:
        """The limits in force, who set them, and what they allow at this moment."""
        with self._lock:
            return LimitsShown(
                limits=self._limits,
                set_by=self._set_by,
                fixed=self._fixed,
                rate_now=self.limiter.rate_now(),
                moved=self.limiter.moved - self._lent,
                worked=time.process_time(),
            )

    def set(self, limits: TransferLimits) -> LimitsShown:
        """Other limits, from now on and after a restart.

        Raises:
            RefusedError: the configuration alone decides (CF-1295).
            InputError: a value is out of range (CF-1188).
            LocalError: they cannot be kept.
        """
        self._refuse_when_fixed()
        wanted = limits_of(limits)
        with self._lock:
            replace_file(self._path, msgspec.json.encode(limits))
            self._limits, self._set_by = limits, LimitsFrom.PERSON
            self.limiter.set(wanted)
        _log.info("the limits of bandwidth were set by a person")
        return self.shown()

    def reset(self) -> LimitsShown:
        """The configuration's limits again.

        Raises:
            RefusedError: they are in force anyway, as nobody may set others (CF-1295).
            LocalError: what was kept cannot be deleted (CF-1886).
        """
        self._refuse_when_fixed()
        with self._lock:
            try:
                self._path.unlink(missing_ok=True)
            except OSError as error:
                raise _not_kept(self._path, error.strerror or type(error).__name__) from error
            self._limits, self._set_by = self._configured, LimitsFrom.CONFIGURATION
            self.limiter.set(limits_of(self._configured))
        return self.shown()

    def configure(self, configured: TransferLimits, *, fixed: bool) -> None:
        """The configuration says something else now; what a person set still counts, unless it is fixed.

        Raises:
            InputError: a value is out of range (CF-1188).
        """
        wanted = limits_of(configured)
        with self._lock:
            self._configured, self._fixed = configured, fixed
            if fixed or self._set_by is LimitsFrom.CONFIGURATION:
                self._limits, self._set_by = configured, LimitsFrom.CONFIGURATION
                self.limiter.set(wanted)

    def lend(self, ask: LendAsk) -> Lent:
        """Bytes that another program of this machine may move, counted as a transfer of our own is.

        Each program has the share of one transfer. It waits for a second at most; what a program was lent and
        does not move is lost to the others for a fraction of a second.

        Raises:
            InputError: a value is out of range (CF-1188).
        """
        if ask.bytes < 1 or not 1 <= len(ask.who) <= _LONGEST_WHO:
            raise _not_right(f"bytes must be 1 or more, and who has 1 to {_LONGEST_WHO} characters.")
        rate = self.limiter.rate_now()
        if rate is None:
            return Lent(bytes=None)
        count = min(ask.bytes, max(LARGEST_STRIDE, rate // _LENT_A_SECOND))
        began = self._pace.now()
        flow = self._flow_of(ask.who, now=began)

        def going() -> None:
            if self._pace.now() - began >= _LEND_WAIT:
                raise _NotDue

        try:
            flow.take(count, going=going)
        except _NotDue:
            return Lent(bytes=0)
        with self._lock:
            self._lent += count
        return Lent(bytes=count)

    def _flow_of(self, who: str, *, now: float) -> Flow:
        with self._lock:
            for name, each in list(self._borrowers.items()):
                if now - each.asked_at > _FORGET_AFTER:
                    del self._borrowers[name]
            found = self._borrowers.get(who)
            if found is None:
                if len(self._borrowers) >= _MOST_BORROWERS:
                    del self._borrowers[min(self._borrowers, key=lambda name: self._borrowers[name].asked_at)]
                found = self._borrowers[who] = _Borrower(self.limiter.flow(), now)
            found.asked_at = now
            return found.flow

    def _refuse_when_fixed(self) -> None:
        if self._fixed:
            raise RefusedError(
                "The limits are set in the agent's configuration",
                happened="Its [transfer] table says fixed = true.",
                todo="Ask the administrator of this server to change them there.",
                code="CF-1295",
            )


def limits_of(limits: TransferLimits) -> Limits:
    """What the limiter takes.

    Raises:
        InputError: a value is out of range (CF-1188).
    """
    if not 1 <= limits.connections <= MOST_CONNECTIONS:
        raise _not_right(f"connections must be 1 to {MOST_CONNECTIONS}.")
    if len(limits.hours) > _MOST_HOURS:
        raise _not_right(f"there are more than {_MOST_HOURS} hours of the week.")
    return Limits(
        rate=_rate(limits.rate),
        hours=tuple(_hours(each) for each in limits.hours),
        only_idle=limits.only_idle,
    )


def _hours(hours: LimitHours) -> Hours:
    if not hours.days or not all(0 <= day <= 6 for day in hours.days):
        raise _not_right("days must be 0 (Monday) to 6.")
    try:
        begin, end = parse_time(hours.begin), parse_time(hours.end)
    except InputError as error:
        raise _not_right("begin and end must be times of the day.") from error
    return Hours(days=frozenset(hours.days), begin=begin, end=end, rate=_rate(hours.rate))


def _rate(rate: int | None) -> int | None:
    if rate is not None and not 0 <= rate <= LARGEST_RATE:
        raise _not_right(f"a rate must be 0 to {LARGEST_RATE} bytes per second, or none.")
    return rate


def _kept(path: Path) -> TransferLimits | None:
    try:
        kept = msgspec.json.decode(path.read_bytes(), type=ready(TransferLimits))
        limits_of(kept)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError, InputError) as error:
        raise _not_kept(path, "it is damaged or cannot be read") from error
    return kept


def _not_kept(path: Path, why: str) -> LocalError:
    return LocalError(
        "The kept limits cannot be used",
        happened=f"{path.name}: {why}.",
        todo="Check the rights of the data folder; remove the file to go back to the configuration's limits.",
        code="CF-1886",
    )


def _not_right(happened: str) -> InputError:
    return InputError(
        "A limit is not right",
        happened=happened[:1].upper() + happened[1:],
        todo="Correct the value.",
        code="CF-1188",
    )
