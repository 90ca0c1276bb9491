"""What is searched for: words, ids and expressions, in blocks of bytes that threads read side by side."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from functools import cache
from typing import Any, Protocol

from app.domain.errors import InputError
from app.logs import Encoding, is_whole
from app.masking import Seek, core_seek, needed_text

LONGEST_NEEDLE = 1000
_MOST_LOOKS = 64
"""Lines of a block that are looked at one by one; where more hold what it needs, an expression sees all."""


class Needle(Protocol):
    """Something to look for in the bytes of one encoding."""

    whole_lines: bool
    """Whether blocks must end with a line; else they overlap by `overlap` bytes."""
    overlap: int

    def places(self, block: Block, size: int) -> Iterator[tuple[int, int]]:
        """Where it is in the first `size` bytes of a block, begin and end, ascending."""


_LINE = 64
"""Bytes of a line of the processor's cache: the system copies a tenth quicker to where one begins."""


_MOST_BEFORE = 4 * LONGEST_NEEDLE + 8


class Block:
    """A buffer that is filled again and again, with `size` bytes, and room for those that overlap."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.data = bytearray(size + _MOST_BEFORE + _LINE)
        self.view = memoryview(self.data)
        self._pinned = ctypes.c_char.from_buffer(self.data)
        self.address = ctypes.addressof(self._pinned)

    def aligned(self, least: int) -> int:
        """The first place from `least` on at which a line of the cache begins."""
        return least + (-(self.address + least)) % _LINE


class WordNeedle:
    """A word as it is written, everywhere or only as a whole id."""

    whole_lines = False

    word: bytes
    """What is looked for, in the encoding."""

    def __init__(self, text: str, encoding: Encoding, *, whole: bool = False) -> None:
        """Look for `text`; `whole` takes nothing of which a letter, digit or dash is beside it."""
        self.word = text.encode(encoding.name, "replace")
        self._step = 2 if encoding.wide else 1
        self._whole = whole
        self.overlap = len(self.word) + 2 * self._step

    def is_in(self, block: Block, size: int, *, start: int) -> bool:
        """Whether its bytes are in a block from `start` to `size`, wherever."""
        return _find(block, size, self.word, start) >= 0

    def places(self, block: Block, size: int, *, start: int = 0) -> Iterator[tuple[int, int]]:
        """Where it is, from `start` on; the byte before may be looked at."""
        at, length = start, len(self.word)
        while (found := _find(block, size, self.word, at)) >= 0:
            at = found + 1
            if found % self._step or (self._whole and not self._stands_alone(block, size, found)):
                continue
            at = found + length
            yield found, at

    def _stands_alone(self, block: Block, size: int, found: int) -> bool:
        end = found + len(self.word)
        if self._step == 1:
            near = bytes(block.view[max(0, found - 1) : min(size, end + 1)])
            begin = min(found, 1)
            return is_whole(near, begin, begin + len(self.word))
        near = bytes(block.view[max(0, found - 2) : min(size, end + 2)]).replace(b"\0", b"")
        begin = 1 if found else 0
        return is_whole(near, begin, begin + len(self.word) // 2)


class ExpressionNeedle:
    """An expression of RE2: linear time, whatever is written. It looks at one line at a time."""

    whole_lines = True
    overlap = 0

    def __init__(self, expression: str, encoding: Encoding, *, fold: bool = False) -> None:
        """Compile it for an encoding.

        Args:
            expression: in RE2's syntax.
            encoding: of what is searched.
            fold: whether upper and lower case are the same.

        Raises:
            InputError: it is not an expression of RE2, or there is no RE2 on this machine.
        """
        self._encoding = encoding
        self._compiled = _compile(expression, latin=encoding.name == "cp1252", fold=fold)
        self._needed = b"" if fold or encoding.wide else needed_text(expression)

    def places(self, block: Block, size: int) -> Iterator[tuple[int, int]]:
        """Where it is."""
        if self._encoding.wide:
            yield from self._places_wide(bytes(block.view[:size]))
            return
        at, looks = 0, _MOST_LOOKS if self._needed else 0
        while looks:
            found = _find(block, size, self._needed, at)
            if found < 0:
                return
            feed = block.data.find(b"\n", found, size)
            end = size if feed < 0 else feed + 1
            yield from self._places_in(block, max(at, block.data.rfind(b"\n", at, found) + 1), end)
            at, looks = end, looks - 1
        yield from self._places_in(block, at, size)

    def _places_in(self, block: Block, begin: int, end: int) -> Iterator[tuple[int, int]]:
        for match in self._compiled.finditer(bytes(block.view[begin:end])):
            yield begin + match.start(), begin + match.end()

    def _places_wide(self, data: bytes) -> Iterator[tuple[int, int]]:
        plain = data.decode(self._encoding.name, "replace").encode("utf-8", "replace")
        at = units = 0
        for match in self._compiled.finditer(plain):
            units += _units(plain[at : match.start()])
            begin = units
            units += _units(plain[match.start() : match.end()])
            at = match.end()
            yield 2 * begin, 2 * units


def _units(plain: bytes) -> int:
    text = plain.decode("utf-8", "replace")
    return len(text) + sum(character > "\uffff" for character in text)


def _compile(expression: str, *, latin: bool, fold: bool) -> Any:
    try:
        import re2  # type: ignore[import-untyped]  # its wheel has no types
    except ImportError as error:
        raise InputError(
            "Expressions cannot be searched here",
            happened="There is no RE2 for this platform.",
            todo="Search for a word.",
            code="CF-1102",
        ) from error
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = not fold
    options.never_nl = True
    if latin:
        options.encoding = re2.Options.Encoding.LATIN1
    try:
        return re2.compile(b"(?m)" + expression.encode("cp1252" if latin else "utf-8"), options)
    except (re2.error, UnicodeEncodeError) as error:
        raise InputError(
            "The expression is not right",
            happened="RE2 does not understand it.",
            todo="Check brackets and backslashes; back references and look-arounds do not exist there.",
            code="CF-1103",
        ) from error


@cache
def _seek() -> Seek | None:
    """The quickest search in memory that this machine has: the core's, or the C library's."""
    return core_seek() or libc_seek()


def libc_seek() -> Seek | None:
    """The search of the C library; None where it has none."""
    memmem = getattr(ctypes.CDLL(None), "memmem", None) if sys.platform == "linux" else None
    if memmem is None:
        return None
    memmem.restype = ctypes.c_void_p
    memmem.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t)

    def seek(address: int, start: int, end: int, word: bytes) -> int:
        found = memmem(address + start, end - start, word, len(word))
        return -1 if found is None else int(found) - address

    return seek


def _find(block: Block, size: int, word: bytes, at: int) -> int:
    """Where a word first stands from `at` to `size`, or -1; other threads run meanwhile where they can."""
    seek = _seek()
    return block.data.find(word, at, size) if seek is None else seek(block.address, at, size, word)
