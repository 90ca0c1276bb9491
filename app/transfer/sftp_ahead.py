"""Sessions that are opened before they are asked for: signing in takes a dozen round trips."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future

from app.domain.errors import UnreachableError, WorldError
from app.transfer.session import Session

_log = logging.getLogger(__name__)


class NotWanted(UnreachableError):
    """A connection that was made ready in vain; never leaves `Ahead`."""


class Gate:
    """Where connections wait, ready to sign in, until the first one has: who is refused, is refused once."""

    def __init__(self) -> None:
        self._decided = threading.Event()
        self._open = False

    def decide(self, *, opens: bool) -> None:
        """Let all pass, or none; the first word counts."""
        if not self._decided.is_set():
            self._open = opens
            self._decided.set()

    def wait(self, seconds: float) -> None:
        """Pass when it opens.

        Raises:
            NotWanted: it stays closed, or nothing was decided for so long.
        """
        self._decided.wait(seconds)
        if not self._open:
            raise NotWanted(
                "No further connection is wanted",
                happened="The first one was not let in, or the server is near.",
                todo="Nothing.",
                code="CF-1510",
            )


class Ahead:
    """Opens sessions in other threads.

    Args:
        connect: opens one; called from several threads.
        at_once: that have not signed in yet.
    """

    def __init__(self, connect: Callable[[], Session], *, at_once: int) -> None:
        self._connect = connect
        self._signing_in = threading.Semaphore(at_once)
        self._lock = threading.Lock()
        self._coming: deque[Future[Session]] = deque()

    def begin(self, count: int) -> None:
        """Open so many."""
        for _number in range(count):
            coming: Future[Session] = Future()
            with self._lock:
                self._coming.append(coming)
            threading.Thread(target=self._open, args=(coming,), name="transfer-ahead", daemon=True).start()

    def take(self) -> Session:
        """One that was begun, as soon as it is open; else one that is opened now.

        Raises:
            What opening raised.
        """
        with self._lock:
            coming = self._coming.popleft() if self._coming else None
        if coming is not None:
            try:
                session = coming.result()
            except NotWanted:
                # It was, after all: far is what the first connection found near.
                return self._now()
            if session.alive:
                return session
            session.close()
        return self._now()

    def _now(self) -> Session:
        with self._signing_in:
            return self._connect()

    def close(self) -> None:
        """End those that nobody took, also such as are still to come."""
        with self._lock:
            coming, self._coming = self._coming, deque()
        for each in coming:
            each.add_done_callback(_ended)

    def _open(self, coming: Future[Session]) -> None:
        try:
            with self._signing_in:
                session = self._connect()
        except BaseException as error:  # noqa: BLE001 - handed to who takes it
            coming.set_exception(error)
        else:
            coming.set_result(session)


def _ended(coming: Future[Session]) -> None:
    error = coming.exception()
    if error is None:
        coming.result().close()
    elif isinstance(error, WorldError):
        _log.info("a connection that nobody took could not be opened: %s", error.code)
    else:
        _log.info("a connection that nobody took could not be opened: %s", type(error).__name__)
