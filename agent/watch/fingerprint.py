"""Who a file is, by content: the digest of its head, and of the last bytes seen."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

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
    with open_shared(path) as stream:
        return fingerprint_of(stream, size=size)


def fingerprint_of(stream: BinaryIO, *, size: int) -> Fingerprint:
    """The fingerprint of the first `size` bytes of an open file; its place in the file is moved.

    Raises:
        FileShrank: it is shorter.
        OSError: it cannot be read.
    """
    head_length = min(size, HEAD)
    stream.seek(0)
    head = _read_exactly(stream.read(head_length), head_length)
    start = max(0, size - TAIL)
    stream.seek(start)
    tail = _read_exactly(stream.read(size - start), size - start)
    return Fingerprint(size=size, head_length=head_length, head=_digest(head), tail=_digest(tail))


def fingerprint_behind(stream: BinaryIO, known: Fingerprint, *, size: int) -> Fingerprint | None:
    """The fingerprint of the first `size` bytes of an open file, when it begins with what is known of it.

    Args:
        stream: its place in the file is moved.
        known: what was seen.
        size: bytes, not fewer than `known` has.

    Returns:
        None when the file begins with other bytes.

    Raises:
        FileShrank: it is shorter than `size`.
        OSError: it cannot be read.
    """
    stream.seek(0)
    head = _read_exactly(stream.read(min(size, HEAD)), min(size, HEAD))
    if _digest(head[: known.head_length]) != known.head:
        return None
    if _digest(_tail(stream, known.size, head)) != known.tail:
        return None
    return Fingerprint(
        size=size, head_length=len(head), head=_digest(head), tail=_digest(_tail(stream, size, head))
    )


def continues(stream: BinaryIO, known: Fingerprint) -> bool:
    """Whether the first ``known.size`` bytes of an open file are, by fingerprint, the ones that were seen.

    Raises:
        OSError: it cannot be read.
    """
    return longest_beginning(stream, [known]) is not None


def longest_beginning(stream: BinaryIO, known: Iterable[Fingerprint]) -> Fingerprint | None:
    """Of several contents, the longest whose bytes an open file begins with, by fingerprint; None: of none.

    The file is read once and forward, however many are asked about, and behind its head only for those that
    share it: of a packed file every byte costs.

    Raises:
        OSError: it cannot be read.
    """
    stream.seek(0)
    head = stream.read(HEAD)
    heads: dict[int, str] = {}
    alike: dict[int, list[Fingerprint]] = {}
    for one in known:
        length = one.head_length
        if length not in heads:
            heads[length] = _digest(head[:length]) if length <= len(head) else ""
        if heads[length] == one.head:
            alike.setdefault(one.size, []).append(one)
    found = None
    for size in sorted(alike):
        start = max(0, size - TAIL)
        if size <= len(head):
            tail = head[start:size]
        else:
            stream.seek(start)
            tail = stream.read(size - start)
        if len(tail) < size - start:
            break
        digest = _digest(tail)
        found = next((one for one in alike[size] if one.tail == digest), found)
    return found


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


def grown(known: Fingerprint, before: bytes, content: bytes) -> Fingerprint | None:
    """The fingerprint with these bytes behind the known ones; None when the known ones are others by now.

    Args:
        known: what was seen.
        before: all bytes before ``known.size`` as long as those are fewer than `HEAD`, else the last `TAIL`.
        content: what comes behind them. Read together with `before`, so that no cut comes between.
    """
    if _digest(before[-TAIL:]) != known.tail and known.size:
        return None
    size = known.size + len(content)
    if known.size >= HEAD:
        head, head_length = known.head, known.head_length
    else:
        if known.size and _digest(before) != known.head:
            return None
        whole = (before + content)[:HEAD]
        head, head_length = _digest(whole), len(whole)
    tail = content[-TAIL:] if len(content) >= TAIL else (before + content)[-TAIL:]
    return Fingerprint(size=size, head_length=head_length, head=head, tail=_digest(tail))


def read_before(known: Fingerprint) -> int:
    """Where to begin to read, for `grown`: an offset."""
    return 0 if known.size < HEAD else known.size - TAIL


def _read_exactly(content: bytes, length: int) -> bytes:
    if len(content) != length:
        raise FileShrank("the file is shorter than it was")
    return content


def _tail(stream: BinaryIO, size: int, head: bytes) -> bytes:
    """The last bytes before this size, read only where they are not in the head."""
    start = max(0, size - TAIL)
    if size <= len(head):
        return head[start:size]
    stream.seek(start)
    return _read_exactly(stream.read(size - start), size - start)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]
