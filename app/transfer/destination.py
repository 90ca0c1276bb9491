"""What every way of sending offers, and how well each can prove what arrived."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from app.transfer.parts import Part


class Level(StrEnum):
    """How an arrived file was proven, best first.

    Members:
        SERVER_SHA256: the server computed the SHA-256 of what it stored, and it is ours.
        EVERY_PART: the server checked the digest of every part.
        COMPANION: a ``.sha256`` companion lies beside the file, and what was read back is ours.
        SIZE_ONLY: the size is right; nothing more is known.
    """

    SERVER_SHA256 = "A"
    EVERY_PART = "B"
    COMPANION = "C"
    SIZE_ONLY = "D"


@dataclass(frozen=True, slots=True)
class Shipment:
    """What a destination needs to know of a bundle.

    Attributes:
        name: in the place where it goes; no folder.
        sha256, manifest_sha256: lower-case hex.
        key: idempotency key: the receiver never makes two files of one key.
    """

    name: str
    size: int
    sha256: str
    manifest_sha256: str
    key: str


@dataclass(frozen=True, slots=True)
class Opened:
    """Where the peer stands.

    Attributes:
        remote: the peer's name of the unfinished file (URL, path); it goes into the journal.
        offset: bytes the peer provably has, from the start.
        finished: the peer has the closed file already; only the proof is missing.
    """

    remote: str
    offset: int
    finished: bool = False


class Beat(Protocol):
    """What a destination calls between blocks, so that progress is seen and pause and cancel act at once."""

    def moved(self, count: int) -> None:
        """`count` more bytes are on the wire. Raises to interrupt; the destination lets it pass."""

    def rest(self, seconds: float) -> None:
        """Wait for the peer; interrupted like `moved`."""


class Destination(Protocol):
    """A place that bundles are sent to. One object serves one transfer at a time.

    Every method raises the families of `app.domain.errors`; errors with ``retryable`` are tried again from
    `open_or_resume`.
    """

    @property
    def identity(self) -> str:
        """Names the place in the journal, without user or secret: ``https://host:port/path``."""

    @property
    def part_size(self) -> int:
        """Bytes of a part."""

    def open_or_resume(self, shipment: Shipment, *, remote: str, acked: Sequence[Part], beat: Beat) -> Opened:
        """Make the unfinished file, or find it again; the peer's word about its offset wins.

        Args:
            shipment: the bundle.
            remote: from the journal; empty the first time.
            acked: the parts that the journal knows as acknowledged, from the start without a gap.
            beat: see `Beat`.
        """

    def put(self, offset: int, data: memoryview, *, sha256: str, beat: Beat) -> int:
        """Send one part and wait for its acknowledgement; the offset which the peer then has."""

    def finish(self, shipment: Shipment, *, beat: Beat) -> None:
        """Close the file under its name. Called once the peer has every byte; again after a kill, too."""

    def verify(self, shipment: Shipment, *, beat: Beat) -> Level:
        """Prove what arrived.

        Raises:
            IntegrityError: it is not what was sent.
        """

    def abort(self, remote: str) -> None:
        """Throw the unfinished file away, as far as the peer can."""

    def close(self) -> None:
        """Drop the connection; the next `open_or_resume` connects again."""
