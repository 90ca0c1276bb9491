"""Who may read the files of the data folder: the agent's account, and one file for the operators group."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from app.domain.errors import LocalError

Run = Callable[[Sequence[str]], None]
"""Runs a program of the system; raises OSError or CalledProcessError."""

_SYSTEM, _ADMINISTRATORS = "*S-1-5-18", "*S-1-5-32-544"


def run_program(words: Sequence[str]) -> None:
    """`Run` for real."""
    subprocess.run(words, check=True, capture_output=True, timeout=60)  # noqa: S603 - words of our own


def close_to_others(folder: Path) -> None:
    """Take the rights of group and others from the data folder and everything that lies directly in it.

    Files that an older version or another umask made are closed, too. Links are left alone, and so is
    Windows, where rights are inherited from the folder (`windows_rights`).
    """
    if sys.platform == "win32":
        return
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for path in (folder, *folder.iterdir()):
        mode = path.lstat().st_mode
        if not stat.S_ISLNK(mode) and mode & 0o077:
            path.chmod(stat.S_IMODE(mode) & ~0o077)


def give_to_group(path: Path, group: str, *, run: Run = run_program) -> None:
    """Let the members of a group read this file, and pass through its folder; nobody else gains anything.

    Raises:
        LocalError: there is no such group, or this account may not give files to it (CF-1876).
    """
    try:
        if sys.platform == "win32":
            for words in windows_group_rights(path.parent, path, group):
                run(words)
        else:
            import grp

            number = grp.getgrnam(group).gr_gid
            for place, mode in ((path.parent, 0o710), (path, 0o640)):
                os.chown(place, -1, number)
                place.chmod(mode)
    except (KeyError, OSError, subprocess.SubprocessError) as error:
        why = "there is no such group" if isinstance(error, KeyError) else "it cannot be given to this group"
        raise LocalError(
            "The operators' file cannot be made",
            happened=f"{path.name} for the group {group}: {why}.",
            todo="Make the group, and the agent's account a member of it; or take [api] operators out.",
            code="CF-1876",
        ) from error


def windows_rights(folder: Path, *, account: str) -> list[list[str]]:
    """The calls of ``icacls`` that leave a folder to the system, to administrators and to one account.

    Args:
        folder: the data folder.
        account: that the agent runs as.
    """
    grants = [f"{who}:(OI)(CI)F" for who in (_SYSTEM, _ADMINISTRATORS, account)]
    return [["icacls", str(folder), "/inheritance:r", "/grant:r", *grants]]


def windows_group_rights(folder: Path, file: Path, group: str) -> list[list[str]]:
    """The calls that let a group pass through a folder, which it cannot list, and read one file in it."""
    return [
        ["icacls", str(folder), "/grant", f"{group}:(X)"],
        ["icacls", str(file), "/grant", f"{group}:R"],
    ]
