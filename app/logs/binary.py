"""Whether bytes are those of a text log. What masking cannot read must never pass as text.

Judged piece by piece, so that a file that turns binary later is known as well. In a piece of random bytes 9 %
are control characters and half are not valid UTF-8; text of any encoding has next to no control characters.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterator

from app.logs.encodings import Encoding, sniff_encoding

PIECE = 4_096
"""Bytes that are judged together."""

_MAGIC = (
    b"\x1f\x8b",  # gzip
    b"\x1f\x9d",  # compress
    b"PK\x03\x04",  # zip
    b"PK\x05\x06",
    b"7z\xbc\xaf\x27\x1c",
    b"BZh",
    b"\xfd7zXZ\x00",
    b"\x28\xb5\x2f\xfd",  # zstd
    b"\x04\x22\x4d\x18",  # lz4
    b"Rar!\x1a\x07",
    b"MSCF\x00",  # cabinet
    b"\x89PNG",
    b"\xff\xd8\xff",  # JPEG
    b"GIF8",
    b"%PDF-",
    b"\xd0\xcf\x11\xe0",  # OLE documents
    b"\x7fELF",
    b"MZ\x90\x00",
    b"\xcf\xfa\xed\xfe",  # Mach-O
    b"\xca\xfe\xba\xbe",  # Java class
    b"\xac\xed\x00\x05",  # Java objects
    b"JAVA PROFILE ",
    b"\x80\x02",  # pickles
    b"\x80\x03",
    b"\x80\x04\x95",
    b"\x80\x05\x95",
    b"SQLite format 3\x00",
    b"\xd4\xc3\xb2\xa1",  # pcap
    b"\xa1\xb2\xc3\xd4",
    b"\x4d\x3c\xb2\xa1",
    b"\xa1\xb2\x3c\x4d",
    b"\x0a\x0d\x0d\x0a",  # pcapng
    b"RIFF",
    b"OggS",
    b"fLaC",
    b"ID3",
    b"MDMP",  # minidump
    b"ElfFile\x00",  # Windows event log
    b"LPKSHHRH",  # systemd journal
    b"PAR1",
)
_UTF32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_CONTROLS = bytes(set(range(1, 32)) - {0x08, 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x1B}) + b"\x7f"
_HOLE = re.compile(rb"\x00{16,}")
_WIDE_CONTROLS = frozenset(map(chr, {*range(1, 0x20), 0x7F} - {*range(8, 0xE), 0x1B}))
_NO_CHARACTERS = frozenset({"Cc", "Cn", "Co", "Cs"})
_FEW = 8


def is_binary(head: bytes) -> bool:
    """Whether the first bytes of a file are those of something that is not a text log.

    Known by a magic number, or by what `holds_binary` counts.
    """
    if head.startswith(_MAGIC) or head.startswith(_UTF32) or head[257:262] == b"ustar":
        return True
    encoding = sniff_encoding(head)
    return holds_binary(head[len(encoding.bom) :], encoding)


def holds_binary(data: bytes, encoding: Encoding) -> bool:
    """Whether any piece of `data`, bytes from anywhere in a file of this encoding, cannot be text.

    A piece of 8-bit text is refused for more than 4 % control characters, more than an eighth of NULs, more
    than a fifth of bytes that are not valid UTF-8 together with 1 % of control characters, or more than a
    fifth of all three without lines and spaces. TAB, CR, LF, FF, VT, BS and ESC are no control characters
    here; and holes of NULs do not count, which a writer leaves that goes on after its file was truncated.

    Args:
        data: of UTF-16, whole units.
        encoding: of the file.
    """
    if encoding.wide:
        return any(_wide_is_strange(piece, encoding) for piece in _pieces(data))
    if data.isascii() and len(data.translate(None, _CONTROLS + b"\0")) == len(data):
        return False
    return any(_narrow_is_strange(piece) for piece in _pieces(data))


def _pieces(data: bytes) -> Iterator[bytes]:
    for start in range(0, len(data), PIECE):
        if start and start + PIECE > len(data):
            start = (len(data) - PIECE) // 2 * 2  # the last is as long as the others
        yield data[start : start + PIECE]


def _narrow_is_strange(piece: bytes) -> bool:
    if b"\0" * 16 in piece:
        piece = _HOLE.sub(b"", piece)
    size = len(piece)
    controls = size - len(piece.translate(None, _CONTROLS))
    nuls = piece.count(0)
    if controls > max(_FEW, size // 25) or nuls > max(_FEW, size // 8):
        return True
    if piece.isascii():
        return False
    strange = _undecodable(piece)
    if strange >= _FEW and strange > size // 5 and controls + nuls >= max(2, size // 100):
        return True
    spaces = size - len(piece.translate(None, b" \t"))
    without_lines = piece.count(b"\n") <= size // 1000 and spaces < size // 50
    return without_lines and strange + controls + nuls > max(4 * _FEW, size // 5)


def _undecodable(piece: bytes) -> int:
    return len(piece) - len(piece.decode("utf-8", "ignore").encode())


def _wide_is_strange(piece: bytes, encoding: Encoding) -> bool:
    text = piece.decode(encoding.name, "replace")
    strange = sum(text.count(character) for character in set(text) if _is_strange(character))
    return strange > max(_FEW, len(text) // 20)


def _is_strange(character: str) -> bool:
    if character.isascii():
        return character in _WIDE_CONTROLS
    return character == "\N{REPLACEMENT CHARACTER}" or unicodedata.category(character) in _NO_CHARACTERS
