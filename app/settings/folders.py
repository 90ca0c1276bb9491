"""Where this installation keeps its state. ``CASEFERRY_HOME`` overrides every folder, for tests and demos."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

_APP = "Caseferry"


def data_folder() -> Path:
    """State of this user: journals, caches, the vault. Created for its owner only."""
    override = os.environ.get("CASEFERRY_HOME")
    folder = Path(override) / "data" if override else Path(platformdirs.user_data_dir(_APP, appauthor=False))
    return _private(folder)


def config_folder() -> Path:
    """Settings of this user."""
    override = os.environ.get("CASEFERRY_HOME")
    folder = (
        Path(override) / "config" if override else Path(platformdirs.user_config_dir(_APP, appauthor=False))
    )
    return _private(folder)


def log_folder() -> Path:
    """Our own logs."""
    override = os.environ.get("CASEFERRY_HOME")
    folder = Path(override) / "log" if override else Path(platformdirs.user_log_dir(_APP, appauthor=False))
    return _private(folder)


def _private(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder
