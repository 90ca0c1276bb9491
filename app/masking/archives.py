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
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from app.logs import Entry, Packed, PackedError, Packing, open_packed, texts_in
from app.masking.errors import MaskingError, NotText
from app.masking.face import Engine, FileReport, LeftMember, MaskedLine, MaskedMember, Study
from app.masking.packing import GzipSink

if TYPE_CHECKING:
    from app.masking.zipping import ZipSink

_BLOCK = 1024 * 1024
_OF_ONE_MEMBER = frozenset({"CF-1902", "CF-1903", "CF-1911", "CF-1913"})
_NOTHING_INSIDE = "CF-1902"


@dataclass(frozen=True, slots=True)
class Place:
    """Where masking of an archive takes place.

    Attributes:
        name: of the archive, already masked.
        name_of: masks the relative names of members.
        scratch: a folder for masked archives of archives; they wait there without a name.
        study: of everything in it and what goes with it; None when each member is masked by itself.
    """

    name: str
    name_of: Callable[[str], str]
    scratch: Path
    study: Study | None = None


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
    engine: Engine, archive: Packed, sink: BinaryIO, *, source: BinaryIO, place: Place
) -> FileReport:
    """Mask everything in an archive into a new one of the same kind.

    Args:
        engine: with rules and key.
        archive: of `open_archive`.
        sink: empty, can be read and sought.
        source: of the archive, for its size.
        place: of the work.

    Raises:
        NotText: it holds nothing that can be masked.
        MaskingError: anything that is not about one member only; what is in `sink` must not be used.
    """
    with _as_masking_errors():
        done = _Work(engine, place).archive(archive, sink, name=place.name)
        return _summed(done, source=source, sink=sink)


def study_archive(engine: Engine, archive: Packed, study: Study) -> None:
    """Learn from everything in an archive; members that cannot be masked are passed over.

    Raises:
        MaskingError: anything that is not about one member only.
    """
    with _as_masking_errors():
        for text in _texts(archive):
            try:
                engine.learn(text, study)
            except MaskingError as fault:
                if fault.code not in _OF_ONE_MEMBER:
                    raise


def preview_archive(
    engine: Engine, archive: Packed, *, study: Study | None = None, longest: int | None = None
) -> Iterator[MaskedLine]:
    """Every line of everything in an archive before and after, one after the other, numbered throughout.

    Members that are not text are passed over, as they are left out of the masked archive.

    Raises:
        MaskingError: as `mask_archive`.
    """
    before = 0
    with _as_masking_errors():
        for text in _texts(archive):
            last = before
            try:
                for line in engine.preview(text, study=study, longest=longest):
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
    place: Place

    def archive(self, archive: Packed, sink: BinaryIO, *, name: str) -> _Done:
        """Mask an archive; `name` is masked, with those of the archives around it."""
        done = _Done(archive.kind)
        if archive.kind is Packing.GZIP:
            self._gzip(archive, sink, done, name=name)
        else:
            self._zip(archive, sink, done, name=name)
        return done

    def _gzip(self, archive: Packed, sink: BinaryIO, done: _Done, *, name: str) -> None:
        (entry,) = archive.entries
        packer = GzipSink(sink)
        with entry.open() as text:
            self._member(archive, text, packer.stream, done, name=name)
        packer.finish()
        if archive.rest():
            reason = "Bytes behind the last gzip member, which gzip ignores, too."
            done.left.append(LeftMember(name, "CF-1911", reason))

    def _zip(self, archive: Packed, sink: BinaryIO, done: _Done, *, name: str) -> None:
        """Raises `NotText` when there are members and none of them could be masked."""
        from app.masking.zipping import zipping  # most logs are in no archive, and wait for nothing of it

        why: list[str] = []
        with zipping(sink) as out:
            for entry in archive.entries:
                member = self.place.name_of(entry.name)
                if entry.folder:
                    out.folder(member)
                    continue
                member = out.free(member)
                try:
                    self._entry(archive, entry, out, done, name=name, member=member)
                except (MaskingError, PackedError) as fault:
                    if fault.code not in _OF_ONE_MEMBER:
                        raise
                    why.append(f"{fault.title}: {fault.happened}")
                    told = f"{why[-1]} {fault.todo}".rstrip()
                    done.left.append(LeftMember(f"{name}/{member}", fault.code, told))
        if done.left and not done.members:
            raise NotText(
                "Nothing in this archive can be masked",
                happened=f"It holds {len(done.left)} files, and none of them is a text log that can be read"
                f" (the first: {[*why, done.left[0].reason][0]}).",
                todo="Leave it out, or unpack it and see what is in it.",
                code=_NOTHING_INSIDE,
            )

    def _entry(
        self, archive: Packed, entry: Entry, out: ZipSink, done: _Done, *, name: str, member: str
    ) -> None:
        if entry.fault is not None:
            raise entry.fault
        found = _Done(archive.kind)
        with entry.open() as text:
            size = text.seek(0, os.SEEK_END)  # every byte is unpacked and checked before one is written
            with out.member(member, size=size) as sink:
                self._member(archive, text, sink, found, name=f"{name}/{member}")
        done.members += found.members
        done.left += found.left

    def _member(self, archive: Packed, text: BinaryIO, sink: BinaryIO, done: _Done, *, name: str) -> None:
        inner = open_packed(text, within=archive)
        if inner is None:
            report = self.engine.mask_stream(text, sink, study=self.place.study)
            done.members.append(MaskedMember(name, report))
            return
        with tempfile.TemporaryFile(dir=self.place.scratch) as scratch:  # of masked text
            found = self.archive(inner, cast(BinaryIO, scratch), name=name)
            scratch.seek(0)
            shutil.copyfileobj(scratch, sink)
        done.members += found.members
        done.left += found.left


def _texts(archive: Packed) -> Iterator[BinaryIO]:
    """What is neither archive nor folder, can be opened and is whole."""
    for entry in archive.entries:
        if entry.folder or entry.fault is not None:
            continue
        with entry.open() as text:
            try:
                inner = open_packed(text, within=archive)
                text.seek(0, os.SEEK_END)
            except PackedError as fault:
                if archive.kind is Packing.GZIP or fault.code not in _OF_ONE_MEMBER:
                    raise
                continue
            if inner is None:
                yield text
            else:
                yield from _texts(inner)


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
