"""Sealing: masked files become one reproducible ZIP, with its manifest first."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from app import logs
from app.bundle.closedfile import closed_file, scratch_file
from app.bundle.codec import encode_manifest
from app.bundle.manifest import FORMAT, MANIFEST_NAME, LeftOut, Manifest, Member
from app.bundle.names import distinct_names
from app.bundle.ziplayout import Entry, central_header, end_records, local_header
from app.domain.errors import InputError, IntegrityError, LocalError
from app.domain.files import SealedBundle
from app.masking.face import Engine, MaskedFile

DEFAULT_LEVEL = 6
"""zlib's own default: the best ratio that is still worth its time on logs."""

_BLOCK = 256 * 1024
_RAW_DEFLATE = -15


@dataclass(frozen=True, slots=True)
class BundleFacts:
    """What the manifest says beyond its files.

    Attributes:
        case: case number.
        host: masked name of the server that collected; empty when unknown.
        created_by: program and version, such as ``caseferry-agent 0.1``; no time: sealing is reproducible.
    """

    case: str
    host: str
    created_by: str


@dataclass(frozen=True, slots=True)
class _Packed:
    """A member whose deflated bytes lie in the spool."""

    member: Member
    crc: int


def seal(
    files: Sequence[MaskedFile],
    *,
    engine: Engine,
    facts: BundleFacts,
    left_out: Sequence[LeftOut] = (),
    target: Path,
    level: int = DEFAULT_LEVEL,
) -> SealedBundle:
    """Pack masked files into `target`, which appears whole or not at all.

    The same files, rules, key and facts give the same bytes (with the same zlib), whatever the order of
    `files`, the time and the folder. Memory does not grow with the files. While it runs, the folder of
    `target` holds up to two packed copies.

    Args:
        files: at least one, or `left_out` names at least one.
        engine: the one that masked `files`.
        facts: what the manifest says beyond its files.
        left_out: files that were asked for and are not in it, with the reason.
        target: the file to make; an older one of this name is replaced.
        level: of zlib, 0 to 9.

    Raises:
        InputError: nothing to pack, a name that leads out of its folder (CF-1123), another level (CF-1124).
        IntegrityError: a masked copy is not what masking wrote (CF-1712).
        LocalError: the disk is full (CF-1814), or a file cannot be read or written (CF-1815).
    """
    if not 0 <= level <= 9:
        raise InputError(
            "The compression level is out of range",
            happened=f"level is {level}.",
            todo="Give a level from 0 to 9.",
            code="CF-1124",
        )
    if not files and not left_out:
        raise InputError(
            "There is nothing to pack",
            happened="No masked file was given.",
            todo="Choose at least one log file.",
            code="CF-1125",
        )
    ordered = sorted(
        files, key=lambda file: (file.name.encode("utf-8", "surrogatepass"), file.report.masked_sha256)
    )
    names = distinct_names(file.name for file in ordered)
    missing = sorted(left_out, key=lambda item: (item.name, item.reason, item.detail))
    missing = [
        LeftOut(name=name, reason=item.reason, detail=item.detail)
        for name, item in zip(distinct_names(item.name for item in missing), missing, strict=True)
    ]
    room = 2 * sum(file.report.masked_size for file in ordered)
    with scratch_file(target, needed=room) as spool:
        packed = [
            _pack(file, name=name, spool=spool, level=level)
            for file, name in zip(ordered, names, strict=True)
        ]
        manifest = _manifest(packed, engine=engine, facts=facts, left_out=missing)
        return _write(packed, encode_manifest(manifest), spool=spool, target=target, room=room, level=level)


