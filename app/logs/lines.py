"""Whole lines of a segment, block by block, whatever its encoding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from app.logs.encodings import Encoding

BLOCK = 65_536
"""Bytes of a block, as long as its lines allow it."""
_LONGEST = 4 << 20
LONGEST_BLOCK = _LONGEST + BLOCK
"""Bytes of a block at most, whatever its lines are."""


@dataclass(frozen=True, slots=True)
class LineBlock:
    """Some whole lines.

    Attributes:
        start: bytes of the file before the block.
        raw: as they are in the file.
        plain: the same in UTF-8 or an 8-bit encoding, with the same lines. The head of a block that begins
            within a line is a blank.
    """

    start: int
    raw: bytes
    plain: bytes

    @property
    def end(self) -> int:
        """Bytes of the file up to the end of the block."""
        return self.start + len(self.raw)

    def offsets(self, places: list[int]) -> list[int]:
        """Where in the file ascending places of `plain` are."""
        return [self.start + place for place in raw_places(self, places)]


def raw_places(block: LineBlock, places: list[int]) -> list[int]:
    """Where in `raw` ascending places of `plain` are."""
    if len(block.raw) == len(block.plain):
        return places
    found: list[int] = []
    at = units = 0
    for place in places:
        text = block.plain[at:place].decode("utf-8", "replace")
        units += len(text) + sum(character > "\uffff" for character in text)
        found.append(2 * units)
        at = place
    return found


def plain_block(start: int, raw: bytes, encoding: Encoding, *, begun: bool = False) -> LineBlock:
    """A block of these bytes.

    Args:
        start: bytes of the file before it.
        raw: whole lines.
        encoding: of the file.
        begun: whether it begins within a line.
    """
    plain = raw
    if encoding.wide:
        plain = raw.decode(encoding.name, "replace").encode("utf-8", "replace")
    if begun:
        plain = b" " + plain[1:]
    return LineBlock(start=start, raw=raw, plain=plain)


def line_blocks(
    stream: BinaryIO, encoding: Encoding, *, start: int, to_end: bool, size: int = BLOCK
) -> Iterator[LineBlock]:
    """Read on from byte `start`, where a line begins and the stream stands.

    Args:
        stream: opened for bytes.
        encoding: of the file.
        start: bytes of the file before where the stream stands.
        to_end: whether the last line counts although no line feed ends it.
        size: bytes of a block, more or less.
    """
    rest, begun = b"", False
    while True:
        piece = stream.read(size)
        data = rest + piece
        if not piece:
            if data and to_end:
                yield plain_block(start, data, encoding, begun=begun)
            return
        end = last_feed(data, encoding)
        broken = end == 0 and len(data) > _LONGEST
        if broken:
            end = len(data) // 4 * 4
        if end:
            yield plain_block(start, data[:end], encoding, begun=begun)
            start += end
            begun = broken
        rest = data[end:]


def last_feed(data: bytes, encoding: Encoding) -> int:
    """Bytes up to and with the last line feed; 0 when there is none."""
    if not encoding.wide:
        return data.rfind(b"\n") + 1
    feed = "\n".encode(encoding.name)
    at = data.rfind(feed)
    while at > 0 and at % 2:
        at = data.rfind(feed, 0, at + 1)
    return at + 2 if at >= 0 else 0
