"""Rotated names, and the rule that tells a closed segment from a growing one. Pure.

A segment is **closed** when both hold:

1. *Its writer has moved on.* Either its name says so (``name.log.1``, ``name.log.20230609``: a rotation has
   renamed it; ``name.log.1.gz``: it was packed), or a newer segment of the same series lies in the same
   folder. A series is what stays of the name without stamp and number. Newer is the plain name
   (``name.log`` beside ``name.20230609.log``), or a later stamp **and** not an older time of change: local
   stamps repeat an hour when summer time ends, and a clock can be set back, so the stamp alone decides
   nothing.
2. *It is quiet*: it has not changed for the configured period, as measured by our own clock between our own
   looks, never by the file's time stamps. A writer that keeps the renamed file open (``logrotate`` without
   a signal, buffered loggers) still writes to it for a while.

Quiet alone never closes: the live file of an idle application would be sent half. An empty file is never
closed, as there is nothing to send. The last segment of an application that was stopped for good therefore
stays *growing* until the application writes its next one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

_DATE = r"(?:19|20)[0-9]{2}[-_.]?[01][0-9][-_.]?[0-3][0-9]"
_CLOCK = r"[-_.T]?[0-2][0-9](?:[-_.:]?[0-5][0-9](?:[-_.:]?[0-5][0-9](?:[-_.,]?[0-9]{1,6})?)?)?"
_STAMP = rf"{_DATE}(?:{_CLOCK})?"
_SUFFIXED = re.compile(
    rf"\A(?P<live>.+?)[.-](?:(?P<stamp>{_STAMP})(?:[.-](?P<of>[0-9]{{1,5}}))?|(?P<number>[0-9]{{1,5}}))\Z"
)
_INSIDE = re.compile(
    rf"\A(?P<stem>.+?)[._-](?P<stamp>{_STAMP})(?:[._-][0-9]{{1,5}})?(?P<rest>\.[A-Za-z][A-Za-z0-9.]*)\Z"
)


PACKED = (".gz", ".zip")
"""What packers write behind the name of a segment; nothing writes such a file as a log."""


@dataclass(frozen=True, slots=True)
class RotatedName:
    """What a file name says about rotation.

    Attributes:
        series: the name without stamp, number and the packer's suffix; segments of one series follow one
            another.
        stamp: the digits of the time stamp; empty when there is none.
        renamed: the mark stands behind the live name, or the segment is packed: no writer has it any more.
    """

    series: str
    stamp: str
    renamed: bool


def unpacked_name(name: str) -> str:
    """The name that a packed segment had before; any other name as it is."""
    return name.rpartition(".")[0] if name.lower().endswith(PACKED) else name


@lru_cache(maxsize=8192)
def rotated_name(name: str) -> RotatedName:
    """Read a file name (no folder)."""
    before = unpacked_name(name)
    if before and before != name:
        return replace(rotated_name(before), renamed=True)
    suffixed = _SUFFIXED.match(name)
    if suffixed is not None:
        return RotatedName(series=suffixed["live"], stamp=_digits(suffixed["stamp"]), renamed=True)
    inside = _INSIDE.match(name)
    if inside is not None:
        return RotatedName(
            series=inside["stem"] + inside["rest"], stamp=_digits(inside["stamp"]), renamed=False
        )
    return RotatedName(series=name, stamp="", renamed=False)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file as the closing rule looks at it.

    Attributes:
        path: relative to the folder.
        modified_ns: the file's own time of change; only compared with that of its series.
        quiet_for: seconds without change, by our own clock.
    """

    path: str
    size: int
    modified_ns: int
    quiet_for: float

    @property
    def folder(self) -> str:
        """The relative folder it lies in."""
        return self.path.rpartition("/")[0]

    @property
    def rotated(self) -> RotatedName:
        """What its name says."""
        return rotated_name(self.path.rpartition("/")[2])


@dataclass(frozen=True, slots=True)
class Closing:
    """The rule's answer for the files of one folder.

    Attributes:
        closed: relative paths.
        look_again: seconds until the first of the others may be closed by quiet alone; None when none may.
    """

    closed: frozenset[str]
    look_again: float | None


def decide_closed(files: Iterable[Candidate], *, quiet: float) -> Closing:
    """Which of these files are closed; all files of the folder must be given."""
    series: dict[tuple[str, str], list[tuple[Candidate, RotatedName]]] = {}
    for file in files:
        rotated = file.rotated
        series.setdefault((file.folder, rotated.series), []).append((file, rotated))
    closed: set[str] = set()
    waits: list[float] = []
    for members in series.values():
        for file, rotated in members:
            if file.size == 0 or not _left_behind(file, rotated, members):
                continue
            if file.quiet_for >= quiet:
                closed.add(file.path)
            else:
                waits.append(quiet - file.quiet_for)
    return Closing(closed=frozenset(closed), look_again=min(waits, default=None))


def _left_behind(file: Candidate, rotated: RotatedName, members: list[tuple[Candidate, RotatedName]]) -> bool:
    if rotated.renamed:
        return True
    if not rotated.stamp:
        return False
    return any(
        _newer(other, mark, than=file, stamp=rotated.stamp) for other, mark in members if other is not file
    )


def _newer(other: Candidate, mark: RotatedName, *, than: Candidate, stamp: str) -> bool:
    if mark.renamed:
        return False
    if not mark.stamp:
        return True
    if mark.stamp == stamp:
        return other.modified_ns > than.modified_ns
    length = min(len(mark.stamp), len(stamp))
    return mark.stamp[:length] > stamp[:length] and other.modified_ns >= than.modified_ns


def _digits(stamp: str | None) -> str:
    return "".join(c for c in stamp or "" if c.isdigit())
