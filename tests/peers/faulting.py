"""The library of faults that is preloaded into a process: see ``fault_at.c``."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_SOURCE = Path(__file__).with_name("fault_at.c")


def build_library(folder: Path) -> Path:
    """Compile it, by the system's compiler or by Zig's."""
    target = folder / "fault_at.so"
    compiler = [sys.executable, "-m", "ziglang", "cc"] if shutil.which("cc") is None else ["cc"]
    subprocess.run(
        [*compiler, "-shared", "-fPIC", "-O1", "-o", str(target), str(_SOURCE), "-ldl"], check=True
    )
    return target


@dataclass(frozen=True, slots=True)
class Faults:
    """What goes wrong in a process.

    Attributes:
        library: as `build_library` made it.
        under: only calls on files below this folder count.
        kill_at: the call before which the process ends; 0 for none.
        count: where the number of calls is written at a normal end.
        while_there: calls fail as long as this file is there, with `number`, those of the kinds in `calls`.
        behind: so many first bytes of a file can be read all the same, by calls that say from where.
    """

    library: Path
    under: Path
    kill_at: int = 0
    count: Path | None = None
    while_there: Path | None = None
    number: int = 0
    calls: str = "write flush rename open entry"
    behind: int = 0

    def environment(self) -> Mapping[str, str]:
        """The variables that the process is started with."""
        said = {
            "LD_PRELOAD": str(self.library),
            "FAULT_UNDER": str(self.under),
            "KILL_AT": str(self.kill_at),
            "FAULT_ERRNO": str(self.number),
            "FAULT_CALLS": self.calls,
            "FAULT_FROM": str(self.behind),
        }
        if self.count is not None:
            said["KILL_COUNT"] = str(self.count)
        if self.while_there is not None:
            said["FAULT_WHILE"] = str(self.while_there)
        return said
