"""In which encoding a file is written, as its first bytes tell."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

HEAD = 65_536
"""Bytes that are enough to decide."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """How the characters of a file are written.

    Attributes:
        name: ``utf-8``, ``cp1252``, ``utf-16-le`` or ``utf-16-be``: a codec of Python that handles no mark.
        bom: the byte order mark the file begins with; empty when there is none.
    """

    name: str
    bom: bytes = b""

    @property
    def wide(self) -> bool:
        """Whether a character takes two bytes at least (UTF-16)."""
        return self.name.startswith("utf-16")


def sniff_encoding(head: bytes) -> Encoding:
    """Decide the encoding from the first bytes of a file (up to `HEAD` of them).

    UTF-16 without a mark is known by its NUL pattern. What is not valid UTF-8 is taken for cp1252; a sequence
    that is merely cut off at the end of `head` does not count as invalid.
    """
    if head.startswith(codecs.BOM_UTF8):
        return Encoding("utf-8", codecs.BOM_UTF8)
    if head.startswith(codecs.BOM_UTF16_LE):
        return Encoding("utf-16-le", codecs.BOM_UTF16_LE)
    if head.startswith(codecs.BOM_UTF16_BE):
        return Encoding("utf-16-be", codecs.BOM_UTF16_BE)
    wide = _wide_without_mark(head)
    if wide:
        return Encoding(wide)
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return Encoding("cp1252")
    return Encoding("utf-8")


def _wide_without_mark(head: bytes) -> str:
    start = len(head) - len(head.lstrip(b"\0"))
    sample = head[max(0, start - 1) // 2 * 2 :]
    pairs = len(sample) // 2
    if pairs < 2:
        return ""
    even, odd = sample[0 : pairs * 2 : 2].count(0) / pairs, sample[1 : pairs * 2 : 2].count(0) / pairs
    enough = 0.3 if pairs >= 16 else 0.6
    if odd > enough and even < 0.05:
        return "utf-16-le"
    if even > enough and odd < 0.05:
        return "utf-16-be"
    return ""
