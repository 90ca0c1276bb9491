"""By what a lens is known, without the ciphers that reading one needs."""

from __future__ import annotations

from pathlib import Path

MARK = b"\x00\x01\x02\x00CASEFERRY-LENS\x00\x01\x03\x00"
"""The first bytes of every lens."""


def is_lens(path: Path) -> bool:
    """Whether a file begins as a lens does; False when it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(len(MARK)) == MARK
    except OSError:
        return False
