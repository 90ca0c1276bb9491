"""What a disk, a share or this machine refuses a job, in the words that help. Pure."""

from __future__ import annotations

import errno
from pathlib import Path

from app.domain.disks import Refusal, never_so_large, refusal_of
from app.domain.errors import LocalError

_WRITING = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})
"""Only writing meets these, and nothing is written but the data folder."""
_NO_HANDLE = frozenset({errno.EMFILE, errno.ENFILE})
_BROKEN = frozenset(getattr(errno, name) for name in ("EIO", "ESTALE") if hasattr(errno, name))


def refused(fault: OSError, *, data: Path) -> LocalError | None:
    """The error for what passes by itself, or when somebody has looked after it; None for all else.

    A file that its disk never takes needs somebody; all else is tried again.

    Args:
        fault: of a job's step, which reads logs and writes into the data folder.
        data: the data folder.
    """
    if refusal_of(fault) is Refusal.TOO_LARGE:
        return never_so_large("A file of the job", left="The job goes on when it is tried again.")
    if fault.errno in _WRITING or (fault.errno in _BROKEN and _lies_in(data, fault)):
        title, code = "The data folder cannot be used", "CF-1896"
        todo = "Look after free space and the number of files on its disk."
    elif fault.errno in _NO_HANDLE:
        title, code = "No more files can be opened", "CF-1844"
        todo = "Have the limit of open files raised (LimitNOFILE, ulimit -n), or fewer programs opened."
    elif fault.errno in _BROKEN and isinstance(fault.filename, str | bytes):
        title, code = "A log cannot be read now", "CF-1845"
        todo = "Look after the disk or the share that the log lies on."
    elif fault.errno in _BROKEN:
        title, code = "A disk cannot be read or written now", "CF-1846"
        todo = "Look after the disk of the data folder, and the disk or share that the logs lie on."
    else:
        return None
    return LocalError(
        title,
        happened=f"{fault.strerror or type(fault).__name__}.",
        todo=f"{todo} The job goes on by itself.",
        code=code,
        retryable=True,
    )


def _lies_in(data: Path, fault: OSError) -> bool:
    names = (fault.filename, fault.filename2)
    return any(isinstance(name, str) and Path(name).is_relative_to(data) for name in names)
