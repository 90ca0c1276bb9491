"""The files of our own logs, as every program of ours opens them."""

from __future__ import annotations

import os
from logging.handlers import RotatingFileHandler


class PrivateRotatingFile(RotatingFileHandler):
    """A log that rotates by size; each of its files is made for its owner only (0600)."""

    def _open(self):  # type: ignore[no-untyped-def]  # the type of the stream is the library's own
        os.close(os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
        return super()._open()
