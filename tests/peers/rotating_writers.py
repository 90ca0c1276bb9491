"""Applications that write numbered lines at a rate, and rotate their logs by size."""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

_RATE = 10_000_000
WRITERS = 6
_SEGMENT = 20_000_000
KEEP = 30
"""Rotated logs of each writer, as a site keeps: four minutes of them."""
LINE = 120
_BURST = 0.05
_HEAD = 1 << 16
_PATIENCE = 120.0
"""Seconds for which a writer that destroys its log waits until the agent has it."""
_MOST_AT_ONCE = 20_000


class Writer(threading.Thread):
    """One application: writes at its share of the rate and rotates by size, each in a way of its own.

    Two destroy what they wrote: what an agent has not looked at yet nobody could send. So they hold still
    until the log is linked (before it is moved away, and deleted there), or kept to its last byte (before it
    is emptied).
    """

    def __init__(self, folder: Path, number: int, until: float, *, data: Path) -> None:
        """`data` is the agent's data folder."""
        super().__init__(daemon=True)
        self._kept = data / "kept.db"
        self._away = folder.with_name(f"{folder.name}-away")
        self._moves_away = number == 4
        self._empties = number == 5
        self.destroyed = 0
        self.stuck = ""
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
                    elif self._empties:
                        self._wait_until(self._is_kept)
                        stream.truncate(0)
                        stream.seek(0)
                        self.destroyed += 1
                    elif self._moves_away:
                        stream.close()
                        self._move_away()
                        stream = self._path.open("ab", buffering=0)
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

    def _move_away(self) -> None:
        """Out of what is watched, where it is deleted."""
        self._wait_until(self._is_linked)
        self._away.mkdir(exist_ok=True)
        away = self._away / self._path.name
        self._path.rename(away)
        away.unlink()
        self.destroyed += 1

    def _is_linked(self) -> bool:
        return self._path.stat().st_nlink > 1

    def _is_kept(self) -> bool:
        """Whether the agent has every byte in its parts."""
        with self._path.open("rb") as log:
            own, head = os.fstat(log.fileno()), log.read(_HEAD)
        try:
            with closing(sqlite3.connect(f"file:{self._kept}?mode=ro", uri=True, timeout=5.0)) as database:
                rows = database.execute(
                    "SELECT head_length, head FROM kept WHERE path = ? AND inode = ? AND state = 'open' "
                    "AND size >= ?",
                    (self._path.name, str(own.st_ino), own.st_size),
                ).fetchall()
        except sqlite3.OperationalError:
            return False  # the agent has just been killed, or is starting
        # what was emptied before may still be open, and may have been larger: the head tells which it is
        return any(hashlib.sha256(head[:length]).hexdigest()[:32] == digest for length, digest in rows)

    def _wait_until(self, holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _PATIENCE
        while not holds():
            if time.monotonic() > deadline:
                self.stuck = f"{self._name}: not kept within {_PATIENCE:.0f} seconds"
                return
            time.sleep(0.05)

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
