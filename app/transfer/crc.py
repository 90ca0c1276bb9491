"""CRC-32 by the fastest library of this machine: ISA-L needs a tenth of the time of Python's own zlib."""

from __future__ import annotations

import zlib
from typing import Any

try:
    from isal import isal_zlib
except ImportError:  # no wheel for Windows on ARM
    isal_zlib = None  # type: ignore[assignment]
try:
    from zlib_ng import zlib_ng
except ImportError:  # only where ISA-L is missing
    zlib_ng = None  # type: ignore[assignment]


def crc32(data: bytes | bytearray | memoryview, value: int = 0) -> int:
    """The CRC-32 of these bytes, going on from `value`."""
    library: Any = isal_zlib or zlib_ng or zlib
    found: int = library.crc32(data, value)
    return found
