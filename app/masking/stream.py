"""From the bytes of a file to windows of UTF-8 or 8-bit bytes, and back, never the whole file in memory.

Windows end at a line's end wherever there is one; each has a piece of what came before it and of what
follows, so
that rules that look around see the same at every border.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import BinaryIO

from app.logs import Encoding, holds_binary, is_binary, sniff_encoding
from app.logs.encodings import HEAD
from app.masking.errors import MaskingError, not_text

BLOCK = 256 * 1024
"""Bytes of a window that are its own."""

CONTEXT = 12 * 1024
"""Bytes around a window, at least as many as any rule looks at."""

_NARROW_IN_WIDE = re.compile(rb"[\x20-\x7e\t\r\n]{40}")
_WIDE_IN_NARROW = re.compile(rb"(?:[\x20-\x7e]\x00){12}|(?:\x00[\x20-\x7e]){12}")


@dataclass(frozen=True, slots=True)
class Window:
    """A piece of the file with its surroundings; ``buffer[start:end]`` is its own part."""

    buffer: bytes
    start: int
    end: int
    last: bool


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
            if b"\0" in data and _WIDE_IN_NARROW.search(data):
                raise _mixed()
            return data
        if _NARROW_IN_WIDE.search(data):
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
        done = False
        while True:
            while not done and len(ahead) < self._block + self._context:
                piece = self._read()
                done = not piece
                ahead += piece
            if not ahead:
                return
            last = done and len(ahead) <= self._block
            cut = len(ahead) if last else self._border(ahead)
            used = yield Window(before + ahead, len(before), len(before) + cut, last)
            cut = used - len(before) if used is not None else cut
            before = self._context_before(before + ahead[:cut])
            ahead = ahead[cut:]

    def _border(self, ahead: bytes) -> int:
        feed = ahead.rfind(b"\n", 0, self._block)
        if feed >= 0:
            return feed + 1
        for mark in (b" ", b"\t", b";", b","):
            at = ahead.rfind(mark, self._block // 2, self._block)
            if at >= 0:
                return at + 1
        cut = min(self._block, len(ahead))
        while 0 < cut < len(ahead) and ahead[cut] & 0xC0 == 0x80 and cut > self._block - 4:
            cut -= 1  # not inside a character
        return cut

    def _context_before(self, seen: bytes) -> bytes:
        if len(seen) <= self._context:
            return seen
        start = len(seen) - self._context
        feed = seen.find(b"\n", start)
        return seen[feed + 1 :] if 0 <= feed < len(seen) - self._context // 2 else seen[start:]

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
