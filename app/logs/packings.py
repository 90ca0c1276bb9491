"""How a log is packed, known by its first bytes; what opens it is loaded for who has one."""

from __future__ import annotations

from enum import StrEnum

GZIP_MAGIC = b"\x1f\x8b"
_ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
HEAD = 4
"""First bytes of a file that tell it."""


class Packing(StrEnum):
    """How a log is packed."""

    GZIP = "gzip"
    ZIP = "zip"


def packing_of(head: bytes) -> Packing | None:
    """How a file that begins with these bytes is packed; None when it is not, or in a way not opened here."""
    if head.startswith(GZIP_MAGIC):
        return Packing.GZIP
    return Packing.ZIP if head.startswith(_ZIP_MAGIC) else None
