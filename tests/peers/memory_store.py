"""A place to send to that is in memory, outlives its senders, and fails on order.

It knows what no real peer tells: which bytes it was sent how often, and how many files were made of one key.
"""

from __future__ import annotations

import threading
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from itertools import pairwise

from app.domain.errors import CredentialsError, IntegrityError, UnreachableError
from app.transfer import Beat, ByteRange, Features, Level, Opened, Part, Shipment
from app.transfer.ranges import RangeSet


class Killed(BaseException):
    """The sender ends here, wherever it is."""


class Fault(StrEnum):
    """What goes wrong with one call.

    Members:
        BEFORE: the connection is cut before anything happened.
        AFTER: all of it happened, and the answer is lost.
        HALF: half of the part is stored; then the connection is cut.
        ELSEWHERE: half of the part is stored, and the peer says so (in a run); else as `HALF`.
        DAMAGED: nothing of the part is stored, and the peer says so (in a run); else as `BEFORE`.
        CORRUPT: all of the part is stored and acknowledged, with another byte in it.
        KILL_BEFORE, KILL_AFTER: the sender is killed.
        SIGN_IN: the peer wants another credential.
    """

    BEFORE = "before"
    AFTER = "after"
    HALF = "half"
    ELSEWHERE = "elsewhere"
    DAMAGED = "damaged"
    CORRUPT = "corrupt"
    KILL_BEFORE = "kill before"
    KILL_AFTER = "kill after"
    SIGN_IN = "sign in"


@dataclass(slots=True)
class Unfinished:
    """What is stored of one upload."""

    data: bytearray
    have: RangeSet = field(default_factory=RangeSet)


