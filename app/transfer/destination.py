"""What every way of sending offers, and how well each can prove what arrived.

A destination is one file of its own: it implements `Destination` and `Lane`, and the engine does the rest
(journal, reading, hashing, cutting, retrying, limits, progress). The calls come in this order::

    open_or_resume -> features -> lane() and put, in several threads -> finish -> verify -> close

Any error with ``retryable`` leads to `close` and to `open_or_resume` again; so does a new process.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, runtime_checkable

from app.transfer.parts import LARGEST_PART, PART_SIZE, SMALLEST_PART, Part
from app.transfer.ranges import ByteRange


class Level(StrEnum):
    """How an arrived file was proven, best first.

    Members:
        SERVER_SHA256: the server computed the SHA-256 of what it stored, and it is ours.
        EVERY_PART: the server checked the digest of every part.
        COMPANION: a ``.sha256`` companion lies beside the file, and what was read back is ours.
        SIZE_ONLY: the size is right; nothing more is known, or not even that; see `Doubtful`.
    """

    SERVER_SHA256 = "A"
    EVERY_PART = "B"
    COMPANION = "C"
    SIZE_ONLY = "D"


class Ends(Protocol):
    """What is known of the ends of one transfer's files. Callable from any thread."""

    def note(self, name: str, seconds: float) -> None:
        """The peer keeps the file of this name for so many seconds from now; below 0 when that is over."""

    def left(self, name: str) -> float | None:
        """Seconds from now until that end; None when nothing is known."""


class NoEnds:
    """Nothing is remembered."""

    def note(self, name: str, seconds: float) -> None:
        """`Ends.note`."""

    def left(self, name: str) -> float | None:
        """`Ends.left`."""
        del name
        return None


@dataclass(frozen=True, slots=True)
class Shipment:
    """What a destination needs to know of a bundle.

    Attributes:
        name: in the place where it goes; no folder.
        sha256, manifest_sha256: lower-case hex.
        key: idempotency key: the receiver never makes two files of one key.
        ends: where the destination notes how long the peer keeps what is unfinished of it.
    """

    name: str
    size: int
    sha256: str
    manifest_sha256: str
    key: str
    ends: Ends = field(default_factory=NoEnds, compare=False)


@dataclass(frozen=True, slots=True)
class Features:
    """What a place can do, as far as it is known after `Destination.open_or_resume`.

    Attributes:
        most_connections: lanes that may be open at once, 1 to 16; 1 is one stream.
        smallest_part, preferred_part, largest_part: bytes. The engine cuts within these: preferred on a usual
            network, smaller where connections are lost, larger on a fast one. The last parts may be smaller
            than the smallest.
        round_trip: seconds that the peer takes to answer something small (HEAD, stat), the quickest measured;
            None when not known. With how many connections a transfer begins depends on it.
        all_at_once: whether a far peer is met with all connections from the start: they are quickly made, and
            what each is to carry is laid out before.
        part_digests: whether its lanes or proofs need the SHA-256 of each part. False where the peer proves
            the whole: parts that go out in order are then hashed once, as a part of the file.
        whole_compared: whether `Destination.verify` ends with the peer's SHA-256 of all that it has. What
            nobody has written to since it was sealed is then not hashed on its way.
        part_crc32: whether its lanes send the CRC-32 of each part along; computed as the part is read.
        resume_digests: whether `Destination.open_or_resume` proves acknowledged parts by their SHA-256. Those
            that were not hashed by themselves are then read again from the source, before it is called.
        parts_each: parts that a lane has under way at once: 2 when its lanes are `OverlappingLane`.
        unfinished_apart: whether what has all its bytes is still unfinished until it has its name, and lies
            apart from what has: `Destination.abort` then never takes back what has arrived.
    """

    most_connections: int = 1
    smallest_part: int = SMALLEST_PART
    preferred_part: int = PART_SIZE
    largest_part: int = LARGEST_PART
    round_trip: float | None = None
    all_at_once: bool = False
    part_digests: bool = True
    whole_compared: bool = False
    part_crc32: bool = False
    resume_digests: bool = False
    parts_each: int = 1
    unfinished_apart: bool = False

    @property
    def parallel(self) -> bool:
        """Whether parts of one file may go out side by side."""
        return self.most_connections > 1


@dataclass(frozen=True, slots=True)
class Opened:
    """Where the peer stands.

    Attributes:
        remote: the destination's own name of the unfinished file: a URL, a path, or JSON of several. It is in
            the journal before the first `Lane.put`, and is given back to the next `open_or_resume`.
        have: ranges of the file that the peer provably has: in order, none empty, not touching. Nothing in
            them is sent again; everything else is.
        finished: the peer has the closed file already; only the proof is missing. ``have`` is the whole file.
        runs: ranges that together are the whole file, in order; within a run parts are put in order without a
            gap, by one lane at a time, and runs go side by side (a run is a partial upload of tus, and one
            run is a plain upload). ``have`` then holds the beginning of each run, as far as the peer has it.
            Empty: parts may be put in any order (an SFTP file).
    """

    remote: str
    have: tuple[ByteRange, ...] = ()
    finished: bool = False
    runs: tuple[ByteRange, ...] = ()


