"""How engines fail: closed, with an error that quotes nothing of the log."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from app.domain.disks import Refusal, refusal_of
from app.masking.errors import MaskingError, cannot, engine_failed


def stream_size(source: BinaryIO) -> int:
    """Bytes of a stream, which is left at its end.

    Raises:
        MaskingError: it cannot be read twice (``CF-1905``).
    """
    if not source.seekable():
        raise MaskingError(
            "This stream cannot be masked",
            happened="It cannot be read twice, and masking needs two passes.",
            todo="Save it as a file first.",
            code="CF-1905",
        )
    return source.seek(0, 2)


def lines_differ() -> MaskingError:
    """The error for an output that has another number of lines."""
    return MaskingError(
        "Masking stopped",
        happened="The masked text has another number of lines than the original.",
        todo="Report it to support; leave the file out until then.",
        code="CF-1904",
    )


@contextmanager
def failing_closed() -> Iterator[None]:
    """Turn whatever goes wrong into `MaskingError`; texts of faults may quote the log and are dropped."""
    try:
        yield
    except OSError as fault:
        if refusal_of(fault) is not Refusal.OTHER:
            # Only writing can meet these: the file that is read is not the reason.
            raise cannot("write the masked copy of", fault, "CF-1907") from None
        raise MaskingError(
            "The file cannot be masked",
            happened=f"Reading or writing failed: {fault.strerror or type(fault).__name__}.",
            todo="Check the disk and the permissions, then collect it again.",
            code="CF-1908",
        ) from None
    except (
        ValueError,
        LookupError,
        ArithmeticError,
        TypeError,
        RecursionError,
        MemoryError,
        re.error,
    ) as fault:
        raise engine_failed(type(fault).__name__) from None
