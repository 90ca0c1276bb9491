"""Durations as configuration files write them."""

from __future__ import annotations

import re
from datetime import timedelta

from app.settings import TomlDocument

_DURATION = re.compile(r"\A([0-9]+(?:\.[0-9]+)?)\s*(ms|s|m|h|d)\Z")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def read_duration(document: TomlDocument, text: str, *field_path: str | int) -> timedelta:
    """A duration such as ``30s``, ``10m``, ``2h`` or ``1d``; more than nothing, a year at most.

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