class MemoryStore:
    """The far side.

    Attributes:
        files: closed, by key.
        closings: how often a file was made of a key.
        stored: bytes taken, repetitions counted.
        script: for each call (``open``, ``lane``, ``put``, ``finish``, ``verify``), what its next ones meet.
        most_lanes: connections it takes at once.
        lanes, most_seen: open now, and the most at once so far.
        opened, lossy: lanes so far, and those of them that were told to expect loss.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.unfinished: dict[str, Unfinished] = {}
        self.files: dict[str, bytes] = {}
        self.closings: Counter[str] = Counter()
        self.stored = 0
        self.script: defaultdict[str, deque[Fault | None]] = defaultdict(deque)
        self.most_lanes = 16
        self.lanes = 0
        self.most_seen = 0
        self.opened = 0
        self.lossy: set[MemoryLane] = set()
        self.numbers = 0

    def say(self, call: str, *faults: Fault | None) -> None:
        """The next calls of this kind meet these."""
        self.script[call].extend(faults)

    def forget(self) -> None:
        """Throw away what is not finished, as an expiry does."""
        with self.lock:
            self.unfinished.clear()

    def rot(self, place: int) -> None:
        """A byte of everything that is not finished becomes another one."""
        with self.lock:
            for upload in self.unfinished.values():
                upload.data[place % len(upload.data)] ^= 0xFF

    def next_fault(self, call: str) -> Fault | None:
        """What this call meets."""
        with self.lock:
            waiting = self.script[call]
            fault = waiting.popleft() if waiting else None
        if fault in (Fault.BEFORE, Fault.KILL_BEFORE, Fault.SIGN_IN) or (
            call != "put" and fault in _OF_PARTS
        ):
            raise _error(fault)
        return fault


_OF_PARTS = frozenset({Fault.HALF, Fault.ELSEWHERE, Fault.DAMAGED, Fault.CORRUPT})


def _error(fault: Fault) -> BaseException:
    if fault in (Fault.KILL_BEFORE, Fault.KILL_AFTER):
        return Killed()
    if fault is Fault.SIGN_IN:
        return CredentialsError("No", happened="The token is old.", todo="Sign in.", code="CF-1310")
    return UnreachableError("Cut", happened="The store hung up.", todo="Again.", code="CF-1510")


class MemoryDestination:
    """`Destination` to a `MemoryStore`: parts in any order, or in runs.

    Attributes:
        stuck: for each event in it, one part stands still until its connection is dropped.
    """

    identity = "memory://store:1/"

    def __init__(
        self,
        store: MemoryStore,
        *,
        runs: int = 0,
        connections: int = 4,
        part_size: int = 1000,
        smallest_part: int | None = None,
        round_trip: float | None = None,
        seconds_per_byte: float = 0.0,
        block: int = 1 << 18,
        part_digests: bool = True,
        resume_digests: bool = False,
        whole_compared: bool = False,
    ) -> None:
        self.store = store
        self.runs = runs
        self.features = Features(
            most_connections=connections,
            smallest_part=smallest_part or part_size,
            preferred_part=part_size,
            largest_part=part_size,
            round_trip=round_trip,
            part_digests=part_digests,
            resume_digests=resume_digests,
            whole_compared=whole_compared,
        )
        self.seconds_per_byte = seconds_per_byte
        self.block = block
        self.remote = ""
        self.stuck: list[threading.Event] = []

    def open_or_resume(self, shipment: Shipment, *, remote: str, acked: Sequence[Part], beat: Beat) -> Opened:
        fault = self.store.next_fault("open")
        opened = self._opened(shipment, remote, acked)
        _afterwards(fault)
        return opened

    def _opened(self, shipment: Shipment, remote: str, acked: Sequence[Part]) -> Opened:
        store = self.store
        runs = _cut(shipment.size, self.runs) if self.runs else ()
        with store.lock:
            found = store.files.get(shipment.key)
            if found is not None and sha256(found).hexdigest() != shipment.sha256:
                # As both of ours: what was stored wrongly is let go of, and sent anew.
                del store.files[shipment.key]
                store.closings[shipment.key] -= 1
                remote = ""
            elif found is not None:
                self.remote = remote or "done"
                return Opened(self.remote, (ByteRange(0, shipment.size),), finished=True, runs=runs)
            if remote not in store.unfinished:
                store.numbers += 1
                remote = f"upload-{store.numbers}"
                store.unfinished[remote] = Unfinished(bytearray(shipment.size))
            self.remote = remote
            return Opened(remote, tuple(self._have(store.unfinished[remote], runs, acked)), runs=runs)

    def _have(
        self, upload: Unfinished, runs: Sequence[ByteRange], acked: Sequence[Part]
    ) -> Iterable[ByteRange]:
        if runs:
            ends = ((run.start, min(run.end, upload.have.end_of(run.start))) for run in runs)
            return RangeSet(ByteRange(start, end) for start, end in ends)
        # As SFTP: only what was acknowledged once can be known to be whole.
        if self.features.resume_digests:
            acked = [
                part
                for part in acked
                if sha256(upload.data[part.offset : part.end]).hexdigest() == part.sha256
            ]
        proven = (ByteRange(part.offset, part.end) for part in acked)
        return RangeSet(each for each in proven if upload.have.covers(each.start, each.end))

    def lane(self) -> MemoryLane:
        fault = self.store.next_fault("lane")
        with self.store.lock:
            if self.store.lanes >= self.store.most_lanes:
                raise _error(Fault.BEFORE)
            self.store.lanes += 1
            self.store.opened += 1
            self.store.most_seen = max(self.store.most_seen, self.store.lanes)
        lane = MemoryLane(self)
        try:
            _afterwards(fault)
        except BaseException:
            lane.close()
            raise
        return lane

    def finish(self, shipment: Shipment, *, beat: Beat) -> None:
        fault = self.store.next_fault("finish")
        store = self.store
        with store.lock:
            if shipment.key not in store.files:
                upload = store.unfinished.pop(self.remote, None)
                if upload is None:
                    raise _error(Fault.BEFORE)
                assert upload.have.total == shipment.size, "closed before all of it was there"
                store.files[shipment.key] = bytes(upload.data)
                store.closings[shipment.key] += 1
        _afterwards(fault)

    def verify(self, shipment: Shipment, *, beat: Beat) -> Level:
        fault = self.store.next_fault("verify")
        if sha256(self.store.files[shipment.key]).hexdigest() != shipment.sha256:
            raise IntegrityError("Differs", happened="The digest differs.", todo="Look.", code="CF-1721")
        _afterwards(fault)
        return Level.SERVER_SHA256

    def abort(self, remote: str, *, sha256: str = "") -> None:
        del sha256
        with self.store.lock:
            self.store.unfinished.pop(remote, None)

    def close(self) -> None:
        """Nothing is held."""


class MemoryLane:
    """`Lane` of a `MemoryDestination`."""

    def __init__(self, destination: MemoryDestination) -> None:
        self.destination = destination
        self.store = destination.store
        self.closed = threading.Event()

    def put(self, part: Part, data: memoryview, *, beat: Beat) -> int:
        fault = self.store.next_fault("put")
        if self.destination.stuck:
            self.destination.stuck.pop()
            self.closed.wait()
        assert len(data) == part.length
        for start in range(0, len(data), self.destination.block):
            size = min(self.destination.block, len(data) - start)
            beat.leaving(size)
            if self.destination.seconds_per_byte:
                self.closed.wait(size * self.destination.seconds_per_byte)
            if self.closed.is_set():
                raise _error(Fault.BEFORE)
            beat.moved(size)
        upload = self.store.unfinished.get(self.destination.remote)
        if upload is None:
            raise UnreachableError("Gone", happened="Forgotten.", todo="Again.", code="CF-1517")
        stored = {Fault.HALF: len(data) // 2, Fault.ELSEWHERE: len(data) // 2, Fault.DAMAGED: 0}
        count = stored.get(fault, len(data)) if fault else len(data)
        with self.store.lock:
            if self.destination.runs:
                run = next(
                    r for r in _cut(len(upload.data), self.destination.runs) if r.start <= part.offset < r.end
                )
                stands = min(run.end, upload.have.end_of(run.start))
                if stands != part.offset:
                    return stands
            upload.data[part.offset : part.offset + count] = data[:count]
            upload.have.add(part.offset, part.offset + count)
            self.store.stored += count
            if fault is Fault.CORRUPT:
                upload.data[part.offset] ^= 0xFF
                return part.end
        if fault in (Fault.ELSEWHERE, Fault.DAMAGED) and self.destination.runs:
            return part.offset + count
        if fault in _OF_PARTS:
            raise _error(Fault.AFTER)
        _afterwards(fault)
        return part.end

    def expect_loss(self) -> None:
        self.store.lossy.add(self)

    def close(self) -> None:
        if not self.closed.is_set():
            self.closed.set()
            with self.store.lock:
                self.store.lanes -= 1


def _afterwards(fault: Fault | None) -> None:
    if fault is not None:
        raise _error(fault)


def _cut(size: int, count: int) -> tuple[ByteRange, ...]:
    edges = sorted({size * number // count for number in range(count + 1)})
    return tuple(ByteRange(low, high) for low, high in pairwise(edges))
