"""The running checksum of one request's body (extension *checksum*)."""

from __future__ import annotations

import hashlib
from typing import Protocol

from app.deflate import crc32
from app.sandbox.uploads.headers import Checksum

__all__ = ["Checksum", "RunningChecksum", "running_checksum"]


class RunningChecksum(Protocol):
    """Grows with the body."""

    def update(self, block: bytes | bytearray | memoryview, /) -> None:
        """The next bytes."""

    def digest(self) -> bytes:
        """Of everything so far."""


class _Crc32:
    """CRC-32, big-endian: finds what goes wrong by accident, at a fraction of a hash's cost."""

    def __init__(self) -> None:
        self._value = 0

    def update(self, block: bytes | bytearray | memoryview, /) -> None:
        self._value = crc32(block, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(4, "big")


def running_checksum(algorithm: str) -> RunningChecksum:
    """Of nothing yet; for the algorithms of `CHECKSUMS`."""
    return _Crc32() if algorithm == "crc32" else hashlib.new(algorithm, usedforsecurity=False)
