"""The one way to leave the GUI thread: run a function elsewhere, come back with its result or its error."""

from __future__ import annotations

import logging
import queue
import secrets
import threading
from collections.abc import Callable
from typing import Any, Generic, ParamSpec, TypeVar

import shiboken6
from PySide6.QtCore import QCoreApplication, QObject, QThread, Signal, Slot

from app.domain.errors import CaseferryError, Defect

P = ParamSpec("P")
R = TypeVar("R")

_log = logging.getLogger("ui.tasks")
_WORKERS = 6


class _Relay(QObject):
    """Lives in the GUI thread; brings finished tasks back to it."""

    finished = Signal(object)
    unhandled = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.finished.connect(self._deliver)

    @Slot(object)
    def _deliver(self, task: Task[Any]) -> None:
        task._deliver()


class _Workers:
    """A few daemon threads: a call that hangs never keeps the program from ending."""

    def __init__(self, count: int) -> None:
        self._waiting: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._count = count
        self._started = False
        self._lock = threading.Lock()
        self.open_tasks: set[Task[Any]] = set()

    def submit(self, job: Callable[[], None]) -> None:
        with self._lock:
            if not self._started:
                self._started = True
                for number in range(self._count):
                    threading.Thread(target=self._serve, name=f"task-{number}", daemon=True).start()
        self._waiting.put(job)

    def _serve(self) -> None:
        while True:
            self._waiting.get()()


_workers = _Workers(_WORKERS)
_relays: list[_Relay] = []


def task_relay() -> _Relay:
    """The relay of this application; its ``unhandled`` signal carries errors nobody asked for."""
    if not _relays or not shiboken6.isValid(_relays[0]):
        _relays[:] = [_Relay()]
    return _relays[0]


def open_tasks() -> int:
    """How many tasks have not delivered yet; for the leak check of tests."""
    return len(_workers.open_tasks)


def as_caseferry_error(error: BaseException) -> CaseferryError:
    """An error for people: ours as it is, anything else as a `Defect` whose traceback is in the log."""
    if isinstance(error, CaseferryError):
        return error
    reference = secrets.token_hex(4)
    _log.error("defect %s", reference, exc_info=error)
    return Defect(reference)


class Task(Generic[R]):
    """One call in another thread. Exactly one of *done* and *error* is called, in the GUI thread.

    Neither is called once the owner was destroyed or the task was cancelled.
    """

    def __init__(self, call: Callable[[], R], owner: QObject) -> None:
        self._call = call
        self._owner = owner
        self._done: list[Callable[[R], object]] = []
        self._errors: list[Callable[[CaseferryError], object]] = []
        self._result: R | None = None
        self._error: CaseferryError | None = None
        self._cancelled = False

    @staticmethod
    def run(fn: Callable[..., R], *args: object, owner: QObject, **kw: object) -> Task[R]:
        """Start ``fn(*args, **kw)`` in a worker thread. Call it from the GUI thread only.

        The function may block and must not touch widgets. The callbacks are dropped when the owner dies
        first.
        """
        application = QCoreApplication.instance()
        if application is None or QThread.currentThread() is not application.thread():
            raise RuntimeError("tasks start in the GUI thread")
        task: Task[R] = Task(lambda: fn(*args, **kw), owner)
        relay = task_relay()
        _workers.open_tasks.add(task)
        _workers.submit(lambda: task._work(relay))
        return task

    def on_done(self, callback: Callable[[R], object]) -> Task[R]:
        """Call this with the result."""
        self._done.append(callback)
        return self

    def on_error(self, callback: Callable[[CaseferryError], object]) -> Task[R]:
        """Call this with the error; without it the window's own error line shows it."""
        self._errors.append(callback)
        return self

    def cancel(self) -> None:
        """Forget the callbacks; the call itself runs to its end."""
        self._cancelled = True

    def _work(self, relay: _Relay) -> None:
        if not self._cancelled:
            try:
                self._result = self._call()
            except BaseException as error:  # noqa: BLE001 - the border of a thread: all of it goes back
                self._error = as_caseferry_error(error)
        if shiboken6.isValid(relay):
            relay.finished.emit(self)
        else:
            _workers.open_tasks.discard(self)

    def _deliver(self) -> None:
        _workers.open_tasks.discard(self)
        if self._cancelled or not shiboken6.isValid(self._owner):
            return
        if self._error is None:
            for done in self._done:
                done(self._result)  # type: ignore[arg-type]
        elif self._errors:
            for failed in self._errors:
                failed(self._error)
        else:
            task_relay().unhandled.emit(self._error)


class Latest:
    """Keeps only the newest of a kind of task: an older answer never overwrites a newer one."""

    def __init__(self, owner: QObject) -> None:
        self._owner = owner
        self._task: Task[Any] | None = None

    def run(self, fn: Callable[..., R], *args: object, **kw: object) -> Task[R]:
        """Cancel the one before and run this."""
        self.cancel()
        task = Task.run(fn, *args, owner=self._owner, **kw)
        self._task = task
        return task

    def cancel(self) -> None:
        """Forget the running one."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
