"""How far a file that is fetched is, and why nothing of it comes: as a bar, or a line for programs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from app.commands.console import Screen
from app.commands.remarking import Remarks
from app.commands.transferring import span_words
from app.domain.errors import WorldError
from app.transfer.progress import RateMeter

_EVENT_EVERY = 1.0


@dataclass(frozen=True, slots=True)
class Arriving:
    """One line of ``--progress lines``.

    Attributes:
        done, size: bytes so far, bytes in all.
        rate: bytes per second, smoothed.
        eta: seconds to the end; None while that cannot be said.
        code: why it waits; empty while it does not.
        retry_in: seconds to the next attempt; None when it does not wait for one.
    """

    file: str
    done: int
    size: int
    rate: float
    eta: float | None
    code: str = ""
    retry_in: float | None = None


class Arrival:
    """What is shown of one file; this one shows nothing."""

    def tell(self, done: int, whole: int) -> None:
        """So many bytes have come, of so many."""

    def waiting(self, error: WorldError, left: float | None) -> None:
        """Nothing comes because of this; it is tried again in so many seconds, or goes on by itself."""


class _Measured(Arrival):
    """With the rate and the time left."""

    def __init__(self, *, size: int, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._meter, self._last = RateMeter(now=monotonic()), -1
        self._size = size

    def _measure(self, done: int, whole: int) -> float | None:
        now = self._monotonic()
        if self._last < 0 or done < self._last:  # an earlier call's, or anew: it did not come just now
            self._last = done
        self._meter.add(done - self._last, now=now)
        self._last, self._size = done, whole
        return self._meter.eta(whole - done, now=now)

    @property
    def _done(self) -> int:
        return max(0, self._last)


class _Lines(_Measured):
    """A JSON object a line, once a second, and when it begins to wait."""

    def __init__(self, screen: Screen, name: str, *, size: int, monotonic: Callable[[], float]) -> None:
        super().__init__(size=size, monotonic=monotonic)
        self._screen, self._name = screen, name
        self._told, self._code = -_EVENT_EVERY, ""

    def tell(self, done: int, whole: int) -> None:
        eta = self._measure(done, whole)
        left = None if eta is None else round(eta, 1)
        self._write(Arriving(self._name, done, whole, rate=round(self._meter.rate, 1), eta=left))

    def waiting(self, error: WorldError, left: float | None) -> None:
        again = None if left is None else round(left, 1)
        self._write(Arriving(self._name, self._done, self._size, 0.0, None, code=error.code, retry_in=again))

    def _write(self, line: Arriving) -> None:
        now = self._monotonic()
        # What waits and what moves again is told at once, as the end is.
        told = now - self._told < _EVENT_EVERY and line.code == self._code
        if told and (line.code or line.done < line.size):
            return
        self._told, self._code = now, line.code
        self._screen.event(line)


class _Remarked(Arrival):
    """Where no bar can be drawn: why nothing comes, once."""

    def __init__(self, remarks: Remarks) -> None:
        self._remarks, self._done = remarks, 0

    def tell(self, done: int, whole: int) -> None:  # noqa: ARG002 - what is drawn needs both
        self._done = done
        self._remarks.moves(done)

    def waiting(self, error: WorldError, left: float | None) -> None:
        words = f"{error.title}. {error.happened}"
        self._remarks.stands(error.code, words, retry_in=left, done=self._done)


class _Drawn(_Measured):
    """A bar of a terminal."""

    def __init__(self, show: Callable[..., None], *, size: int, monotonic: Callable[[], float]) -> None:
        super().__init__(size=size, monotonic=monotonic)
        self._show = show

    def tell(self, done: int, whole: int) -> None:
        eta = self._measure(done, whole)
        words = "" if eta is None else f"{span_words(eta)} left"
        self._show(done, words=words, parts="", rate=self._meter.rate, size=whole)

    def waiting(self, error: WorldError, left: float | None) -> None:
        self._show(self._done, words=_why(error, left), parts="", rate=0.0, size=self._size or None)


def _why(error: WorldError, left: float | None) -> str:
    again = "" if left is None else f" Again in {left:.0f} s."
    return f"{error.title}. {error.happened.rstrip('.')}.{again}"


@contextmanager
def shown(
    screen: Screen, name: str, *, size: int, how: str, monotonic: Callable[[], float] = time.monotonic
) -> Iterator[Arrival]:
    """What shows how far a file is, while the block runs.

    Args:
        screen: where to.
        name: of the file.
        size: bytes of it; 0 while that is not known.
        how: as `FetchingOptions.progress`.
        monotonic: seconds that never step.
    """
    if how == "none":
        yield Arrival()
    elif how == "lines":
        yield _Lines(screen, name, size=size, monotonic=monotonic)
    elif not screen.has_bars:
        yield _Remarked(Remarks(screen, name))
    else:
        with screen.transfer_bar(name, size=size) as bar:
            yield _Drawn(bar.show, size=size, monotonic=monotonic)
