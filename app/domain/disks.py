"""What it means when a disk refuses to write: no room, for now, or never a file so large. Pure."""

from __future__ import annotations

import errno
from enum import StrEnum

from app.domain.errors import LocalError

NEVER_SO_LARGE = "CF-1817"
"""The code of `never_so_large`: nothing that is waited for changes it."""

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_ON_WINDOWS = 223
"""``ERROR_FILE_TOO_LARGE``, for which Python has no number of its own."""


class Refusal(StrEnum):
    """Why a disk does not take what is written. Reading meets neither of the first two.

    Members:
        FULL: no block is left, or a quota is reached: it passes when something is deleted.
        TOO_LARGE: the file system, or a limit of the account, takes no file so large.
        OTHER: all else.
    """

    FULL = "full"
    TOO_LARGE = "too large"
    OTHER = "other"


def refusal_of(fault: OSError) -> Refusal:
    """Which of them a fault of writing is."""
    if fault.errno in _FULL:
        return Refusal.FULL
    if fault.errno == errno.EFBIG or getattr(fault, "winerror", None) == _ON_WINDOWS:
        return Refusal.TOO_LARGE
    return Refusal.OTHER


def never_so_large(what: str, *, left: str) -> LocalError:
    """The error for `Refusal.TOO_LARGE` (CF-1817).

    Args:
        what: is written: a word, or the name of the file. Whoever keeps the error or sends it away gives no
            name that may hold personal values: a log's own name is for the screen of its owner only.
        left: a sentence about what has become of it.
    """
    return LocalError(
        "The disk takes no file so large",
        happened=f"{what} is larger than the file system, or a limit of this account, lets a file become.",
        todo=(
            "Use a disk whose file system takes larger files (FAT32 takes 4 GiB), or have the limit raised"
            f" (ulimit -f, LimitFSIZE), then try again. {left}"
        ),
        code=NEVER_SO_LARGE,
    )
