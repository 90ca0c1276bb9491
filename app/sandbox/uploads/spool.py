"""The bytes of uploads on their way: one file each, for its owner only, hashed while they are written."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from app.storage import PassingWrites, page_block

READ_BLOCK = 1 << 20
_FLAGS = os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)


@dataclass(slots=True)
class RunningDigest:
    """SHA-256 of the first `position` bytes."""

    position: int
    state: hashlib._Hash

    def copy(self) -> RunningDigest:
        """The same point, apart."""
        return RunningDigest(position=self.position, state=self.state.copy())


class Appender:
    """An open upload file: appends blocks, knows their digest, and can go back to where it began.

    Not thread-safe: one call at a time, but `sync` beside the others. Every method may raise OSError (no
    space left, the disk fails).

    Args:
        path: made when it is not there.
        start: what lies behind it is dropped.
        digest: of what lies before it, as far as one is known.
        hashed: False: nobody will ask for a digest.
    """

    def __init__(self, path: Path, *, start: int, digest: RunningDigest | None, hashed: bool = True) -> None:
        self._descriptor = os.open(path, os.O_RDWR | _FLAGS, 0o600)
        try:
            os.ftruncate(self._descriptor, start)
            os.lseek(self._descriptor, start, os.SEEK_SET)
        except OSError:
            os.close(self._descriptor)
            raise
        self.start = start
        self.position = start
        self._writes = PassingWrites(self._descriptor)
        if digest is None and start == 0 and hashed:
            digest = RunningDigest(position=0, state=hashlib.sha256())
        self._digest = digest if digest is not None and digest.position == start else None
        self._before = self._digest.copy() if self._digest is not None else None

    @property
    def hashes(self) -> bool:
        """Whether `hash` does anything: the digest of what was there at the start is known."""
        return self._digest is not None

    def hash(self, *blocks: bytes | bytearray | memoryview) -> None:
        """Every block goes through here and `write`, in the same order; the two may run side by side."""
        if self._digest is not None:
            for block in blocks:
                self._digest.state.update(block)
                self._digest.position += len(block)

    def write(self, *blocks: bytes | bytearray | memoryview) -> None:
        """Append all of the blocks; after an error `position` still counts only what was written."""
        views = deque(memoryview(block) for block in blocks if block)
        while views:
            written = self._writes.write(views, position=self.position)
            self.position += written
            while views and written >= len(views[0]):
                written -= len(views.popleft())
            if written:
                views[0] = views[0][written:]

    def sync(self) -> int:
        """Make what was written before the call durable; the position that is now certain."""
        position = self.position
        os.fsync(self._descriptor)
        return position

    def roll_back(self) -> None:
        """Discard everything since the start."""
        self.cut_back(self.start)
        self._digest = self._before

    def cut_back(self, position: int) -> None:
        """Discard what lies behind a position."""
        os.ftruncate(self._descriptor, position)
        if position != self.position:
            self._digest = None
        self.position = position

    @property
    def digest(self) -> RunningDigest | None:
        """The digest of all bytes so far.

        None when some were written before this process began, or the disk did not take all that was hashed.
        """
        digest = self._digest
        return digest if digest is not None and digest.position == self.position else None

    def close(self) -> None:
        """Close the file: who writes from now on writes nowhere, and not into what has its number then."""
        descriptor, self._descriptor = self._descriptor, -1
        self._writes = PassingWrites(-1)
        os.close(descriptor)


class Spool:
    """The folder of uploads on their way."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def path(self, identity: str) -> Path:
        """Where an upload's bytes lie."""
        return self._folder / identity

    def size(self, identity: str) -> int:
        """Bytes on the disk; 0 when there is no file yet."""
        try:
            return self.path(identity).stat().st_size
        except FileNotFoundError:
            return 0

    def remove(self, identity: str) -> None:
        """Drop the bytes."""
        self.path(identity).unlink(missing_ok=True)

    def names(self) -> Iterator[str]:
        """Ids of all uploads that have bytes."""
        return (path.name for path in self._folder.iterdir())

    def free(self) -> int:
        """Bytes that still fit on this disk."""
        return shutil.disk_usage(self._folder).free

    def join(self, identity: str, parts: Iterable[str], *, on_block: Callable[[], None]) -> RunningDigest:
        """Write the parts one after the other into a new file, hashing them.

        Args:
            identity: the upload that is made.
            parts: the partial uploads, in order.
            on_block: called before each block; may raise to give up.

        Raises:
            FileNotFoundError: a part is not there any more.
            OSError: no space left, the disk fails.
        """
        appender = Appender(self.path(identity), start=0, digest=None)
        try:
            for part in parts:
                for block in blocks_of(self.path(part)):
                    on_block()
                    appender.hash(block)
                    appender.write(block)
            appender.sync()
        finally:
            appender.close()
        digest = appender.digest
        return digest if digest is not None else digest_file(self.path(identity), on_block=on_block)


def blocks_of(path: Path) -> Iterator[memoryview]:
    """A file in blocks; each is valid until the next is asked for."""
    view = page_block(READ_BLOCK)
    with path.open("rb", buffering=0) as stream:
        while count := stream.readinto(view):
            yield view[:count]


def digest_file(path: Path, *, on_block: Callable[[], None] = lambda: None) -> RunningDigest:
    """SHA-256 of a file as it lies on the disk."""
    digest = RunningDigest(position=0, state=hashlib.sha256())
    for block in blocks_of(path):
        on_block()
        digest.state.update(block)
        digest.position += len(block)
    return digest


def move_durably(source: Path, target: Path) -> None:
    """Rename inside one disk so that it survives a power cut; a no-op when it lies there already."""
    if source == target:
        return
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    source.replace(target)
    for folder in {source.parent, target.parent}:
        sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable, where the system can (not on Windows)."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
