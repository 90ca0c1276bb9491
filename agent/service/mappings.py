"""Code and constants of libraries, as they lie in a process that rests.

A start reads through most of the code that is loaded, a job through much of it, and a rest through a tenth.
What is not used stays mapped all the same, and counts as this process's memory until the machine is short of
it. Pages that are as they are in their file can be let go of: whichever is called again comes back from the
system's cache of that file, in a microsecond or so. Linux only; elsewhere nothing is done.
"""

from __future__ import annotations

import ctypes
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

_DONTNEED = 4
_SMAPS = Path("/proc/self/smaps")
_HEAD = re.compile(r"([0-9a-f]+)-([0-9a-f]+) (\S{4}) \S+ \S+ \d+ *(.*)")

Advise = Callable[[int, int, int], int]
"""``madvise`` of the C library: start, length, advice."""


@dataclass(frozen=True, slots=True)
class Mapping:
    """A stretch of memory that shows a file.

    Attributes:
        start: address.
        size: bytes.
    """

    start: int
    size: int


def as_in_their_files(smaps: Iterable[str]) -> Iterator[Mapping]:
    """The stretches of which every page is as it is in its file, and cannot be written to.

    One with a single page of its own is not among them: constants with addresses, written by the loader.

    Args:
        smaps: the lines of ``/proc/PID/smaps``.
    """
    found: Mapping | None = None
    for line in smaps:
        head = _HEAD.match(line)
        if head is not None:
            start, end = int(head[1], 16), int(head[2], 16)
            readable = head[3] in ("r-xp", "r--p") and head[4].startswith("/")
            found = Mapping(start, end - start) if readable else None
        elif line.startswith("Anonymous:"):
            if found is not None and line.split()[1] == "0":
                yield found
            found = None


def let_go_of_files(smaps: Path = _SMAPS, *, advise: Advise | None = None) -> int:
    """Let go of them; bytes of the stretches that were. What is in use comes back at once."""
    if sys.platform != "linux":
        return 0
    advise = advise or _madvise()
    if advise is None:
        return 0
    try:
        lines = smaps.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return 0  # a system without it, or one that does not show it to this account
    given = [each for each in as_in_their_files(lines) if advise(each.start, each.size, _DONTNEED) == 0]
    return sum(each.size for each in given)


def _madvise() -> Advise | None:
    library = ctypes.CDLL(None)
    if not hasattr(library, "madvise"):
        return None

    def advise(start: int, size: int, advice: int) -> int:
        return int(library.madvise(ctypes.c_void_p(start), ctypes.c_size_t(size), ctypes.c_int(advice)))

    return advise