class Beat(Protocol):
    """What a destination calls between blocks, so that progress is seen and pause and cancel act at once.

    Every call may raise to interrupt; the destination lets that pass and leaves itself fit for `close`. A
    beat belongs to the thread it was given to.
    """

    @property
    def stride(self) -> int:
        """Bytes that leave at once, at most: 256 KiB; fewer under a low limit, which may be set meanwhile."""

    def leaving(self, count: int) -> None:
        """`count` more bytes of the part are about to leave.

        Call it before every `stride` bytes or fewer, and for every byte of a part once (a repetition within
        `put` counts again). It may wait: the limit of bytes per second over all connections is kept here.
        """

    def moved(self, count: int) -> None:
        """`count` more bytes of the part are on the wire; each was announced by `leaving`."""

    def rest(self, seconds: float) -> None:
        """Wait for the peer; interrupted like `moved`. 0 only looks whether to go on."""

    def remember(self, remote: str) -> None:
        """Another `Opened.remote`: it is in the journal, durable, when this returns.

        For what must be known after a kill, such as the address of a partial upload right after it was made
        and before its first byte. Lanes of one destination agree among themselves what it says.
        """


class Lane(Protocol):
    """One connection, used by one thread at a time; `close` alone may come from another."""

    def put(self, part: Part, data: memoryview, *, beat: Beat) -> int:
        """Send one part and wait until the peer has acknowledged it.

        Args:
            part: where it belongs, and the SHA-256 of its bytes.
            data: its bytes, ``part.length`` of them; not kept after the return.
            beat: see `Beat`.

        Returns:
            ``part.end``. Or, where parts go in order within runs: the byte of the file up to which the peer
            has the run of this part, when it says that it stands somewhere else (a lost acknowledgement, a
            part that arrived damaged); the engine then asks `open_or_resume` again.

        Raises:
            WorldError: ``retryable`` for what a new connection may mend. A lane that raised is closed, not
                used again; what it was putting counts as not acknowledged.
        """

    def close(self) -> None:
        """Drop the connection at once, without waiting for the peer; never raises, may come twice.

        It may come from another thread while `put` waits: that one then raises `UnreachableError` soon.
        """


@runtime_checkable
class OverlappingLane(Lane, Protocol):
    """A lane that may begin a part while the last answers to the one before are on their way.

    `begin` and `end` come from one thread; an error of either ends the lane, and nothing that was begun and
    not ended counts as acknowledged.
    """

    def begin(self, part: Part, data: memoryview, *, beat: Beat) -> None:
        """Send one part; at most two are begun and not ended. `data` is kept until the part has ended."""

    def end(self, *, beat: Beat) -> int:
        """Wait until the peer has acknowledged the oldest part that was begun; its end, as from `put`."""


@runtime_checkable
class LossyLane(Lane, Protocol):
    """A lane over a connection whose sending can be made to stand lost packets."""

    def expect_loss(self) -> None:
        """The way loses packets, or is narrow: go by the measured rate, where the system can.

        From any thread, at any time before or after `close`; it waits for nothing and never raises.
        """


class Destination(Protocol):
    """A place that bundles are sent to. One object serves one transfer at a time.

    Every method raises the families of `app.domain.errors`. All but `lane` are called from the thread of
    `send`, and none of them while a lane is open, except `lane` and `close`.
    """

    @property
    def identity(self) -> str:
        """Names the place in the journal, without user or secret: ``https://host:port/path``."""

    @property
    def features(self) -> Features:
        """What the place can do; asked after each `open_or_resume`, so it may be what the peer announced."""

    def open_or_resume(self, shipment: Shipment, *, remote: str, acked: Sequence[Part], beat: Beat) -> Opened:
        """Make the unfinished file, or find it again; the peer's word about what it has wins.

        Args:
            shipment: the bundle.
            remote: from the journal; empty the first time.
            acked: the parts that the journal knows as acknowledged, in order, perhaps with gaps between. They
                were acknowledged by the peer once; what of them it still has, and provably, is for the
                destination to find out. A remote *size* proves nothing where parts go in any order.
            beat: see `Beat`.
        """

    def lane(self) -> Lane:
        """One more connection, opened now; called from the thread that will use it, several at a time.

        The first may be the one that `open_or_resume` used.

        Raises:
            UnreachableError: none more can be had now; the engine goes on with those it has, and with fewer
                from then on.
        """

    def finish(self, shipment: Shipment, *, beat: Beat) -> None:
        """Close the file under its name. Called once the peer has every byte; again after a kill, too.

        Every byte was proven to be the sealed bundle's before.
        """

    def verify(self, shipment: Shipment, *, beat: Beat) -> Level:
        """Prove what arrived; the level that was reached, never rounded up.

        Raises:
            IntegrityError: it is not what was sent.
        """

    def abort(self, remote: str, *, sha256: str = "") -> None:
        """Throw the unfinished file away, and what was said of it to others, as far as the peer can.

        Args:
            remote: `Opened.remote`.
            sha256: of the whole file: what else lies there is ours when it says that; empty when not known.
        """

    def close(self) -> None:
        """Drop all connections; the next `open_or_resume` connects again."""


@runtime_checkable
class Doubtful(Protocol):
    """A destination at which even less than a size may be all that is known of a file."""

    @property
    def doubt(self) -> str:
        """What could not even be compared by `Destination.verify`, for people; empty: its level says all."""


@runtime_checkable
class Breakable(Protocol):
    """A destination whose calls may wait long for a silent peer without a beat."""

    def break_off(self) -> None:
        """Have what waits for the peer end soon, with `UnreachableError`; nothing is asked before `close`.

        From any thread, at any time; it waits for nothing and never raises.
        """

    def no_more_lanes(self) -> None:
        """Have every `lane` that is being opened, or will be before `open_or_resume`, end soon like that.

        The lanes that are open stay so. From any thread; it waits for nothing and never raises.
        """
