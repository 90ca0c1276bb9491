"""Packing masked copies into a spool: reading, hashing, describing and compressing at the same time.

A copy that this very compressor packed while it was masked is only described: its pieces go into the bundle
as they are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from app import logs
from app.bundle.compressors import Compressor
from app.bundle.pipeline import Channel, Pipeline
from app.deflate import crc32
from app.domain.errors import IntegrityError, LocalError
from app.masking import MaskingError, open_masked, packed_pieces
from app.masking.face import MaskedFile, PackedCopy
from app.masking.native.times import clock_scan

_WAITING_FILES = 64


@dataclass(frozen=True, slots=True)
class PackedFile:
    """A masked copy whose packed bytes are there; its place in the bundle and its name there are open.

    Attributes:
        crc: CRC-32 of the masked bytes.
        offset: where the packed bytes begin in the spool.
        own: the packed bytes are those of the copy itself, and not in the spool.
    """

    file: MaskedFile
    described: logs.SegmentDescription
    crc: int
    packed_size: int
    packed_sha256: str
    offset: int = 0
    own: PackedCopy | None = None


@dataclass(frozen=True, slots=True)
class _Member:
    """A file in work; what two stages find of it is handed to the one that writes."""

    file: MaskedFile
    crc: Channel[int]
    described: Channel[logs.SegmentDescription]


@dataclass(frozen=True, slots=True)
class _Packed:
    """A file that is packed already."""

    member: _Member
    own: PackedCopy


@dataclass(frozen=True, slots=True)
class _Piece:
    member: _Member
    data: bytes
    last: bool
    packed: Channel[bytes]


class PackingLine:
    """Packs what it is given, in the order given, into the spool.

    Memory: about (`threads` + 4) pieces and what they pack to. The stages end with the pipeline.
    """

    def __init__(
        self, pipeline: Pipeline, *, spool: BinaryIO, compressor: Compressor, threads: int = 1
    ) -> None:
        """Start the stages.

        Args:
            pipeline: whose end is theirs.
            spool: packed bytes are written to its end, by one of the stages.
            compressor: packs.
            threads: that compress.
        """
        self._pipeline = pipeline
        self._spool = spool
        self._compressor = compressor
        self._files: Channel[MaskedFile] = pipeline.channel(room=_WAITING_FILES)
        self._described: Channel[_Member] = pipeline.channel(room=_WAITING_FILES)
        self._hashed: Channel[_Piece] = pipeline.channel(room=2)
        self._work: Channel[_Piece] = pipeline.channel(room=threads)
        self._order: Channel[_Piece | _Packed] = pipeline.channel(room=threads + 1)
        self._done: Channel[list[PackedFile]] = pipeline.channel(room=1)
        for stage, name in (
            (self._read, "read"),
            (self._describe, "describe"),
            (self._hash, "hash"),
            (self._write, "write"),
        ):
            pipeline.stage(stage, name=name)
        for number in range(threads):
            pipeline.stage(self._compress, name=f"compress-{number}")

    def add(self, file: MaskedFile) -> None:
        """Pack this file; returns at once unless many wait.

        Raises:
            Halted: a stage failed; the pipeline's end raises why.
        """
        self._files.put(file)

    def finish(self) -> list[PackedFile]:
        """Wait until everything is packed and proven to be what masking wrote.

        Raises:
            Halted: as `add`.
        """
        self._files.close()
        return self._done.take()

    def _read(self) -> None:
        for file in self._files:
            member = _Member(file, self._pipeline.channel(room=1), self._pipeline.channel(room=1))
            self._described.put(member)
            if (own := self._packed_before(file)) is not None:
                self._order.put(_Packed(member, own))
                continue
            for data, last in _pieces(file, self._compressor.piece):
                piece = _Piece(member, data, last, self._pipeline.channel(room=1))
                self._order.put(piece)
                self._work.put(piece)
                self._hashed.put(piece)
        for channel in (self._described, self._order, self._work, self._hashed):
            channel.close()

    def _packed_before(self, file: MaskedFile) -> PackedCopy | None:
        """How the copy lies there, when packing it would give the very same bytes."""
        packed = file.report.packed
        mine = (self._compressor.name, self._compressor.piece)
        return packed if packed is not None and (packed.by, packed.piece) == mine else None

    def _describe(self) -> None:
        scan = clock_scan()
        for member in self._described:
            with _masked_copy(member.file) as source:
                name = member.file.name.rpartition("/")[2]
                member.described.put(logs.describe_packed(source, file_name=name, scan=scan))

    def _hash(self) -> None:
        digest, crc, size = hashlib.sha256(), 0, 0
        for piece in self._hashed:
            digest.update(piece.data)
            crc = crc32(piece.data, crc)
            size += len(piece.data)
            if piece.last:
                _compare(piece.member.file, size=size, sha256=digest.hexdigest())
                piece.member.crc.put(crc)
                digest, crc, size = hashlib.sha256(), 0, 0

    def _compress(self) -> None:
        pack = self._compressor.open()
        for piece in self._work:
            piece.packed.put(pack(piece.data, piece.last))

    def _write(self) -> None:
        done: list[PackedFile] = []
        digest, size, offset = hashlib.sha256(), 0, 0
        for piece in self._order:
            if isinstance(piece, _Packed):
                done.append(_as_it_lies(piece.member, piece.own))
                continue
            packed = piece.packed.take()
            digest.update(packed)
            size += self._spool.write(packed)
            if piece.last:
                member = piece.member
                done.append(
                    PackedFile(
                        file=member.file,
                        described=member.described.take(),
                        crc=member.crc.take(),
                        offset=offset,
                        packed_size=size,
                        packed_sha256=digest.hexdigest(),
                    )
                )
                digest, size, offset = hashlib.sha256(), 0, offset + size
        self._done.put(done)


def _as_it_lies(member: _Member, own: PackedCopy) -> PackedFile:
    return PackedFile(
        file=member.file,
        described=member.described.take(),
        crc=own.crc,
        packed_size=own.size,
        packed_sha256=own.sha256,
        own=own,
    )


def blocks_as_they_lie(file: MaskedFile, packed: PackedCopy) -> Iterator[bytes]:
    """The pieces of a packed copy; they count when the last block was given.

    Raises:
        IntegrityError: they are not what masking wrote (CF-1712).
        LocalError: the copy cannot be read (CF-1815).
    """
    with _said_of(file):
        yield from packed_pieces(file.path, packed)


def _pieces(file: MaskedFile, length: int) -> Iterator[tuple[bytes, bool]]:
    """The copy in pieces, at least one, and whether each is the last."""
    with _masked_copy(file) as source:
        piece = source.read(length)
        while True:
            following = source.read(length) if len(piece) == length else b""
            yield piece, not following
            if not following:
                return
            piece = following


def _compare(file: MaskedFile, *, size: int, sha256: str) -> None:
    if size != file.report.masked_size or sha256 != file.report.masked_sha256:
        raise _changed(file)


def _changed(file: MaskedFile) -> IntegrityError:
    return IntegrityError(
        "A masked copy changed after it was masked",
        happened=f"Member {file.name} has another size or digest than masking reported.",
        todo="Mask the files again; nothing was packed.",
        code="CF-1712",
    )


@contextmanager
def _masked_copy(file: MaskedFile) -> Iterator[BinaryIO]:
    with _said_of(file), open_masked(file.path, file.report) as source:
        yield source


@contextmanager
def _said_of(file: MaskedFile) -> Iterator[None]:
    try:
        yield
    except MaskingError as error:
        raise _changed(file) from error
    except OSError as error:
        raise LocalError(
            "A masked copy cannot be read",
            happened=f"Member {file.name}: {error.strerror}.",
            todo="Mask the files again; nothing was packed.",
            code="CF-1815",
        ) from error
