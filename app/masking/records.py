"""The product's own log records pass masking, too; one that cannot be masked says so and nothing else."""

from __future__ import annotations

import copy
import logging
import threading

from app.masking.face import Engine
from app.masking.files import mask_text

UNMASKABLE = "a log record could not be masked"
_LONGEST = 64 * 1024


class MaskedRecords(logging.Formatter):
    """Masks what another formatter made of a record's own text and traceback; time, level and names stay.

    The rules are the product's own. The key lives as long as the program: tokens tell persons apart in the
    records of one run, and nothing beyond.

    Args:
        inner: lays records out.
        engine: for tests; made at the first record when None, so that who logs nothing pays nothing.
    """

    def __init__(self, inner: logging.Formatter, *, engine: Engine | None = None) -> None:
        super().__init__()
        self._inner = inner
        self._engine = engine
        self._guard = threading.RLock()

    def format(self, record: logging.LogRecord) -> str:
        """The masked record; what goes wrong leaves `UNMASKABLE` in its place."""
        own = copy.copy(record)
        own.exc_text = own.stack_info = None
        try:
            own.msg, own.args = self._masked(self._words(record)), None
            own.exc_info = None
            return self._inner.format(own)
        except Exception:  # noqa: BLE001 - fails closed: no text of this record is written, whatever went wrong
            own.msg, own.args, own.exc_info = UNMASKABLE, None, None
            return logging.Formatter.format(self._inner, own)

    def _words(self, record: logging.LogRecord) -> str:
        words = record.getMessage()
        if record.exc_info:
            words += "\n" + self._inner.formatException(record.exc_info)
        if record.stack_info:
            words += "\n" + self._inner.formatStack(record.stack_info)
        if len(words) > _LONGEST:
            words = words[:_LONGEST] + " [cut]"
        return words

    def _masked(self, words: str) -> str:
        with self._guard:
            if self._engine is None:
                self._engine = _own_engine()
            return mask_text(self._engine, words).text


def _own_engine() -> Engine:
    from app.masking.keys import new_key
    from app.masking.opening import open_engine
    from app.masking.rulefile import load_rules

    return open_engine(load_rules(), new_key())
