"""A download that is asked to stop waits for no silent server: its connections are broken off."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from app.transfer.control import Control, Wish

C = TypeVar("C")


@contextmanager
def broken_on_stop(
    connect: Callable[[], C], *, control: Control, break_off: Callable[[C], None]
) -> Iterator[Callable[[], C]]:
    """Make connections in the block by what is given; whoever waits for one hears of a cut at a stop.

    Args:
        connect: makes one; called from several threads.
        control: whose wish it is.
        break_off: ends one for who waits for it; waits for nothing, never raises, may come twice and late.
    """
    made: list[C] = []
    lock = threading.Lock()

    def connected() -> C:
        connection = connect()
        with lock:
            made.append(connection)
        if control.wish is not Wish.GO:
            break_off(connection)
        return connection

    def end() -> None:
        if control.wish is not Wish.GO:
            with lock:
                open_now = tuple(made)
            for connection in open_now:
                break_off(connection)

    with control.watched(end):
        yield connected
