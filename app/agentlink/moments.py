"""Moments as people write them."""

from __future__ import annotations

from datetime import datetime

from app.domain.errors import InputError


def read_moment(text: str) -> datetime:
    """An aware time; without a zone it is this machine's local time.

    Raises:
        InputError: it is no time (CF-1107).
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(
            "The range is not right",
            happened="A time is not written as one.",
            todo="Say from when to when: 2023-06-09T10:15 or 2023-06-09T10:15:00+02:00.",
            code="CF-1107",
        ) from error
    return found.astimezone() if found.tzinfo is None else found
