"""The members of a ZIP file as its central directory names them, refused unless laid out as a bundle is."""

from __future__ import annotations

import os
import struct
from typing import BinaryIO

from app.bundle.damage import damaged
from app.bundle.ziplayout import (
    CENTRAL,
    CENTRAL_MAGIC,
    END,
    END64,
    END64_MAGIC,
    END_MAGIC,
    LOCAL,
    LOCAL_MAGIC,
    LOCATOR64,
    LOCATOR64_MAGIC,
    U16,
    U32,
    ZIP64_TAG,
    Entry,
    central_header,
    end_records,
    local_header,
)

MOST_MEMBERS = 1_000_000
"""More members than this are refused before any memory is spent on them."""

_LONGEST_ENTRY = CENTRAL.size + 2 * U16


def read_index(file: BinaryIO) -> list[Entry]:
    """Every member in file order: gapless from the first byte to the directory, and nothing behind it.

    The records are rebuilt from what was read and compared byte by byte, so that a record which two ZIP
    readers could understand differently is refused.

    Raises:
        IntegrityError: anything else (CF-1711).
    """
    size = file.seek(0, os.SEEK_END)
    count, start, length = _ends(file, size)
    if count > MOST_MEMBERS:
        raise damaged(f"It claims {count} members; {MOST_MEMBERS} are allowed.")
    file.seek(start)
    entries: list[Entry] = []
    position, expected = start, 0
    for _ in range(count):
        file.seek(position)
        raw = file.read(min(_LONGEST_ENTRY, start + length - position))
        entry = _central_entry(raw)
        rebuilt = central_header(entry)
        if raw[: len(rebuilt)] != rebuilt or entry.offset != expected or entry.end > start:
            raise damaged(f"Member {len(entries) + 1} is not where, or not as, a bundle has it.")
        _check_local(file, entry, number=len(entries) + 1)
        position += len(rebuilt)
        expected = entry.end
        entries.append(entry)
    if expected != start or position != start + length:
        raise damaged("There are bytes that belong to no member.")
    return entries


def read_first(file: BinaryIO) -> Entry:
    """The first member by its local header alone; the directory is not read.

    Raises:
        IntegrityError: the file does not begin with a ZIP member (CF-1711).
    """
    file.seek(0)
    raw = file.read(LOCAL.size + 2 * U16)
    if len(raw) < LOCAL.size or not raw.startswith(LOCAL_MAGIC):
        raise damaged("It does not begin with a ZIP member.")
    *_, crc, packed, size, name_length, extra_length = LOCAL.unpack_from(raw)
    name = raw[LOCAL.size : LOCAL.size + name_length]
    extra = raw[LOCAL.size + name_length : LOCAL.size + name_length + extra_length]
    if size == U32 or packed == U32:
        size, packed = _wide(extra, 2)
    entry = Entry(name=_text(name), crc=crc, packed=packed, size=size, offset=0)
    rebuilt = local_header(entry)
    if raw[: len(rebuilt)] != rebuilt:
        raise damaged("Its first member is not written as a bundle has it.")
    return entry


def _ends(file: BinaryIO, size: int) -> tuple[int, int, int]:
    if size < END.size:
        raise damaged("It is too short for a bundle.")
    file.seek(size - END.size)
    magic, _, _, _, count, length, start, _ = END.unpack(file.read(END.size))
    if magic != END_MAGIC:
        raise damaged("Its end is missing or cut off.")
    if U16 in (count,) or U32 in (length, start):
        before = size - END.size - LOCATOR64.size - END64.size
        if before < 0:
            raise damaged("Its end is missing or cut off.")
        file.seek(before)
        magic, _, _, _, _, _, _, count, length, start = END64.unpack(file.read(END64.size))
        if magic != END64_MAGIC or file.read(4) != LOCATOR64_MAGIC:
            raise damaged("Its ZIP64 end is missing or cut off.")
    expected = end_records(count=count, start=start, length=length)
    if start + length + len(expected) != size:
        raise damaged("There are bytes behind its end, or its end is cut off.")
    file.seek(start + length)
    if file.read(len(expected)) != expected:
        raise damaged("Its end is not written as a bundle has it.")
    return count, start, length


def _central_entry(raw: bytes) -> Entry:
    if len(raw) < CENTRAL.size or not raw.startswith(CENTRAL_MAGIC):
        raise damaged("Its directory is cut off.")
    fields = CENTRAL.unpack_from(raw)
    crc, packed, size, name_length, extra_length = fields[9:14]
    offset: int = fields[-1]
    name = raw[CENTRAL.size : CENTRAL.size + name_length]
    extra = raw[CENTRAL.size + name_length : CENTRAL.size + name_length + extra_length]
    if U32 in (size, packed):
        size, packed, *rest = _wide(extra, 3 if offset == U32 else 2)
        offset = rest[0] if rest else offset
    elif offset == U32:
        (offset,) = _wide(extra, 1)
    return Entry(name=_text(name), crc=crc, packed=packed, size=size, offset=offset)


def _check_local(file: BinaryIO, entry: Entry, *, number: int) -> None:
    expected = local_header(entry)
    file.seek(entry.offset)
    if file.read(len(expected)) != expected:
        raise damaged(f"The header of member {number} contradicts the directory.")


def _wide(extra: bytes, numbers: int) -> tuple[int, ...]:
    shape = struct.Struct(f"<2H{numbers}Q")
    if len(extra) != shape.size:
        raise damaged("A ZIP64 field has another length.")
    tag, length, *wide = shape.unpack(extra)
    if tag != ZIP64_TAG or length != 8 * numbers:
        raise damaged("A ZIP64 field is of another kind.")
    return tuple(wide)


def _text(name: bytes) -> str:
    try:
        return name.decode()
    except UnicodeDecodeError as error:
        raise damaged("A member's name is no UTF-8.") from error
