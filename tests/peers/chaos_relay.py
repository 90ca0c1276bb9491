"""A TCP relay that cuts, stalls and swallows at the byte it is told."""

from __future__ import annotations

import contextlib
import selectors
import socket
import struct
import threading
from collections import deque
from dataclasses import dataclass
from types import TracebackType

_BLOCK = 64 * 1024


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to one connection. Bytes count from its start, as they are on the wire.

    Attributes:
        cut_after_sent: reset both sides once the client has sent so many bytes.
        deaf_after_sent: from then on nothing of the server's answers comes back; the bytes sent still arrive.
            The connection is reset once the server has answered: the answer is lost.
        hold_after_sent: from then on nothing moves, and `ChaosRelay.held` is set.
        cut_after_received: reset both sides once the server has sent so many bytes.
    """

    cut_after_sent: int | None = None
    deaf_after_sent: int | None = None
    hold_after_sent: int | None = None
    cut_after_received: int | None = None


class ChaosRelay:
    """Listens on a free port of the loopback and relays to ``target``. Use as a context manager.

    Each connection takes the next of `faults`; when there is none left, nothing happens to it.
    """

    def __init__(self, target: int, *, faults: list[Fault] | None = None) -> None:
        self.target = target
        self.faults: deque[Fault] = deque(faults or [])
        self.held = threading.Event()
        self.connections = 0
        self.sent = 0
        self._released = threading.Event()
        self._ending = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> ChaosRelay:
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.set()
        self._released.set()
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), timeout=5).close()
        for thread in self._threads:
            thread.join(timeout=10)
        self._listener.close()

    def release(self) -> None:
        """Cut what is held."""
        self._released.set()

    def rearm(self, faults: list[Fault]) -> None:
        """Cut what is held, and have these faults for the connections to come."""
        released, self._released = self._released, threading.Event()
        self.faults = deque(faults)
        self.held.clear()
        released.set()

    def _start(self, work, *arguments) -> None:  # type: ignore[no-untyped-def]
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            client, _ = self._listener.accept()
            if self._ending.is_set():
                client.close()
                return
            self.connections += 1
            fault = self.faults.popleft() if self.faults else Fault()
            try:
                server = socket.create_connection(("127.0.0.1", self.target), timeout=10)
            except OSError:
                _reset(client)
                continue
            self._start(self._relay, client, server, fault)

    def _relay(self, client: socket.socket, server: socket.socket, fault: Fault) -> None:
        sent = received = 0
        with selectors.DefaultSelector() as selector:
            selector.register(client, selectors.EVENT_READ)
            selector.register(server, selectors.EVENT_READ)
            try:
                while not self._ending.is_set():
                    for key, _ in selector.select(timeout=0.2):
                        limit = _next_limit(fault, sent)
                        if key.fileobj is client:
                            data = client.recv(min(_BLOCK, limit) if limit else _BLOCK)
                            if not data:
                                return
                            server.sendall(data)
                            sent += len(data)
                            self.sent += len(data)
                            if fault.cut_after_sent is not None and sent >= fault.cut_after_sent:
                                _reset(client)
                                _reset(server)
                                return
                            if fault.hold_after_sent is not None and sent >= fault.hold_after_sent:
                                self.held.set()
                                self._released.wait(timeout=60)
                                return
                        else:
                            data = server.recv(_BLOCK)
                            if fault.deaf_after_sent is not None and sent >= fault.deaf_after_sent:
                                _reset(client)
                                return
                            if not data:
                                return
                            received += len(data)
                            client.sendall(data)
                            if fault.cut_after_received is not None and received >= fault.cut_after_received:
                                _reset(client)
                                _reset(server)
                                return
            except OSError:
                return
            finally:
                client.close()
                server.close()


def _next_limit(fault: Fault, sent: int) -> int | None:
    limits = [
        limit - sent
        for limit in (fault.cut_after_sent, fault.hold_after_sent)
        if limit is not None and limit > sent
    ]
    return min(limits) if limits else None


def _reset(side: socket.socket) -> None:
    """Close with RST, as a dying machine or a firewall does."""
    with contextlib.suppress(OSError):
        side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    side.close()
