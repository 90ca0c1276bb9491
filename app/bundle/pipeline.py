"""Stages in threads, joined by channels of bounded room; the first error ends them all."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Generic, Self, TypeVar

T = TypeVar("T")


class Halted(Exception):
    """Another stage failed, or the pipeline was given up; whoever waits at a channel is told by this."""


class Channel(Generic[T]):
    """What one stage hands to the next, in order; `put` waits for room, iterating for the next thing."""

    def __init__(self, pipeline: Pipeline, *, room: int) -> None:
        self._pipeline = pipeline
        self._changed = threading.Condition(pipeline.lock)
        self._room = room
        self._held: deque[T] = deque()
        self._closed = False

    def put(self, thing: T) -> None:
        """Hand on; waits while `room` things wait here.

        Raises:
            Halted: the pipeline ended meanwhile.
        """
        with self._changed:
            self._pipeline.wait(self._changed, lambda: len(self._held) < self._room)
            self._held.append(thing)
            self._changed.notify_all()

    def close(self) -> None:
        """Nothing more will come."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def take(self) -> T:
        """The next thing.

        Raises:
            Halted: the pipeline ended meanwhile.
            EOFError: the channel was closed, and everything was taken.
        """
        with self._changed:
            self._pipeline.wait(self._changed, lambda: bool(self._held) or self._closed)
            if not self._held:
                raise EOFError
            thing = self._held.popleft()
            self._changed.notify_all()
            return thing

    def __iter__(self) -> Iterator[T]:
        """Everything until the channel is closed."""
        while True:
            try:
                thing = self.take()
            except EOFError:
                return
            yield thing


class Pipeline:
    """A set of stages that end together.

    As a context manager it waits for every thread at its end. When a stage or the body failed, everything
    that waits is woken, and the error that came first is raised: no thread outlives the ``with``.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        """Guards every channel: it is held for moments only."""
        self._waited_for: list[threading.Condition] = []
        self._threads: list[threading.Thread] = []
        self._halted = False
        self._error: BaseException | None = None

    def channel(self, *, room: int) -> Channel[T]:
        """A new channel that holds at most `room` things."""
        return Channel(self, room=room)

    def stage(self, work: Callable[[], None], *, name: str) -> None:
        """Run `work` in a thread of its own; it takes from channels until they are closed."""
        thread = threading.Thread(target=self._run, args=(work,), name=f"bundle-{name}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def halt(self, error: BaseException | None = None) -> None:
        """End everything; the first error stays the one that is raised."""
        with self.lock:
            if not self._halted:
                self._error = error
            self._halted = True
            for changed in self._waited_for:
                changed.notify_all()

    def wait(self, changed: threading.Condition, ready: Callable[[], bool]) -> None:
        """Wait, holding the lock, until it is so.

        Raises:
            Halted: the pipeline ended meanwhile.
        """
        while not (self._halted or ready()):
            self._waited_for.append(changed)
            try:
                changed.wait()
            finally:
                self._waited_for.remove(changed)
        if self._halted:
            raise Halted

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self.halt(error)
        for thread in self._threads:
            thread.join()
        if self._error is not None and self._error is not error:
            raise self._error

    def _run(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Halted:
            return
        except BaseException as error:  # noqa: BLE001 - it is raised again where the pipeline is waited for
            self.halt(error)


def cores() -> int:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1
