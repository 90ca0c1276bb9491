"""How long ago, as the demo's files say it: ``4 d 23 h``, ``11 min``; a leading ``+`` is in the future."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

_PART = re.compile(r"([0-9]+) (d|h|min|s)")
_UNIT = {
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "min": timedelta(minutes=1),
    "s": timedelta(seconds=1),
}


def at(now: datetime, text: str) -> datetime:
    """The time that this text names.

    Raises:
        ValueError: the text is not such an age.
    """
    ages = text.removeprefix("+")
    parts = _PART.findall(ages)
    if not parts or " ".join(f"{number} {unit}" for number, unit in parts) != ages:
        raise ValueError(f"{text!r} is not an age like '4 d 23 h'")
    age = sum((int(number) * _UNIT[unit] for number, unit in parts), timedelta())
    return now + age if text.startswith("+") else now - age
