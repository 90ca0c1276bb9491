"""The file of our own log: for its owner only, rotating; its records are masked, and hold no secret."""

from __future__ import annotations

import logging
import os
import re
from logging.handlers import RotatingFileHandler
from pathlib import Path

from app.masking.records import MaskedRecords

_LARGEST = 2 * 1024 * 1024
_KEPT = 3
_SECRET = re.compile(
    r"(?i)(bearer\s+|authorization['\"]?\s*[:=]\s*['\"]?|(?:access_token|refresh_token|client_secret|password|code)"
    r"['\"]?\s*[:=]\s*['\"]?)[^\s'\"&,}]+"
)


class _Guarded(logging.Formatter):
    """Takes what looks like a secret out of every line, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        return _SECRET.sub(r"\1[hidden]", super().format(record))


class _PrivateHandler(RotatingFileHandler):
    """Creates its files for their owner only."""

    def _open(self):  # type: ignore[no-untyped-def]  # the type of the stream is the library's own
        os.close(os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
        return super()._open()


def file_handler(path: Path) -> logging.Handler:
    """What writes records to a file.

    Raises:
        OSError: it cannot be written.
    """
    handler = _PrivateHandler(path, maxBytes=_LARGEST, backupCount=_KEPT, encoding="utf-8", delay=False)
    plain = _Guarded("%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s")
    handler.setFormatter(MaskedRecords(plain))
    return handler
