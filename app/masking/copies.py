"""Masked copies on the disk, plain or packed: read at any place, and proven to be what masking wrote."""

from __future__ import annotations

import hashlib
import hmac
import io
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from app.masking.errors import cannot, not_what_was_written
from app.masking.face import FileReport, MaskedFile, PackedCopy

_BUFFER = 256 * 1024


def open_masked(path: Path, report: FileReport) -> BinaryIO:
    """The masked bytes of a copy, in which one can seek, however they lie on the disk.

    Of a packed copy only the pieces that are needed are unpacked, one at a time, and each is proven by the
    index, which is proven by the report.

    Args:
        path: of the copy.
        report: of the copy, as masking gave it.

    Raises:
        MaskingError: now or when it is read: a packed copy is not what masking wrote (``CF-1910``).
        OSError: it cannot be read.
    """
    stream = path.open("rb")
    if report.packed is None:
        return stream
    from app.masking.pieces import PieceSource  # who masks into plain files needs no deflate

    try:
        pieces = PieceSource(stream, report.packed, size=report.masked_size)
    except BaseException:
        stream.close()
        raise
    return cast(BinaryIO, io.BufferedReader(pieces, _BUFFER))


def packed_pieces(path: Path, packed: PackedCopy) -> Iterator[bytes]:
    """The packed bytes of a copy as they are, in blocks; they count when the last one was given.

    Raises:
        MaskingError: behind the last block: they are not what masking wrote (``CF-1910``).
        OSError: it cannot be read.
    """
    from app.masking.pieces import proven_pieces

    with path.open("rb") as stream:
        yield from proven_pieces(stream, packed)


def reopen_masked(path: Path, *, name: str, report: FileReport) -> MaskedFile:
    """A masked copy that masking made before, proven to be the very same bytes.

    A report is made by nothing but masking, and is kept only after masking of the whole file succeeded (the
    agent's journal gets its row after `mask_file` returned). So a file that has the size and the SHA-256 of
    such a report is what masking wrote. It is read and hashed whole here, each time, as it lies there; a
    link, or a file that others may read or write, is refused.

    Args:
        path: of the copy, wherever it lies now.
        name: as `mask_file` gave it.
        report: as `mask_file` gave it.

    Raises:
        MaskingError: it is missing, is not what was written then, or not for its owner only (``CF-1910``).
    """
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(handle, "rb") as stream:
            facts = os.fstat(stream.fileno())
            private = os.name != "posix" or not stat.S_IMODE(facts.st_mode) & 0o077
            if not stat.S_ISREG(facts.st_mode) or not private:
                raise not_what_was_written("It is a link, or others may read or write it.")
            if facts.st_size != size_on_disk(report):
                raise not_what_was_written("It has another size than what masking wrote.")
            _prove(stream, report)
    except OSError as fault:
        raise cannot("read the masked copy of", fault, "CF-1910") from fault
    return MaskedFile(path=path, name=name, report=report)


def size_on_disk(report: FileReport) -> int:
    """Bytes of a masked copy as it lies on the disk."""
    if report.packed is None:
        return report.masked_size
    from app.masking.pieces import index_size

    return report.packed.size + index_size(report.packed, report.masked_size)


def _prove(stream: io.BufferedReader, report: FileReport) -> None:
    if report.packed is None:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        if not hmac.compare_digest(digest, report.masked_sha256):
            raise not_what_was_written("It is not what masking wrote.")
        return
    from app.masking.pieces import proven_index, proven_pieces

    for _block in proven_pieces(stream, report.packed):
        pass
    proven_index(stream, report.packed, size=report.masked_size)
