"""What stands around the packed bytes of the members: the records of a ZIP, or of a tar of zstd frames."""

from __future__ import annotations

from typing import Protocol

from app.bundle.compressors import Compressor
from app.bundle.formats import BundleFormat
from app.bundle.manifest import MANIFEST_NAME, Member
from app.bundle.tarlayout import TAR_END, tar_header
from app.bundle.ziplayout import Entry, central_header, end_records, local_header
from app.deflate import crc32


class Layout(Protocol):
    """Writes one bundle: `begin`, then `member` before the packed bytes of each, then `end`."""

    def begin(self, manifest: bytes) -> bytes:
        """The first member, whole."""

    def member(self, member: Member, *, crc: int) -> bytes:
        """What stands before the packed bytes of this member."""

    def end(self) -> bytes:
        """What stands behind the last member."""


def layout_of(form: BundleFormat, compressor: Compressor) -> Layout:
    """A fresh layout; `compressor` packs what is no member."""
    return _Tar(compressor) if form is BundleFormat.TAR_ZST else _Zip(compressor)


class _Zip:
    def __init__(self, compressor: Compressor) -> None:
        self._compressor = compressor
        self._entries: list[Entry] = []

    def begin(self, manifest: bytes) -> bytes:
        packed = _packed(self._compressor, manifest)
        return self._place(MANIFEST_NAME, crc32(manifest), len(packed), len(manifest)) + packed

    def member(self, member: Member, *, crc: int) -> bytes:
        return self._place(member.name, crc, member.packed_size, member.masked_size)

    def end(self) -> bytes:
        directory = b"".join(map(central_header, self._entries))
        start = self._entries[-1].end
        return directory + end_records(count=len(self._entries), start=start, length=len(directory))

    def _place(self, name: str, crc: int, packed: int, size: int) -> bytes:
        offset = self._entries[-1].end if self._entries else 0
        entry = Entry(name, crc, packed, size, offset)
        self._entries.append(entry)
        return local_header(entry)


class _Tar:
    """Headers have frames of their own, so that the frames of a member do not depend on its name."""

    def __init__(self, compressor: Compressor) -> None:
        self._compressor = compressor
        self._pack = compressor.open()

    def begin(self, manifest: bytes) -> bytes:
        header = tar_header(MANIFEST_NAME, len(manifest))
        return self._pack(header, False) + _packed(self._compressor, manifest)

    def member(self, member: Member, *, crc: int) -> bytes:  # noqa: ARG002 - zstd frames have their own
        return self._pack(tar_header(member.name, member.masked_size), False)

    def end(self) -> bytes:
        return self._pack(TAR_END, False)


def _packed(compressor: Compressor, data: bytes) -> bytes:
    pack, piece = compressor.open(), compressor.piece
    starts = range(0, max(1, len(data)), piece)
    return b"".join(pack(data[at : at + piece], at + piece >= len(data)) for at in starts)
