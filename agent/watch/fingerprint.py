"""Who a file is, by content: the digest of its head, and of the last bytes seen."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from agent.watch.opening import open_shared

HEAD = 4096
TAIL = 512


class FileShrank(OSError):
    """The file has fewer bytes than asked for."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A file's content as far as identity needs it, at the size it had when it was looked at.

    Attributes:
        size: bytes the file had.
        head_length: bytes of the head that were digested, at most `HEAD`.
        tail: digest of the last `TAIL` bytes before `size`.
    """

    size: int
    head_length: int
    head: str
    tail: str


def take_fingerprint(path: Path, *, size: int) -> Fingerprint:
    """The fingerprint of the first `size` bytes.

    Raises:
        OSError: the file cannot be read, or is shorter by now.
    """
    head_length = min(size, HEAD)
    with open_shared(path) as stream:
        head = _read_exactly(stream.read(head_length), head_length)
        start = max(0, size - TAIL)
        stream.seek(start)
        tail = _read_exactly(stream.read(size - start), size - start)
    return Fingerprint(size=size, head_length=head_length, head=_digest(head), tail=_digest(tail))


def still_begins_with(path: Path, known: Fingerprint) -> bool:
    """Whether the file's first ``known.size`` bytes are, by fingerprint, the ones that were seen.

    An empty file is the beginning of nothing in particular: two empty files are not the same segment
    by content.

    Raises:
        OSError: the file cannot be read.
    """
    try:
        found = take_fingerprint(path, size=known.size)
    except FileShrank:
        return False
    return known.size > 0 and found == known


def _read_exactly(content: bytes, length: int) -> bytes:
    if len(content) != length:
        raise FileShrank("the file is shorter than it was")
    return content


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]
