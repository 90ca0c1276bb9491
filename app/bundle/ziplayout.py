"""The records of a ZIP file (APPNOTE 6.3.10) in the one form that a bundle uses.

Every size and CRC stands in the local header (no data descriptor), every name is UTF-8, every time is the
first that ZIP knows (1980-01-01), so that equal content gives equal bytes. ZIP64 records appear only where
a number does not fit.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

LOCAL = struct.Struct("<4s5H3L2H")
CENTRAL = struct.Struct("<4s4B4H3L5H2L")
END = struct.Struct("<4s4H2LH")
END64 = struct.Struct("<4sQ2H2L4Q")
LOCATOR64 = struct.Struct("<4sLQL")

LOCAL_MAGIC, CENTRAL_MAGIC, END_MAGIC = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
END64_MAGIC, LOCATOR64_MAGIC = b"PK\x06\x06", b"PK\x06\x07"

U16, U32 = 0xFFFF, 0xFFFFFFFF
UTF8 = 0x0800
DEFLATED = 8
ZIP64_TAG = 0x0001

_EPOCH_TIME, _EPOCH_DATE = 0, 0x0021
_UNIX = 3
_MODE = 0o100600 << 16


@dataclass(frozen=True, slots=True)
class Entry:
    """One member as the ZIP records know it.

    Attributes:
        offset: of the local header, from the start of the file.
        packed, size: bytes in the ZIP and unpacked.
    """

    name: str
    crc: int
    packed: int
    size: int
    offset: int

    @property
    def data_offset(self) -> int:
        """Where the deflated bytes begin."""
        return self.offset + len(local_header(self))

    @property
    def end(self) -> int:
        """The first byte after the deflated bytes."""
        return self.data_offset + self.packed


def local_header(entry: Entry) -> bytes:
    """The local header with its name and, where needed, both sizes in a ZIP64 field."""
    name = entry.name.encode()
    big = entry.size >= U32 or entry.packed >= U32
    extra = struct.pack("<2H2Q", ZIP64_TAG, 16, entry.size, entry.packed) if big else b""
    return (
        LOCAL.pack(
            LOCAL_MAGIC, 45 if big else 20, UTF8, DEFLATED, _EPOCH_TIME, _EPOCH_DATE, entry.crc,
            U32 if big else entry.packed, U32 if big else entry.size, len(name), len(extra),
        )
        + name
        + extra
    )  # fmt: skip


def central_header(entry: Entry) -> bytes:
    """The entry of the central directory; its ZIP64 field holds what does not fit, in APPNOTE's order."""
    name = entry.name.encode()
    # A local header with a ZIP64 field holds both sizes; the central one follows it, as readers compare them.
    sizes = (entry.size, entry.packed) if max(entry.size, entry.packed) >= U32 else ()
    wide = [*sizes, *((entry.offset,) if entry.offset >= U32 else ())]
    extra = struct.pack(f"<2H{len(wide)}Q", ZIP64_TAG, 8 * len(wide), *wide) if wide else b""
    version = 45 if wide else 20
    return (
        CENTRAL.pack(
            CENTRAL_MAGIC, version, _UNIX, version, 0, UTF8, DEFLATED, _EPOCH_TIME, _EPOCH_DATE, entry.crc,
            U32 if sizes else entry.packed, U32 if sizes else entry.size, len(name), len(extra), 0, 0, 0,
            _MODE, min(entry.offset, U32),
        )
        + name
        + extra
    )  # fmt: skip


def end_records(*, count: int, start: int, length: int) -> bytes:
    """The end record, after a ZIP64 end record and locator where a number does not fit."""
    records = b""
    if count >= U16 or start >= U32 or length >= U32:
        records += END64.pack(END64_MAGIC, END64.size - 12, 45, 45, 0, 0, count, count, length, start)
        records += LOCATOR64.pack(LOCATOR64_MAGIC, 0, start + length, 1)
    return records + END.pack(
        END_MAGIC, 0, 0, min(count, U16), min(count, U16), min(length, U32), min(start, U32), 0
    )
