"""Following an endless source (server-sent events, a long poll) in a thread of its own."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

import shiboken6
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.domain.errors import CaseferryError
from ui.tasks.task import as_caseferry_error

T = TypeVar("T")

_FIRST_WAIT = 1.0
_LONGEST_WAIT = 30.0

_Held = list[tuple[Callable[[], Iterator[Any]], "_StreamSignals", threading.Event]]
_ended: queue.SimpleQueue[_Held] = queue.SimpleQueue()
"""What ended threads held. The GUI thread lets go of it: what Qt made there must not die elsewhere."""


class _StreamSignals(QObject):
    arrived = Signal(object)
    failed = Signal(object)


class Stream(QObject, Generic[T]):
    """Reads an iterator in a daemon thread and hands its items to the GUI thread in batches.

    After an error it waits 1, 2, 4 … 30 s and opens the source again. A batch collects what arrived
    within the interval, so that a storm of events makes one repaint.

    Signals:
        batch: a list of items.
        failed: a `CaseferryError`; the stream goes on by itself.
        recovered: the first item after an error.
    """

    batch = Signal(list)
    failed = Signal(object)
    recovered = Signal()

    def __init__(
        self, open_source: Callable[[], Iterator[T]], *, interval_ms: int = 100, parent: QObject
    ) -> None:
        super().__init__(parent)
        _let_go()
        self._open = open_source
        self._stopped = threading.Event()
        self._pending: list[T] = []
        self._broken = False
        self._signals = _StreamSignals()
        self._signals.arrived.connect(self._collect)
        self._signals.failed.connect(self._report)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(interval_ms)
        self._timer.timeout.connect(self._flush)
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to read."""
        held: _Held = [(self._open, self._signals, self._stopped)]
        self._thread = threading.Thread(target=_serve, args=(held,), name="stream", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop handing out items; the thread ends with its next item or error."""
        self._stopped.set()
        self._timer.stop()
        self._pending.clear()

    def push(self, item: T) -> None:
        """Hand in an item beside the source's own, from any thread."""
        if not self._stopped.is_set() and shiboken6.isValid(self._signals):
            self._signals.arrived.emit(item)

    @Slot(object)
    def _collect(self, item: T) -> None:
        if self._stopped.is_set():
            return
        if self._broken:
            self._broken = False
            self.recovered.emit()
        self._pending.append(item)
        if not self._timer.isActive():
            self._timer.start()

    @Slot(object)
    def _report(self, error: CaseferryError) -> None:
        if not self._stopped.is_set():
            self._broken = True
            self.failed.emit(error)

    @Slot()
    def _flush(self) -> None:
        items, self._pending = self._pending, []
        if items:
            self.batch.emit(items)


def _let_go() -> None:
    """Called in the GUI thread."""
    while not _ended.empty():
        _ended.get().clear()


def _serve(held: _Held) -> None:
    """The thread's whole life. It holds no reference to the stream, only to its signals."""
    try:
        _read(held)
    finally:
        _ended.put(held)


def _read(held: _Held) -> None:
    open_source, signals, stopped = held[0]
    wait = _FIRST_WAIT
    while not stopped.is_set():
        try:
            for item in open_source():
                if stopped.is_set() or not shiboken6.isValid(signals):
                    return
                wait = _FIRST_WAIT
                signals.arrived.emit(item)
        except BaseException as error:  # noqa: BLE001 - the border of a thread: all of it goes back
            problem = as_caseferry_error(error)
            if stopped.is_set() or not shiboken6.isValid(signals):
                return
            signals.failed.emit(problem)
        stopped.wait(wait)
        wait = min(wait * 2, _LONGEST_WAIT)
