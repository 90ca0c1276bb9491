"""Where masked copies and bundles lie until they are verified. What is not masked and packed never does."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from agent.jobs.refusing import refused
from app.domain.errors import LocalError

RESERVE = 512 * 1024
"""Bytes held back."""

KEPT = "kept"
"""Name of the folder in it where the kept parts of growing segments lie."""
_MOST_KEPT = 0.5
"""Share of the quota that these may take: jobs must go on."""

NO_ROOM = "CF-1877"
"""The code of `Spool.require_room`."""


class Spool:
    """One folder per job, for the agent's account only."""

    def __init__(self, folder: Path, *, quota: int | None = None) -> None:
        """The folder is made when it is not there; `quota` in bytes, None is without one."""
        self._folder = folder
        self.quota = quota
        self._reserve = _reserve_of(folder)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    @contextlib.contextmanager
    def waiting_for_the_disk(self) -> Iterator[None]:
        """What a disk or this machine refuses in the block is waited for; it is no defect of ours.

        Raises:
            LocalError: the data folder (CF-1896), or what is read (CF-1844 to CF-1846); or a file is larger
                than the disk takes one (CF-1817), and that is not waited for.
        """
        try:
            yield
        except OSError as fault:
            told = refused(fault, data=self._folder.parent)
            if told is None:
                raise
            raise told from fault

    def job_folder(self, job: str) -> Path:
        """The job's folder; made when it is not there."""
        folder = self._folder / job
        folder.mkdir(exist_ok=True, mode=0o700)
        return folder

    def masked(self, job: str, number: int) -> Path:
        """Where the masked copy of a file lies."""
        return self.job_folder(job) / _copy_name(number)

    def bundle(self, job: str, name: str) -> Path:
        """Where the bundle lies."""
        return self.job_folder(job) / name

    def remove_copies(self, job: str, numbers: Iterable[int]) -> None:
        """Delete masked copies whose bundle is sealed; what cannot be deleted now goes with the job."""
        for number in numbers:
            with contextlib.suppress(OSError):
                (self._folder / job / _copy_name(number)).unlink(missing_ok=True)

    def remove_bundle(self, job: str, name: str) -> None:
        """Delete a bundle that the other side has; the folder of a job that is done is not made again."""
        (self._folder / job / name).unlink(missing_ok=True)

    def used(self) -> int:
        """Bytes that lie in it; a file that goes meanwhile counts or not."""
        return _size_of(self._folder)

    def copy_size(self, job: str, number: int) -> int:
        """Bytes of the masked copy of a file, whether it is whole or not; 0 when there is none."""
        try:
            return (self._folder / job / _copy_name(number)).stat().st_size
        except OSError:
            return 0

    def require_room(self, needed: int, *, spare: Callable[[], int] = lambda: 0) -> None:
        """Refuse to begin what does not fit into the quota any more.

        Args:
            needed: bytes that masked copies and their bundle may take.
            spare: bytes that lie there and do not count; asked for when it does not fit with them.

        Raises:
            LocalError: it does not fit (CF-1877); it may later, when bundles were sent.
        """
        if self.quota is None:
            return
        used = self.used()
        if used + needed <= self.quota:
            return
        used -= spare()
        if used + needed > self.quota:
            raise _no_room(used=used, needed=needed, quota=self.quota)

    @property
    def kept(self) -> Path:
        """Where the parts of growing segments lie; it need not be there."""
        return self._folder / KEPT

    def require_room_to_keep(self, needed: int) -> None:
        """Refuse a part that does not fit into the half of the quota which is for parts.

        Raises:
            LocalError: it does not fit (CF-1877).
        """
        if self.quota is None:
            return
        used = _size_of(self.kept)
        if used + needed > self.quota * _MOST_KEPT:
            raise _no_room(used=used, needed=needed, quota=int(self.quota * _MOST_KEPT))

    def remove(self, job: str) -> None:
        """Delete what a job left; what cannot be deleted now is deleted at the next start."""
        shutil.rmtree(self._folder / job, ignore_errors=True)

    def keep_only(self, jobs: set[str]) -> None:
        """Delete the folders of all other jobs."""
        for folder in self._folder.iterdir():
            if folder.name not in jobs and folder.name != KEPT:
                shutil.rmtree(folder, ignore_errors=True)

    def keep_reserve(self) -> None:
        """Hold some space back, so that on a full disk it can still be recorded that the disk is full."""
        if self._reserve.exists():
            return
        try:
            descriptor = os.open(self._reserve, os.O_WRONLY | os.O_CREAT, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(bytes(RESERVE))
        except OSError:
            self._reserve.unlink(missing_ok=True)  # the next call tries again

    def give_up_reserve(self) -> bool:
        """Free the space that was held back; whether there was any."""
        try:
            self._reserve.unlink()
        except OSError:
            return False
        return True


def make_room_to_start(folder: Path) -> bool:
    """Give up what is held back beside this spool when less than that is free; whether it was.

    To be called before the databases are opened: on a full disk even that needs room.
    """
    try:
        if shutil.disk_usage(folder.parent).free >= RESERVE:
            return False
        _reserve_of(folder).unlink()
    except OSError:
        return False
    return True


def _reserve_of(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.reserve")


def _copy_name(number: int) -> str:
    return f"{number:06d}.masked"


def _size_of(place: Path) -> int:
    total = 0
    for folder, _folders, files in os.walk(place):
        for name in files:
            with contextlib.suppress(OSError):
                total += Path(folder, name).lstat().st_size
    return total


def _no_room(*, used: int, needed: int, quota: int) -> LocalError:
    mega = 1_000_000
    happened = (
        f"{used // mega} MB of {quota // mega} MB are used; the next bundle may need {needed // mega + 1} MB."
    )
    if used == 0:
        todo = "It never fits: make [jobs] spool larger in the agent's configuration."
    else:
        todo = "Nothing: it goes on when bundles have been sent. Or make [jobs] spool larger."
    return LocalError("The spool is full", happened=happened, todo=todo, code=NO_ROOM, retryable=True)
