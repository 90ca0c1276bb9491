"""From the bytes of a file to windows of UTF-8 or 8-bit bytes, and back, never the whole file in memory.

Windows end at a line's end wherever there is one; each has a piece of what came before it and of what
follows, so
that rules that look around see the same at every border.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import BinaryIO

from app.logs import Encoding, holds_binary, is_binary, sniff_encoding
from app.logs.encodings import HEAD
from app.masking.errors import MaskingError, not_text
from app.masking.headerlines import first_header

BLOCK = 256 * 1024
"""Bytes of a window that are its own."""

CONTEXT = 12 * 1024
"""Bytes around a window, at least as many as any rule looks at."""

_LOOKS = bytes(
    97 if 0x20 <= byte < 0x7F else 48 if not byte else 110 if byte in b"\t\r\n" else 120
    for byte in range(256)
)
"""What a byte is: printable, NUL, blank of lines, another. As a text of these, all bytes cost alike."""
_NARROW_IN_WIDE = b"a" * 40
_WIDE_IN_NARROW = (b"a0" * 12, b"0a" * 12)


@dataclass(frozen=True, slots=True)
class Window:
    """A piece of the file with its surroundings; ``buffer[start:end]`` is its own part.

    Attributes:
        table: the line that may name the columns of all lines of the file; empty: none does.
    """

    buffer: bytes
    start: int
    end: int
    last: bool
    table: bytes = b""


@dataclass(slots=True)
class Transcoder:
    """Knows the encoding of one file and turns its bytes into UTF-8 (or leaves 8-bit ones) and back.

    Attributes:
        undecodable: bytes so far that are not valid in the encoding.
    """

    encoding: Encoding
    undecodable: int = 0

    def inward(self, data: bytes) -> bytes:
        """Whole characters of the file as bytes that the rules can read.

        Raises:
            MaskingError: the file mixes UTF-16 with an 8-bit encoding (``CF-1903``).
        """
        if not self.encoding.wide:
            if b"\0" in data and any(mixed in data.translate(_LOOKS) for mixed in _WIDE_IN_NARROW):
                raise _mixed()
            return data
        if _NARROW_IN_WIDE in data.translate(_LOOKS).replace(b"n", b"a"):
            raise _mixed()
        text = data.decode(self.encoding.name, "surrogatepass")
        return text.encode("utf-8", "surrogatepass")

    def outward(self, data: bytes) -> bytes:
        """The reverse of `inward`."""
        if not self.encoding.wide:
            return data
        return data.decode("utf-8", "surrogatepass").encode(self.encoding.name, "surrogatepass")

    def count_undecodable(self, data: bytes) -> None:
        """Add the bytes of an own part that are not valid in the encoding."""
        if self.encoding.wide or data.isascii():
            return
        try:
            data.decode(self.encoding.name)
        except UnicodeDecodeError:
            kept = data.decode(self.encoding.name, "ignore").encode(self.encoding.name)
            self.undecodable += len(data) - len(kept)

    def text(self, data: bytes) -> str:
        """Bytes of a window for people to read."""
        return data.decode("utf-8" if self.encoding.wide else self.encoding.name, "replace")


class Reading:
    """One pass over a file of fixed length.

    Args:
        block, context: sizes of windows in bytes.
        plain: says quickly that 8-bit bytes are those of text, whatever the look piece by piece would count.

    Raises (while reading):
        MaskingError: the file is shorter than it was (``CF-1906``), or mixes encodings (``CF-1903``).
        NotText: it is binary.
    """

    def __init__(
        self,
        source: BinaryIO,
        *,
        size: int,
        block: int = BLOCK,
        context: int = CONTEXT,
        plain: Callable[[bytes], bool] | None = None,
    ) -> None:
        source.seek(0)
        head = source.read(min(HEAD, size))
        if is_binary(head):
            raise not_text()
        encoding = sniff_encoding(head)
        self.transcoder = Transcoder(encoding)
        self._source = source
        self._block = block
        self._context = context
        self._plain = plain
        self._left = size - len(encoding.bom)
        self.tail = b""
        """A last byte that is half a character of UTF-16; it goes to the output as it is."""
        source.seek(len(encoding.bom))

    def windows(self) -> Generator[Window, int | None, None]:
        """All windows in order; the next one begins at `Window.end`, or later where `send` says so."""
        before, ahead = b"", b""
        table: bytes | None = None
        done = False
        while True:
            pieces, have = [before, ahead], len(ahead)
            while not done and have < self._block + self._context:
                pieces.append(self._read())
                have += len(pieces[-1])
                done = not pieces[-1]
            if not have:
                return
            start = len(before)
            seen = b"".join(pieces)
            last = done and have <= self._block + self._context
            end = len(seen) if last else _border(seen, start, len(seen) - self._context)
            table = first_header(seen) if table is None else table
            used = yield Window(seen, start, end, last, table)
            end = end if used is None else used
            before = self._context_before(seen, end)
            ahead = seen[end:]

    def _context_before(self, seen: bytes, end: int) -> bytes:
        if end <= self._context:
            return seen[:end]
        start = end - self._context
        feed = seen.find(b"\n", start, end - self._context // 2)
        return seen[feed + 1 if feed >= 0 else start : end]

    def _read(self) -> bytes:
        want = min(self._block, self._left)
        if want <= 0:
            return b""
        data = self._source.read(want)
        if not data:
            raise MaskingError(
                "The file changed while it was masked",
                happened="It became shorter between the two passes.",
                todo="Collect it again; a segment that is closed does not change.",
                code="CF-1906",
            )
        self._left -= len(data)
        if self.transcoder.encoding.wide:
            data = self._whole_characters(data)
        if not self._surely_text(data) and holds_binary(data, self.transcoder.encoding):
            raise not_text()
        return self.transcoder.inward(data) or (self._read() if self._left else b"")

    def _surely_text(self, data: bytes) -> bool:
        return self._plain is not None and not self.transcoder.encoding.wide and self._plain(data)

    def _whole_characters(self, data: bytes) -> bytes:
        while self._left and (len(data) % 2 or _ends_in_high(data, self.transcoder.encoding.name)):
            more = self._source.read(2 - len(data) % 2)
            if not more:
                break
            self._left -= len(more)
            data += more
        if len(data) % 2:
            self.tail, data = data[-1:], data[:-1]
        return data


def _border(seen: bytes, start: int, stop: int) -> int:
    """Where an own part that begins at `start` ends, at `stop` or before."""
    feed = seen.rfind(b"\n", start, stop)
    if feed >= 0:
        return feed + 1
    for mark in (b" ", b"\t", b";", b","):
        at = seen.rfind(mark, (start + stop) // 2, stop)
        if at >= 0:
            return at + 1
    cut = stop
    while cut > max(start + 1, stop - 4) and seen[cut] & 0xC0 == 0x80:
        cut -= 1  # not inside a character
    return cut


def _ends_in_high(data: bytes, name: str) -> bool:
    if len(data) < 2:
        return False
    high = data[-1] if name.endswith("le") else data[-2]
    return 0xD8 <= high <= 0xDB


def _mixed() -> MaskingError:
    return MaskingError(
        "This file mixes encodings",
        happened="Parts of it are UTF-16 and parts are not; no rule can be trusted to see both.",
        todo="Leave it out, or save it in one encoding first.",
        code="CF-1903",
    )
