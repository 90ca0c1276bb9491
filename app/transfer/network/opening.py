"""Connections that are being made, in the hand of another thread: a peer that is silent is not waited for."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Held = Callable[[socket.socket], None]
"""Is told of a socket before it waits for its peer; may raise `OSError` to give up."""


class Opening:
    """Connections from before their first packet until they are of use. Usable from any thread.

    Ended, it lets no further one be made; whoever waits for the peer of one hears that it was cut.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: set[socket.socket] = set()
        self._ended = False

    @property
    def ended(self) -> bool:
        """Whether nothing is to be opened any more."""
        return self._ended

    @contextmanager
    def making(self) -> Iterator[Held]:
        """One connection is made in the block: what is given takes its sockets, until the block ends.

        It raises `ConnectionAbortedError` when nothing is to be opened any more.
        """
        twins: list[socket.socket] = []

        def hold(sock: socket.socket) -> None:
            # A TLS socket takes the place of the one below it, and with it the only way to reach it.
            twin = sock.dup()
            with self._lock:
                twins.append(twin)
                if self._ended:
                    raise ConnectionAbortedError("the connection was given up here")
                self._held.add(twin)

        try:
            yield hold
        finally:
            with self._lock:
                self._held.difference_update(twins)
            for twin in twins:
                twin.close()

    def end(self) -> None:
        """End all that are being made, and let no further one be made; waits for nothing and never raises."""
        with self._lock:
            self._ended = True
            for twin in self._held:
                cut_off(twin)


def cut_off(sock: socket.socket) -> None:
    """Have whoever waits for the peer hear of its end, in any thread; the socket is still to be closed."""
    with suppress(OSError):
        # Not the method of the TLS socket: that one would send in the clear for a moment.
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
