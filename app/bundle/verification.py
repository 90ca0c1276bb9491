"""Reading a bundle's manifest, and proving that every byte of the bundle is what the manifest says."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from app.bundle.codec import decode_manifest
from app.bundle.damage import damaged
from app.bundle.formats import ZSTD_MAGIC, BundleFormat, format_of_head
from app.bundle.manifest import Manifest, Member
from app.bundle.pipeline import Channel, Pipeline
from app.bundle.reading import Reading, Seen
from app.bundle.sealing import total_counts
from app.bundle.zipreading import ZipReading
from app.domain.errors import LocalError
from app.domain.files import SealedBundle, Untouched
from app.storage import untouched

_WAITING = 8


@dataclass(frozen=True, slots=True)
class Verification:
    """A bundle of which every byte was compared with its manifest.

    Attributes:
        sha256: of the whole file, lower-case hex.
        size: bytes of the whole file.
        manifest_sha256: of the unpacked first member, lower-case hex.
        untouched: how the file was all the while; None where the system does not tell that safely.
    """

    manifest: Manifest
    sha256: str
    size: int
    manifest_sha256: str
    untouched: Untouched | None = field(default=None, compare=False)


def read_manifest(path: Path) -> Manifest:
    """The manifest alone; the other members are not looked at.

    Raises:
        LocalError: the file cannot be read (CF-1813).
        IntegrityError: it does not begin with a whole manifest (CF-1711).
        InputError: the manifest is not one that this program reads (CF-1126, CF-1127).
    """
    return decode_manifest(first_member(path))


def first_member(path: Path) -> bytes:
    """The bytes of the manifest as they were sealed.

    Raises:
        LocalError, IntegrityError: as `read_manifest`.
    """
    with _opened(path) as file:
        return _reading(file).first()


def verify_bundle(path: Path) -> Verification:
    """Prove names, order, sizes, counts and both digests of every member, and the layout of the file.

    Every byte is read once; unpacking and the digests go on at the same time. Memory grows with the number of
    members only. Members with absolute names or names that lead out of their folder, links and whatever else
    is no plain file, doubled, missing or foreign members, and data that unpack to more than they claim are
    refused.

    Raises:
        LocalError: the file cannot be read (CF-1813).
        IntegrityError: any difference (CF-1711).
        InputError: the manifest is not one that this program reads (CF-1126, CF-1127).
    """
    with _opened(path) as file, Pipeline() as pipeline:
        before = untouched(os.fstat(file.fileno()))
        whole = _Whole(pipeline)
        masked = _Masked(pipeline)
        reading = _reading(file, seen=whole.see)
        raw = reading.open()
        manifest = decode_manifest(raw)
        reading.check(manifest.members)
        for number, member in enumerate(manifest.members):
            _check_member(reading, number, member, masked)
        if manifest.counts != total_counts(manifest.members):
            raise damaged("manifest.json: counts is not the sum of the members' counts.")
        reading.close()
        masked.close()
        whole.close()
        after = untouched(os.fstat(file.fileno()))
    return Verification(
        manifest=manifest,
        sha256=whole.digest.hexdigest(),
        size=whole.size,
        manifest_sha256=hashlib.sha256(raw).hexdigest(),
        untouched=after if before == after else None,
    )


def reopen_bundle(path: Path) -> SealedBundle:
    """A bundle that an earlier run sealed, proven again: what a restarted program goes on sending.

    Raises:
        as `verify_bundle`.
    """
    proven = verify_bundle(path)
    return SealedBundle(
        path=path,
        name=path.name,
        size=proven.size,
        sha256=proven.sha256,
        manifest_sha256=proven.manifest_sha256,
        untouched=proven.untouched,
    )


class _Whole:
    """The digest of the whole file, in a thread of its own."""

    def __init__(self, pipeline: Pipeline) -> None:
        self.digest = hashlib.sha256()
        self.size = 0
        self._seen: Channel[bytes] = pipeline.channel(room=_WAITING)
        pipeline.stage(self._hash, name="hash-whole")

    def see(self, data: bytes) -> None:
        """The next bytes of the file."""
        self._seen.put(data)

    def close(self) -> None:
        """That was the last."""
        self._seen.close()

    def _hash(self) -> None:
        for data in self._seen:
            self.digest.update(data)
            self.size += len(data)


class _Masked:
    """The digests of the unpacked members, in a thread that compares them with the manifest."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._blocks: Channel[bytes | Member] = pipeline.channel(room=_WAITING)
        pipeline.stage(self._hash, name="hash-masked")

    def see(self, block: bytes) -> None:
        """The next bytes of a member."""
        self._blocks.put(block)

    def ends(self, member: Member) -> None:
        """What came since the last call was this member."""
        self._blocks.put(member)

    def close(self) -> None:
        """That was the last member."""
        self._blocks.close()

    def _hash(self) -> None:
        digest, size = hashlib.sha256(), 0
        for block in self._blocks:
            if isinstance(block, bytes):
                digest.update(block)
                size += len(block)
                continue
            if (size, digest.hexdigest()) != (block.masked_size, block.masked_sha256):
                raise _differs(block)
            digest, size = hashlib.sha256(), 0


def _check_member(reading: Reading, number: int, member: Member, masked: _Masked) -> None:
    packed, size = hashlib.sha256(), 0
    for raw, unpacked in reading.blocks(number, member):
        packed.update(raw)
        size += len(raw)
        if unpacked:
            masked.see(unpacked)
    masked.ends(member)
    if (size, packed.hexdigest()) != (member.packed_size, member.packed_sha256):
        raise _differs(member)
    if any(count < 0 for count in (member.raw_size, member.raw_lines, *member.counts.values())):
        raise damaged(f"Member {member.name} has a negative count in the manifest.")


def _differs(member: Member) -> Exception:
    return damaged(f"Member {member.name} has another size or digest than the manifest says.")


def _reading(file: BinaryIO, *, seen: Seen | None = None) -> Reading:
    if format_of_head(file.read(len(ZSTD_MAGIC))) is BundleFormat.TAR_ZST:
        from app.bundle.tarreading import TarReading

        return TarReading(file, seen=seen)
    return ZipReading(file, seen=seen)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        with path.open("rb") as file:
            yield file
    except OSError as error:
        raise LocalError(
            "The bundle cannot be read",
            happened=f"{path.name}: {error.strerror or error}.",
            todo="Check that the file is there and its rights.",
            code="CF-1813",
        ) from error
