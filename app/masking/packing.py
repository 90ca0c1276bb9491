"""Writes masked members into gzip and zip, so that the same members give the same bytes."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, BinaryIO, cast

_LEVEL = 6
_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"  # no name, no time, no system
_FIRST_TIME = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
_FILE, _FOLDER = 0o100600 << 16, 0o040700 << 16 | 0x10
_LARGE = 1024**3
"""From this many unmasked bytes on a member gets the wide fields of zip64: masked text may be longer."""


class GzipSink(io.RawIOBase):
    """Packs what is written; `finish` ends the one member."""

    def __init__(self, sink: BinaryIO) -> None:
        super().__init__()
        self._sink = sink
        self._deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
        self._check = 0
        self._size = 0
        sink.write(_HEADER)

    @property
    def stream(self) -> BinaryIO:
        """This, as what an engine writes to."""
        return cast(BinaryIO, self)

    def writable(self) -> bool:
        """Always."""
        return True

    def write(self, data: bytes | memoryview) -> int:  # type: ignore[override]
        """All of it."""
        self._check = zlib.crc32(data, self._check)
        self._size += len(data)
        self._sink.write(self._deflate.compress(data))
        return len(data)

    def finish(self) -> None:
        """The last bytes with the check sum."""
        self._sink.write(self._deflate.flush())
        self._sink.write(self._check.to_bytes(4, "little") + (self._size & 0xFFFFFFFF).to_bytes(4, "little"))


class ZipSink:
    """Adds members to a zip file; one that fails is taken back, as if it had not been begun.

    Args:
        packed: open for writing.
        sink: the stream it is written to.
    """

    def __init__(self, packed: zipfile.ZipFile, sink: BinaryIO) -> None:
        self._packed, self._sink = packed, sink
        self._taken: set[str] = set()

    def free(self, name: str) -> str:
        """The name, or the next one like it that no member has yet, whatever the case of its letters."""
        name = name or "member"
        head, dot, tail = name.rpartition(".")
        number, free = 2, name
        while free.casefold() in self._taken:
            free = f"{head}-{number}{dot}{tail}" if head else f"{name}-{number}"
            number += 1
        self._taken.add(free.casefold())
        return free

    def folder(self, name: str) -> None:
        """A folder without content, once."""
        place = f"{name}/"
        if place not in self._packed.NameToInfo:
            self._packed.writestr(_info(place, _FOLDER), b"")

    @contextmanager
    def member(self, name: str, *, size: int) -> Iterator[BinaryIO]:
        """What is written in the block is the member.

        Args:
            name: in the archive.
            size: about as many bytes as there will be.
        """
        begun = self._sink.tell()
        info = _info(name, _FILE)
        info.compress_type = zipfile.ZIP_DEFLATED
        handle: IO[bytes] = self._packed.open(info, "w", force_zip64=size >= _LARGE)
        try:
            yield cast(BinaryIO, handle)
        except BaseException:
            handle.close()
            self._take_back(info, begun)
            raise
        handle.close()

    def _take_back(self, info: zipfile.ZipInfo, begun: int) -> None:
        packed = self._packed
        packed.filelist.remove(info)
        del packed.NameToInfo[info.filename]
        packed.start_dir = begun
        self._sink.seek(begun)
        self._sink.truncate()


def _info(name: str, attributes: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _FIRST_TIME)
    info.create_system = _UNIX
    info.external_attr = attributes
    return info
