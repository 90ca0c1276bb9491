"""The bytes of a segment, from any of them on: of the file itself, or of what is packed in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader, FileIO
from pathlib import Path
from typing import BinaryIO, cast

from agent.catalogue.segments import Segment
from agent.watch import open_shared, still_begins_with
from app.logs import open_packed, packing_of, texts_in

_PIECE = 1 << 20


class SeveralInside(Exception):
    """An archive holds several files; it is found as a whole only."""


class OtherContent(OSError):
    """Under the segment's path lies something else by now."""


def open_raw(file: Path, *, segment: Segment | None = None) -> FileIO:
    """Open a segment that is not packed, without a buffer.

    Raises:
        OtherContent: it does not begin with what the catalogue saw.
        OSError: it cannot be read.
    """
    stream = open_shared(file)
    try:
        _must_be(stream, file, segment)
    except OSError:
        stream.close()
        raise
    return cast(FileIO, cast(BufferedReader, stream).detach())


@contextmanager
def open_content(file: Path, *, segment: Segment | None = None) -> Iterator[tuple[BinaryIO, str]]:
    """Open a segment for reading; the unpacked bytes from the first on, and how they are packed.

    Args:
        file: where it lies.
        segment: when given, the file must still begin with what the catalogue saw.

    Raises:
        OtherContent: it does not.
        SeveralInside: it is an archive of several files.
        PackedError: it cannot be unpacked.
        OSError: it cannot be read.
    """
    with open_shared(file) as stream:
        _must_be(stream, file, segment)
        if packing_of(stream.read(4)) is None:
            stream.seek(0)
            yield stream, ""
            return
        packed = open_packed(stream)
        if packed is None:
            stream.seek(0)
            yield stream, ""
            return
        if sum(not entry.folder for entry in packed.entries) != 1:
            raise SeveralInside
        for _name, text in texts_in(packed):
            text.seek(0)
            yield text, packed.kind.value
            return
        raise SeveralInside


def _must_be(stream: BinaryIO, file: Path, segment: Segment | None) -> None:
    if segment is None or _is_untouched(stream, segment):
        return
    if not still_begins_with(file, segment.print):
        raise OtherContent("there is another content")


def _is_untouched(stream: BinaryIO, segment: Segment) -> bool:
    """Whether it is the very file that the last scan saw, unchanged since."""
    now = os.fstat(stream.fileno())
    seen = (segment.device, segment.inode, segment.size, segment.modified_ns)
    return (now.st_dev, now.st_ino, now.st_size, now.st_mtime_ns) == seen


def skip_to(stream: BinaryIO, offset: int, *, packing: str) -> None:
    """Go on to byte `offset`; what is packed is unpacked up to there."""
    if not packing:
        stream.seek(offset)
        return
    while offset > 0:
        piece = stream.read(min(_PIECE, offset))
        if not piece:
            return
        offset -= len(piece)
