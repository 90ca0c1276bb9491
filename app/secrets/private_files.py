"""Small files for their owner only, replaced whole and durable."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path
from typing import BinaryIO

from app.domain.errors import CredentialsError, LocalError


def replace_file(path: Path, content: bytes) -> None:
    """Put `content` in place of the file: after a crash there is the old content or the new one (0600).

    Raises:
        LocalError: the folder cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)
    except OSError as error:
        raise LocalError(
            "The file could not be written",
            happened=f"{path.name}: {error.strerror or type(error).__name__}.",
            todo="Check the free space and the rights of the folder; the old content is unchanged.",
            code="CF-1870",
        ) from error


def refuse_open(file: BinaryIO, *, name: str) -> None:
    """Leave a secret alone that lies open; on Windows the rights of its folder are the installer's business.

    Raises:
        CredentialsError: others than its owner may read it.
    """
    if sys.platform != "win32" and os.fstat(file.fileno()).st_mode & 0o077:
        raise CredentialsError(
            "A secret lies open",
            happened=f"{name} can be read by others than its owner.",
            todo="Take the rights of group and others away (chmod 600), and renew the secret.",
            code="CF-1371",
        )


def read_private(path: Path) -> bytes | None:
    """The content of a file that only its owner may read; None when it does not exist.

    Raises:
        CredentialsError: others may read it, too.
        LocalError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            refuse_open(file, name=path.name)
            return file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise LocalError(
            "A secret cannot be read",
            happened=f"{path.name}: {error.strerror or type(error).__name__}.",
            todo="Check the rights of the file and of its folder.",
            code="CF-1871",
        ) from error


def _sync_folder(folder: Path) -> None:
    """Make the new name durable; Windows does this with the replacement itself."""
    if sys.platform != "win32":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
