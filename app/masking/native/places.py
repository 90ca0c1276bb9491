"""What was found in a file, window by window, between the two passes.

It lies in memory, and in a temporary file past a bound; offsets, kinds and digests, no text.
"""

from __future__ import annotations

import struct
import tempfile
from typing import IO

from app.masking.errors import MaskingError
from app.masking.native.library import PLACE_SIZE
from app.masking.native.room import Found

_HEAD = struct.Struct("=QQ")
_IN_MEMORY = 512 * 1024


class Places:
    """Taken in the order they were put."""

    def __init__(self) -> None:
        self._kept: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - see close

    def close(self) -> None:
        """Nothing is left."""
        self._kept.close()

    def put(self, found: Found) -> None:
        """Of the next window."""
        self._kept.write(_HEAD.pack(found.amount, found.same))
        self._kept.write(found.places)

    def rewind(self) -> None:
        """Before the second pass."""
        self._kept.seek(0)

    def take(self) -> Found:
        """Of the next window.

        Raises:
            MaskingError: there is none, so the file has changed (``CF-1906``).
        """
        head = self._kept.read(_HEAD.size)
        if len(head) < _HEAD.size:
            raise changed()
        count, same = _HEAD.unpack(head)
        return Found(self._kept.read(count * PLACE_SIZE), count, b"", 0, same)


def changed() -> MaskingError:
    """The error for a file that is not the same in both passes."""
    return MaskingError(
        "The file changed while it was masked",
        happened="It is not the same as in the pass before.",
        todo="Collect it again; a segment that is closed does not change.",
        code="CF-1906",
    )
