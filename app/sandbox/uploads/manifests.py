"""The first member of a stored bundle, as it was sent."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

from app.bundle import MANIFEST_NAME, first_member
from app.domain.errors import IntegrityError, LocalError

LARGEST = 64 * 1024 * 1024
"""Unpacked bytes of a manifest that is kept in the store; a larger one counts as none."""

_ZIP = b"PK\x03\x04"
_ZSTD = b"\x28\xb5\x2f\xfd"


def stored_manifest(path: Path) -> bytes | None:
    """The bytes of ``manifest.json`` when it is the first member of a ZIP or a tar.zst; None otherwise.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as stream:
        head = stream.read(4)
    if head == _ZSTD:
        return _of_frames(path)
    return _of_zip(path) if head == _ZIP else None


def _of_frames(path: Path) -> bytes | None:
    try:
        found = first_member(path)
    except (IntegrityError, LocalError):
        return None
    return found if len(found) <= LARGEST else None


def _of_zip(path: Path) -> bytes | None:
    try:
        with zipfile.ZipFile(path) as archive:
            first = min(archive.infolist(), key=lambda member: member.header_offset)
            if first.header_offset != 0 or first.filename != MANIFEST_NAME or first.file_size > LARGEST:
                return None
            with archive.open(first) as member:
                return member.read(LARGEST)
    except (zipfile.BadZipFile, zlib.error, ValueError, NotImplementedError, RuntimeError, EOFError):
        # What others call a ZIP may be cut off, encrypted, or packed in a way that Python does not know.
        return None
