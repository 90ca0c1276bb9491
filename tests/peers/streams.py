"""A `Destination` driven by hand: its runs over several lanes, and what the journal would keep."""

from __future__ import annotations

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from app.transfer import Destination, Lane, Level, Part, Shipment
from app.transfer.ranges import ByteRange


@dataclass
class Streams:
    """One file on its way; also the `Beat` of every lane.

    Attributes:
        remote: as the journal has it.
        acked: parts that were acknowledged.
        sent: bytes on the wire.
    """

    path: Path
    part_size: int = 1 << 20
    key: str = "k"
    name: str = "streams.log"
    remote: str = ""
    acked: list[Part] = field(default_factory=list)
    sent: int = 0
    remembered: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.content = self.path.read_bytes()
        self.shipment = Shipment(
            name=self.name,
            size=len(self.content),
            sha256=hashlib.sha256(self.content).hexdigest(),
            manifest_sha256="",
            key=self.key,
        )

    @property
    def stride(self) -> int:
        return 256 * 1024

    def leaving(self, count: int) -> None:
        """No limit."""

    def moved(self, count: int) -> None:
        with self._lock:
            self.sent += count

    def rest(self, seconds: float) -> None:
        threading.Event().wait(min(seconds, 0.2))

    def remember(self, remote: str) -> None:
        with self._lock:
            self.remote = remote
            self.remembered.append(remote)

    def send(self, destination: Destination, *, lanes: int = 4) -> Level:
        """From where it stands to the proof; an error of any lane ends it."""
        with closing(destination):
            return self._send(destination, lanes=lanes)

    def _send(self, destination: Destination, *, lanes: int) -> Level:
        opened = destination.open_or_resume(self.shipment, remote=self.remote, acked=self.acked, beat=self)
        self.remote = opened.remote
        if not opened.finished:
            self.acked = [each for each in self.acked if _within(each, opened.have)]
            with ThreadPoolExecutor(lanes) as pool:
                jobs = [pool.submit(self._run, destination, run, opened.have) for run in opened.runs]
            for job in jobs:
                job.result()
        destination.finish(self.shipment, beat=self)
        return destination.verify(self.shipment, beat=self)

    def _run(self, destination: Destination, run: ByteRange, have: tuple[ByteRange, ...]) -> None:
        there = [each.end for each in have if each.start <= run.start < each.end]
        at = min([*there, run.end]) if there else run.start
        lane = destination.lane()
        try:
            for _turn in range(1000):
                if at >= run.end:
                    return
                at = self._put(lane, at, min(at + self.part_size, run.end))
            raise AssertionError("it goes round in a circle")
        finally:
            lane.close()

    def _put(self, lane: Lane, start: int, end: int) -> int:
        data = memoryview(self.content)[start:end]
        part = Part(start, end - start, hashlib.sha256(data).hexdigest())
        reached = lane.put(part, data, beat=self)
        if reached == part.end:
            with self._lock:
                self.acked.append(part)
        return reached


def _within(part: Part, have: tuple[ByteRange, ...]) -> bool:
    return any(each.start <= part.offset and part.end <= each.end for each in have)
