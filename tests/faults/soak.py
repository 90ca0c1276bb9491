"""Writers that rotate at 10 MB/s, a follower that is killed now and then, and the sum at the end.

The follower is `agent.watch.Follower`, alone; `tests.faults.soak_agent` is about the whole agent.

``./dev test soak [SECONDS]`` (3600 by default). Every line has a number; of every generation the follower
keeps which numbers it read. At the end each writer's numbers must be there from first to last, each once.
When the machine is too busy, logs may be deleted before they could be read: the follower must say so then.
"""

from __future__ import annotations

import argparse
import gzip
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.peers.follow_process import Store

_RATE = 10_000_000
WRITERS = 4
_SEGMENT = 20_000_000
KEEP = 30
"""Rotated logs of each writer, as a site keeps: four minutes of them."""
KILL_EVERY = (15.0, 45.0)
LINE = 120
_BURST = 0.05
_MOST_AT_ONCE = 20_000
_CATCH_UP = 120.0


class Writer(threading.Thread):
    """One application: writes at its share of the rate and rotates by size, each in a way of its own."""

    def __init__(self, folder: Path, number: int, until: float) -> None:
        super().__init__(daemon=True)
        self.written = 0
        self.number = 0
        self.label = self._name = f"app{number}"
        self._path = folder / f"{self._name}.log"
        self._until = until
        self._copies = number == 1
        self._packs = number == 2

    def run(self) -> None:
        stream = self._path.open("ab", buffering=0)
        began = time.monotonic()
        try:
            while (now := time.monotonic()) < self._until:
                # a writer that had to wait writes what is due by now
                due = int((now - began) * _RATE / WRITERS) // LINE - self.number
                stream.write(self._burst(min(due, _MOST_AT_ONCE)))
                if stream.tell() >= _SEGMENT:
                    if self._copies:
                        # the writer waits while it is copied, as a site must that wants no line lost
                        self._shift()
                        shutil.copyfile(self._path, self._path.with_name(f"{self._path.name}.1"))
                        stream.truncate(0)
                        stream.seek(0)
                    else:
                        stream.close()
                        self._shift()
                        self._path.rename(self._path.with_name(f"{self._path.name}.1"))
                        stream = self._path.open("ab", buffering=0)
                time.sleep(max(0.0, now + _BURST - time.monotonic()))
        finally:
            stream.close()

    def end(self) -> None:
        """The application has ended: its last log is rotated away, too."""
        self._shift()
        self._path.rename(self._path.with_name(f"{self._path.name}.1"))

    def _burst(self, lines: int) -> bytes:
        first = self.number
        self.number += lines
        burst = "".join(
            f"{self._name} n{number} ".ljust(LINE - 1, "x") + "\n" for number in range(first, self.number)
        )
        self.written += len(burst)
        return burst.encode()

    def _shift(self) -> None:
        for number in range(KEEP, 0, -1):
            for suffix in ("", ".gz"):
                older = self._path.with_name(f"{self._path.name}.{number}{suffix}")
                if older.exists():
                    if number == KEEP:
                        older.unlink()
                    else:
                        older.rename(older.with_name(f"{self._path.name}.{number + 1}{suffix}"))
        second = self._path.with_name(f"{self._path.name}.2")
        if self._packs and second.exists():
            with second.open("rb") as source, gzip.open(f"{second}.gz", "wb", compresslevel=1) as target:
                shutil.copyfileobj(source, target)
            second.unlink()


class Following:
    """The follower's process, killed and started again."""

    def __init__(self, folder: Path, database: Path) -> None:
        self._words = [
            sys.executable,
            "-m",
            "tests.peers.follow_process",
            str(folder),
            str(database),
            "--numbers",
        ]
        self._process = self._start()
        self.kills = 0

    def kill(self) -> None:
        self._end(signal.SIGKILL)
        self.kills += 1
        self._process = self._start()

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def memory(self) -> float:
        """Resident megabytes."""
        pages = int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def _start(self) -> subprocess.Popen[str]:
        started = subprocess.Popen(self._words, stdout=subprocess.PIPE, text=True)
        assert started.stdout is not None
        if started.stdout.readline() != "ready\n":
            sys.exit("soak: the follower does not start")
        return started

    def _end(self, number: signal.Signals) -> None:
        self._process.send_signal(number)
        self._process.wait(60)
        assert self._process.stdout is not None
        self._process.stdout.close()


def verdict(store: Store, writers: dict[str, int]) -> list[str]:
    """What is wrong, for people; empty when every number of every writer is there once."""
    said = set(store.lost())
    wrong: list[str] = []
    expected = dict.fromkeys(writers, 0)
    for writer, first, last, broken in store.runs():
        if broken:
            wrong.append(f"{writer}: {broken} breaks between {first} and {last}")
        if first != expected[writer]:
            word = "twice"
            if first > expected[writer]:
                told = (writer, expected[writer] - 1) in said
                word = (
                    "deleted before they were read, as was said," if told else "LOST, and nothing was said,"
                )
            wrong.append(f"{writer}: {abs(first - expected[writer])} lines {word} before {first}")
        expected[writer] = last + 1
    wrong += [
        f"{writer}: {count - expected[writer]} lines LOST at the end"
        for writer, count in writers.items()
        if expected[writer] != count
    ]
    return wrong


def main(seconds: float) -> None:
    seed = int(time.time())
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="soak-") as root:
        folder, database = Path(root) / "logs", Path(root) / "follow.db"
        folder.mkdir()
        following = Following(folder, database)
        until = time.monotonic() + seconds
        writers = [Writer(folder, number, until) for number in range(WRITERS)]
        for writer in writers:
            writer.start()
        memory = 0.0
        next_kill = time.monotonic() + chance.uniform(*KILL_EVERY)
        while any(writer.is_alive() for writer in writers):
            time.sleep(1.0)
            memory = max(memory, following.memory())
            if time.monotonic() >= next_kill:
                following.kill()
                next_kill = time.monotonic() + chance.uniform(*KILL_EVERY)
        written = sum(writer.written for writer in writers)
        store = Store(database, numbers=True)
        deadline = time.monotonic() + _CATCH_UP
        while store.size() < written and time.monotonic() < deadline:
            time.sleep(0.5)
        following.stop()
        counts = {f"app{number}": writer.number for number, writer in enumerate(writers)}
        wrong = verdict(store, counts)
        store.close()
    table = Table("soak", "")
    table.add_row("seconds", f"{seconds:.0f}")
    table.add_row("written", f"{written / 1e6:.0f} MB, {written / seconds / 1e6:.1f} MB/s")
    table.add_row("lines", str(sum(counts.values())))
    table.add_row("kills", str(following.kills))
    table.add_row("memory of the follower, at most", f"{memory:.0f} MB")
    table.add_row("wrong", "\n".join(wrong) or "nothing lost, nothing twice")
    Console().print(table)
    if wrong:
        sys.exit(f"soak: failed (seed {seed})")


if __name__ == "__main__":
    words = argparse.ArgumentParser()
    words.add_argument("seconds", type=float, nargs="?", default=3600.0)
    main(words.parse_args().seconds)
