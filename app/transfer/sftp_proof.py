"""How it is known what an SFTP server has: by its own digest where it can say one, else by reading back."""

from __future__ import annotations

import hashlib
import hmac
import posixpath
import random
import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from itertools import zip_longest

from app.transfer.destination import Beat
from app.transfer.parts import Part
from app.transfer.session import Session
from app.transfer.ssh import Code, Malformed, Mode, StatusError, run_command
from app.transfer.ssh.protocol import long_number, number, string

SLICE = 256 * 1024
"""Bytes of a part that are remembered for being read back."""

SAMPLED = 16
SAMPLED_BYTES = 32 * 1024 * 1024
"""What is read back of a file: head, tail and others between, so many and so many bytes at most."""

_SHELL_SAFE = re.compile(r"[A-Za-z0-9._/+=,@:~ -]+", re.ASCII)
_PRINTED = re.compile(rb"\A\\?([0-9a-f]{64})(?: [ *]-?)?\s*\Z")
_LONGEST_PRINT = 512
_LONGEST_COMPANION = 16 * 1024
_SHA256 = re.compile(r"[0-9A-Fa-f]{64}", re.ASCII)
_SHELL_SECONDS = 60.0
_SHELL_RATE = 20e6


class ReadBack(StrEnum):
    """How much is read back from a server that cannot say a digest: *sample*: head, tail and some between."""

    SAMPLE = "sample"
    WHOLE = "whole"


def slice_of(part: Part, data: memoryview, *, size: int, dice: random.Random) -> Part:
    """A slice of a part that was sent, with its own digest: head and tail of the file, else by chance. Pure.

    Args:
        part: acknowledged.
        data: its bytes.
        size: of the file.
        dice: for the place.
    """
    spare = part.length - SLICE
    if spare <= 0:
        return part
    at = dice.randrange(spare + 1)
    if part.offset == 0 or part.end == size:
        at = 0 if part.offset == 0 else spare
    return Part(part.offset + at, SLICE, hashlib.sha256(data[at : at + SLICE]).hexdigest())


def chosen(parts: Sequence[Part], *, dice: random.Random) -> list[Part]:
    """What is read back to prove the whole file, in order: the first, the last, and some between. Pure."""
    if len(parts) <= 2:
        return list(parts)
    found = [parts[0], parts[-1]]
    left = SAMPLED_BYTES - sum(part.length for part in found)
    for part in dice.sample(parts[1:-1], min(SAMPLED - 2, len(parts) - 2)):
        if part.length <= left:
            found.append(part)
            left -= part.length
    return sorted(found, key=lambda part: part.offset)


def last_of_runs(parts: Sequence[Part]) -> list[Part]:
    """The last part of each run without a gap: what a kill or a dying server spoils first. Pure."""
    return [
        part
        for part, follower in zip_longest(parts, parts[1:])
        if follower is None or follower.offset != part.end
    ]


def read_back(session: Session, handle: bytes, *, offset: int, length: int, beat: Beat) -> str | None:
    """The SHA-256 of bytes that the server gives back; None when it has fewer."""
    digest = hashlib.sha256()
    seen = 0
    try:
        for piece in session.client.read_in_order(handle, offset, length):
            digest.update(piece)
            seen += len(piece)
            if seen >= 1 << 20:
                beat.rest(0.0)
                seen = 0
    except StatusError as error:
        if error.code != Code.EOF:
            raise
        return None
    return digest.hexdigest()


def differing(session: Session, handle: bytes, parts: Iterable[Part], *, beat: Beat) -> list[Part]:
    """Those of the parts that the server does not have as they were sent; each has a digest.

    The server's own digest proves a part when it is equal; else the part is read back.
    """
    wrong: list[Part] = []
    by_server = True
    for part in parts:
        beat.rest(0.0)
        where = {"offset": part.offset, "length": part.length}
        if by_server:
            theirs = checked_by_server(session, handle, **where)
            if theirs is not None and hmac.compare_digest(theirs, part.sha256):
                continue
        back = read_back(session, handle, **where, beat=beat)
        if back is None or not hmac.compare_digest(back, part.sha256):
            wrong.append(part)
        else:
            # It says none, or those of other ranges than it was asked for, as some servers do.
            by_server = False
    return wrong


def checked_by_server(session: Session, handle: bytes, *, offset: int, length: int) -> str | None:
    """The SHA-256 by the extension ``check-file``; None when the server has it not, or cannot now.

    It is asked for without being announced: some servers announce it in later versions of SFTP only.
    """
    if not length:
        return None
    try:
        fields = session.client.extended(
            "check-file-handle",
            string(handle),
            string("sha256"),
            long_number(offset),
            long_number(length),
            number(0),
        )
    except StatusError:
        return None
    named = fields.string()
    if named == b"check-file":
        # Drafts differ in whether the reply repeats the extension's name.
        named = fields.string()
    if named != b"sha256":
        return None
    if fields.left != 32:
        raise Malformed("a SHA-256 has another length")
    return fields.take(32).hex()


def printed_by_shell(session: Session, path: str, *, size: int, beat: Beat) -> str | None:
    """The SHA-256 that the account's shell computes; None when it has none, or the name is not safe in one.

    It may be of another file where the shell sees other folders than SFTP: only an equal one says something.
    """
    try:
        absolute = session.client.real_path(path)
    except StatusError:
        return None
    if not absolute.startswith("/") or not _SHELL_SAFE.fullmatch(absolute):
        return None
    said = run_command(
        session.transport,
        f"sha256sum < '{absolute}'",
        most=_LONGEST_PRINT,
        seconds=_SHELL_SECONDS + size / _SHELL_RATE,
        pause=lambda: beat.rest(0.0),
    )
    found = None if said is None else _PRINTED.match(said)
    return None if found is None else found[1].decode()


def companion_digest(session: Session, path: str) -> str | None:
    """The SHA-256 that ``<path>.sha256`` names for the file; None when there is no such companion."""
    name = f"{path}.sha256"
    found = session.client.stat(name)
    if found is None or not found.size or found.size > _LONGEST_COMPANION:
        return None
    try:
        handle = session.client.open(name, Mode.READ)
        text = b"".join(session.client.read_in_order(handle, 0, found.size))
        session.client.close(handle)
    except StatusError:
        return None
    for line in text.decode("utf-8", "replace").splitlines():
        digest, _gap, named = line.strip().partition(" ")
        if _SHA256.fullmatch(digest) and named.lstrip(" *") in ("", path, posixpath.basename(path)):
            return digest.lower()
    return None
