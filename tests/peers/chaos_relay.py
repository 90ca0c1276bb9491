"""A TCP relay that cuts, stalls and swallows at the byte it is told."""

from __future__ import annotations

import contextlib
import selectors
import socket
import struct
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence
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
        cut_after_received: reset both sides once the server has sent so many bytes; they arrive (Linux).
    """

    cut_after_sent: int | None = None
    deaf_after_sent: int | None = None
    hold_after_sent: int | None = None
    cut_after_received: int | None = None


@dataclass(frozen=True, slots=True)
class Total:
    """What happens once, when all connections together have sent so many bytes, however many there are.

    Attributes:
        cut_after_sent: reset the connection that sent the last of them.
        deaf_after_sent: nothing of the server's answers comes back over that connection; see `Fault`.
        hold_after_sent: from then on nothing moves over any, also not over those to come until
            `ChaosRelay.release`, and `ChaosRelay.held` is set.
    """

    cut_after_sent: int | None = None
    deaf_after_sent: int | None = None
    hold_after_sent: int | None = None


class ChaosRelay:
    """Listens on a free port of the loopback and relays to ``target``. Use as a context manager.

    Each connection takes the next of `faults`; when there is none left, nothing happens to it. How many
    connections a sender opens is its own matter: what must happen whatever it does is said by `total`.

    Attributes:
        held: set once a connection is held.
        struck: faults that have happened.
        sent: bytes of all connections, from the clients.
    """

    def __init__(self, target: int, *, faults: Sequence[Fault] = (), total: Total | None = None) -> None:
        self.target = target
        self.faults: deque[Fault] = deque(faults)
        self.held = threading.Event()
        self.connections = 0
        self.sent = 0
        self.struck = 0
        self._total = total or Total()
        self._counting = threading.Lock()
        self._standing_still = False
        self._released = threading.Event()
        self._ending = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads: list[threading.Thread] = []
        self._pairs: list[_Pair] = []

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
            thread.join(timeout=60)
        self._listener.close()

    def release(self) -> None:
        """Cut what is held; what comes then passes."""
        self.rearm()

    def cut_off(self) -> None:
        """Reset every connection, and every one to come until there is a `target` again."""
        self.target = 0
        with self._counting:
            pairs, self._pairs = self._pairs, []
        for pair in pairs:
            for side in (pair.client, pair.server):
                with contextlib.suppress(OSError):
                    side.shutdown(socket.SHUT_RDWR)

    def rearm(self, *, faults: Sequence[Fault] = (), total: Total | None = None) -> None:
        """Cut what is held, and have these faults for the connections and bytes to come."""
        with self._counting:
            released, self._released = self._released, threading.Event()
            self.faults = deque(faults)
            self._total, self.sent, self._standing_still = total or Total(), 0, False
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
            with self._counting:
                self.connections += 1
                fault = self.faults.popleft() if self.faults else Fault()
            try:
                server = socket.create_connection(("127.0.0.1", self.target), timeout=60)
            except OSError:
                _reset(client)
                continue
            pair = _Pair(client, server, fault)
            with self._counting:
                self._pairs.append(pair)
            self._start(self._relay, pair)

    def _relay(self, pair: _Pair) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(pair.client, selectors.EVENT_READ)
            selector.register(pair.server, selectors.EVENT_READ)
            try:
                while not self._ending.is_set():
                    for key, _ in selector.select(timeout=0.05):
                        if self._standing_still:
                            self._hold()
                            return
                        passed = self._forth(pair) if key.fileobj is pair.client else self._back(pair)
                        if not passed:
                            return
            except OSError:
                return
            finally:
                pair.client.close()
                pair.server.close()

    def _forth(self, pair: _Pair) -> bool:
        """What the client has sent; False when the connection is to end."""
        fault = pair.fault
        with self._counting:
            released, total = self._released, self._total
            data = pair.client.recv(min(_BLOCK, _room(fault, pair.sent), _room(total, self.sent)))
            before, self.sent = self.sent, self.sent + len(data)
            pair.sent += len(data)
            cut = _reached(fault.cut_after_sent, pair.sent) or _passed(
                total.cut_after_sent, before, self.sent
            )
            held = _reached(fault.hold_after_sent, pair.sent)
            if _passed(total.hold_after_sent, before, self.sent):
                held = self._standing_still = True
            if _passed(total.deaf_after_sent, before, self.sent):
                pair.deaf = True
        if not data:
            return False
        pair.server.sendall(data)
        pair.deaf = pair.deaf or _reached(fault.deaf_after_sent, pair.sent)
        if cut:
            self._cut(pair.client, pair.server)
        elif held:
            self.struck += 1
            self.held.set()
            released.wait(timeout=150)
        return not (cut or held)

    def _back(self, pair: _Pair) -> bool:
        """What the server has sent; False when the connection is to end."""
        data = pair.server.recv(_BLOCK)
        if pair.deaf:
            self._cut(pair.client)
            return False
        if not data:
            return False
        pair.received += len(data)
        pair.client.sendall(data)
        if _reached(pair.fault.cut_after_received, pair.received):
            _await_arrival(pair.client)
            self._cut(pair.client, pair.server)
            return False
        return True

    def _hold(self) -> None:
        self._released.wait(timeout=150)

    def _cut(self, *sides: socket.socket) -> None:
        self.struck += 1
        for side in sides:
            _reset(side)


@dataclass(slots=True)
class _Pair:
    """A client's connection and ours to the server."""

    client: socket.socket
    server: socket.socket
    fault: Fault
    sent: int = 0
    received: int = 0
    deaf: bool = False


def _reached(limit: int | None, count: int) -> bool:
    return limit is not None and count >= limit


def _passed(limit: int | None, before: int, now: int) -> bool:
    return limit is not None and before < limit <= now


def _room(fault: Fault | Total, sent: int) -> int:
    """Bytes until something happens, at least 1."""
    limits = (fault.cut_after_sent, fault.hold_after_sent)
    return min((limit - sent for limit in limits if limit is not None and limit > sent), default=_BLOCK)


def _await_arrival(side: socket.socket) -> None:
    """A reset takes back what lies here unsent: wait until the other side's system has all of it."""
    until = time.monotonic() + 5
    while _unsent(side) and time.monotonic() < until:
        time.sleep(0.001)  # the system tells of no arrival


def _unsent(side: socket.socket) -> int:
    if sys.platform != "linux":
        return 0
    import fcntl
    import termios

    return int(struct.unpack("i", fcntl.ioctl(side.fileno(), termios.TIOCOUTQ, bytes(4)))[0])


def _reset(side: socket.socket) -> None:
    """Close with RST, as a dying machine or a firewall does."""
    with contextlib.suppress(OSError):
        side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    side.close()
