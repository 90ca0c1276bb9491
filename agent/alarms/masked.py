"""Lines as alarms may show them: masked together with the block they stand in, and checked; else left out."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from functools import cached_property

from app.masking import Engine, MaskingError, ResidualCheck, mask_name

_VERSION = re.compile(r"\A\d{1,4}(?:\.\d{1,5}){1,5}\Z", re.ASCII)
LONGEST_LINE = 1000
"""Characters of a masked line."""


class LineMask:
    """Masks lines of logs. Safe to use from one thread at a time.

    Args:
        engine: makes the engine at the first line; nobody else may use it.
        check: makes the check after masking, the same.
        masked: called after tokens were made.
    """

    def __init__(
        self,
        engine: Callable[[], Engine],
        check: Callable[[], ResidualCheck],
        *,
        masked: Callable[[], None] = lambda: None,
    ) -> None:
        self._make_engine = engine
        self._make_check = check
        self._masked = masked
        self._engine: Engine | None = None
        self._check: ResidualCheck | None = None

    def block(self, plain: bytes) -> MaskedBlock:
        """A block of whole lines; it is masked as a whole when the first line is asked for."""
        return MaskedBlock(self, plain)

    def name(self, text: str) -> str:
        """A name of an application; ``?`` when it cannot be masked."""
        try:
            return mask_name(self._opened(), text)
        except MaskingError:
            return "?"

    def version(self, text: str) -> str:
        """A version as a header tells it: digits and dots stay, anything else is masked as a name is."""
        return text if not text or _VERSION.match(text) else self.name(text)

    def lines(self, plain: bytes) -> list[bytes]:
        """The lines of a block, masked: what one line tells to be personal is masked in the others as well.

        Raises:
            MaskingError: it cannot be masked.
        """
        sink = io.BytesIO()
        self._opened().mask_stream(io.BytesIO(plain), sink)
        self._masked()
        return sink.getvalue().split(b"\n")

    def checked(self, line: bytes) -> str:
        """A masked line as text.

        Raises:
            MaskingError: something personal is left in it.
        """
        text = _text(line)
        data = text.encode("utf-8")
        if self._check is None:
            self._check = self._make_check()
        self._check.read(io.BytesIO(data), size=len(data), seed="")
        return text[:LONGEST_LINE]

    def _opened(self) -> Engine:
        if self._engine is None:
            self._engine = self._make_engine()
        return self._engine


class MaskedBlock:
    """One block; see `LineMask.block`."""

    def __init__(self, mask: LineMask, plain: bytes) -> None:
        self._mask = mask
        self._plain = plain

    def line(self, start: int) -> str | None:
        """The line that begins at `start` of the block, masked; None when that cannot be done."""
        number = self._plain.count(b"\n", 0, start)
        lines = self._lines
        if lines is None or len(lines) != self._plain.count(b"\n") + 1:
            return None
        try:
            return self._mask.checked(lines[number].rstrip(b"\r"))
        except MaskingError:
            return None

    @cached_property
    def _lines(self) -> list[bytes] | None:
        try:
            return self._mask.lines(self._plain)
        except MaskingError:
            return None


def _text(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace")
