"""A folder in which made-up applications write, rotate, cut and delete logs, every line known and unique.

Whoever reads the folder is asked to look at each `pause`, and may be killed and started again by `restart`.
What happens to the logs is in `tests.peers.rotation_rows`.
"""

from __future__ import annotations

import gzip
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path


class RotatingSite:
    """Writes logs, and knows which lines a reader must have seen.

    Attributes:
        must: lines that were there at a pause, or are there still.
        may: lines that were destroyed before anybody could have looked.
    """

    def __init__(
        self,
        folder: Path,
        *,
        pause: Callable[[], None],
        kill: Callable[[], None] = lambda: None,
        start: Callable[[], None] = lambda: None,
    ) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.must: list[str] = []
        self.may: list[str] = []
        self._pause = pause
        self._kill = kill
        self._start = start
        self._unseen: dict[str, list[str]] = {}
        self._count = 0

    def on_pause(self, pause: Callable[[], None]) -> None:
        """Who gives the reader its time."""
        self._pause = pause

    def unseen(self) -> list[list[str]]:
        """Lines that were written since the last pause, by file."""
        return list(self._unseen.values())

    def path(self, name: str = "a.log") -> Path:
        return self.folder / name

    def lines(self, count: int) -> list[str]:
        """So many lines that nobody wrote before."""
        self._count += 1
        return [
            f"10:15:02.118 Std 05060 w{self._count}r{row} " + "x" * (row * 37 % 160) for row in range(count)
        ]

    def write(self, name: str = "a.log", count: int = 50) -> list[str]:
        """Append lines to a file; it is made when it is not there."""
        lines = self.lines(count)
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as stream:
            stream.write("".join(f"{line}\n" for line in lines).encode())
        self._unseen.setdefault(name, []).extend(lines)
        return lines

    def pause(self) -> None:
        """Time for the reader to look: what is there now must be seen."""
        self._pause()
        for lines in self._unseen.values():
            self.must += lines
        self._unseen.clear()

    def rename(self, name: str, to: str) -> None:
        self.path(to).parent.mkdir(parents=True, exist_ok=True)
        self.path(name).rename(self.path(to))
        if name in self._unseen:
            self._unseen[to] = self._unseen.pop(name)

    def copy(self, name: str, to: str) -> None:
        shutil.copyfile(self.path(name), self.path(to))

    def cut(self, name: str = "a.log", *, kept: bool = False) -> None:
        """Truncate in place; `kept`: its content lies in a copy."""
        os.truncate(self.path(name), 0)
        lines = self._unseen.pop(name, [])
        if kept:
            self._unseen.setdefault(f"copy of {name}", []).extend(lines)
        else:
            self.may += lines

    def delete(self, name: str, *, kept: bool = False) -> None:
        self.path(name).unlink()
        if not kept:
            self.may += self._unseen.pop(name, [])

    def pack(self, name: str) -> None:
        """As logrotate does with ``compress``: the packed file is made, then the other one is deleted."""
        with self.path(name).open("rb") as source, gzip.open(self.path(f"{name}.gz"), "wb") as target:
            shutil.copyfileobj(source, target)
        self.delete(name, kept=True)
        if name in self._unseen:
            self._unseen[f"{name}.gz"] = self._unseen.pop(name)

    def restart(self, while_off: Callable[[], None] = lambda: None) -> None:
        """kill -9 the reader, do something, and start it again."""
        self._kill()
        while_off()
        self._start()

    def shift(self, keep: int = 9, name: str = "a.log") -> None:
        """``name`` becomes ``name.1``, ``name.1`` becomes ``name.2`` …, the oldest is deleted."""
        for number in range(keep, 0, -1):
            older = f"{name}.{number}"
            if self.path(older).exists():
                if number == keep:
                    self.delete(older)
                else:
                    self.rename(older, f"{name}.{number + 1}")
        self.rename(name, f"{name}.1")

    def copytruncate(self, keep: int = 9, name: str = "a.log") -> None:
        """As logrotate does with ``copytruncate``: the older ones one further, a copy, a cut."""
        for number in range(keep, 0, -1):
            older = f"{name}.{number}"
            if self.path(older).exists():
                if number == keep:
                    self.delete(older)
                else:
                    self.rename(older, f"{name}.{number + 1}")
        self.copy(name, f"{name}.1")
        self.cut(name, kept=True)

    def end(self) -> None:
        """Every application closes its log: each live file is rotated away."""
        for path in sorted(self.folder.rglob("*.log")):
            self.shift(keep=99, name=path.relative_to(self.folder).as_posix())
        self.pause()

    def verdict(self, delivered: Iterable[str]) -> tuple[list[str], list[str], list[str]]:
        """Lines that were lost, lines that came more than once, and lines that nobody wrote."""
        found = Counter(delivered)
        lost = [line for line in self.must if line not in found]
        twice = [line for line, count in found.items() if count > 1]
        strange = sorted(set(found) - set(self.must) - set(self.may))
        return lost, twice, strange


def own_lines(content: bytes) -> list[str]:
    """The lines of ours in what was delivered."""
    if content.startswith(b"\xff\xfe"):
        text = content.decode("utf-16", errors="replace")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("cp1252", errors="replace")
    lines = (line.lstrip("\0").rstrip("\r") for line in text.split("\n"))
    return [line for line in lines if line.startswith("10:15:02.118 Std 05060 w")]
