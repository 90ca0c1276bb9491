"""Masking inside of archives: every member as a file of its own, and an archive of the masked ones.

What is not text in an archive is left out and named. Nothing unmasked is written anywhere, and nothing of
the original archive is taken over but its order and its masked names: no comments, no times, no bytes
between members. The same archive gives the same bytes again (with the same zlib).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from app.logs import Packed, PackedError, Packing, open_packed, texts_in
from app.masking.errors import MaskingError, NotText
from app.masking.face import Engine, FileReport, LeftMember, MaskedLine, MaskedMember
from app.masking.packing import GzipSink, ZipSink

NameOf = Callable[[str], str]
"""A relative name without personal values."""

_BLOCK = 1024 * 1024
_OF_ONE_MEMBER = frozenset({"CF-1902", "CF-1903", "CF-1911", "CF-1913"})
_NOTHING_INSIDE = "CF-1902"


def open_archive(source: BinaryIO) -> Packed | None:
    """The file as an archive; None when it is none that is opened here.

    Raises:
        MaskingError: it is damaged, too large, or closed (``CF-1911``, ``CF-1912``, ``CF-1913``), or cannot
            be read (``CF-1908``).
    """
    try:
        with _as_masking_errors():
            return open_packed(source)
    except OSError as fault:
        raise MaskingError(
            "The file cannot be masked",
            happened=f"Reading failed: {fault.strerror or type(fault).__name__}.",
            todo="Check the disk and the permissions, then collect it again.",
            code="CF-1908",
        ) from None


def mask_archive(
    engine: Engine, archive: Packed, sink: BinaryIO, *, source: BinaryIO, name: str, name_of: NameOf
) -> FileReport:
    """Mask everything in an archive into a new one of the same kind.

    Args:
        engine: with rules and key.
        archive: of `open_archive`.
        sink: empty, can be read and sought, on a disk where masked text may lie for a moment.
        source: of the archive, for its size.
        name: of the archive, for people.
        name_of: masks names.

    Raises:
        NotText: it holds nothing that can be masked.
        MaskingError: anything that is not about one member only; what is in `sink` must not be used.
    """
    with _as_masking_errors():
        done = _Work(engine, name_of).archive(archive, sink, place=name)
        return _summed(done, source=source, sink=sink)


def preview_archive(engine: Engine, archive: Packed) -> Iterator[MaskedLine]:
    """Every line of everything in an archive before and after, one after the other, numbered throughout.

    Members that are not text are passed over, as they are left out of the masked archive.

    Raises:
        MaskingError: as `mask_archive`.
    """
    before = 0
    for stream in _texts(archive):
        last = before
        try:
            for line in engine.preview(stream):
                last = before + line.number
                yield replace(line, number=last)
        except MaskingError as fault:
            if fault.code not in _OF_ONE_MEMBER:
                raise
        before = last


def masked_texts(stream: BinaryIO, report: FileReport) -> Iterator[tuple[MaskedMember, BinaryIO]]:
    """The members of a masked archive with their bytes, for who checks the copy.

    Raises:
        MaskingError: the copy does not hold what the report says.
        OSError: it cannot be read.
    """
    archive = open_archive(stream)
    if archive is None or archive.kind != report.packing:
        raise _other_members()
    with _as_masking_errors():
        members = iter(report.members)
        for _name, text in texts_in(archive):
            member = next(members, None)
            if member is None or text.seek(0, os.SEEK_END) != member.report.masked_size:
                raise _other_members()
            text.seek(0)
            yield member, text
        if next(members, None) is not None:
            raise _other_members()


@dataclass(slots=True)
class _Done:
    """What became of the members of one archive."""

    kind: Packing
    members: list[MaskedMember] = field(default_factory=list)
    left: list[LeftMember] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Work:
    engine: Engine
    name_of: NameOf

    def archive(self, archive: Packed, sink: BinaryIO, *, place: str) -> _Done:
        """Mask an archive; `place` is its name as it was."""
        done = _Done(archive.kind)
        if archive.kind is Packing.GZIP:
            self._gzip(archive, sink, done, place=place)
        else:
            self._zip(archive, sink, done, place=place)
        return done

    def _gzip(self, archive: Packed, sink: BinaryIO, done: _Done, *, place: str) -> None:
        (entry,) = archive.entries
        packer = GzipSink(sink)
        with entry.open() as text:
            self._member(archive, text, packer.stream, done, place=place)
        packer.finish()
        if archive.rest():
            reason = "Bytes behind the last gzip member, which gzip ignores, too."
            done.left.append(LeftMember(self.name_of(place), "CF-1911", reason))

    def _zip(self, archive: Packed, sink: BinaryIO, done: _Done, *, place: str) -> None:
        """Raises `NotText` when there are members and none of them could be masked."""
        with zipfile.ZipFile(sink, "w") as packed:
            out = ZipSink(packed, sink)
            for entry in archive.entries:
                here = f"{place}/{entry.name}"
                name = out.free(self.name_of(entry.name))
                if entry.folder:
                    out.folder(name)
                    continue
                found = _Done(archive.kind)
                try:
                    if entry.fault is not None:
                        raise entry.fault
                    with entry.open() as text, out.member(name, size=text.seek(0, os.SEEK_END)) as member:
                        self._member(archive, text, member, found, place=here)
                except (MaskingError, PackedError) as fault:
                    if fault.code not in _OF_ONE_MEMBER:
                        raise
                    within = f"{self.name_of(place)}/{name}"
                    done.left.append(LeftMember(within, fault.code, f"{fault.title}: {fault.happened}"))
                    continue
                done.members += found.members
                done.left += found.left
        if done.left and not done.members:
            raise NotText(
                "Nothing in this archive can be masked",
                happened=f"It holds {len(done.left)} files, and none of them is a text log that can be read"
                f" (the first: {done.left[0].reason})",
                todo="Leave it out, or unpack it and see what is in it.",
                code=_NOTHING_INSIDE,
            )

    def _member(self, archive: Packed, text: BinaryIO, sink: BinaryIO, done: _Done, *, place: str) -> None:
        inner = open_packed(text, within=archive)
        if inner is None:
            text.seek(0)
            report = self.engine.mask_stream(text, sink)
            done.members.append(MaskedMember(self.name_of(place), report))
            return
        with tempfile.TemporaryFile(dir=_folder_of(sink)) as scratch:  # of masked text
            found = self.archive(inner, scratch, place=place)
            scratch.seek(0)
            shutil.copyfileobj(scratch, sink)
        done.members += found.members
        done.left += found.left


def _texts(archive: Packed) -> Iterator[BinaryIO]:
    """What can be opened in an archive, for the preview."""
    for entry in archive.entries:
        if entry.folder or entry.fault is not None:
            continue
        try:
            with entry.open() as stream:
                inner = open_packed(stream, within=archive)
                if inner is None:
                    stream.seek(0)
                    yield stream
                else:
                    yield from _texts(inner)
        except PackedError as fault:
            if fault.code not in _OF_ONE_MEMBER:
                raise


def _summed(done: _Done, *, source: BinaryIO, sink: BinaryIO) -> FileReport:
    reports = [member.report for member in done.members]
    encodings = {report.encoding for report in reports}
    sink.flush()
    sink.seek(0)
    digest = hashlib.sha256()
    while block := sink.read(_BLOCK):
        digest.update(block)
    return FileReport(
        encoding=encodings.pop() if len(encodings) == 1 else "several",
        lines=sum(report.lines for report in reports),
        raw_size=source.seek(0, os.SEEK_END),
        masked_size=sink.seek(0, os.SEEK_END),
        masked_sha256=digest.hexdigest(),
        counts=_sum(report.counts for report in reports),
        rules=_sum(report.rules for report in reports),
        undecodable=sum(report.undecodable for report in reports),
        learned=sum(report.learned for report in reports),
        not_learned=sum(report.not_learned for report in reports),
        kept=_sum(report.kept for report in reports),
        packing=done.kind.value,
        members=tuple(done.members),
        left_out=tuple(done.left),
    )


def _sum(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for part in parts:
        total.update(part)
    return dict(sorted(total.items()))


def _folder_of(sink: BinaryIO) -> Path | None:
    name = getattr(sink, "name", None)
    return Path(name).parent if isinstance(name, str) else None


def _other_members() -> MaskingError:
    return MaskingError(
        "A masked copy was changed",
        happened="The archive does not hold what masking wrote into it.",
        todo="Mask the file again.",
        code="CF-1910",
    )


@contextmanager
def _as_masking_errors() -> Iterator[None]:
    """What is wrong with an archive is a reason not to let it go."""
    try:
        yield
    except PackedError as fault:
        raise MaskingError(fault.title, happened=fault.happened, todo=fault.todo, code=fault.code) from None
