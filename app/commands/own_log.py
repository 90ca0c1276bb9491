"""Our own rotating log. It never holds a secret or the text of a log line; records pass masking."""

from __future__ import annotations

import logging
import os
import re
from logging.handlers import RotatingFileHandler
from pathlib import Path

from app.settings import log_folder

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


class _LateMasking(logging.Formatter):
    """Masks records; masking is loaded with the first one, since most commands log none."""

    def __init__(self, inner: logging.Formatter) -> None:
        super().__init__()
        self._inner = inner
        self._masked: logging.Formatter | None = None

    def format(self, record: logging.LogRecord) -> str:
        if self._masked is None:
            from app.masking.records import MaskedRecords

            self._masked = MaskedRecords(self._inner)
        return self._masked.format(record)


class _PrivateHandler(RotatingFileHandler):
    """Creates its files for their owner only."""

    def _open(self):  # type: ignore[no-untyped-def]
        os.close(os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
        return super()._open()


def begin_log(name: str) -> Path | None:
    """Log to ``<name>.log`` in the log folder; the file, or None when it cannot be written."""
    try:
        path = log_folder() / f"{name}.log"
        handler = _PrivateHandler(path, maxBytes=_LARGEST, backupCount=_KEPT, encoding="utf-8", delay=False)
    except OSError:
        return None
    handler.setFormatter(
        _LateMasking(_Guarded("%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"))
    )
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    logging.getLogger("urllib3").setLevel(logging.WARNING)
    return path
