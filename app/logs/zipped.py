"""The members of a zip file: which there are, and why one of them is not opened."""

from __future__ import annotations

import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from app.logs.packed import OPEN_IT, Entry
from app.logs.unpacking import PIECE, Allowance, Limits, PackedError, closed, damaged

_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x01 | 0x40
_DRIVE = re.compile(r"\A[A-Za-z]:")
_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR64 = struct.Struct("<4sLQL")
_LONGEST_NAME = 4000
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    LookupError,
    OverflowError,
)
"""What `zipfile` raises, one or the other, on a directory or a member that is damaged or made to harm."""


def zip_entries(source: BinaryIO, allowance: Allowance) -> tuple[Entry, ...]:
    """What is in a zip file, in its order.

    Raises:
        PackedError: it is damaged (``CF-1911``) or not opened here (``CF-1913``).
        OSError: the source cannot be read.
    """
    _refuse_many(source, allowance.limits)
    try:
        archive = zipfile.ZipFile(source)
    except _BROKEN:
        raise damaged("Its directory cannot be read") from None
    return tuple(
        _entry(archive, info, number, allowance) for number, info in enumerate(archive.infolist(), 1)
    )


def _refuse_many(source: BinaryIO, limits: Limits) -> None:
    """Before the directory is read, which takes memory: by what the end of the file says of it."""
    size = source.seek(0, 2)
    start = max(0, size - _END.size - 0xFFFF)
    source.seek(start)
    tail = source.read(size - start)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END.size:
        raise damaged("It ends in the middle")
    _magic, disk, _first, _here, count, length, _offset, _comment = _END.unpack_from(tail, at)
    if count == 0xFFFF or length == 0xFFFFFFFF:
        count, length = _end_of_64(source, start + at) or (count, length)
    if disk not in (0, 0xFFFF):
        raise closed("It is one part of several", OPEN_IT)
    # a name has 4000 bytes at most here, but 46 + 200 are what an entry takes
    if count > limits.members or length > limits.members * 1024:
        raise closed(f"It has more than {limits.members} members", OPEN_IT)


def _end_of_64(source: BinaryIO, end: int) -> tuple[int, int] | None:
    if end < _LOCATOR64.size:
        return None
    source.seek(end - _LOCATOR64.size)
    magic, _disk, place, _disks = _LOCATOR64.unpack(source.read(_LOCATOR64.size))
    if magic != b"PK\x06\x07":
        return None
    source.seek(min(place, end))
    record = source.read(_END64.size)
    if len(record) < _END64.size or not record.startswith(b"PK\x06\x06"):
        raise damaged("Its directory cannot be read")
    fields = _END64.unpack(record)
    return int(fields[7]), int(fields[8])


def _entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo, number: int, allowance: Allowance) -> Entry:
    def pieces() -> Iterator[bytes]:
        try:
            with archive.open(info) as member:
                while piece := member.read(PIECE):
                    yield piece
        except _BROKEN:
            raise damaged("Its bytes do not fit its check sum, or are cut off") from None

    name = _clean(info.filename) or f"member-{number}"
    return Entry(name, pieces, allowance, folder=info.is_dir(), fault=_fault(info))


def _fault(info: zipfile.ZipInfo) -> PackedError | None:
    if info.flag_bits & _ENCRYPTED:
        return closed("It is encrypted", OPEN_IT)
    if info.compress_type not in _METHODS:
        return closed("It is packed by another method than deflate", OPEN_IT)
    if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
        return closed("It is a link or a device", "Nothing, unless it stands for a log: name that itself.")
    return None


def _clean(name: str) -> str:
    """Only the parts that lead down, without what no file system or terminal takes."""
    plain = "".join(char if char.isprintable() else "_" for char in _DRIVE.sub("", name))
    parts = [part for part in re.split(r"[/\\]", plain) if part.strip() not in ("", ".", "..")]
    clean = "/".join(part.replace(":", "_") for part in parts)
    return clean if len(clean) <= _LONGEST_NAME else ""
