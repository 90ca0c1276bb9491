"""How it is known what an SFTP server has: by its own digest where it can say one, else by reading back."""

from __future__ import annotations

import hashlib
import hmac
import posixpath
import random
import re
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from enum import StrEnum
from itertools import zip_longest

from app.transfer.control import Interrupted
from app.transfer.destination import Beat
from app.transfer.parts import Part
from app.transfer.session import Session
from app.transfer.ssh import Code, Malformed, Mode, StatusError, run_command
from app.transfer.ssh.protocol import long_number, number, string

SLICE = 64 * 1024
"""Bytes of a part that are remembered for being read back."""

SAMPLED = 16
SAMPLED_BYTES = 32 * 1024 * 1024
"""What is read back of a file: head, tail and others between, so many and so many bytes at most."""

_SHELL_SAFE = re.compile(r"[A-Za-z0-9._/+=,@:~ -]+", re.ASCII)
_PRINTED = re.compile(rb"\A\\?([0-9a-f]{64})(?: [ *]-?)?\s*\Z")
_LONGEST_PRINT = 512
_LONGEST_COMPANION = 16 * 1024
_SHA256 = re.compile(r"[0-9A-Fa-f]{64}", re.ASCII)
_DIGEST_SECONDS = 60.0
_DIGEST_RATE = 20e6
_LOOK_EVERY = 0.2


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
        return part if part.sha256 else replace(part, sha256=hashlib.sha256(data).hexdigest())
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


def read_back(session: Session, handle: bytes, parts: Sequence[Part], *, beat: Beat) -> list[str] | None:
    """The SHA-256 of each of the parts as the server gives them back; None when the file ends before.

    Args:
        session: used by nobody else.
        handle: of the file.
        parts: in order, not overlapping.
        beat: see `Beat`.
    """
    digests = [hashlib.sha256() for _part in parts]
    number, seen = 0, 0
    try:
        ranges = [(part.offset, part.end) for part in parts]
        for at, piece in session.client.read_in_order(handle, ranges):
            while at >= parts[number].end:
                number += 1
            digests[number].update(piece)
            seen += len(piece)
            if seen >= 1 << 20:
                beat.rest(0.0)
                seen = 0
    except StatusError as error:
        if error.code != Code.EOF:
            raise
        return None
    return [digest.hexdigest() for digest in digests]


def differing(
    session: Session, handle: bytes, parts: Sequence[Part], *, beat: Beat, ask: bool = True
) -> list[Part]:
    """Those of the parts that the server does not have as they were sent; each has a digest.

    The server's own digest proves a part when it is equal. From the first on where it is not, or where it
    says none, the parts are read back: some servers say that of other ranges than they were asked for.

    Args:
        session: used by nobody else.
        handle: of the file.
        parts: in order, not overlapping.
        beat: see `Beat`.
        ask: False: the server is known to say no digest, or a wrong one.
    """
    left = list(parts)
    while left and ask:
        beat.rest(0.0)
        said = checked_by_server(
            session, handle, offset=left[0].offset, length=left[0].length, rest=beat.rest
        )
        if said is None or not hmac.compare_digest(said, left[0].sha256):
            break
        del left[0]
    back = read_back(session, handle, left, beat=beat)
    if back is None and len(left) > 1:
        # The file is too short for one of them: each by itself.
        return [part for part in left if read_back(session, handle, [part], beat=beat) != [part.sha256]]
    if back is None:
        return left
    return [
        part for part, digest in zip(left, back, strict=True) if not hmac.compare_digest(digest, part.sha256)
    ]


