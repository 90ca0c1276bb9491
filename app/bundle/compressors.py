"""Which library packs the members, and at which level: chosen once, by what this machine has (`app.deflate`).

Every piece of a member is packed by itself, so that several threads pack one member; pieces put one behind
the other are one deflate stream, or a row of zstd frames.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from app.bundle.formats import BundleFormat, format_of_name
from app.deflate import DEFAULT_LEVEL, Deflate, Pack, choose_deflate
from app.domain.errors import InputError

DEFAULT_LEVELS = {BundleFormat.ZIP: DEFAULT_LEVEL, BundleFormat.TAR_ZST: 1}
"""What costs least for its ratio on logs, with every library (`./dev bench bundle`)."""

LEVELS = {BundleFormat.ZIP: range(10), BundleFormat.TAR_ZST: range(1, 20)}
"""Levels that a setting may name; 0 of a ZIP stores."""

FRAME = 4 * 1024 * 1024
"""Bytes of a member in one zstd frame."""

TAR_BLOCK = 512


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
    return Zstd(level) if form is BundleFormat.TAR_ZST else choose_deflate(level)


def deflate_for(bundle: str, level: int | None = None) -> Deflate | None:
    """What packs masked copies so that a bundle takes them as they are; None: it would pack them anew.

    Args:
        bundle: its name, which says the format.
        level: of its compression; the format's default when None.
    """
    level = DEFAULT_LEVEL if level is None else level
    deflates = format_of_name(bundle) is BundleFormat.ZIP and 0 < level < LEVELS[BundleFormat.ZIP].stop
    return choose_deflate(level) if deflates else None
