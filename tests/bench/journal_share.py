"""What the journal costs a transfer: the same file sent with the journal in memory, and with it on a disk.

Both are measured in every round; what is told is the median of the rounds' own ratios and its interval of
confidence, of wall time and of CPU seconds.
"""

from __future__ import annotations

import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.domain.files import SealedBundle
from app.transfer import Journal, SftpDestination, SftpLogin, send
from app.transfer.parts import PART_SIZE
from tests.bench.intervals import median_interval
from tests.bench.lanes import Lane
from tests.peers.openssh import OpenSsh, openssh

MOST = 0.03
"""Of the wall time, at parts of 8 MiB."""

IN_MEMORY, ON_DISK = "ours, journal in memory", "ours, journal on disk"
_WRITES = ("begin", "replace_parts", "note_parts", "move", "note_remote", "note_verified", "renew")


@dataclass(slots=True)
class _Spent:
    """Seconds in calls that write, over all threads; and of the sending."""

    writing: float = 0.0
    sending: float = 0.0

    def timed(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def timing(*arguments: Any, **named: Any) -> Any:
            began = time.monotonic()
            try:
                return call(*arguments, **named)
            finally:
                self.writing += time.monotonic() - began

        return timing


def journal_lanes(
    stack: ExitStack, folder: Path, bundle: SealedBundle, *, say: Callable[[str], None]
) -> Iterator[Lane]:
    """Two ways that differ in where the journal lies; after each, the share of its writes is said."""
    server = stack.enter_context(openssh(folder / "ssh"))
    disk = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="caseferry-journal-")))
    for name, place in ((IN_MEMORY, folder), (ON_DISK, disk)):
        journal = stack.enter_context(Journal(place / "journal-share.sqlite3"))
        spent = _Spent()
        for write in _WRITES:
            setattr(journal, write, spent.timed(getattr(journal, write)))

        def run(name: str = name, journal: Journal = journal, spent: _Spent = spent) -> None:
            _send(journal, bundle, server, spent)
            share = spent.writing / spent.sending
            say(f"{name}: {share:.1%} of the time in journal writes, beside the sending")

        # What a person notices is the rate: that is to be no more than 3 % less.
        yield Lane(name, run, {IN_MEMORY: 1 - MOST} if name == ON_DISK else {})


def overhead(lanes: Sequence[Lane]) -> Iterator[str]:
    """For people: how much more the journal on disk takes, how sure that is, and whether it is too much."""
    known = {lane.name: lane for lane in lanes}
    memory, disk = known[IN_MEMORY], known[ON_DISK]
    for what, before, after in (("wall", memory.seconds, disk.seconds), ("CPU", memory.cpu, disk.cpu)):
        found = median_interval([new / old - 1 for old, new in zip(before, after, strict=True)])
        verdict = "not decided"
        if found.high <= MOST:
            verdict = "holds"
        elif found.low > MOST:
            verdict = "NOT"
        yield (
            f"journal on disk, {what}: {found.median:+.1%} ({found.low:+.1%} to {found.high:+.1%},"
            f" confidence {found.confidence:.1%}, {len(before)} rounds; at most {MOST:.0%}: {verdict})"
        )


def _send(journal: Journal, bundle: SealedBundle, server: OpenSsh, spent: _Spent) -> None:
    there = SftpDestination(
        "127.0.0.1",
        server.port,
        login=SftpLogin(user=server.user, key_file=server.key_file),
        host_key=server.host_key,
        part_size=PART_SIZE,
    )
    began = time.monotonic()
    send(journal, bundle, there, key=uuid.uuid4().hex)
    spent.sending += time.monotonic() - began
    for path in server.folder.iterdir():
        path.unlink()
