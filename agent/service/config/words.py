"""How durations, names and paths are written in the configuration."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from app.settings import TomlDocument

_DURATION = re.compile(r"\A([0-9]+(?:\.[0-9]+)?)\s*(ms|s|m|h|d)\Z")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
NAME = re.compile(r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")
"""Of rules and applications."""


def duration(document: TomlDocument, text: str, *field_path: str | int) -> timedelta:
    """A number with its unit, up to a year.

    Raises:
        InputError: with file, line and field.
    """
    match = _DURATION.match(text)
    seconds = float(match[1]) * _UNITS[match[2]] if match else 0.0
    if not 0 < seconds <= 366 * 86400:
        raise document.error(
            *field_path,
            happened="it is not a duration.",
            todo="Write a number with a unit: 30s, 10m, 2h or 1d.",
        )
    return timedelta(seconds=seconds)


def optional_path(home: Path, text: str) -> Path | None:
    """A path of the configuration, relative to its folder; None when it is empty."""
    return home / text if text else None
