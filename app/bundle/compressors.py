"""Which library packs the members, and at which level: chosen once, by what this machine has.

Deflate comes from ISA-L where it has a wheel, from zlib-ng where it has none, and from Python's own zlib
where neither offers the level. Every piece of a member is packed by itself, so that several threads pack one
member; pieces put one behind the other are one deflate stream, or a row of zstd frames.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from app.bundle.formats import BundleFormat
from app.domain.errors import InputError

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

DEFAULT_LEVELS = {BundleFormat.ZIP: 2, BundleFormat.TAR_ZST: 1}
"""What costs least for its ratio on logs, with every library (`./dev bench bundle`)."""

LEVELS = {BundleFormat.ZIP: range(10), BundleFormat.TAR_ZST: range(1, 20)}
"""Levels that a setting may name; 0 of a ZIP stores."""

DEFLATE_PIECE = 1024 * 1024
"""Bytes that are deflated by themselves: 32 times the window, so that the ratio loses less than 1 %."""

FRAME = 4 * 1024 * 1024
"""Bytes of a member in one zstd frame."""

TAR_BLOCK = 512

_RAW_DEFLATE = -15

Pack = Callable[[bytes, bool], bytes]
"""Packs one piece; the second argument says whether it is the member's last one."""


class Compressor(Protocol):
    """A library at a level."""

    @property
    def name(self) -> str:
        """Library, version and level, such as ``isal 1.9.1, level 2``.

        Where it is equal, equal input gives equal bytes on machines of one kind.
        """

    @property
    def piece(self) -> int:
        """Bytes of every piece of a member but the last, which may be shorter."""

    def open(self) -> Pack:
        """A function for one thread."""


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


@dataclass(frozen=True, slots=True)
class Zstd:
    """Independent zstd frames with their size and checksum; the member's last is filled to a tar block."""

    level: int
    piece: int = FRAME

    @property
    def name(self) -> str:
        """Library, version and level."""
        import zstandard

        return f"zstd {'.'.join(map(str, zstandard.ZSTD_VERSION))}, level {self.level}"

    def open(self) -> Pack:
        """A function with a context of its own; an empty piece gives no frame."""
        import zstandard

        packer = zstandard.ZstdCompressor(level=self.level, write_checksum=True, write_content_size=True)

        def pack(piece: bytes, last: bool) -> bytes:
            missing = -len(piece) % TAR_BLOCK
            if last and missing:
                piece += bytes(missing)
            return packer.compress(piece) if piece else b""

        return pack


def choose_compressor(form: BundleFormat, level: int | None = None) -> Compressor:
    """The fastest library that has this level.

    Args:
        form: of the bundle.
        level: one of `LEVELS`; `DEFAULT_LEVELS` when None.

    Raises:
        InputError: another level (CF-1124).
    """
    level = DEFAULT_LEVELS[form] if level is None else level
    allowed = LEVELS[form]
    if level not in allowed:
        raise InputError(
            "The compression level is out of range",
            happened=f"level is {level}.",
            todo=f"Give a level from {allowed.start} to {allowed.stop - 1} for {form.value}.",
            code="CF-1124",
        )
    if form is BundleFormat.TAR_ZST:
        return Zstd(level)
    return _deflate(level)


def _deflate(level: int) -> Deflate:
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
