"""A relay that delays: the stand-in for a long way where network namespaces are not allowed.

TCP ends at the relay, so only the windows of SSH meet the delay, not those of TCP; and nothing is lost.
"""

from __future__ import annotations

import contextlib
import queue
import socket
import threading
import time
from collections.abc import Iterator

_BLOCK = 64 * 1024
_UNDER_WAY = 16 * 1024 * 1024 // _BLOCK


@contextlib.contextmanager
def delaying_relay(target: int, *, seconds: float, rate: float | None = None) -> Iterator[int]:
    """The port of one to a port of the loopback; every byte arrives so many seconds later, both ways.

    `rate`: bytes per second of each connection and direction, as on a link that loses packets; None: any.
    """
    ending = threading.Event()

    def accept() -> None:
        while True:
            near, _ = listener.accept()
            if ending.is_set():
                near.close()
                return
            far = socket.create_connection(("127.0.0.1", target))
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=_carry, args=(source, sink, seconds, rate), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            ending.set()
            socket.create_connection(listener.getsockname()).close()
            thread.join()


def _carry(source: socket.socket, sink: socket.socket, seconds: float, rate: float | None) -> None:
    under_way = _UNDER_WAY if rate is None else 4
    waiting: queue.Queue[tuple[float, bytes]] = queue.Queue(under_way)
    threading.Thread(target=_deliver, args=(waiting, sink), daemon=True).start()
    free_at = 0.0
    with contextlib.suppress(OSError):
        while data := source.recv(_BLOCK):
            if rate is not None:
                free_at = max(free_at, time.monotonic()) + len(data) / rate
            waiting.put((max(free_at, time.monotonic()) + seconds, data))
    waiting.put((time.monotonic() + seconds, b""))


def _deliver(waiting: queue.Queue[tuple[float, bytes]], sink: socket.socket) -> None:
    broken = False
    while True:
        due, data = waiting.get()
        time.sleep(max(0.0, due - time.monotonic()))
        if not data:
            with contextlib.suppress(OSError):
                sink.shutdown(socket.SHUT_WR)
            return
        if not broken:
            try:
                sink.sendall(data)
            except OSError:
                broken = True
