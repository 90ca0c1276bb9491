"""The first member of a stored bundle, as it was sent."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

from app.bundle import MANIFEST_NAME

LARGEST = 64 * 1024 * 1024
"""Unpacked bytes of a manifest that is kept in the store; a larger one counts as none."""

_HEAD = b"PK\x03\x04"


def stored_manifest(path: Path) -> bytes | None:
    """The bytes of ``manifest.json`` when it is the first member of a ZIP; None for every other file.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as stream:
        if stream.read(4) != _HEAD:
            return None
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
