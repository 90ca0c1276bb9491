"""Reading a bundle that is a ZIP, every byte once and in order."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO

from app.bundle.damage import damaged
from app.bundle.manifest import MANIFEST_NAME, Member
from app.bundle.names import check_names
from app.bundle.reading import LARGEST_MANIFEST, Seen
from app.bundle.zipindex import read_first, read_index
from app.bundle.ziplayout import Entry, local_header
from app.deflate import INFLATE_ERRORS, crc32, inflater

_BLOCK = 256 * 1024
_UNPACKED_BLOCK = 1024 * 1024


class ZipReading:
    """The members in the order of the file; nothing is read twice but the directory."""

    def __init__(self, file: BinaryIO, *, seen: Seen | None = None) -> None:
        """Nothing is read yet.

        Args:
            file: at any place.
            seen: is told every byte in order, from the first to the last.
        """
        self._file = file
        self._seen: Callable[[bytes], object] = seen or len
        self._entries: list[Entry] = []

    def first(self) -> bytes:
        """The manifest by its local header alone; the directory is not read."""
        return self._manifest(read_first(self._file))

    def open(self) -> bytes:
        """The manifest's bytes, after the directory was checked."""
        self._entries = read_index(self._file)
        if not self._entries:
            raise damaged("It has no member.")
        return self._manifest(self._entries[0])

    def check(self, members: Sequence[Member]) -> None:
        """Whether the names are those of the manifest and can be written everywhere."""
        names = [entry.name for entry in self._entries]
        check_names(names)
        if names[1:] != [member.name for member in members]:
            raise damaged("Its members are not those of the manifest, in the manifest's order.")

    def blocks(self, number: int, member: Member) -> Iterator[tuple[bytes, bytes]]:  # noqa: ARG002
        """Pairs of packed and unpacked bytes of a member; either may be empty."""
        return self._unpacked(self._entries[number + 1])

    def close(self) -> None:
        """Read what is behind the last member."""
        self._file.seek(self._entries[-1].end)
        while block := self._file.read(_BLOCK):
            self._seen(block)

    def _manifest(self, entry: Entry) -> bytes:
        if entry.name != MANIFEST_NAME:
            raise damaged("Its first member is not manifest.json.")
        if entry.size > LARGEST_MANIFEST:
            raise damaged(f"manifest.json claims {entry.size} bytes; {LARGEST_MANIFEST} are allowed.")
        return b"".join(unpacked for _, unpacked in self._unpacked(entry))

    def _unpacked(self, entry: Entry) -> Iterator[tuple[bytes, bytes]]:
        """Never inflates past what the entry claims."""
        unpacker = inflater()
        self._seen(local_header(entry))  # compared with the file's when it was found
        self._file.seek(entry.data_offset, os.SEEK_SET)
        left, size, crc = entry.packed, 0, 0
        while left:
            raw = self._file.read(min(_BLOCK, left))
            if not raw:
                raise damaged(f"Member {entry.name} is cut off.")
            self._seen(raw)
            left -= len(raw)
            first, pending = raw, raw
            while pending and not unpacker.eof:
                out = _inflate(unpacker, pending, name=entry.name)
                pending = unpacker.unconsumed_tail
                size += len(out)
                crc = crc32(out, crc)
                if size > entry.size:
                    raise damaged(f"Member {entry.name} unpacks to more than it claims.")
                yield first, out
                first = b""
            if unpacker.eof and (left or unpacker.unused_data):
                raise damaged(f"Member {entry.name} has bytes behind its end.")
        # The library may hold back bytes of the last block that did not fit its last answer.
        while not unpacker.eof and (out := _inflate(unpacker, unpacker.unconsumed_tail, name=entry.name)):
            size += len(out)
            crc = crc32(out, crc)
            if size > entry.size:
                raise damaged(f"Member {entry.name} unpacks to more than it claims.")
            yield b"", out
        if not unpacker.eof or size != entry.size or crc != entry.crc:
            raise damaged(f"Member {entry.name} is cut off or has another checksum.")


def _inflate(unpacker: Any, data: bytes, *, name: str) -> bytes:
    try:
        out: bytes = unpacker.decompress(data, _UNPACKED_BLOCK)
    except INFLATE_ERRORS as error:
        raise damaged(f"Member {name} cannot be unpacked.") from error
    return out
