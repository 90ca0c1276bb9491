"""The agent's own log: rotating, for its account only, and quiet about persons and secrets.

Our records name jobs, codes, rules and counts. Libraries are heard from *warning* on, so that no request,
header or path of theirs gets into it. Every record passes masking.
"""

from __future__ import annotations

import copy
import logging
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TypeAlias

from app.domain.errors import WorldError
from app.masking.records import MaskedRecords
from app.settings.log_files import PrivateRotatingFile

_log = logging.getLogger(__name__)
_BYTES = 5 * 1024 * 1024
_FILES = 5
_OURS = ("agent", "app")
_ExcInfo: TypeAlias = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
)


class _WordlessFormatter(logging.Formatter):
    """Tracebacks without the errors' own texts: what failed may quote the line of a log or a header."""

    def format(self, record: logging.LogRecord) -> str:
        own = copy.copy(record)
        own.exc_text = None  # another handler may have put its own text there
        return super().format(own)

    def formatException(self, ei: _ExcInfo) -> str:
        pieces: list[str] = []
        error, seen = ei[1], set[int]()
        while error is not None and id(error) not in seen:
            seen.add(id(error))
            code = f" {error.code}" if isinstance(error, WorldError) else ""
            pieces.append("".join(traceback.format_tb(error.__traceback__)) + type(error).__name__ + code)
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\nby:\n".join(pieces)


@contextmanager
def defects_in_threads() -> Iterator[None]:
    """What ends a thread is a record of ours, which passes masking: no text on the standard error stream."""
    before = threading.excepthook

    def heard(ended: threading.ExceptHookArgs) -> None:
        name = ended.thread.name if ended.thread is not None else "a thread"
        error = ended.exc_value if ended.exc_value is not None else ended.exc_type()
        _log.error("%s has ended by a defect", name, exc_info=(ended.exc_type, error, ended.exc_traceback))

    threading.excepthook = heard
    try:
        yield
    finally:
        threading.excepthook = before


def open_logbook(folder: Path) -> logging.Handler:
    """Write our records to ``agent.log`` in this folder; returns the handler, to be closed at the end."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handler = PrivateRotatingFile(folder / "agent.log", maxBytes=_BYTES, backupCount=_FILES, encoding="utf-8")
    formatter = _WordlessFormatter("%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s: %(message)s")
    formatter.converter = time.gmtime
    formatter.datefmt = "%Y-%m-%dT%H:%M:%S"
    handler.setFormatter(MaskedRecords(formatter))
    root = logging.getLogger()
    root.setLevel(logging.WARNING)
    root.addHandler(handler)
    for name in _OURS:
        logging.getLogger(name).setLevel(logging.INFO)
    return handler
