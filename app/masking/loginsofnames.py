"""Log-ins that are made of the letters of a name: ``Mary Major (mmajor)``."""

from __future__ import annotations

from app.masking.patterns import Pattern

_LETTERS = Pattern(rb"[a-z]{3,32}")
_LONGEST = 128
_WORDS = 6
_LEAST = 3
"""Letters of one word that stand together in the log-in."""


def is_login_of(name: bytes, user: bytes) -> bool:
    """Whether letters in brackets are one word of the name before them, or how two of its words begin.

    ``mmajor``, ``majorm``, ``marymajor`` of Mary Major; not ``main``, ``default``.
    """
    if len(name) > _LONGEST or _LETTERS.fullmatch(user) is None:
        return False
    words = name.lower().replace(b"'", b"").replace(b",", b" ").replace(b"-", b" ").split(b" ")
    words = [word for word in words if word][:_WORDS]
    if user in words:
        return True
    return any(
        user[:at] == first[:at] and second.startswith(user[at:])
        for at in range(1, len(user))
        if max(at, len(user) - at) >= _LEAST
        for place, first in enumerate(words)
        for other, second in enumerate(words)
        if place != other
    )
