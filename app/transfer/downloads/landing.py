"""Where a download lies on this disk: ``<target>.part`` while it arrives, its ledger, and where it ends."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from app.domain.disks import Refusal, never_so_large, refusal_of
from app.domain.errors import IntegrityError, LocalError, RefusedError
from app.storage import Taken, alone
from app.transfer.downloads.ledger import Ledger, Proven, patiently, prove
from app.transfer.downloads.writing import BLOCK, open_part

_RESERVE = 32 << 20
"""Bytes that stay free for what else is written on the disk."""


class Landing:
    """The files of one download.

    Attributes:
        target: where the proven file goes.
        part: the unfinished one.
        ledger_path: what of it has arrived.
    """

    def __init__(self, target: Path) -> None:
        self.target = target
        self.part = target.with_name(f"{target.name}.part")
        self.ledger_path = target.with_name(f"{target.name}.part.json")
        self._lock_path = target.with_name(f"{target.name}.part.lock")

    @contextmanager
    def held(self) -> Iterator[None]:
        """Have it for oneself while the block runs: two that write one ``.part`` would prove each other's.

        Raises:
            LocalError: another one fetches to the same place (CF-1862), or the disk refuses (CF-1873).
        """
        with ExitStack() as stack:
            try:
                with disk(self.target):
                    self.target.parent.mkdir(parents=True, exist_ok=True)
                    stack.enter_context(alone(self._lock_path))
            except Taken as error:
                raise LocalError(
                    "The file is being fetched already",
                    happened=f"Another program or window fetches {self.target.name} into this folder.",
                    todo="Wait for that one, or choose another folder.",
                    code="CF-1862",
                ) from error
            yield

    def begin(self, ledger: Ledger, *, goes_on: bool = True) -> tuple[Ledger, Proven]:
        """Read what an earlier call left of the same content, and throw away what may be of another.

        Args:
            ledger: of what is to be fetched.
            goes_on: False: nothing that is there can be used.

        Raises:
            RefusedError: somebody else's file has the name of the part (CF-1222).
            LocalError: the disk refuses (CF-1873).
        """
        with disk(self.target):
            found = Ledger.read(self.ledger_path)
            usable = found is not None and found.same(ledger) and found.goes_on and goes_on
            if found is not None and usable and self.part.is_file() and not self.part.is_symlink():
                return found, prove(self.part, found)
            if os.path.lexists(self.part):
                if not (self.part.is_symlink() or self.ledger_path.exists()):
                    # Ours never lies there without its ledger: browsers call theirs so, too.
                    raise _somebody_elses(self.part)
                self.part.unlink()
            patiently(lambda: ledger.save(self.ledger_path))
        return ledger, Proven()

    def all_arrived(self) -> bool:
        """Whether an earlier call left every byte, as far as its ledger says: nothing is to be fetched.

        Raises:
            LocalError: the disk refuses (CF-1873).
        """
        with disk(self.target):
            ledger = Ledger.read(self.ledger_path)
            if ledger is None or not (ledger.goes_on and ledger.whole and self.part.is_file()):
                return False
            return self.part.stat().st_size >= ledger.size

    def demand_room(self, missing: int) -> None:
        """Whether so many more bytes fit.

        Raises:
            LocalError: they do not (CF-1861), or the disk refuses (CF-1873).
        """
        with disk(self.target):
            free = shutil.disk_usage(self.target.parent).free
        if missing + _RESERVE > free:
            raise LocalError(
                "There is no room for the file",
                happened=(
                    f"{self.target.name} needs {missing} more bytes, and {free} are free, of which {_RESERVE}"
                    " stay free for other programs."
                ),
                todo="Free space or choose another folder; what arrived is kept.",
                code="CF-1861",
            )

    def throw_away(self) -> None:
        """Nothing of what arrived is of use."""
        with disk(self.part):
            self.part.unlink(missing_ok=True)
            self.ledger_path.unlink(missing_ok=True)

    def digest(self, proven: Proven, *, size: int) -> str:
        """Cut the part to its size, hash what is not hashed yet, make it durable: its SHA-256.

        Raises:
            LocalError: it is not all there any more, or the disk refuses (CF-1873).
        """
        with disk(self.part):
            descriptor = open_part(self.part)
            try:
                if os.fstat(descriptor).st_size < size:
                    raise OSError(errno.EIO, "it was taken away, or cut, while it arrived")
                os.ftruncate(descriptor, size)
                os.lseek(descriptor, proven.position, os.SEEK_SET)
                while block := os.read(descriptor, BLOCK):
                    proven.digest.update(block)
                    proven.position += len(block)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        return proven.digest.hexdigest()

    def land(self) -> None:
        """The part is proven: give it its name, durably."""
        with disk(self.target):
            self.part.replace(self.target)
            self.ledger_path.unlink(missing_ok=True)
            _sync_folder(self.target.parent)

    def put_aside(self) -> IntegrityError:
        """The part is not what it must be: move it to ``<target>.quarantine``; the error to raise."""
        with disk(self.part):
            self.part.replace(self.target.with_name(f"{self.target.name}.quarantine"))
            self.ledger_path.unlink(missing_ok=True)
        return IntegrityError(
            "The file that arrived is not identical",
            happened=f"{self.target.name} has another digest than it should have. It was put aside.",
            todo="Fetch it again; if it differs again, tell support. Use nothing of what was put aside.",
            code="CF-1771",
        )


def _somebody_elses(part: Path) -> RefusedError:
    return RefusedError(
        "A file is where the unfinished one would lie",
        happened=f"{part.name} is not one of ours, and was not touched.",
        todo="Move it away, or choose another folder.",
        code="CF-1222",
    )


@contextmanager
def disk(path: Path) -> Iterator[None]:
    """What the disk refuses, for people (CF-1873, CF-1817)."""
    try:
        yield
    except OSError as error:
        if refusal_of(error) is Refusal.TOO_LARGE:
            raise never_so_large(path.name, left="What arrived is kept.") from error
        raise LocalError(
            "The file cannot be written here",
            happened=f"{path.name}: {error.strerror or type(error).__name__}.",
            todo="Free space or choose another folder; what arrived is kept.",
            code="CF-1873",
        ) from error


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
