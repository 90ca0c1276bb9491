"""In which encoding a file is written, and whether it is text at all, as its first bytes tell."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

HEAD = 65_536
"""Bytes that are enough to decide."""

_NUL_RUN = re.compile(rb"\x00{64,}")
_CONTROLS = bytes(set(range(32)) - {0x08, 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x1B})
_MAGIC = (
    b"\x1f\x8b",  # gzip
    b"PK\x03\x04",  # zip
    b"PK\x05\x06",
    b"7z\xbc\xaf\x27\x1c",
    b"BZh",
    b"\xfd7zXZ\x00",
    b"\x28\xb5\x2f\xfd",  # zstd
    b"Rar!\x1a\x07",
    b"\x89PNG",
    b"\xff\xd8\xff",  # JPEG
    b"GIF8",
    b"%PDF-",
    b"\x7fELF",
    b"SQLite format 3\x00",
    b"\xd4\xc3\xb2\xa1",  # pcap
    b"\xa1\xb2\xc3\xd4",
    b"\x0a\x0d\x0d\x0a",  # pcapng
    b"RIFF",
    b"OggS",
    b"MDMP",  # minidump
    b"\xca\xfe\xba\xbe",
)
_FEW = 8
_UTF32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)


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


def is_binary(head: bytes) -> bool:
    """Whether the first bytes are those of something that is not a text log.

    Long runs of NUL do not make a file binary: a writer that goes on after a truncation leaves them behind.
    """
    if head.startswith(_MAGIC) or head.startswith(_UTF32) or head[257:262] == b"ustar":
        return True
    encoding = sniff_encoding(head)
    if encoding.wide:
        text = head[len(encoding.bom) :].decode(encoding.name, "replace")
        strange = sum(1 for c in text if c < " " and c not in "\t\n\r\f\x0b\x08\x1b\0")
        return strange > max(_FEW, len(text) // 10)
    body = _NUL_RUN.sub(b"", head)
    strange = len(body) - len(body.translate(None, _CONTROLS))
    return strange > max(_FEW, len(body) // 10)


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
