"""What was chosen to be sent: files and folders, counted and measured without reading them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.domain.errors import InputError
from ui.widgets.quantities import plural, size_text

MOST_FILES = 20_000


@dataclass(frozen=True, slots=True)
class Chosen:
    """One entry of the sheet.

    Attributes:
        files, size: of a folder, all files below it; `more` when there were too many to count.
    """

    path: Path
    is_folder: bool
    files: int
    size: int
    more: bool = False

    @property
    def line(self) -> str:
        """``14 files, 3.9 GB``."""
        return (
            f"{plural(self.files, 'file', 'files')}{' or more' if self.more else ''}, {size_text(self.size)}"
        )


def measure(paths: Sequence[Path]) -> list[Chosen]:
    """Count and measure; blocking, for `Task`. Links are not followed into other folders.

    Raises:
        InputError: an entry is not there any more, or cannot be looked at.
    """
    return [_measure(path) for path in paths]


def _measure(path: Path) -> Chosen:
    try:
        if not path.is_dir():
            return Chosen(path, is_folder=False, files=1, size=path.stat().st_size)
        files = size = 0
        for folder, _folders, names in os.walk(path):
            for name in names:
                if files >= MOST_FILES:
                    return Chosen(path, is_folder=True, files=files, size=size, more=True)
                files += 1
                size += os.lstat(os.path.join(folder, name)).st_size  # noqa: PTH118 - walks many files
    except OSError as error:
        raise InputError(
            "A file cannot be attached",
            happened=f"{path.name}: {error.strerror}.",
            todo="Check that it is still there and that you may read it, then drop it again.",
            code="CF-1130",
        ) from error
    return Chosen(path, is_folder=True, files=files, size=size)
