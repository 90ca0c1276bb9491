"""Deflate in pieces, by the fastest library that this machine has.

Deflate comes from ISA-L where it has a wheel, from zlib-ng where it has none, and from Python's own zlib
where neither offers the level. Every piece of a text is deflated by itself, so that several threads pack one
text and any piece can be read without those before it; pieces put one behind the other are one stream.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

try:
    from isal import __version__ as _isal_version
    from isal import isal_zlib
except ImportError:  # no wheel for Windows on ARM
    isal_zlib = None  # type: ignore[assignment]
try:
    from zlib_ng import __version__ as _ng_version
    from zlib_ng import zlib_ng
except ImportError:  # only where ISA-L is missing
    zlib_ng = None  # type: ignore[assignment]

DEFAULT_LEVEL = 2
"""What costs least for its ratio on logs, with every library (`./dev bench bundle`)."""

DEFLATE_PIECE = 1024 * 1024
"""Bytes that are deflated by themselves: 32 times the window, so that the ratio loses less than 1 %."""

_RAW_DEFLATE = -15

Pack = Callable[[bytes, bool], bytes]
"""Packs one piece; the second argument says whether it is the text's last one."""


@dataclass(frozen=True, slots=True)
class Deflate:
    """Pieces of one deflate stream, by any module with zlib's face.

    A piece that is not the last ends with a full flush: on a byte, with an empty window behind it, so that
    the next one needs nothing of it.
    """

    module: Any
    library: str
    level: int
    piece: int = DEFLATE_PIECE

    @property
    def name(self) -> str:
        """Library, version and level."""
        return f"{self.library}, level {self.level}"

    def open(self) -> Pack:
        """The same function for every thread: nothing is kept between pieces."""
        return self._pack

    def _pack(self, piece: bytes, last: bool) -> bytes:
        packer = self.module.compressobj(self.level, zlib.DEFLATED, _RAW_DEFLATE)
        packed: bytes = packer.compress(piece)
        rest: bytes = packer.flush(zlib.Z_FINISH if last else zlib.Z_FULL_FLUSH)
        return packed + rest


def choose_deflate(level: int = DEFAULT_LEVEL) -> Deflate:
    """The fastest library that has this level, from 0 (stored) to 9."""
    if isal_zlib is not None and level in range(1, 4):
        return Deflate(isal_zlib, f"isal {_isal_version}", level)
    if zlib_ng is not None and level:
        return Deflate(zlib_ng, f"zlib-ng {_ng_version}", level)
    return Deflate(zlib, f"zlib {zlib.ZLIB_RUNTIME_VERSION}", level)


def inflater() -> Any:
    """A decompressor of raw deflate, with the face of zlib's, by the fastest library here."""
    module: Any = isal_zlib or zlib_ng or zlib
    return module.decompressobj(_RAW_DEFLATE)


INFLATE_ERRORS: tuple[type[Exception], ...] = tuple(
    {module.error for module in (isal_zlib, zlib_ng, zlib) if module is not None}
)
"""What an `inflater` raises for bytes that are no deflate stream."""


def crc32(data: bytes | bytearray | memoryview, value: int = 0) -> int:
    """The CRC-32 of ZIP, by the fastest library here."""
    module: Any = isal_zlib or zlib_ng or zlib
    found: int = module.crc32(data, value)
    return found
