"""What the journal costs a transfer: the same file sent with the journal in memory, and with it on a disk.

In every round the cost of the journal on the disk is counted where it arises (`tests.bench.standing`): that
decides. Beside it stands how much more time and CPU it takes than one in memory: the median of the rounds'
own ratios. On a busy machine that is mostly noise, and no verdict hangs on it.
"""

from __future__ import annotations

import os
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from app.domain.files import SealedBundle
from app.transfer import Journal, SftpDestination, SftpLogin, send
from app.transfer.parts import PART_SIZE
from tests.bench.intervals import Interval, median_interval
from tests.bench.lanes import Lane, emptied
from tests.bench.standing import Standing, counted
from tests.peers.openssh import OpenSsh, openssh

MOST = 0.03
"""Of a transfer, at parts of 8 MiB."""

SURE = 0.93
"""Confidence from which on something is decided: five rounds that agree have it."""

IN_MEMORY, ON_DISK = "ours, journal in memory", "ours, journal on disk"


@dataclass(slots=True)
class Costs:
    """What was counted of the journal on the disk, by rounds: shares of the whole transfer."""

    standing: list[float] = field(default_factory=list)
    held_up: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def note(self, found: Standing, *, wall: float) -> None:
        """One more transfer, which took so many seconds."""
        standing, held_up, cpu = found.shares(wall=wall, cores=os.cpu_count() or 1)
        self.standing.append(standing)
        self.held_up.append(held_up)
        self.cpu.append(cpu)

    @property
    def together(self) -> list[float]:
        """Their sums."""
        return [sum(each) for each in zip(self.standing, self.held_up, self.cpu, strict=True)]


def journal_lanes(stack: ExitStack, folder: Path, bundle: SealedBundle, *, costs: Costs) -> Iterator[Lane]:
    """Two ways that differ in where the journal lies; what the one on the disk costs is noted in `costs`."""
    server = stack.enter_context(openssh(folder / "ssh"))
    disk = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="caseferry-journal-")))
    for name, place in ((IN_MEMORY, folder), (ON_DISK, disk)):
        journal = stack.enter_context(Journal(place / "journal-share.sqlite3"))
        noted = costs if name == ON_DISK else Costs()

        def run(journal: Journal = journal, noted: Costs = noted) -> None:
            standing = Standing()
            began = time.monotonic()
            with counted(standing, journal):
                _send(journal, bundle, server)
            noted.note(standing, wall=time.monotonic() - began)

        yield Lane(name, run, emptied(server.folder, size=bundle.size))


def overhead(lanes: Sequence[Lane], costs: Costs) -> Iterator[str]:
    """For people: what the journal on the disk costs, how sure that is, and whether it is too much."""
    found = median_interval(costs.together)
    yield (
        f"journal on disk: {found.median:.1%} of the transfer ({found.low:.1%} to {found.high:.1%},"
        f" confidence {found.confidence:.1%}, {len(costs.together)} rounds; at most {MOST:.0%}:"
        f" {verdict(found)})"
    )
    yield (
        f"of that: lanes standing {median(costs.standing):.2%}, `send` held up {median(costs.held_up):.2%},"
        f" CPU {median(costs.cpu):.2%}"
    )
    known = {lane.name: lane for lane in lanes}
    memory, disk = known[IN_MEMORY], known[ON_DISK]
    for what, before, after in (("wall", memory.seconds, disk.seconds), ("CPU", memory.cpu, disk.cpu)):
        more = median_interval([new / old - 1 for old, new in zip(before, after, strict=True)])
        yield (
            f"beside one in memory, {what}: {more.median:+.1%} ({more.low:+.1%} to {more.high:+.1%},"
            f" confidence {more.confidence:.1%})"
        )


def verdict(found: Interval) -> str:
    """Whether it is at most `MOST`; *not decided* while the interval has it inside, or is not sure enough."""
    if found.confidence < SURE:
        return "not decided"
    if found.high <= MOST:
        return "holds"
    return "NOT" if found.low > MOST else "not decided"


def _send(journal: Journal, bundle: SealedBundle, server: OpenSsh) -> None:
    there = SftpDestination(
        "127.0.0.1",
        server.port,
        login=SftpLogin(user=server.user, key_file=server.key_file),
        host_key=server.host_key,
        part_size=PART_SIZE,
    )
    send(journal, bundle, there, key=uuid.uuid4().hex)
