"""A sample of a file, read back over several connections at once: where one is slow, all of them are not."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from app.transfer.bandwidth import LARGEST_STRIDE
from app.transfer.control import Interrupted
from app.transfer.destination import Beat
from app.transfer.parts import Part
from app.transfer.session import Session
from app.transfer.sftp_proof import differing
from app.transfer.ssh import Mode

_LOOK_EVERY = 0.02


class Sample:
    """Parts of one file that are being read back.

    Args:
        sessions: each used by nobody else, at least one.
        path: of the file.
        parts: each with its digest.
    """

    def __init__(self, sessions: Sequence[Session], path: str, parts: Sequence[Part]) -> None:
        self._sessions = sessions
        self._path = path
        self._ending = threading.Event()
        self._pool = ThreadPoolExecutor(len(sessions), thread_name_prefix="transfer-sample")
        shares = [parts[number :: len(sessions)] for number in range(len(sessions))]
        self._looking: list[Future[bool]] = [
            self._pool.submit(self._look, session, share)
            for session, share in zip(sessions, shares, strict=True)
            if share
        ]

    def equal(self, *, beat: Beat) -> bool:
        """Wait for it: whether the server has every part as it was sent.

        Raises:
            What reading raised, and what `beat` raises to interrupt.
        """
        while not all(each.done() for each in self._looking):
            beat.rest(_LOOK_EVERY)
        results = [each.result() for each in self._looking]
        return all(results)

    def close(self) -> None:
        """End what is under way; the sessions of that are not usable any more."""
        self._ending.set()
        if not all(each.done() for each in self._looking):
            for session in self._sessions:
                session.close()
        self._pool.shutdown()

    def _look(self, session: Session, parts: Sequence[Part]) -> bool:
        handle = session.client.open(self._path, Mode.READ)
        wrong = differing(session, handle, parts, beat=_UntilClosed(self._ending), ask=False)
        session.client.close(handle)
        return not wrong


@contextmanager
def sample(sessions: Sequence[Session], path: str, parts: Sequence[Part]) -> Iterator[Sample | None]:
    """Begin to read back in other threads, until the end of the block; None when no session is for it."""
    if not sessions or not parts:
        yield None
        return
    begun = Sample(sessions, path, parts)
    try:
        yield begun
    finally:
        begun.close()


class _UntilClosed:
    """A `Beat` of a thread that reads back."""

    def __init__(self, ending: threading.Event) -> None:
        self._ending = ending

    @property
    def stride(self) -> int:
        """Nothing is sent."""
        return LARGEST_STRIDE

    def leaving(self, count: int) -> None:
        """Nothing is sent."""

    def moved(self, count: int) -> None:
        """Nothing is sent."""

    def rest(self, seconds: float) -> None:
        """See `Beat`."""
        if self._ending.wait(seconds):
            raise Interrupted

    def remember(self, remote: str) -> None:
        """The name stays."""
