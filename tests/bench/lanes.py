"""Ways of moving one file that are measured side by side, round by round, and the table of them.

Rounds are interleaved and their order is turned round each time, so that a busy machine is fair to all.
What was moved is put away between two clocks: removing a file of 1 GiB takes a tenth of a second, and is
no part of moving it. Rates are medians, with the best round beside them. The ratio to a peer is the median of
the rounds' own ratios, with that of the best rounds in brackets: where the two differ much, the machine was
busy. CPU is of the measuring side only, in seconds per 10^9 bytes.
"""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.table import Table

CASE = "0003256109"
"""The demo's case that everything is sent to."""


def memory_folder() -> Path | None:
    """Where no disk is measured along; None where that is nowhere."""
    memory = Path("/dev/shm")
    return memory if memory.is_dir() else None


def emptied(folder: Path, *, size: int) -> Callable[[], None]:
    """A `Lane.put_away`: removes the files of so many bytes from a folder, and leaves the others."""

    def put_away() -> None:
        for path in folder.iterdir():
            if path.stat().st_size == size:
                path.unlink()

    return put_away


@dataclass(slots=True)
class Lane:
    """One way of moving the file, and what was measured.

    Attributes:
        run: moves it once.
        put_away: removes what was moved; neither its time nor its CPU counts.
        beside: names of lanes whose rate is 1.00, each with the ratio that is wanted; 0 for none.
        most_cpu: seconds per 10^9 bytes that are wanted at most; 0 for none.
    """

    name: str
    run: Callable[[], None]
    put_away: Callable[[], None]
    beside: dict[str, float] = field(default_factory=dict)
    most_cpu: float = 0.0
    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def measure(self) -> None:
        """Move it once more."""
        began, cpu = time.monotonic(), _cpu()
        self.run()
        self.seconds.append(time.monotonic() - began)
        self.cpu.append(_cpu() - cpu)
        self.put_away()

    def told(self) -> dict[str, Any]:
        """What was measured, for another process; see `heard`."""
        return {
            "name": self.name,
            "beside": self.beside,
            "most_cpu": self.most_cpu,
            "seconds": self.seconds,
            "cpu": self.cpu,
        }


def heard(told: dict[str, Any]) -> Lane:
    """A lane that another process has measured."""
    return Lane(run=lambda: None, put_away=lambda: None, **told)


def measure(lanes: Sequence[Lane], *, rounds: int, say: Callable[[str], None]) -> None:
    """All of them, so many times."""
    for number in range(rounds):
        for lane in lanes if number % 2 == 0 else lanes[::-1]:
            lane.measure()
            say(f"round {number + 1}: {lane.name}: {lane.seconds[-1]:.2f} s")


def table(lanes: Sequence[Lane], *, title: str, size: int) -> Table:
    """Rates, ratios and CPU; `size` bytes were moved."""
    shown = Table(title=title)
    shown.add_column("way")
    for column in ("MB/s", "best", "beside (paired; best)", "CPU s/GB"):
        shown.add_column(column, justify="right")
    known = {lane.name: lane for lane in lanes}
    for lane in lanes:
        ratios = [
            _judged(_paired(known[peer], lane), wanted, f" ({_of_the_best(known[peer], lane):.2f}) × {peer}")
            for peer, wanted in lane.beside.items()
            if peer in known
        ]
        cpu = statistics.median(lane.cpu) / (size / 1e9)
        spent = f"{cpu:.2f}"
        if lane.most_cpu:
            spent += f" (at most {lane.most_cpu}{'' if cpu <= lane.most_cpu else ': NOT'})"
        shown.add_row(
            lane.name,
            f"{size / 1e6 / statistics.median(lane.seconds):.1f}",
            f"{size / 1e6 / min(lane.seconds):.1f}",
            "\n".join(ratios),
            spent,
        )
    return shown


def _judged(ratio: float, wanted: float, what: str) -> str:
    verdict = f" (wanted {wanted}{'' if ratio >= wanted else ': NOT'})" if wanted else ""
    return f"{ratio:.2f}{what}{verdict}"


def _paired(peer: Lane, lane: Lane) -> float:
    return statistics.median(theirs / ours for theirs, ours in zip(peer.seconds, lane.seconds, strict=True))


def _of_the_best(peer: Lane, lane: Lane) -> float:
    return min(peer.seconds) / min(lane.seconds)


def _cpu() -> float:
    """CPU seconds of this process and of the programs that it ran to their end."""
    spent = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in spent)
