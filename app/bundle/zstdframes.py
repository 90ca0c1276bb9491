"""Reading a file of zstd frames (RFC 8878), one after the other, never more than a frame claims.

A frame's length is not written in it, so its blocks are counted; that bounds what is read before anything is
unpacked.
"""

from __future__ import annotations

from typing import BinaryIO

import zstandard

from app.bundle.damage import damaged
from app.bundle.formats import ZSTD_MAGIC

LARGEST_FRAME = 8 * 1024 * 1024
"""Unpacked bytes of a frame; one that claims more is refused unread."""

_SHORTEST_HEADER, _LONGEST_HEADER = 6, 18
_LARGEST_BLOCK = 128 * 1024
_RLE, _RESERVED = 1, 3
_CHECKSUM = 4


def read_frame(file: BinaryIO, unpacker: zstandard.ZstdDecompressor) -> tuple[bytes, bytes]:
    """The next frame as it lies in the file, and its content.

    Raises:
        EOFError: the file ends here.
        IntegrityError: no frame as a bundle has it (CF-1711).
    """
    head = file.read(_LONGEST_HEADER)
    if not head:
        raise EOFError
    length, claimed = _header(head)
    parts = [head[:length]]
    file.seek(length - len(head), 1)
    last, left = False, claimed + _LARGEST_BLOCK
    while not last:
        field = _exactly(file, 3)
        block = int.from_bytes(field, "little")
        last, kind, size = bool(block & 1), block >> 1 & 3, block >> 3
        left -= size
        if kind == _RESERVED or size > _LARGEST_BLOCK or left < 0:
            raise damaged("A frame has a block that no bundle has.")
        parts += [field, _exactly(file, 1 if kind == _RLE else size)]
    parts.append(_exactly(file, _CHECKSUM))
    raw = b"".join(parts)
    try:
        content = unpacker.decompress(raw)
    except zstandard.ZstdError as error:
        raise damaged("A frame cannot be unpacked.") from error
    return raw, content


def _header(head: bytes) -> tuple[int, int]:
    """Its length, and the bytes that the frame unpacks to."""
    if not head.startswith(ZSTD_MAGIC) or len(head) < _SHORTEST_HEADER:
        raise damaged("There are bytes that belong to no frame, or it is cut off.")
    try:
        length = zstandard.frame_header_size(head)
        facts = zstandard.get_frame_parameters(head)
    except zstandard.ZstdError as error:
        raise damaged("The header of a frame is cut off or of another kind.") from error
    if facts.dict_id or not facts.has_checksum or not 0 < facts.content_size <= LARGEST_FRAME:
        raise damaged(f"A frame has no checksum or size, or unpacks to more than {LARGEST_FRAME} bytes.")
    return length, facts.content_size


def _exactly(file: BinaryIO, length: int) -> bytes:
    data = file.read(length)
    if len(data) != length:
        raise damaged("It is cut off within a frame.")
    return data
