"""Lines before and after for the review: found by an index, so that any window answers at once.

The index lies beside the masked copy (0600, gone with the job) and holds offsets and columns only. What a
line said before masking is read from the source each time, and never written.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice, zip_longest
from pathlib import Path
from typing import BinaryIO

import msgspec

from agent.jobs.collected import SourceMoved, open_collected, open_unproven
from agent.jobs.rows import FileRow
from agent.jobs.spool import Spool
from agent.jobs.studies import Studies
from app.agentlink import Hit, PreviewAsk, PreviewLine
from app.decoding import ready
from app.domain.errors import LocalError
from app.logs import PackedError, Packing, open_packed, sniff_encoding
from app.logs.encodings import HEAD
from app.masking import Engine, MaskedLine, Study, open_masked, preview_file

STEP = 64
"""Lines of a block: the index knows where each begins."""


class _Found(msgspec.Struct, array_like=True):
    """Where a value stood: columns in characters, as `app.masking.Replacement`."""

    kind: str
    rule: str
    before: int
    before_length: int
    after: int
    after_length: int


class _Block(msgspec.Struct, array_like=True):
    """Byte offsets of a block's first line in source and masked copy, and of its values in the index."""

    source: int
    masked: int
    values: int
    length: int


class _Index(msgspec.Struct, array_like=True):
    """The end of the index file; without blocks the file is one that only the engine can show."""

    source_size: int
    encoding: str
    lines: int
    blocks: list[_Block]


_Values = dict[int, list[_Found]]
_VALUES = msgspec.msgpack.Decoder(_Values)


@dataclass(slots=True)
class Previews:
    """Windows of lines of masked files. Methods may be called from any thread.

    Attributes:
        studies: by which the files of a job were masked together; None when each was by itself.
    """

    spool: Spool
    engine: Engine
    studies: Studies | None = None
    _building: threading.Lock = field(default_factory=threading.Lock)
    _proven: dict[tuple[str, int], tuple[int, ...]] = field(default_factory=dict)

    def prepare(self, file: FileRow) -> None:
        """Make the index of a masked file, unless it is there.

        Raises:
            SourceMoved: the source is not what was masked any more.
            LocalError: the spool cannot be written.
        """
        with self._building:
            path = self._path(file)
            if not path.exists():
                _write(path, file, spool=self.spool, engine=self.engine, study=self._study(file))

    def lines(self, file: FileRow, ask: PreviewAsk) -> list[PreviewLine]:
        """The window that is asked for.

        Raises:
            SourceMoved: the source is not what was masked any more.
            LocalError: the spool cannot be read or written.
        """
        self.prepare(file)
        try:
            with self._source(file) as source, self._path(file).open("rb") as stream:
                index = _read(stream)
                if not index.blocks:
                    lines = preview_file(self.engine, source, study=self._study(file))
                    return list(islice(_wanted(lines, ask), ask.limit))
                with _copy_of(file, self.spool) as masked:
                    before, after = _text_in(source), _text_in(masked)
                    if before is None or after is None:
                        raise SourceMoved
                    shown = _shown(index, stream, source=before, masked=after, ask=ask)
                    return list(islice(shown, ask.limit))
        except OSError as error:
            raise _unreadable(error) from error

    def _study(self, file: FileRow) -> Study | None:
        return None if self.studies is None else self.studies.of(file.job)

    def _source(self, file: FileRow) -> BinaryIO:
        """The collected bytes; their digest is taken again only when the file was touched."""
        place = (file.job, file.number)
        state = _state(file.path)
        if self._proven.get(place) == state:
            stream = open_unproven(file)
        else:
            stream = open_collected(file)
            if len(self._proven) > 1000:
                self._proven.clear()
            self._proven[place] = state
        return stream

    def _path(self, file: FileRow) -> Path:
        return self.spool.masked(file.job, file.number).with_suffix(".lines")


def _state(path: Path) -> tuple[int, ...]:
    try:
        found = path.stat(follow_symlinks=False)
    except OSError as error:
        raise SourceMoved from error
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def _copy_of(file: FileRow, spool: Spool) -> BinaryIO:
    """The masked bytes of a file, however they lie in the spool."""
    if file.report is None:
        raise SourceMoved  # it waits for being masked again
    return open_masked(spool.masked(file.job, file.number), file.report)


