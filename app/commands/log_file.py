"""The file of our own log: for its owner only, rotating; its records are masked, and hold no secret."""

from __future__ import annotations

import logging
import re
from pathlib import Path

from app.masking.records import MaskedRecords
from app.settings.log_files import PrivateRotatingFile

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


def file_handler(path: Path) -> logging.Handler:
    """What writes records to a file.

    Raises:
        OSError: it cannot be written.
    """
    handler = PrivateRotatingFile(path, maxBytes=_LARGEST, backupCount=_KEPT, encoding="utf-8", delay=False)
    plain = _Guarded("%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s")
    handler.setFormatter(MaskedRecords(plain))
    return handler
