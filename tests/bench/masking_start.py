"""What a run costs beside its bytes: whole processes that mask next to nothing, or many small files."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path

from tests.bench.masking_peers import measured

LINES = b"""\
2026-11-28T10:00:00.123 Std 20011 call from +49 30 901820417 CustomerName=Mary Miller
2026-11-28T10:00:01.000 Std 20012 sip:+4930901820417@192.0.2.4;user=phone answered
2026-11-28T10:00:02.000 Std mail mary.miller@example.org card 4111 1111 1111 1111 iban DE89370400440532013000
"""
"""About 300 bytes."""


class Starts:
    """Commands that are run whole, for CPU seconds.

    Args:
        folder: for what they read and write; their keys and rules are kept there, too.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "start"
        self._folder.mkdir()
        self._small = self._folder / "small.log"
        self._small.write_bytes(LINES)
        self._numbers = count()

    def commands(self) -> Mapping[str, Callable[[], float]]:
        """Each by its name; one that this machine has not is left out."""
        found = {
            "caseferry mask": lambda: self.mask(self._small),
            "caseferry --version": lambda: self._ours("app.commands", "--version"),
            "caseferry-agent --version": lambda: self._ours("agent.service", "--version"),
            "python -c pass": lambda: measured([sys.executable, "-c", "pass"]).cpu,
        }
        sed = shutil.which("sed")
        if sed:
            found["sed -E"] = lambda: measured([sed, "-E", "s/[0-9]{5}/N/g", str(self._small)]).cpu
        return found

    def mask(self, source: Path) -> float:
        """``caseferry mask`` with its check, into a new folder."""
        target = self._folder / str(next(self._numbers))
        options = {
            "--out": target,
            "--report": target.with_suffix(".json"),
            "--key-file": self._folder / "key",
        }
        used = self._ours(
            "app.commands", "mask", str(source), *(str(w) for pair in options.items() for w in pair)
        )
        shutil.rmtree(target)
        return used

    def small_files(self, source: Path, *, files: int, size: int) -> Path:
        """A folder of small files with the lines of a large one."""
        folder = self._folder / "many"
        folder.mkdir()
        with source.open("rb") as lines:
            for number in range(files):
                (folder / f"sip_{number:04}.log").write_bytes(b"".join(lines.readlines(size)))
        return folder

    def _ours(self, *words: str) -> float:
        home = {"CASEFERRY_HOME": str(self._folder / "home")}
        return measured([sys.executable, "-m", *words], variables=home).cpu
