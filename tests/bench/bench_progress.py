"""What it costs to tell how far a transfer is: 10,000 events a second, in per cent of a core.

A lane tells of its progress 10,000 times a second, as one does that writes 250 MB/s in small blocks. Measured
is the processor time of the whole process, less that of the same send which tells nothing; the median of the
rounds, which are interleaved.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from app.commands.console import Screen
from app.commands.transferring import EventLines
from app.domain.files import SealedBundle
from app.transfer import Beat, Journal, Limits, Part, Progress, limiter_for, send
from tests.peers.memory_store import MemoryDestination, MemoryLane, MemoryStore
from tests.peers.sealed import sealed_bundle

RATE = 10_000
_BURST = 100


@dataclass(slots=True)
class Way:
    """One way of telling, and the processor seconds that each round took.

    Attributes:
        events: whether the lane tells of its progress.
        limited: whether a limit counts the bytes, too.
        show: what looks at the progress.
    """

    name: str
    events: bool
    limited: bool = False
    show: Callable[[Progress], None] | None = None
    cpu: list[float] = field(default_factory=list)


class _Telling(MemoryLane):
    """Tells `RATE` times a second for some seconds, in bursts as a socket takes blocks."""

    def put(self, part: Part, data: memoryview, *, beat: Beat) -> int:
        destination = self._destination_of()
        began, told = time.monotonic(), 0
        while told < RATE * destination.seconds:
            if destination.events:
                for _ in range(_BURST):
                    beat.moved(1)
            told += _BURST
            time.sleep(max(0.0, began + told / RATE - time.monotonic()))
        return super().put(part, data, beat=beat)

    def _destination_of(self) -> _Busy:
        found = self._busy
        assert found is not None
        return found

    _busy: _Busy | None = None


class _Busy(MemoryDestination):
    events = True
    seconds = 1.0

    def lane(self) -> _Telling:
        self.store.lanes += 1
        made = _Telling(self)
        made._busy = self
        return made


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print the table; the exit code: 1 when telling costs 2 % of a core or more."""
    parser = argparse.ArgumentParser(prog="bench progress", description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0, help="of each send (default 3)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds (default 5)")
    options = parser.parse_args(argv)
    ways = [
        Way("nothing told", events=False),
        Way("the engine: counted, rate, time left, parts", events=True, show=lambda _progress: None),
        Way("and as a line of JSON for programs", events=True, show=EventLines(_Nowhere(), "logs.zip").show),
        Way("and counted by a limit", events=True, limited=True, show=lambda _progress: None),
    ]
    with tempfile.TemporaryDirectory(prefix="caseferry-bench-") as name:
        folder = Path(name)
        bundle = sealed_bundle(folder / "spool", size=1_000_000)
        with Journal(folder / "journal.sqlite3") as journal:
            for number in range(options.rounds):
                for way in ways if number % 2 == 0 else ways[::-1]:
                    way.cpu.append(_once(journal, bundle, way, seconds=options.seconds))
    return _say(ways, seconds=options.seconds)


class _Nowhere(Screen):
    def event(self, value: object) -> None:
        """Made, and not shown."""


def _once(journal: Journal, bundle: SealedBundle, way: Way, *, seconds: float) -> float:
    destination = _Busy(MemoryStore(), connections=1, part_size=bundle.size)
    destination.events, destination.seconds = way.events, seconds
    limiter = limiter_for(Limits(10**12)) if way.limited else None
    began = time.process_time()
    send(
        journal,
        bundle,
        destination,
        key=uuid.uuid4().hex,
        on_progress=way.show,
        limiter=limiter,
        connections=1,
    )
    return time.process_time() - began


def _say(ways: Sequence[Way], *, seconds: float) -> int:
    table = Table(title=f"Telling of progress {RATE} times a second")
    table.add_column("what is done with it")
    table.add_column("per cent of a core", justify="right")
    idle = statistics.median(ways[0].cpu)
    dearest = 0.0
    for way in ways[1:]:
        share = 100 * (statistics.median(way.cpu) - idle) / seconds
        dearest = max(dearest, share)
        table.add_row(way.name, f"{share:.2f}")
    Console().print(table)
    return 0 if dearest < 2.0 else 1


if __name__ == "__main__":
    sys.exit(main())
