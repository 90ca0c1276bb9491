"""Our own rotating log. It never holds a secret or the text of a log line; records pass masking."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from app.settings import log_folder
from app.settings.folders import FolderError


class _LateFile(logging.Handler):
    """Writes to a file that is opened, with what masks its records, by the first: most commands log none."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._file: logging.Handler | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Hand a record on to the file."""
        if self._file is None:
            from app.commands.log_file import file_handler

            try:
                self._file = file_handler(self._path)
            except OSError:  # it could be written when the command began: that goes on without a log
                self._file = logging.NullHandler()
        self._file.handle(record)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
        super().close()


def begin_log(name: str) -> Path | None:
    """Log to ``<name>.log`` in the log folder; the file, or None when it cannot be written."""
    try:
        path = log_folder() / f"{name}.log"
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
    except (OSError, FolderError):
        return None
    root = logging.getLogger()
    root.addHandler(_LateFile(path))
    root.setLevel(logging.INFO)
    logging.getLogger("urllib3").setLevel(logging.WARNING)
    return path