def checked_by_server(
    session: Session, handle: bytes, *, offset: int, length: int, rest: Callable[[float], None]
) -> str | None:
    """The SHA-256 by the extension ``check-file``; None when the server has it not, or cannot now.

    It is asked for without being announced: some servers announce it in later versions of SFTP only.
    """
    if not length:
        return None
    fields = (string(handle), string("sha256"), long_number(offset), long_number(length), number(0))
    begun = session.client.begin_extended("check-file-handle", *fields)
    session.await_answer(seconds=_DIGEST_SECONDS + length / _DIGEST_RATE, rest=rest)
    try:
        reply = session.client.end_extended(begun)
    except StatusError:
        return None
    named = reply.string()
    if named == b"check-file":
        # Drafts differ in whether the reply repeats the extension's name.
        named = reply.string()
    if named != b"sha256":
        return None
    if reply.left != 32:
        raise Malformed("a SHA-256 has another length")
    return reply.take(32).hex()


def printed_by_shell(
    session: Session, absolute: str, *, size: int, rest: Callable[[float], None]
) -> str | None:
    """The SHA-256 that the account's shell computes; None when it has none, or the name is not safe in one.

    It may be of another file where the shell sees other folders than SFTP: only an equal one says something.

    Args:
        session: its SFTP channel may be in use by another thread.
        absolute: path of the file.
        size: of it.
        rest: called while waiting, with seconds to wait; may raise to give up.
    """
    if not absolute.startswith("/") or not _SHELL_SAFE.fullmatch(absolute):
        return None
    said = run_command(
        session.transport,
        f"sha256sum < '{absolute}'",
        most=_LONGEST_PRINT,
        seconds=_DIGEST_SECONDS + size / _DIGEST_RATE,
        pause=lambda: rest(0.0),
    )
    found = None if said is None else _PRINTED.match(said)
    return None if found is None else found[1].decode()


def said_by_server(session: Session, path: str, *, size: int, rest: Callable[[float], None]) -> str | None:
    """The SHA-256 that the server itself computes of a file; None when it says none.

    It may be of another file or range: only an equal one says something.

    Args:
        session: used by nobody else.
        path: of the file.
        size: of it.
        rest: as for `printed_by_shell`.

    Raises:
        StatusError: it cannot be opened.
        TimeoutError: there was no answer in time.
    """
    handle = session.client.open(path, Mode.READ)
    said = checked_by_server(session, handle, offset=0, length=size, rest=rest)
    session.client.close(handle)
    if said is not None:
        return said
    try:
        absolute = session.client.real_path(path)
    except StatusError:
        return None
    return printed_by_shell(session, absolute, size=size, rest=rest)


class ShellDigest:
    """`printed_by_shell` in a thread of its own, while the session is used for what comes before its answer.

    Args:
        session, absolute, size: as there.
    """

    def __init__(self, session: Session, absolute: str, *, size: int) -> None:
        self._session = session
        self._ending = threading.Event()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="transfer-shell")
        self._asked = self._pool.submit(
            printed_by_shell, session, absolute, size=size, rest=self._until_closed
        )

    def said(self, *, beat: Beat) -> str | None:
        """Wait for it.

        Raises:
            What asking raised, and what `beat` raises to interrupt.
        """
        while not self._asked.done():
            beat.rest(0.0)
            wait((self._asked,), timeout=_LOOK_EVERY)
        return self._asked.result()

    def close(self) -> None:
        """End it; the session of one that has not answered is not usable any more."""
        self._ending.set()
        if not self._asked.done():
            self._session.close()
        self._pool.shutdown()

    def _until_closed(self, _seconds: float) -> None:
        if self._ending.is_set():
            raise Interrupted


def companion_digest(session: Session, path: str) -> str | None:
    """The SHA-256 that ``<path>.sha256`` names for the file; None when there is no such companion."""
    name = f"{path}.sha256"
    found = session.client.stat(name)
    if found is None or not found.size or found.size > _LONGEST_COMPANION:
        return None
    try:
        handle = session.client.open(name, Mode.READ)
        pieces = session.client.read_in_order(handle, [(0, found.size)])
        text = b"".join(piece for _at, piece in pieces)
        session.client.close(handle)
    except StatusError:
        return None
    for line in text.decode("utf-8", "replace").splitlines():
        digest, _gap, named = line.strip().partition(" ")
        if _SHA256.fullmatch(digest) and named.lstrip(" *") in ("", path, posixpath.basename(path)):
            return digest.lower()
    return None
