"""Applications that write numbered lines at a rate, and rotate their logs by size."""

from __future__ import annotations

import gzip
import shutil
import threading
import time
from pathlib import Path

_RATE = 10_000_000
WRITERS = 4
_SEGMENT = 20_000_000
KEEP = 30
"""Rotated logs of each writer, as a site keeps: four minutes of them."""
LINE = 120
_BURST = 0.05
_MOST_AT_ONCE = 20_000


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
