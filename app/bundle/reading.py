"""What every form of a bundle offers to whoever reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from app.bundle.manifest import Member

LARGEST_MANIFEST = 256 * 1024 * 1024
"""Bytes of an unpacked manifest; a million members stay below it. More is refused unread."""

Seen = Callable[[bytes], object]
"""Is told every byte of the file in order."""


class Reading(Protocol):
    """A bundle read from its first byte to its last: `open`, `check`, `blocks` of each member, `close`.

    Everything raises IntegrityError (CF-1711) for what is not exactly a bundle.
    """

    def first(self) -> bytes:
        """The manifest's bytes; nothing else is looked at. Instead of `open`."""

    def open(self) -> bytes:
        """The manifest's bytes."""

    def check(self, members: Sequence[Member]) -> None:
        """Whether the names are those of the manifest, as far as they are known so early."""

    def blocks(self, number: int, member: Member) -> Iterator[tuple[bytes, bytes]]:
        """Pairs of packed and unpacked bytes of a member; either may be empty."""

    def close(self) -> None:
        """Whether nothing is behind the last member."""
