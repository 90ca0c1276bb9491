"""The very bytes that were collected, opened again: whatever lies under that path by now."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

from agent.catalogue import open_text
from agent.jobs.dropping import open_dropped
from agent.jobs.rows import FileRow, SegmentMark
from agent.watch import open_shared
from agent.watch.fingerprint import continues
from app.domain.errors import LocalError
from app.logs import PackedError
from app.masking import first_bytes

_BLOCK = 1024 * 1024


class SourceMoved(LocalError):
    """A file is not where the catalogue last saw it: renamed or deleted just now. The next look knows."""

    def __init__(self) -> None:
        super().__init__(
            "A log was moved while it was collected",
            happened="It is not where the last look at its folder saw it.",
            todo="Nothing: it is looked up again.",
            code="CF-1891",
        )


def open_collected(file: FileRow, *, breathe: Callable[[], None] = lambda: None) -> BinaryIO:
    """The collected content, proven by its digest, on one open file: no rename and no link comes between.

    What was appended since is not seen: of a live log that a person drops, the job is about what it held. Of
    a segment whose beginning was sent before, the beginning is there, too.

    Raises:
        SourceMoved: something else lies there now.
    """
    try:
        stream = _open(file)
    except (OSError, PackedError) as error:
        raise SourceMoved from error
    try:
        same = digest_of_parts(stream, parts_of(file)) == file.raw_sha256
    except (OSError, PackedError):
        same = False
    if not same:
        stream.close()
        raise SourceMoved
    return first_bytes(stream, file.upto, before_read=breathe)


def open_source(path: Path, mark: SegmentMark | None) -> BinaryIO:
    """A file; of a packed segment the text in it when the job is about a part of that.

    Raises:
        PackedError: it cannot be unpacked.
        OSError: it cannot be read, or holds no such text.
    """
    if mark is None or not mark.inside:
        return open_shared(path)
    return open_text(path, member=mark.member)


def begins_with(path: Path, mark: SegmentMark, *, inside: SegmentMark | None = None) -> bool:
    """Whether a file, or the text in it, begins with the very bytes of a mark.

    Args:
        path: of the file.
        mark: what it should begin with; an empty one is the beginning of nothing in particular.
        inside: tells whether the file is a packed one; the mark itself does when None.

    Raises:
        OSError: it cannot be read.
    """
    try:
        with open_source(path, inside or mark) as stream:
            return mark.print.size > 0 and continues(stream, mark.print)
    except PackedError:
        return False


def parts_of(file: FileRow) -> list[tuple[int, int]]:
    """Begin and end of what is sent of a collected file."""
    if file.start == 0:
        return [(0, file.upto)]
    return [(0, file.header), (file.start, file.upto)]


def open_unproven(file: FileRow) -> BinaryIO:
    """The collected bytes of a file whose content the caller has proven before, or proves by itself.

    Raises:
        OSError: it cannot be opened.
    """
    return first_bytes(_open(file), file.raw_size)


def _open(file: FileRow) -> BinaryIO:
    return open_dropped(file.path, file.identity) if file.identity else open_source(file.path, file.mark)


def digest_of_parts(stream: BinaryIO, parts: Sequence[tuple[int, int]]) -> str:
    """SHA-256 of these bytes, one part after the other; empty when the file is shorter.

    Raises:
        OSError: it cannot be read.
    """
    digest = hashlib.sha256()
    for begin, end in parts:
        stream.seek(begin)
        left = end - begin
        while left and (block := stream.read(min(_BLOCK, left))):
            digest.update(block)
            left -= len(block)
        if left:
            return ""
    return digest.hexdigest()
