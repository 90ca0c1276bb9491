"""What is said of a defect where no log is open: never the error's own text, which may quote a log."""

from __future__ import annotations

import copy
import logging
import sys
import traceback
from types import TracebackType
from typing import TypeAlias

from app.domain.errors import WorldError

_log = logging.getLogger(__name__)
_ExcInfo: TypeAlias = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
)


class WordlessFormatter(logging.Formatter):
    """Tracebacks without the errors' own texts: what failed may quote the line of a log or a header."""

    def format(self, record: logging.LogRecord) -> str:
        """The record with the kinds of its errors."""
        own = copy.copy(record)
        own.exc_text = None  # another handler may have put its own text there
        return super().format(own)

    def formatException(self, ei: _ExcInfo) -> str:
        """Where it came from, and of what kind it and its causes are."""
        pieces: list[str] = []
        error, seen = ei[1], set[int]()
        while error is not None and id(error) not in seen:
            seen.add(id(error))
            code = f" {error.code}" if isinstance(error, WorldError) else ""
            pieces.append("".join(traceback.format_tb(error.__traceback__)) + type(error).__name__ + code)
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\nby:\n".join(pieces)


def no_texts_of_errors() -> None:
    """On the standard error stream, too: what it is given is kept by the service manager as it is."""
    if logging.lastResort is not None:
        logging.lastResort.setFormatter(WordlessFormatter("%(levelname)s %(name)s: %(message)s"))
    sys.unraisablehook = _unraisable


def _unraisable(what: sys.UnraisableHookArgs) -> None:
    error = what.exc_value if what.exc_value is not None else what.exc_type()
    _log.error("something could not be raised", exc_info=(what.exc_type, error, what.exc_traceback))
