"""Reading a bundle's manifest, and proving that every byte of the bundle is what the manifest says."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from app.bundle.codec import decode_manifest
from app.bundle.manifest import MANIFEST_NAME, Manifest, Member
from app.bundle.names import is_portable
from app.bundle.sealing import total_counts
from app.bundle.zipindex import damaged, read_first, read_index
from app.bundle.ziplayout import Entry
from app.domain.errors import LocalError
from app.domain.files import SealedBundle

LARGEST_MANIFEST = 256 * 1024 * 1024
"""Bytes of an unpacked manifest; a million members stay below it. More is refused unread."""

_BLOCK = 256 * 1024
_RAW_DEFLATE = -15


@dataclass(frozen=True, slots=True)
class Verification:
    """A bundle of which every byte was compared with its manifest.

    Attributes:
        sha256: of the whole file, lower-case hex.
        size: bytes of the whole file.
        manifest_sha256: of the unpacked first member, lower-case hex.
    """

    manifest: Manifest
    sha256: str
    size: int
    manifest_sha256: str


def read_manifest(path: Path) -> Manifest:
    """The manifest alone; the other members are not looked at.

    Raises:
        LocalError: the file cannot be read (CF-1813).
        IntegrityError: it does not begin with a whole manifest (CF-1711).
        InputError: the manifest is not one that this program reads (CF-1126, CF-1127).
    """
    with _opened(path) as file:
        return decode_manifest(_manifest_bytes(file, read_first(file)))


def verify_bundle(path: Path) -> Verification:
    """Prove names, order, sizes, counts and both digests of every member, and the layout of the file.

    Memory grows with the number of members only. Members with absolute names or names that lead out of
    their folder, doubled, missing or foreign members, and data that unpack to more than they claim are
    refused.

    Raises:
        LocalError: the file cannot be read (CF-1813).
        IntegrityError: any difference (CF-1711).
        InputError: the manifest is not one that this program reads (CF-1126, CF-1127).
    """
    with _opened(path) as file:
        entries = read_index(file)
        if not entries:
            raise damaged("It has no member.")
        raw = _manifest_bytes(file, entries[0])
        manifest = decode_manifest(raw)
        _check_names(entries, manifest.members)
        for entry, member in zip(entries[1:], manifest.members, strict=True):
            _check_member(file, entry, member)
        if manifest.counts != total_counts(manifest.members):
            raise damaged("manifest.json: counts is not the sum of the members' counts.")
        sha256, size = _whole(file)
    return Verification(
        manifest=manifest, sha256=sha256, size=size, manifest_sha256=hashlib.sha256(raw).hexdigest()
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
    )


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


def _manifest_bytes(file: BinaryIO, entry: Entry) -> bytes:
    if entry.name != MANIFEST_NAME:
        raise damaged("Its first member is not manifest.json.")
    if entry.size > LARGEST_MANIFEST:
        raise damaged(f"manifest.json claims {entry.size} bytes; {LARGEST_MANIFEST} are allowed.")
    return b"".join(unpacked for _, unpacked in _unpacked(file, entry))


def _check_names(entries: Sequence[Entry], members: Sequence[Member]) -> None:
    names = [entry.name for entry in entries]
    if len({name.casefold() for name in names}) != len(names):
        raise damaged("Two members have the same name.")
    if not all(map(is_portable, names)):
        raise damaged(
            "A member's name is absolute, leads out of its folder, or cannot be written everywhere."
        )
    if names[1:] != [member.name for member in members]:
        raise damaged("Its members are not those of the manifest, in the manifest's order.")


def _check_member(file: BinaryIO, entry: Entry, member: Member) -> None:
    packed, masked = hashlib.sha256(), hashlib.sha256()
    for raw, unpacked in _unpacked(file, entry):
        packed.update(raw)
        masked.update(unpacked)
    claimed = (member.packed_size, member.masked_size, member.packed_sha256, member.masked_sha256)
    if (entry.packed, entry.size, packed.hexdigest(), masked.hexdigest()) != claimed:
        raise damaged(f"Member {entry.name} has another size or digest than the manifest says.")
    if any(count < 0 for count in (member.raw_size, member.raw_lines, *member.counts.values())):
        raise damaged(f"Member {entry.name} has a negative count in the manifest.")


def _unpacked(file: BinaryIO, entry: Entry) -> Iterator[tuple[bytes, bytes]]:
    """Pairs of deflated and inflated bytes; never inflates past what the entry claims."""
    inflater = zlib.decompressobj(_RAW_DEFLATE)
    file.seek(entry.data_offset)
    left, size, crc = entry.packed, 0, 0
    while left:
        raw = file.read(min(_BLOCK, left))
        if not raw:
            raise damaged(f"Member {entry.name} is cut off.")
        left -= len(raw)
        first = raw
        pending = raw
        while pending and not inflater.eof:
            out = _inflate(inflater, pending, name=entry.name)
            pending = inflater.unconsumed_tail
            size += len(out)
            crc = zlib.crc32(out, crc)
            if size > entry.size:
                raise damaged(f"Member {entry.name} unpacks to more than it claims.")
            yield first, out
            first = b""
        if inflater.eof and (left or inflater.unused_data):
            raise damaged(f"Member {entry.name} has bytes behind its end.")
    # zlib may hold back bytes of the last block that did not fit its last answer.
    while not inflater.eof and (out := _inflate(inflater, inflater.unconsumed_tail, name=entry.name)):
        size += len(out)
        crc = zlib.crc32(out, crc)
        yield b"", out
    if not inflater.eof or size != entry.size or crc != entry.crc:
        raise damaged(f"Member {entry.name} is cut off or has another checksum.")


def _inflate(inflater: zlib._Decompress, data: bytes, *, name: str) -> bytes:
    try:
        return inflater.decompress(data, _BLOCK)
    except zlib.error as error:
        raise damaged(f"Member {name} cannot be unpacked.") from error


def _whole(file: BinaryIO) -> tuple[str, int]:
    file.seek(0)
    digest, size = hashlib.sha256(), 0
    while block := file.read(_BLOCK):
        digest.update(block)
        size += len(block)
    return digest.hexdigest(), size
