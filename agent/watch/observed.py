"""Hints on Windows and macOS: watchdog's observer, one recursive watch for every folder.

On Windows the library drops the sign that events were lost (a completion without a byte), and hands nothing
on until a second has passed without any change. Both are put right here, in `prompt_batch` and the emitter
around it.
"""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import sys
import threading
from pathlib import Path
from typing import Any

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers.api import BaseObserver, ObservedWatch

from agent.watch.hints import OnHint

_log = logging.getLogger(__name__)

FILTER: list[type[FileSystemEvent]] = [
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
]
"""Neither opened nor closed: looking at a directory would be news of it, without an end."""


def prompt_batch(buffers: queue.Queue[Any], *, timeout: float) -> tuple[list[Any], bool]:
    """What the system has handed over by now, and whether it says that events were lost.

    Waits for the first buffer only, at most `timeout` seconds: a folder that is written to all the time must
    not keep its events back.

    Args:
        buffers: of the library's reader: pairs of bytes and their form; no bytes mean lost events.
        timeout: seconds.
    """
    batch: list[Any] = []
    lost = False
    with contextlib.suppress(queue.Empty):
        found = buffers.get(timeout=timeout)
        while True:
            if found[0]:
                batch.append(found)
            else:
                lost = True
            found = buffers.get_nowait()
    return batch, lost


if sys.platform == "win32":
    from watchdog.observers import winapi
    from watchdog.observers.read_directory_changes import WindowsApiEmitter

    class _Reader(winapi.DirectoryChangeReader):
        """Hands on at once what there is, and remembers that something was lost."""

        lost = False

        def get_events(self, timeout: float) -> list[Any]:
            batch, lost = prompt_batch(self._buf_queue, timeout=timeout)
            self.lost = self.lost or lost
            again: queue.Queue[Any] = queue.Queue()
            for found in batch:
                again.put(found)
            waiting, self._buf_queue = self._buf_queue, again
            try:
                return super().get_events(0)
            finally:
                self._buf_queue = waiting

    class _Emitter(WindowsApiEmitter):
        def on_thread_start(self) -> None:
            with self._lock:
                reader = _Reader(self.watch.path, recursive=self.watch.is_recursive)
                self._reader = reader
            reader.start()

        def queue_events(self, timeout: float) -> None:
            super().queue_events(timeout)
            reader = self._reader
            if isinstance(reader, _Reader) and reader.lost:
                reader.lost = False
                self.queue_event(DirDeletedEvent(self.watch.path))

    def _observer() -> BaseObserver:
        return BaseObserver(_Emitter)

else:
    from watchdog.observers import Observer

    def _observer() -> BaseObserver:
        made: BaseObserver = Observer()
        return made


class ObservedHints:
    """A `HintSource`. A folder that the system cannot watch is scanned only; `reason` says so."""

    def __init__(self) -> None:
        self._observer: BaseObserver | None = None
        self._on_hint: OnHint = lambda _folder, _relative: None
        self._watches: dict[Path, tuple[tuple[int, int], ObservedWatch]] = {}
        self._problems: dict[Path, str] = {}
        self._trouble = ""
        self._lock = threading.Lock()

    @property
    def reason(self) -> str:
        """Why hints do not come for all folders; empty while they do."""
        if self._trouble:
            return self._trouble
        if self._observer is not None and not self._observer.is_alive():
            return "The file events ended with an error."
        if self._problems:
            return f"No file events for {'; '.join(self._problems.values())}."
        return ""

    def start(self, on_hint: OnHint) -> None:
        """Start the observer's threads."""
        self._on_hint = on_hint
        try:
            observer = _observer()
            observer.start()
        except (OSError, RuntimeError) as error:
            self._trouble = f"File events cannot be had: {type(error).__name__}."
            return
        self._observer = observer

    def arm(self, folder: Path, relative: str, identity: tuple[int, int]) -> None:
        """Watch this folder with everything below; its subfolders need nothing of their own."""
        observer = self._observer
        if observer is None or relative:
            return
        with self._lock:
            before = self._watches.get(folder)
        if before is not None and before[0] == identity:
            return
        self.disarm(folder)
        try:
            watch = observer.schedule(
                _Handler(folder, self._on_hint), str(folder), recursive=True, event_filter=FILTER
            )
        except OSError as error:
            self._problems[folder] = f"{folder.name}: {error.strerror or type(error).__name__}"
            return
        with self._lock:
            self._watches[folder] = (identity, watch)
            self._problems.pop(folder, None)

    def disarm(self, folder: Path) -> None:
        """Give up the watch of a folder."""
        with self._lock:
            before = self._watches.pop(folder, None)
        if before is not None and self._observer is not None:
            with contextlib.suppress(KeyError, OSError):
                self._observer.unschedule(before[1])

    def check(self) -> None:
        """`reason` says all that is known; `agent.watch.proving.CheckedHints` tries it out."""

    def stop(self) -> None:
        """End the observer's threads."""
        self._on_hint = lambda _folder, _relative: None
        observer, self._observer = self._observer, None
        if observer is None:
            return
        try:
            observer.stop()
            if observer.is_alive():
                observer.join(5)
        except (OSError, RuntimeError):
            _log.info("the file events ended with an error", exc_info=True)


class _Handler(FileSystemEventHandler):
    """Turns what happened to a path into the directory it happened in."""

    def __init__(self, folder: Path, on_hint: OnHint) -> None:
        self._folder = folder
        self._on_hint = on_hint
        self._root = str(folder)

    def on_any_event(self, event: FileSystemEvent) -> None:
        for path in {event.src_path, event.dest_path}:
            if path:
                self._hint(os.fsdecode(path))

    def _hint(self, path: str) -> None:
        relative = os.path.relpath(path, self._root).replace(os.sep, "/")
        if relative == "." or relative.startswith("../"):
            self._on_hint(self._folder, None)
        else:
            self._on_hint(self._folder, relative.rpartition("/")[0])
