"""Reading a bundle that is a tar of zstd frames, from its first byte to its last.

The manifest says what follows, so every tar header is built anew and compared: a link, a device, a folder, an
absolute name or any other record that a bundle does not have differs from it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

import zstandard

from app.bundle.damage import damaged
from app.bundle.manifest import MANIFEST_NAME, Member
from app.bundle.names import check_names
from app.bundle.reading import LARGEST_MANIFEST, Seen
from app.bundle.tarlayout import TAR_END, claimed_size, padding, tar_header
from app.bundle.zstdframes import read_frame


class TarReading:
    """The members in the order of the file; nothing is read twice."""

    def __init__(self, file: BinaryIO, *, seen: Seen | None = None) -> None:
        """Nothing is read yet.

        Args:
            file: at any place.
            seen: is told every byte in order, from the first to the last.
        """
        self._file = file
        self._seen: Callable[[bytes], object] = seen or len
        self._unpacker = zstandard.ZstdDecompressor()

    def first(self) -> bytes:
        """The manifest's bytes; what is behind it is not looked at."""
        return self.open()

    def open(self) -> bytes:
        """The manifest's bytes."""
        self._file.seek(0, os.SEEK_SET)
        _, header = self._frame()
        size = claimed_size(header)
        if size > LARGEST_MANIFEST:
            raise damaged(f"manifest.json claims {size} bytes; {LARGEST_MANIFEST} are allowed.")
        if size < 0 or header != tar_header(MANIFEST_NAME, size):
            raise damaged("Its first member is not manifest.json.")
        return b"".join(unpacked for _, unpacked in self._data(MANIFEST_NAME, size))

    def check(self, members: Sequence[Member]) -> None:
        """Whether the names can be written everywhere; headers are compared when they are read."""
        check_names([MANIFEST_NAME, *(member.name for member in members)])

    def blocks(self, number: int, member: Member) -> Iterator[tuple[bytes, bytes]]:
        """Pairs of a frame and its content."""
        _, header = self._frame()
        if header == TAR_END or header != tar_header(member.name, member.masked_size):
            raise damaged(f"Member {number + 1} is not the one of the manifest, in the manifest's order.")
        return self._data(member.name, member.masked_size)

    def close(self) -> None:
        """Whether nothing is behind the last member."""
        _, end = self._frame()
        if end != TAR_END:
            raise damaged("It has members that are not those of the manifest.")
        if self._file.read(1):
            raise damaged("There are bytes behind its end.")

    def _data(self, name: str, size: int) -> Iterator[tuple[bytes, bytes]]:
        left = size + padding(size)
        while left:
            raw, content = self._frame()
            left -= len(content)
            if left < 0:
                raise damaged(f"Member {name} unpacks to more than it claims.")
            if not left and padding(size):
                content, filling = content[: -padding(size)], content[-padding(size) :]
                if any(filling):
                    raise damaged(f"Member {name} has bytes behind its end.")
            yield raw, content

    def _frame(self) -> tuple[bytes, bytes]:
        try:
            raw, content = read_frame(self._file, self._unpacker)
        except EOFError as error:
            raise damaged("It is cut off between two frames.") from error
        self._seen(raw)
        return raw, content
