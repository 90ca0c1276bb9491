"""Where this installation keeps its state. ``CASEFERRY_HOME`` overrides every folder, for tests and demos."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from app.domain.errors import LocalError

_APP = "Caseferry"


class FolderError(LocalError):
    """A folder of ours cannot be made."""

    code = "CF-1842"


def data_folder() -> Path:
    """State of this user: journals, caches, the vault. Created for its owner only.

    Raises:
        FolderError: it is not there, and cannot be made.
    """
    return _private(_folder("data"))


def config_folder() -> Path:
    """Settings of this user."""
    return _private(_folder("config"))


def log_folder() -> Path:
    """Our own logs."""
    return _private(_folder("log"))


def _folder(kind: Literal["data", "config", "log"]) -> Path:
    override = os.environ.get("CASEFERRY_HOME")
    if override:
        return Path(override) / kind
    import platformdirs  # an agent, whose folders are named by its configuration, does without

    of_this_user: dict[str, Callable[..., str]] = {
        "data": platformdirs.user_data_dir,
        "config": platformdirs.user_config_dir,
        "log": platformdirs.user_log_dir,
    }
    return Path(of_this_user[kind](_APP, appauthor=False))


def _private(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise FolderError(
            "A folder of Caseferry cannot be made",
            happened=f"{folder}: {error.strerror or type(error).__name__}.",
            todo="Check the rights of the folder above it, or name another place in CASEFERRY_HOME.",
        ) from error
    return folder
