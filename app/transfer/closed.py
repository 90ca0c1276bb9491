"""Hours in which nothing may be moved, and what is said meanwhile."""

from __future__ import annotations

from app.domain.errors import RefusedError

NOTHING_NOW = "CF-1251"
"""The code of `closed_now`."""


def closed_now(*, fetching: bool = False) -> RefusedError:
    """Why nothing is sent, or fetched, at this moment; it is shown, never raised out of a transfer."""
    verb = "fetch" if fetching else "send"
    return RefusedError(
        "Nothing is fetched at this time" if fetching else "Nothing is sent at this time",
        happened="The limit of bandwidth is 0 in these hours, or the machine is in use by others",
        todo=f"It goes on by itself; change the limit to {verb} now.",
        code=NOTHING_NOW,
    )