def _write(path: Path, file: FileRow, *, spool: Spool, engine: Engine, study: Study | None) -> None:
    """The whole index, or none: it gets its name when it is complete."""
    part = path.with_suffix(".lines-part")
    try:
        part.unlink(missing_ok=True)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with (
            os.fdopen(descriptor, "wb") as out,
            open_collected(file) as source,
            open_collected(file) as again,
            _copy_of(file, spool) as copy,
        ):
            before, after = _text_in(again), _text_in(copy)
            if before is None or after is None:
                index = _Index(file.raw_size, "", 0, [])
            else:
                lines = preview_file(engine, source, study=study)
                index = _index(lines, out, source=before, masked=after, size=file.raw_size)
            at = out.tell()
            out.write(msgspec.msgpack.encode(index) + at.to_bytes(8, "big"))
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise _unreadable(error) from error
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _text_in(stream: BinaryIO) -> BinaryIO | None:
    """The file, or the one text that is in it when it is gzip; None for an archive of files.

    Raises:
        SourceMoved: what was an archive that was masked cannot be opened any more.
    """
    try:
        packed = open_packed(stream)
        if packed is None:
            return stream
        if packed.kind is not Packing.GZIP:
            return None
        text = packed.entries[0].open()
        return text if open_packed(text, within=packed) is None else None
    except PackedError as error:
        raise SourceMoved from error


def _index(
    lines: Iterator[MaskedLine], out: BinaryIO, *, source: BinaryIO, masked: BinaryIO, size: int
) -> _Index:
    """Go through source, masked copy and the engine's lines side by side.

    Where they do not agree to the letter (UTF-16, bytes that are not valid), the index has no blocks.
    """
    encoding = sniff_encoding(source.read(HEAD))
    none = _Index(size, encoding.name, 0, [])
    if encoding.wide:
        return none
    source.seek(len(encoding.bom))
    masked.seek(len(encoding.bom))
    blocks: list[_Block] = []
    count = 0
    places = (len(encoding.bom), len(encoding.bom))
    while batch := list(islice(lines, STEP)):
        start, values = places, {}
        before, after = list(islice(source, len(batch))), list(islice(masked, len(batch)))
        for line, raw, copy in zip_longest(batch, before, after):
            if line is None or raw is None or copy is None:
                return none
            if _text(raw, encoding.name) != line.before or _text(copy, encoding.name) != line.after:
                return none
            if line.replacements:
                values[line.number] = [
                    _Found(
                        hit.kind,
                        hit.rule,
                        hit.before_column,
                        len(hit.before),
                        hit.after_column,
                        len(hit.after),
                    )
                    for hit in line.replacements
                ]
        places = (start[0] + sum(map(len, before)), start[1] + sum(map(len, after)))
        packed = msgspec.msgpack.encode(values) if values else b""
        blocks.append(_Block(*start, out.tell(), len(packed)))
        out.write(packed)
        count += len(batch)
    return _Index(size, encoding.name, count, blocks)


def _read(stream: BinaryIO) -> _Index:
    stream.seek(-8, os.SEEK_END)
    end = stream.tell()
    at = int.from_bytes(stream.read(8), "big")
    stream.seek(at)
    return msgspec.msgpack.decode(stream.read(end - at), type=ready(_Index))


def _shown(
    index: _Index, values: BinaryIO, *, source: BinaryIO, masked: BinaryIO, ask: PreviewAsk
) -> Iterator[PreviewLine]:
    first = (ask.first - 1) // STEP
    for number, block in enumerate(index.blocks[first:], start=first):
        if ask.changed_only and not block.length:
            continue
        found: _Values = {}
        if block.length:
            values.seek(block.values)
            found = _VALUES.decode(values.read(block.length))
        source.seek(block.source)
        masked.seek(block.masked)
        for place in range(number * STEP + 1, min((number + 1) * STEP, index.lines) + 1):
            before = _text(source.readline(), index.encoding)
            after = _text(masked.readline(), index.encoding)
            hits = found.get(place, ())
            if place >= ask.first and (hits or not ask.changed_only):
                yield _line(place, before, after, hits)


def _line(number: int, before: str, after: str, found: Sequence[_Found]) -> PreviewLine:
    hits = [
        Hit(
            kind=one.kind,
            rule=one.rule,
            before=before[one.before : one.before + one.before_length],
            after=after[one.after : one.after + one.after_length],
            before_column=one.before,
            after_column=one.after,
        )
        for one in found
    ]
    return PreviewLine(number=number, before=before, after=after, hits=hits)


def _wanted(lines: Iterator[MaskedLine], ask: PreviewAsk) -> Iterator[PreviewLine]:
    for line in lines:
        if line.number < ask.first or (ask.changed_only and not line.replacements):
            continue
        found = [
            Hit(
                kind=hit.kind,
                rule=hit.rule,
                before=hit.before,
                after=hit.after,
                before_column=hit.before_column,
                after_column=hit.after_column,
            )
            for hit in line.replacements
        ]
        yield PreviewLine(number=line.number, before=line.before, after=line.after, hits=found)


def _text(raw: bytes, encoding: str) -> str:
    return raw.removesuffix(b"\n").decode(encoding, "replace").removesuffix("\r")


def _unreadable(error: OSError) -> LocalError:
    return LocalError(
        "The review cannot be shown",
        happened=f"The agent cannot read or write its spool: {error.strerror or type(error).__name__}.",
        todo="Check the disk of the agent's data folder, then open the review again.",
        code="CF-1888",
    )
