"""Where masked copies and bundles lie until they are verified. Nothing unmasked is ever written here."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

RESERVE = 512 * 1024
"""Bytes held back."""


class Spool:
    """One folder per job, for the agent's account only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._reserve = folder.with_name(f"{folder.name}.reserve")
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def job_folder(self, job: str) -> Path:
        """The job's folder; made when it is not there."""
        folder = self._folder / job
        folder.mkdir(exist_ok=True, mode=0o700)
        return folder

    def masked(self, job: str, number: int) -> Path:
        """Where the masked copy of a file lies."""
        return self.job_folder(job) / f"{number:06d}.masked"

    def bundle(self, job: str, name: str) -> Path:
        """Where the bundle lies."""
        return self.job_folder(job) / name

    def remove(self, job: str) -> None:
        """Delete what a job left; what cannot be deleted now is deleted at the next start."""
        shutil.rmtree(self._folder / job, ignore_errors=True)

    def keep_only(self, jobs: set[str]) -> None:
        """Delete the folders of all other jobs."""
        for folder in self._folder.iterdir():
            if folder.name not in jobs:
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
