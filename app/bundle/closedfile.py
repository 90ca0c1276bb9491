"""Files that appear whole or not at all, for their owner only, with a clear error when the disk is full."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from app.domain.disks import Refusal, never_so_large, refusal_of
from app.domain.errors import LocalError
from app.storage import Taken, alone


@contextmanager
def closed_file(target: Path, *, needed: Callable[[], int]) -> Iterator[BinaryIO]:
    """Write `target` as ``.NAME.part`` (0600); on success fsync and rename, on any failure remove.

    Args:
        target: the file that appears.
        needed: tells how many bytes are written at most; said when the disk is full.

    Raises:
        LocalError: the disk is full (CF-1814) or takes no file so large (CF-1817), or the folder cannot be
            written (CF-1815).
    """
    part = target.with_name(f".{target.name}.part")
    with _said_clearly(target, needed=needed):
        try:
            with _private(part) as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            part.replace(target)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        _sync_folder(target.parent)


@contextmanager
def scratch_file(target: Path, *, needed: Callable[[], int]) -> Iterator[BinaryIO]:
    """A file beside `target` (``.NAME.spool``, 0600) to write and read again; it is always removed.

    Only one of a name at a time: two that make one bundle would write into each other's files.

    Raises:
        LocalError: as `closed_file`, or somebody else makes `target` now (CF-1816).
    """
    spool = target.with_name(f".{target.name}.spool")
    with _said_clearly(target, needed=needed), alone(target.with_name(f".{target.name}.lock")):
        try:
            with _private(spool) as file:
                yield file
        finally:
            spool.unlink(missing_ok=True)


@contextmanager
def _private(path: Path) -> Iterator[BinaryIO]:
    """Open for its owner only. What an earlier run that was killed left under this name is thrown away."""
    path.unlink(missing_ok=True)
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
    file = os.fdopen(os.open(path, flags, 0o600), "w+b")
    try:
        yield file
        file.flush()
    except BaseException:
        _close_unwritten(file)
        raise
    file.close()


def _close_unwritten(file: BinaryIO) -> None:
    """Close a file that is thrown away; on a full disk even the flush of a close fails."""
    try:
        file.close()
    except OSError:
        # The first error is on its way to the reader; this one says the same again.
        return


def _sync_folder(folder: Path) -> None:
    """Make the rename durable; Windows has no such call and needs none."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _said_clearly(target: Path, *, needed: Callable[[], int]) -> Iterator[None]:
    try:
        yield
    except Taken as error:
        raise LocalError(
            "The bundle is being written already",
            happened=f"Another program or window makes {target.name} now.",
            todo="Wait for that one, or give another name.",
            code="CF-1816",
            retryable=True,
        ) from error
    except OSError as error:
        refusal = refusal_of(error)
        if refusal is Refusal.TOO_LARGE:
            raise never_so_large(target.name, left="Nothing half is left.") from error
        if refusal is Refusal.FULL:
            free = _free(target.parent)
            raise LocalError(
                "The disk is full",
                happened=f"Writing {target.name} needs up to {needed()} bytes; {free} bytes are free.",
                todo="Free space on this disk, or choose another folder for the spool. Nothing half is left.",
                code="CF-1814",
                retryable=True,
            ) from error
        raise LocalError(
            "A bundle cannot be written",
            happened=f"{target.name}: {error.strerror or error}.",
            todo="Check that its folder exists and its rights.",
            code="CF-1815",
        ) from error


def _free(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return 0
