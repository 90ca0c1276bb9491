"""Writes masked members into a zip file, so that the same members give the same bytes."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, BinaryIO, cast

_FIRST_TIME = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
_FILE, _FOLDER = 0o100600 << 16, 0o040700 << 16 | 0x10
_LARGE = 1024**3
"""From this many unmasked bytes on a member gets the wide fields of zip64: masked text may be longer."""


@contextmanager
def zipping(sink: BinaryIO) -> Iterator[ZipSink]:
    """What is added to what this gives is a zip file in `sink` when the block ends."""
    with zipfile.ZipFile(sink, "w") as packed:
        yield ZipSink(packed, sink)


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
