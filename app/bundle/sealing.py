"""Sealing: masked files become one reproducible bundle, with its manifest first."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from app.bundle.closedfile import closed_file, scratch_file
from app.bundle.codec import encode_manifest
from app.bundle.compressors import choose_compressor
from app.bundle.formats import format_of_name
from app.bundle.layouts import layout_of
from app.bundle.manifest import FORMAT, LeftOut, Manifest, Member
from app.bundle.names import distinct_names
from app.bundle.packing import PackedFile, PackingLine, blocks_as_they_lie
from app.bundle.pipeline import Channel, Pipeline, cores
from app.domain.errors import InputError
from app.domain.files import SealedBundle, Untouched
from app.masking.face import Engine, MaskedFile
from app.storage import untouched

MOST_THREADS = 4
"""More than these would outrun one thread that hashes."""

_BLOCK = 1024 * 1024


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


def seal(
    files: Iterable[MaskedFile],
    *,
    engine: Engine,
    facts: BundleFacts,
    left_out: Sequence[LeftOut] = (),
    target: Path,
    level: int | None = None,
) -> SealedBundle:
    """Pack masked files into `target`, which appears whole or not at all.

    The same files, rules, key and facts give the same bytes (with the same library and level, on machines of
    one kind), whatever the order of `files`, the time, the folder and the number of threads. Memory does not
    grow with the files. While it runs, the folder of `target` holds up to two packed copies, and one of
    what goes into the bundle as it lies there.

    Args:
        files: at least one, or `left_out` names at least one. What makes them may go on while earlier ones
            are packed.
        engine: the one that masked `files`.
        facts: what the manifest says beyond its files.
        left_out: files that were asked for and are not in it, with the reason.
        target: the file to make, its name says the format; an older one of this name is replaced.
        level: of compression, as `Sealer`.

    Raises:
        InputError: nothing to pack, a name that leads out of its folder (CF-1123), another level (CF-1124).
        IntegrityError: a masked copy is not what masking wrote (CF-1712).
        LocalError: the disk is full (CF-1814), or a file cannot be read or written (CF-1815).
    """
    with Sealer(target, level=level) as sealer:
        for file in files:
            sealer.add(file)
        return sealer.seal(engine=engine, facts=facts, left_out=left_out)


class Sealer:
    """Packs masked files as they come, in threads of its own, and seals them in the end.

    A context manager: what was begun and not sealed leaves nothing behind, and no thread outlives it.
    """

    def __init__(self, target: Path, *, level: int | None = None, most_threads: int = MOST_THREADS) -> None:
        """Nothing starts, and nothing is written, before the ``with``.

        Args:
            target: the file to make; its name says the format (``.zip``, ``.tar.zst``).
            level: 0 (stored) to 9 for ZIP, 1 to 19 for tar.zst; the format's default when None.
            most_threads: that compress; never more than there are processors.

        Raises:
            InputError: another level (CF-1124).
        """
        self._target = target
        self._form = format_of_name(target.name)
        self._compressor = choose_compressor(self._form, level)
        self._threads = max(1, min(most_threads, cores()))
        self._masked = 0
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._spool = stack.enter_context(scratch_file(self._target, needed=self._room))
            self._pipeline = stack.enter_context(Pipeline())
            self._line = PackingLine(
                self._pipeline, spool=self._spool, compressor=self._compressor, threads=self._threads
            )
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pipeline.halt(None)
        self._stack.__exit__(kind, error, trace)

    def add(self, file: MaskedFile) -> None:
        """Begin to pack a file; returns at once unless many wait.

        Raises:
            Halted: a file that was added before could not be packed; the end of the ``with`` raises why.
        """
        packed = file.report.packed
        self._masked += file.report.masked_size if packed is None else packed.size
        self._line.add(file)

    def seal(self, *, engine: Engine, facts: BundleFacts, left_out: Sequence[LeftOut] = ()) -> SealedBundle:
        """Wait for what was added, write the bundle, and give it its name. Once only.

        Raises:
            Halted: as `add`.
            WorldError: as the function `seal`.
        """
        packed = self._line.finish()
        if not packed and not left_out:
            raise InputError(
                "There is nothing to pack",
                happened="No masked file was given.",
                todo="Choose at least one log file.",
                code="CF-1125",
            )
        packed.sort(key=_place)
        names = distinct_names(item.file.name for item in packed)
        members = [_member(item, name=name) for item, name in zip(packed, names, strict=True)]
        manifest = encode_manifest(
            Manifest(
                format=FORMAT,
                case=facts.case,
                host=facts.host,
                created_by=facts.created_by,
                rule_set=engine.rule_set,
                rule_set_sha256=engine.rule_set_sha256,
                engine=engine.name,
                key_id=engine.key_id,
                members=members,
                left_out=_distinct(left_out),
                counts=total_counts(members),
                packing=self._compressor.name,
                learned=sum(item.file.report.learned for item in packed),
                not_learned=sum(item.file.report.not_learned for item in packed),
            )
        )
        parts = self._parts(zip(packed, members, strict=True), manifest)
        sha256, size, written = _write(parts, target=self._target, needed=self._room)
        return SealedBundle(
            path=self._target,
            name=self._target.name,
            size=size,
            sha256=sha256,
            manifest_sha256=hashlib.sha256(manifest).hexdigest(),
            untouched=_as_it_lies(self._target, written) if written.st_size == size else None,
        )

    def _parts(self, packed: Iterable[tuple[PackedFile, Member]], manifest: bytes) -> Iterator[bytes]:
        """The bundle from its first byte to its last."""
        layout = layout_of(self._form, self._compressor)
        yield layout.begin(manifest)
        for item, member in packed:
            yield layout.member(member, crc=item.crc)
            yield from _blocks(self._spool, item)
        yield layout.end()

    def _room(self) -> int:
        return 2 * self._masked


def _write(
    parts: Iterable[bytes], *, target: Path, needed: Callable[[], int]
) -> tuple[str, int, os.stat_result]:
    """Write while another thread hashes; SHA-256 and size, and how the file was after its last byte."""
    digest, size = hashlib.sha256(), 0
    with closed_file(target, needed=needed) as out, Pipeline() as pipeline:
        written: Channel[bytes] = pipeline.channel(room=4)

        def hash_whole() -> None:
            for part in written:
                digest.update(part)

        pipeline.stage(hash_whole, name="hash-whole")
        for part in parts:
            written.put(part)
            size += out.write(part)
        written.close()
        out.flush()
        status = os.fstat(out.fileno())
    return digest.hexdigest(), size, status


def _as_it_lies(target: Path, written: os.stat_result) -> Untouched | None:
    """What shows that nobody has written to the bundle since its last byte; None when that is not certain."""
    try:
        lies = untouched(target.stat())
    except OSError:
        return None
    # That it has its name changes the last of its times, and no other one.
    same = lies is not None and (lies.device, lies.inode, lies.size, lies.mtime_ns) == (
        written.st_dev, written.st_ino, written.st_size, written.st_mtime_ns
    )  # fmt: skip
    return lies if same else None


def _blocks(spool: BinaryIO, item: PackedFile) -> Iterator[bytes]:
    if item.own is not None:
        yield from blocks_as_they_lie(item.file, item.own)
        return
    spool.seek(item.offset)
    left = item.packed_size
    while left:
        block = spool.read(min(_BLOCK, left))
        if not block:
            raise OSError("the spool is shorter than what was written to it")
        left -= len(block)
        yield block


def _place(item: PackedFile) -> tuple[bytes, str]:
    return item.file.name.encode("utf-8", "surrogatepass"), item.file.report.masked_sha256


def _member(item: PackedFile, *, name: str) -> Member:
    report = item.file.report
    return Member(
        name=name,
        application=item.described.application,
        host=item.described.host,
        first=item.described.first,
        last=item.described.last,
        raw_size=report.raw_size,
        raw_lines=report.lines,
        masked_size=report.masked_size,
        packed_size=item.packed_size,
        masked_sha256=report.masked_sha256,
        packed_sha256=item.packed_sha256,
        encoding=report.encoding,
        counts={str(kind): count for kind, count in report.counts.items()},
        residual_read=report.residual_read,
        start=report.start,
        header=report.header,
    )


def _distinct(left_out: Sequence[LeftOut]) -> list[LeftOut]:
    ordered = sorted(left_out, key=lambda item: (item.name, item.reason, item.detail))
    names = distinct_names(item.name for item in ordered)
    return [
        LeftOut(name=name, reason=item.reason, detail=item.detail)
        for name, item in zip(names, ordered, strict=True)
    ]


def total_counts(members: Sequence[Member]) -> dict[str, int]:
    """Values replaced in the whole bundle, by kind."""
    totals: dict[str, int] = {}
    for member in members:
        for kind, count in member.counts.items():
            totals[kind] = totals.get(kind, 0) + count
    return totals
