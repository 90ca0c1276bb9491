"""What is searched for: words, ids and expressions, in blocks of bytes that threads read side by side."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from typing import Any, Protocol

from app.domain.errors import InputError
from app.logs import Encoding, is_whole

LONGEST_NEEDLE = 1000


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

    def __init__(self, text: str, encoding: Encoding, *, whole: bool = False) -> None:
        """Look for `text`; `whole` takes nothing of which a letter, digit or dash is beside it."""
        self._word = text.encode(encoding.name, "replace")
        self._step = 2 if encoding.wide else 1
        self._whole = whole
        self.overlap = len(self._word) + 2 * self._step

    def is_in(self, block: Block, size: int, *, start: int) -> bool:
        """Whether its bytes are in a block from `start` to `size`, wherever."""
        return _find(block, size, self._word, start) >= 0

    def places(self, block: Block, size: int, *, start: int = 0) -> Iterator[tuple[int, int]]:
        """Where it is, from `start` on; the byte before may be looked at."""
        at, length = start, len(self._word)
        while (found := _find(block, size, self._word, at)) >= 0:
            at = found + 1
            if found % self._step or (self._whole and not self._stands_alone(block, size, found)):
                continue
            at = found + length
            yield found, at

    def _stands_alone(self, block: Block, size: int, found: int) -> bool:
        end = found + len(self._word)
        if self._step == 1:
            near = bytes(block.view[max(0, found - 1) : min(size, end + 1)])
            begin = min(found, 1)
            return is_whole(near, begin, begin + len(self._word))
        near = bytes(block.view[max(0, found - 2) : min(size, end + 2)]).replace(b"\0", b"")
        begin = 1 if found else 0
        return is_whole(near, begin, begin + len(self._word) // 2)


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

    def places(self, block: Block, size: int) -> Iterator[tuple[int, int]]:
        """Where it is."""
        data = bytes(block.view[:size])
        if not self._encoding.wide:
            for match in self._compiled.finditer(data):
                yield match.start(), match.end()
            return
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


def _find_plain(block: Block, size: int, word: bytes, at: int) -> int:
    return block.data.find(word, at, size)


if sys.platform == "linux":
    _LIBRARY = ctypes.CDLL(None)
    _memmem = getattr(_LIBRARY, "memmem", None)
else:
    _memmem = None

if _memmem is None:
    _find = _find_plain
else:
    _memmem.restype = ctypes.c_void_p
    _memmem.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t)
    _search = _memmem

    def _find(block: Block, size: int, word: bytes, at: int) -> int:
        """The C library's search: as quick as one gets, and other threads run meanwhile."""
        found = _search(block.address + at, size - at, word, len(word))
        return -1 if found is None else int(found) - block.address