def _pack(file: MaskedFile, *, name: str, spool: BinaryIO, level: int) -> _Packed:
    """Deflate one masked copy to the end of the spool, and prove on the way that it is what masking wrote."""
    report = file.report
    packer = zlib.compressobj(level, zlib.DEFLATED, _RAW_DEFLATE)
    masked, packed = hashlib.sha256(), hashlib.sha256()
    crc = masked_size = packed_size = 0
    with _masked_copy(file) as source:
        described = logs.describe_packed(source, file_name=name.rpartition("/")[2])
        source.seek(0)
        while block := source.read(_BLOCK):
            masked.update(block)
            crc = zlib.crc32(block, crc)
            masked_size += len(block)
            out = packer.compress(block)
            packed.update(out)
            packed_size += spool.write(out)
    out = packer.flush()
    packed.update(out)
    packed_size += spool.write(out)
    if masked_size != report.masked_size or masked.hexdigest() != report.masked_sha256:
        raise IntegrityError(
            "A masked copy changed after it was masked",
            happened=f"Member {name} has another size or digest than masking reported.",
            todo="Mask the files again; nothing was packed.",
            code="CF-1712",
        )
    member = Member(
        name=name,
        application=described.application,
        host=described.host,
        first=described.first,
        last=described.last,
        raw_size=report.raw_size,
        raw_lines=report.lines,
        masked_size=masked_size,
        packed_size=packed_size,
        masked_sha256=masked.hexdigest(),
        packed_sha256=packed.hexdigest(),
        encoding=report.encoding,
        counts={str(kind): count for kind, count in report.counts.items()},
        residual_read=report.residual_read,
    )
    return _Packed(member=member, crc=crc)


@contextmanager
def _masked_copy(file: MaskedFile) -> Iterator[BinaryIO]:
    try:
        source = file.path.open("rb")
    except OSError as error:
        raise LocalError(
            "A masked copy cannot be read",
            happened=f"Member {file.name}: {error.strerror}.",
            todo="Mask the files again; nothing was packed.",
            code="CF-1815",
        ) from error
    with source:
        yield source


def _manifest(
    packed: Sequence[_Packed], *, engine: Engine, facts: BundleFacts, left_out: Sequence[LeftOut]
) -> Manifest:
    members = [item.member for item in packed]
    return Manifest(
        format=FORMAT,
        case=facts.case,
        host=facts.host,
        created_by=facts.created_by,
        rule_set=engine.rule_set,
        rule_set_sha256=engine.rule_set_sha256,
        engine=engine.name,
        key_id=engine.key_id,
        members=members,
        left_out=list(left_out),
        counts=total_counts(members),
    )


def total_counts(members: Sequence[Member]) -> dict[str, int]:
    """Values replaced in the whole bundle, by kind."""
    totals: dict[str, int] = {}
    for member in members:
        for kind, count in member.counts.items():
            totals[kind] = totals.get(kind, 0) + count
    return totals


def _write(
    packed: Sequence[_Packed], manifest: bytes, *, spool: BinaryIO, target: Path, room: int, level: int
) -> SealedBundle:
    packer = zlib.compressobj(level, zlib.DEFLATED, _RAW_DEFLATE)
    deflated = packer.compress(manifest) + packer.flush()
    first = Entry(MANIFEST_NAME, zlib.crc32(manifest), len(deflated), len(manifest), 0)
    digest = hashlib.sha256()
    size = 0
    entries = [first]
    with closed_file(target, needed=room // 2 + len(deflated)) as out:

        def emit(data: bytes) -> None:
            nonlocal size
            digest.update(data)
            size += out.write(data)

        emit(local_header(first) + deflated)
        spool.seek(0)
        for item in packed:
            member = item.member
            entry = Entry(member.name, item.crc, member.packed_size, member.masked_size, size)
            entries.append(entry)
            emit(local_header(entry))
            for block in _blocks(spool, member.packed_size):
                emit(block)
        start = size
        for entry in entries:
            emit(central_header(entry))
        emit(end_records(count=len(entries), start=start, length=size - start))
    return SealedBundle(
        path=target,
        name=target.name,
        size=size,
        sha256=digest.hexdigest(),
        manifest_sha256=hashlib.sha256(manifest).hexdigest(),
    )


def _blocks(spool: BinaryIO, length: int) -> Iterator[bytes]:
    while length:
        block = spool.read(min(_BLOCK, length))
        if not block:
            raise OSError("the spool is shorter than what was written to it")
        length -= len(block)
        yield block
