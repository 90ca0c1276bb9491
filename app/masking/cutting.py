"""Keeping a range of the lines of a masked file, while all of it is masked.

Values that the beginning tells are masked wherever they recur later: so what comes behind a range that was
sent before is masked as a part of the whole, and then cut out of it by lines, whose number masking keeps.
"""

from __future__ import annotations

import hashlib
import sys
from array import array
from dataclasses import dataclass, replace
from typing import BinaryIO

from app.logs import sniff_encoding
from app.logs.encodings import HEAD
from app.masking.errors import MaskingError
from app.masking.face import FileReport

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class KeptRange:
    """What of a file is kept: its header, and everything from `start` on.

    Attributes:
        header: bytes from the first one on, whole lines; 0 when it has none.
        start: where a line begins, behind the header.
    """

    header: int
    start: int


class LineCut:
    """A sink that lets through the lines of a range only, and knows what it let through."""

    def __init__(self, source: BinaryIO, sink: BinaryIO, kept: KeptRange) -> None:
        """Count the lines before the range; the source is left at its first byte.

        Raises:
            MaskingError: the range does not fit the file (CF-1914).
        """
        source.seek(0)
        encoding = sniff_encoding(source.read(HEAD))
        self._feed = "\n".encode(encoding.name)
        if not 0 <= kept.header <= kept.start or (encoding.wide and (kept.header % 2 or kept.start % 2)):
            raise _does_not_fit()
        self._header = self._lines(source, kept.header)
        self._before = self._lines(source, kept.start)
        self._kept = kept
        self._sink = sink
        self._seen = 0
        self._digest, self._size = hashlib.sha256(), 0
        if not self._header:
            self._through(encoding.bom)
        source.seek(0)

    def write(self, data: bytes) -> int:
        """Take what masking wrote: whole characters."""
        rest = bytes(data)
        while rest:
            if self._seen >= self._before:
                self._through(rest)
                break
            within = self._seen < self._header
            wanted = (self._header if within else self._before) - self._seen
            end = self._end_of(rest, wanted)
            if within:
                self._through(rest[:end])
            rest = rest[end:]
        return len(data)

    def told(self, report: FileReport) -> FileReport:
        """The report of what was let through; counts stay those of the whole file."""
        return replace(
            report,
            lines=report.lines - (self._before - self._header),
            raw_size=report.raw_size - (self._kept.start - self._kept.header),
            masked_size=self._size,
            masked_sha256=self._digest.hexdigest(),
            header=self._kept.header,
            start=self._kept.start,
        )

    def _through(self, data: bytes) -> None:
        self._digest.update(data)
        self._size += len(data)
        self._sink.write(data)

    def _lines(self, source: BinaryIO, size: int) -> int:
        """Line feeds in the first bytes, which end with one."""
        source.seek(0)
        found, left, last = 0, size, self._feed
        while left:
            data = source.read(min(_BLOCK, left))
            if not data:
                raise _does_not_fit()
            found += self._count(data)
            left -= len(data)
            last = data[-len(self._feed) :]
        if last != self._feed:
            raise _does_not_fit()
        return found

    def _count(self, data: bytes) -> int:
        if len(self._feed) == 1:
            return data.count(self._feed)
        return array("H", data[: len(data) // 2 * 2]).count(int.from_bytes(self._feed, sys.byteorder))

    def _end_of(self, data: bytes, lines: int) -> int:
        """Bytes up to the end of so many lines, all when there are fewer; counts the lines as seen."""
        there = self._count(data)
        if there < lines:
            self._seen += there
            return len(data)
        self._seen += lines
        width, at = len(self._feed), 0
        for _line in range(lines):
            found = data.find(self._feed, at)
            while found % width:
                found = data.find(self._feed, found + 1)
            at = found + width
        return at


def _does_not_fit() -> MaskingError:
    return MaskingError(
        "A part of a log cannot be masked",
        happened="The part does not begin where a line begins.",
        todo="Collect the log again.",
        code="CF-1914",
    )
