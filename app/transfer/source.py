"""The file that is sent: who it is, its bytes, and the proof that it is still the sealed one."""

from __future__ import annotations

import hashlib
import os
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from app.domain.errors import IntegrityError, LocalError
from app.domain.files import SealedBundle

_EDGE = 64 * 1024
_CHECKPOINTS = 16


class SourceChanged(IntegrityError):
    """The file is no longer the one that was sealed: it is a new transfer, under a new key."""

    code = "CF-1722"


@dataclass(frozen=True, slots=True)
class SourceIdentity:
    """What tells one state of a file from another without reading it whole.

    Attributes:
        mtime_ns: time of the last change, in nanoseconds.
        head, tail: SHA-256 of the first and last 64 KiB.
    """

    path: Path
    size: int
    mtime_ns: int
    head: str
    tail: str


def source_changed(name: str, what: str) -> SourceChanged:
    """Say so, and what to do."""
    return SourceChanged(
        "The bundle changed since it was sealed",
        happened=f"{name}: {what}. Nothing more of it is sent.",
        todo="Seal it again; it is then a new transfer.",
    )


class Source:
    """A sealed bundle, open for reading, with the digest of what was read from its start."""

    def __init__(self, bundle: SealedBundle) -> None:
        """Open it.

        Raises:
            LocalError: the file is not there or cannot be read (CF-1821).
            SourceChanged: it has another size.
        """
        self.bundle = bundle
        try:
            self._file: BinaryIO = bundle.path.open("rb")
        except OSError as error:
            raise _unreadable(bundle, error) from error
        self._digest = hashlib.sha256()
        self._reached = 0
        self._checkpoints: OrderedDict[int, hashlib._Hash] = OrderedDict()
        try:
            self.identity = self._identify()
        except BaseException:
            self.close()
            raise
        if self.identity.size != bundle.size:
            self.close()
            raise source_changed(bundle.name, f"it has {self.identity.size} bytes, not {bundle.size}")

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def read(self, offset: int, length: int) -> memoryview:
        """Exactly `length` bytes.

        Raises:
            SourceChanged: the file is shorter now.
            LocalError: it cannot be read.
        """
        try:
            self._file.seek(offset)
            data = self._file.read(length)
        except OSError as error:
            raise _unreadable(self.bundle, error) from error
        if len(data) != length:
            raise source_changed(self.bundle.name, f"it ends before byte {offset + length}")
        return memoryview(data)

    def extend(self, offset: int, data: memoryview) -> None:
        """Take the next bytes into the running digest; they must follow what was taken before."""
        if offset != self._reached:
            raise ValueError(f"byte {offset} does not follow byte {self._reached}")
        self._checkpoints[self._reached] = self._digest.copy()
        if len(self._checkpoints) > _CHECKPOINTS:
            self._checkpoints.popitem(last=False)
        self._digest.update(data)
        self._reached += len(data)

    @property
    def reached(self) -> int:
        """The byte up to which the running digest was taken."""
        return self._reached

    def rewind(self, offset: int) -> None:
        """Have the running digest stand at or before `offset`: at a remembered place, else at the start."""
        if offset >= self._reached:
            return
        start = max((place for place in self._checkpoints if place <= offset), default=0)
        remembered = self._checkpoints.get(start)
        self._digest = hashlib.sha256() if remembered is None else remembered.copy()
        self._reached = start

    def prove_whole(self) -> None:
        """The digest from the first to the last byte is the sealed one.

        Raises:
            SourceChanged: it is not.
        """
        if self._reached != self.bundle.size or self._digest.hexdigest() != self.bundle.sha256:
            raise source_changed(self.bundle.name, "its SHA-256 is another one")

    def _identify(self) -> SourceIdentity:
        status = os.fstat(self._file.fileno())
        head = hashlib.sha256(self.read(0, min(_EDGE, status.st_size))).hexdigest()
        edge = min(_EDGE, status.st_size)
        tail = hashlib.sha256(self.read(status.st_size - edge, edge)).hexdigest()
        return SourceIdentity(self.bundle.path, status.st_size, status.st_mtime_ns, head, tail)


def _unreadable(bundle: SealedBundle, error: OSError) -> LocalError:
    return LocalError(
        "The bundle cannot be read",
        happened=f"{bundle.name}: {error.strerror or error}.",
        todo="Check that the spool folder is there and its rights, or seal the bundle again.",
        code="CF-1821",
    )
