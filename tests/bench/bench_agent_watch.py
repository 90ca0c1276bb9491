"""The agent's watching: how soon a write is seen, what it costs at rest and under load.

``./dev bench agent-watch [--quick] [FIGURE ...]``. The watched process is watcher and catalogue as the agent
has them (`tests.bench.watch_once`); its processor time is its own, whatever else the machine does. It fails
when a figure misses its promise.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

_LINE = b"10:15:02.118 Std 05060 " + b"x" * 76 + b"\n"
_LONG_AGO = time.time() - 86_400


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure and its promise."""

    name: str
    value: float
    most: float
    unit: str
    told: str = ""


class Watching:
    """`tests.bench.watch_once`, asked now and then."""

    def __init__(self, folder: Path, data: Path, *words: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.watch_once", str(folder), str(data), *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def wait_until_idle(self, files: int) -> dict[str, Any]:
        """Until so many files were handed on, and two seconds pass in which it does next to nothing."""
        before = self.ask()
        while True:
            time.sleep(2.0)
            now = self.ask()
            if before["files"] >= files and now["cpu"] - before["cpu"] < 0.1:
                return now
            before = now

    def end(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(60)
        assert self._process.stdout is not None
        self._process.stdout.close()


@contextmanager
def watching(folder: Path, *words: str) -> Iterator[Watching]:
    with tempfile.TemporaryDirectory(prefix="bench-agent-data-") as data:
        made = Watching(folder, Path(data), *words)
        try:
            yield made
        finally:
            made.end()


def old_tree(root: Path, *, directories: int, files: int) -> list[Path]:
    """Segments of yesterday: ``files`` in each of so many directories; the paths."""
    made = []
    for number in range(directories):
        folder = root / f"d{number // 100:03}" / f"e{number % 100:03}"
        folder.mkdir(parents=True)
        for row in range(files):
            path = folder / f"sips_a.20230609_1015{row:02}_118.log"
            file = os.open(path, os.O_WRONLY | os.O_CREAT, 0o644)  # a hundred thousand times
            os.write(file, b"2023-06-09T10:15:02.118 Std 05060 %d\n" % (number * files + row))
            os.utime(file, (_LONG_AGO, _LONG_AGO))
            os.close(file)
            made.append(path)
    return made


def seen_after(
    root: Path, *words: str, writes: int, pause: Callable[[int], float], patience: float
) -> list[float]:
    """Seconds from each write to the first scan that has its size."""
    chance = random.Random(7)
    paths = old_tree(root, directories=200, files=5)
    with watching(root, "--sights", *words) as watched:
        watched.wait_until_idle(1000)
        written: dict[tuple[str, int], float] = {}
        for number, path in enumerate(chance.sample(paths, writes)):
            time.sleep(pause(number))
            with path.open("ab") as stream:
                at = time.time()
                stream.write(_LINE)
                stream.flush()
                written[(path.relative_to(root).as_posix(), stream.tell())] = at
        seen: dict[tuple[str, int], float] = {}
        deadline = time.monotonic() + patience
        while len(seen) < len(written) and time.monotonic() < deadline:
            time.sleep(0.2)
            for name, size, at in watched.ask()["sights"]:
                if (name, size) in written:
                    seen.setdefault((name, size), at)
    return sorted(seen.get(key, float("inf")) - at for key, at in written.items())


def percentile(values: list[float], share: float) -> float:
    return values[min(len(values) - 1, int(len(values) * share))]


def alive(root: Path, *, quick: bool) -> Iterator[Figure]:
    count = 100 if quick else 400
    chance = random.Random(3)
    found = seen_after(root, writes=count, pause=lambda _number: chance.uniform(0.005, 0.05), patience=10)
    told = f"median {percentile(found, 0.5) * 1000:.1f} ms of {count}"
    yield Figure("seen after write, hints alive, p99", percentile(found, 0.99), 0.1, "s", told)


def dead(root: Path, *, quick: bool) -> Iterator[Figure]:
    count, seconds = (40, 12.0) if quick else (80, 60.0)
    words = ("--quiet", "3") if quick else ()  # closed soon, so that writes come soon after a full scan
    found = seen_after(
        root, "--no-events", *words, writes=count, pause=lambda _number: seconds / count, patience=120
    )
    told = f"median {percentile(found, 0.5):.1f} s of {count}, files of yesterday"
    yield Figure("seen after write, hints dead, p99", percentile(found, 0.99), 65.0, "s", told)


def hot(root: Path, *, quick: bool) -> Iterator[Figure]:
    """Files that are written to again and again, without any event: as on a system that gives none."""
    paths = old_tree(root, directories=50, files=5)[::25]
    rounds = 10 if quick else 25
    chance = random.Random(5)
    with watching(root, "--sights", "--no-events") as watched:
        watched.wait_until_idle(250)
        for path in paths:
            path.with_name("live.log").write_bytes(_LINE)
        time.sleep(12.0)  # the directories' own tier has found the new names by then
        watched.ask()
        delays: list[float] = []
        for _ in range(rounds):
            written: dict[tuple[str, int], float] = {}
            for path in paths:
                time.sleep(chance.uniform(0.0, 0.2))
                with path.with_name("live.log").open("ab") as stream:
                    stream.write(_LINE)
                    stream.flush()
                    written[(path.with_name("live.log").relative_to(root).as_posix(), stream.tell())] = (
                        time.time()
                    )
            time.sleep(2.5)
            seen: dict[tuple[str, int], float] = {}
            for name, size, at in watched.ask()["sights"]:
                seen.setdefault((name, size), at)
            delays += [seen.get(key, float("inf")) - at for key, at in written.items()]
    delays.sort()
    told = f"median {percentile(delays, 0.5):.2f} s of {len(delays)}"
    yield Figure("seen after write to a hot file, no hints, p99", percentile(delays, 0.99), 2.0, "s", told)


def idle(root: Path, *, quick: bool) -> Iterator[Figure]:
    old_tree(root, directories=10_000, files=10)
    seconds = 60.0 if quick else 245.0  # a full scan comes every 60
    with watching(root, *(("--quiet", "3") if quick else ())) as watched:
        # twice: some time after the first look all are handed on again, to be closed
        first = watched.wait_until_idle(200_000)
        began, before = time.monotonic(), watched.ask()
        time.sleep(seconds)
        after, lasted = watched.ask(), time.monotonic() - began
        share = (after["cpu"] - before["cpu"]) / lasted * 100
        events = after["reason"] or "with file events for all"
        told = f"over {lasted:.0f} s; {events}; the first look and all closings {first['cpu']:.0f} s"
        yield Figure("idle, 100 000 files in 10 000 directories", share, 1.5, "% of a core", told)
        yield Figure("memory of watching and state", after["rss"] / 1e6, 120.0, "MB")


def busy(root: Path, *, quick: bool) -> Iterator[Figure]:
    """Ten thousand writes a second to a thousand files in a hundred directories."""
    seconds = 10.0 if quick else 30.0
    old_tree(root, directories=100, files=10)
    with watching(root) as watched:
        watched.wait_until_idle(1000)
        descriptors = [os.open(path, os.O_WRONLY | os.O_APPEND) for path in sorted(root.rglob("*.log"))]
        before, began = watched.ask(), time.monotonic()
        writes = 0
        while (passed := time.monotonic() - began) < seconds:
            for _ in range(max(0, int(passed * 10_000) - writes)):
                os.write(descriptors[writes % len(descriptors)], _LINE)
                writes += 1
            time.sleep(0.005)
        after, lasted = watched.ask(), time.monotonic() - began
        for descriptor in descriptors:
            os.close(descriptor)
    share = (after["cpu"] - before["cpu"]) / lasted * 100
    told = f"{writes / lasted:.0f} writes/s, {after['passes'] - before['passes']} passes"
    yield Figure("10 000 writes/s", share, 20.0, "% of a core", told)
    yield Figure("directories that waited for a look, at most", after["waiting"], 4096, "")
    yield Figure("memory under load", after["rss"] / 1e6, 120.0, "MB")


FIGURES: dict[str, Callable[..., Iterator[Figure]]] = {
    "alive": alive,
    "hot": hot,
    "dead": dead,
    "busy": busy,
    "idle": idle,
}


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("figures", nargs="*", choices=[*FIGURES, []])
    words.add_argument("--quick", action="store_true")
    asked = words.parse_args()
    table = Table("measure", "value", "at most", "")
    missed = []
    for name in asked.figures or FIGURES:
        with tempfile.TemporaryDirectory(prefix="bench-agent-") as root:
            for figure in FIGURES[name](Path(root), quick=asked.quick):
                table.add_row(
                    figure.name,
                    f"{figure.value:.3g} {figure.unit}",
                    f"{figure.most:g} {figure.unit}",
                    figure.told,
                )
                if figure.value > figure.most:
                    missed.append(figure.name)
    Console().print(table)
    if missed:
        sys.exit(f"agent-watch: missed: {', '.join(missed)}")


if __name__ == "__main__":
    main()
