"""Hints that something changed. They may be late, doubled or missing: the scan decides."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver, ObservedWatch

_log = logging.getLogger(__name__)

# Neither opened nor closed-without-writing: after an overflow the library walks the tree again, which opens
# every folder, whose events overflow the queue once more, without an end from about 5000 folders on.
_FILTER: list[type[FileSystemEvent]] = [
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
]


class HintSource(Protocol):
    """Something that says *look at this folder*."""

    @property
    def reason(self) -> str:
        """Why hints do not come, for people; empty while they do."""

    def start(self, folders: Sequence[Path], on_hint: Callable[[Path], None]) -> None:
        """Begin; `on_hint` gets one of the folders and may be called from any thread."""

    def arm(self, folder: Path) -> None:
        """The folder is there again, or for the first time: hints for it may be had now."""

    def stop(self) -> None:
        """End; no hint comes after this returns."""


class NoHints:
    """Scanning only."""

    def __init__(self, reason: str) -> None:
        self.reason = reason

    def start(self, folders: Sequence[Path], on_hint: Callable[[Path], None]) -> None:
        """Nothing to start."""

    def arm(self, folder: Path) -> None:
        """Nothing to arm."""

    def stop(self) -> None:
        """Nothing to stop."""


class WatchdogHints:
    """Hints from the system's file events (inotify, FSEvents, ReadDirectoryChangesW).

    A folder that is not there, or that the system has no watch left for, is scanned only; `reason` says so.
    """

    def __init__(self) -> None:
        self._observer: BaseObserver | None = None
        self._on_hint: Callable[[Path], None] = lambda _folder: None
        self._watches: dict[Path, ObservedWatch] = {}
        self._problems: dict[Path, str] = {}
        self._trouble = ""

    @property
    def reason(self) -> str:
        """Why hints do not come for all folders; empty while they do."""
        if self._trouble:
            return self._trouble
        if self._problems:
            return f"No file events for {'; '.join(self._problems.values())}."
        return ""

    def start(self, folders: Sequence[Path], on_hint: Callable[[Path], None]) -> None:
        """Watch the folders that can be watched."""
        self._on_hint = on_hint
        observer: BaseObserver = Observer()
        try:
            observer.start()
        except (OSError, RuntimeError) as error:
            self._trouble = f"File events cannot be had: {type(error).__name__}."
            return
        self._observer = observer
        for folder in folders:
            self.arm(folder)
        self._trouble = short_of_watches(folders)

    def arm(self, folder: Path) -> None:
        """Watch this folder; a watch of what was under its path before is given up."""
        if self._observer is None:
            return
        before = self._watches.pop(folder, None)
        if before is not None:
            with contextlib.suppress(KeyError, OSError):
                self._observer.unschedule(before)
        try:
            self._watches[folder] = self._observer.schedule(
                _Handler(folder, self._on_hint), str(folder), recursive=True, event_filter=_FILTER
            )
        except OSError as error:
            self._problems[folder] = f"{folder.name}: {error.strerror or type(error).__name__}"
        else:
            self._problems.pop(folder, None)

    def stop(self) -> None:
        """End the observer's threads."""
        if self._observer is not None:
            _stop(self._observer)
            self._observer = None


def short_of_watches(folders: Sequence[Path], *, limit_file: Path | None = None) -> str:
    """Why the system's watches do not suffice for these folders and their subfolders; empty when they do.

    The library goes on in silence when they run out, so it is counted here. Linux only.
    """
    source = limit_file or Path("/proc/sys/fs/inotify/max_user_watches")
    try:
        limit = int(source.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return ""
    needed = sum(1 + sum(len(names) for _, names, _ in os.walk(folder)) for folder in folders)
    if needed <= limit:
        return ""
    return f"The system allows {limit} watches, these folders need {needed}: the rest is scanned only."


def _stop(observer: BaseObserver) -> None:
    try:
        observer.stop()
        if observer.is_alive():
            observer.join(5)
    except (OSError, RuntimeError):
        _log.info("the file events ended with an error", exc_info=True)


class _Handler(FileSystemEventHandler):
    def __init__(self, folder: Path, on_hint: Callable[[Path], None]) -> None:
        self._folder = folder
        self._on_hint = on_hint

    def on_any_event(self, event: FileSystemEvent) -> None:  # noqa: ARG002 - where, is enough
        self._on_hint(self._folder)
