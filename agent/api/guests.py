"""Connections of one listener: who has shown no token makes room for who comes.

Whoever can reach the port can open as many connections as he likes and send nothing, or a request that never
ends. He keeps nobody out: above `MOST_GUESTS` the oldest connection on which nothing of a known caller is
under way is closed.
"""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

MOST_GUESTS = 48
_KNOWN = "caseferry.known"


def note_known(scope: MutableMapping[str, Any]) -> None:
    """The caller of this request has shown a token that counts."""
    scope[_KNOWN] = True


def guest_protocol() -> type[asyncio.Protocol]:
    """The protocol of one listener's connections."""
    guests: dict[Guest, None] = {}

    class Guest(H11Protocol):
        """One connection."""

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            if len(guests) >= MOST_GUESTS:
                oldest = next((guest for guest in guests if not guest.is_served), None)
                if oldest is not None:
                    del guests[oldest]
                    oldest.transport.abort()
            guests[self] = None

        def connection_lost(self, exc: Exception | None) -> None:
            guests.pop(self, None)
            super().connection_lost(exc)

        @property
        def is_served(self) -> bool:
            """Whether a call of a known caller is under way."""
            cycle = self.cycle
            return cycle is not None and not cycle.response_complete and _KNOWN in cycle.scope

    return Guest
