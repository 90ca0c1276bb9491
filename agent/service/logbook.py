"""The agent's own log: rotating, for its account only, and quiet about persons and secrets.

Our records name jobs, codes, rules and counts. Libraries are heard from *warning* on, so that no request,
header or path of theirs gets into it. Every record passes masking.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agent.service.wordless import WordlessFormatter
from app.masking.records import MaskedRecords
from app.settings.log_files import PrivateRotatingFile

_log = logging.getLogger(__name__)
_BYTES = 5 * 1024 * 1024
_FILES = 5
_OURS = ("agent", "app")


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
    formatter = WordlessFormatter("%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s: %(message)s")
    formatter.converter = time.gmtime
    formatter.datefmt = "%Y-%m-%dT%H:%M:%S"
    handler.setFormatter(MaskedRecords(formatter))
    root = logging.getLogger()
    root.setLevel(logging.WARNING)
    root.addHandler(handler)
    for name in _OURS:
        logging.getLogger(name).setLevel(logging.INFO)
    return handler
