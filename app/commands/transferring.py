"""What the options say of a transfer, and what a terminal shows while it runs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from app.commands.carrying_options import TransferOptions
from app.commands.console import Screen
from app.commands.remarking import Remarks
from app.domain.errors import InputError
from app.transfer import (
    MOST_CONNECTIONS,
    Limiter,
    Limits,
    Progress,
    RetryPolicy,
    TransferState,
    limiter_for,
    parse_hours,
    parse_rate,
    parse_span,
)

MAP_CELLS = 24
"""Characters of the part map in a terminal."""

_EVENT_EVERY = 1.0


@dataclass(frozen=True, slots=True)
class Effort:
    """What all transfers of one command share.

    Attributes:
        limiter: of bytes per second, for the sum of all connections.
        connections: the most for one file.
        policy: of trying again and giving up.
    """

    limiter: Limiter
    connections: int
    policy: RetryPolicy


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of ``--progress lines``.

    Attributes:
        file: name of the bundle.
        done, acked, size: bytes sent, bytes that the other side has, bytes in all.
        rate: bytes per second, smoothed.
        eta: seconds to the end; None while that cannot be said.
        acked_ranges, moving: first byte and length, for a map of the parts.
    """

    file: str
    state: str
    done: int
    acked: int
    size: int
    rate: float
    eta: float | None
    connections: int
    resumed: int
    code: str
    retry_in: float | None
    acked_ranges: list[tuple[int, int]]
    moving: list[tuple[int, int]]


def effort_of(options: TransferOptions) -> Effort:
    """The limiter, the connections and the policy that the options name.

    Raises:
        InputError: one of them is not right (CF-1166, CF-1167, CF-1168, CF-1159).
    """
    if not 1 <= options.connections <= MOST_CONNECTIONS:
        raise InputError(
            "This is no number of connections",
            happened=f"{options.connections} is not between 1 and {MOST_CONNECTIONS}.",
            todo="Give a number in between, or leave it out: how many there are is found by measuring.",
            code="CF-1159",
        )
    limits = Limits(
        rate=parse_rate(options.limit),
        hours=tuple(parse_hours(text) for text in options.hours),
        only_idle=options.only_idle,
    )
    return Effort(
        limiter=limiter_for(limits),
        connections=options.connections,
        policy=RetryPolicy(give_up_after=parse_span(options.give_up)),
    )


@contextmanager
def shown(
    screen: Screen, name: str, *, size: int, how: str, monotonic: Callable[[], float] = time.monotonic
) -> Iterator[Callable[[Progress], None]]:
    """What shows the progress of one transfer while the block runs.

    Args:
        screen: where to.
        name: of the bundle.
        size: bytes of it.
        how: as `TransferOptions.progress`.
        monotonic: the clock of ``lines``.
    """
    if how == "none":
        yield lambda _progress: None
    elif how == "lines":
        yield EventLines(screen, name, monotonic=monotonic).show
    elif not screen.has_bars:
        yield partial(_remark, Remarks(screen, name))
    else:
        with screen.transfer_bar(name, size=size) as bar:
            yield lambda progress: bar.show(
                progress.done, words=words_of(progress), parts=part_map(progress), rate=progress.rate
            )


def _remark(remarks: Remarks, progress: Progress) -> None:
    if progress.state is TransferState.WAITING:
        remarks.stands(progress.error_code, progress.error, retry_in=progress.retry_in, done=progress.acked)
    else:
        remarks.moves(progress.acked)


class EventLines:
    """A JSON object a line on standard error: at every change of state, else once a second."""

    def __init__(self, screen: Screen, name: str, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._screen = screen
        self._name = name
        self._monotonic = monotonic
        self._state = ""
        self._told = -_EVENT_EVERY

    def show(self, progress: Progress) -> None:
        """Write it, if it is time."""
        now = self._monotonic()
        if progress.state.value == self._state and now - self._told < _EVENT_EVERY:
            return
        self._state, self._told = progress.state.value, now
        self._screen.event(moment_of(self._name, progress))


def moment_of(name: str, progress: Progress) -> Moment:
    """One look at a transfer, for programs."""
    return Moment(
        file=name,
        state=progress.state.value,
        done=progress.done,
        acked=progress.acked,
        size=progress.size,
        rate=round(progress.rate, 1),
        eta=None if progress.eta is None else round(progress.eta, 1),
        connections=progress.connections,
        resumed=progress.resumed,
        code=progress.error_code,
        retry_in=progress.retry_in,
        acked_ranges=[(each.start, each.length) for each in progress.acked_ranges],
        moving=[(each.start, each.length) for each in progress.moving],
    )


def words_of(progress: Progress) -> str:
    """State, what is left, and over how many connections, or why it waits."""
    if progress.error:
        again = "" if progress.retry_in is None else f" Again in {progress.retry_in:.0f} s."
        return f"{progress.error}{again}"
    left = "" if progress.eta is None else f", {span_words(progress.eta)} left"
    over = f", {progress.connections} connections" if progress.connections > 1 else ""
    return f"{progress.state.value}{left}{over}"


def span_words(seconds: float) -> str:
    """``42 s``, ``4 min 40 s``, ``2 h 5 min``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def part_map(progress: Progress, *, cells: int = MAP_CELLS) -> str:
    """What the other side has, as a line of characters: all of a cell, on its way or in part, nothing."""
    if progress.size <= 0:
        return ""
    if progress.acked >= progress.size:
        return "█" * cells
    drawn = []
    for cell in range(cells):
        start, end = progress.size * cell // cells, progress.size * (cell + 1) // cells
        there = sum(_common(each.start, each.end, start, end) for each in progress.acked_ranges)
        under_way = any(_common(each.start, each.end, start, end) for each in progress.moving)
        if end > start and there >= end - start:
            drawn.append("█")
        else:
            drawn.append("▒" if there or under_way else "·")
    return "".join(drawn)


def _common(start: int, end: int, first: int, last: int) -> int:
    return max(0, min(end, last) - max(start, first))
