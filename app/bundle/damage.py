"""The one error for a file that is not exactly a bundle."""

from __future__ import annotations

from app.domain.errors import IntegrityError


def damaged(what: str) -> IntegrityError:
    """The bundle is not laid out as one, or was changed after it was sealed (CF-1711)."""
    return IntegrityError(
        "The bundle is damaged or was changed",
        happened=what,
        todo="Send the bundle again, or seal it again from its masked files.",
        code="CF-1711",
    )
