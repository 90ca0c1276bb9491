"""Who acts: set where a call comes in, read where a record of the trail is made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_ACTOR: ContextVar[str] = ContextVar("caseferry_actor", default="")


@contextmanager
def acting(who: str) -> Iterator[None]:
    """What happens in the block happens because of `who`: the label of a token, never a person's name."""
    token = _ACTOR.set(who)
    try:
        yield
    finally:
        _ACTOR.reset(token)


def current_actor() -> str:
    """Who acts in this thread or task; empty when the agent acts by itself."""
    return _ACTOR.get()
