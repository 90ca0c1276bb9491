"""Connections of one listener: who has shown no token makes room for who comes.

Whoever can reach the port can open as many connections as he likes and send nothing, or a request that never
ends. He keeps nobody out: above `MOST_GUESTS` the oldest connection on which nothing of a known caller is
under way is closed. Nor does he take all descriptors of the agent: of those that were not even greeted, the
oldest above `MOST_AT_THE_DOOR` are shut.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections import deque
from collections.abc import MutableMapping
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

MOST_GUESTS = 48
MOST_AT_THE_DOOR = 128
_KNOWN = "caseferry.known"


def note_known(scope: MutableMapping[str, Any]) -> None:
    """The caller of this request has shown a token that counts."""
    scope[_KNOWN] = True


class Door(socket.socket):
    """A listening socket that lets in no more than it can greet."""

    __slots__ = ("_waiting",)

    def __init__(self, *words: int) -> None:
        super().__init__(*words)
        self._waiting: deque[socket.socket] = deque()

    def accept(self) -> tuple[socket.socket, Any]:
        """The next connection.

        Raises:
            BlockingIOError: too many wait; the oldest are shut, and the next is let in when they are gone.
        """
        if len(self._waiting) >= MOST_AT_THE_DOOR:
            self._waiting = deque(each for each in self._waiting if each.fileno() != -1)
        if len(self._waiting) >= MOST_AT_THE_DOOR:
            for oldest in list(self._waiting)[: MOST_AT_THE_DOOR // 2]:
                with contextlib.suppress(OSError):  # its other end is gone already
                    oldest.shutdown(socket.SHUT_RDWR)
            raise BlockingIOError
        taken, address = super().accept()
        self._waiting.append(taken)
        return taken, address

    def greeted(self, descriptor: int) -> None:
        """A connection has shown that it speaks TLS."""
        self._waiting = deque(each for each in self._waiting if each.fileno() not in (-1, descriptor))


def guest_protocol(door: Door | None = None) -> type[asyncio.Protocol]:
    """The protocol of one listener's connections; the door is told of each that comes in."""
    guests: dict[Guest, None] = {}

    class Guest(H11Protocol):
        """One connection."""

        # uvicorn's own takes no other transport, either.
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            taken = transport.get_extra_info("socket")
            if door is not None and taken is not None:
                door.greeted(taken.fileno())
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
