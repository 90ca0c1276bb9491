"""The threads that put parts: each has one connection, and ends with it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from app.domain.errors import PeerError, UnreachableError
from app.transfer.bandwidth import LARGEST_STRIDE, Flow
from app.transfer.board import Board, not_taken
from app.transfer.clock import Clock
from app.transfer.control import Control, Interrupted, Wish
from app.transfer.destination import Breakable, Destination, Lane, LossyLane, OverlappingLane
from app.transfer.ledger import Ledger
from app.transfer.parts import Part, PartState

_log = logging.getLogger(__name__)

_LOOK_EVERY = 0.25
_OVERLAPPING = 2
"""Parts that a lane has under way at once, where it can."""

_NOT_THE_CONNECTION = ("CF-1515", "CF-1517")
"""A full store, and an upload that is gone: what a new connection does not mend."""


class Halted(Interrupted):
    """The lanes are to end; never leaves `send`."""


class StandsElsewhere(Exception):
    """The peer has another part of the run than was thought: it must be asked. Never leaves `send`."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every lane of one attempt shares.

    Attributes:
        remember: `Beat.remember`.
        flow: of the limit of bytes per second; None when there is none.
    """

    destination: Destination
    board: Board
    ledger: Ledger
    clock: Clock
    control: Control
    remember: Callable[[str], None]
    flow: Flow | None


class Worker:
    """One lane and its thread; also its `Beat`.

    Attributes:
        under_way: parts that were begun and are not acknowledged, the oldest first.
        on_wire: bytes of them that have left.
        moved_bytes: bytes that have left since it began.
        moved_at: when something moved last (monotonic seconds).
    """

    def __init__(self, around: Surroundings, *, number: int, crew: Crew) -> None:
        self._around = around
        self._crew = crew
        self._board = around.board
        self._monotonic = around.clock.monotonic
        self._flow = around.flow
        self._lane: Lane | None = None
        self.under_way: tuple[Part, ...] = ()
        self.on_wire = 0
        self.moved_bytes = 0
        self.put_at = self.moved_at = self._monotonic()
        self.connected = False
        self.lost = False
        self.thread = threading.Thread(target=self._run, name=f"transfer-lane-{number}", daemon=True)

    @property
    def stride(self) -> int:
        """`Beat.stride`."""
        return LARGEST_STRIDE if self._flow is None else self._flow.stride

    def leaving(self, count: int) -> None:
        """`Beat.leaving`."""
        if self._flow is not None:
            self._flow.take(count, going=self._go_on)
        if self._board.halted:
            raise Halted

    def moved(self, count: int) -> None:
        """`Beat.moved`."""
        self.on_wire += count
        self.moved_bytes += count
        self.moved_at = self._monotonic()
        if self._board.halted:
            raise Halted

    def rest(self, seconds: float) -> None:
        """`Beat.rest`."""
        clock = self._around.clock
        until = clock.monotonic() + seconds
        self._go_on()
        while (left := until - clock.monotonic()) > 0:
            clock.wait(self._around.control, wish=Wish.GO, seconds=min(left, _LOOK_EVERY))
            self._go_on()

    def remember(self, remote: str) -> None:
        """`Beat.remember`."""
        self._around.remember(remote)

    def drop(self) -> None:
        """Break its connection, from another thread."""
        lane = self._lane
        if lane is not None:
            lane.close()

    def expect_loss(self) -> None:
        """`LossyLane.expect_loss`, where the lane can; from another thread."""
        lane = self._lane
        if isinstance(lane, LossyLane):
            lane.expect_loss()

    def _go_on(self) -> None:
        self.moved_at = self._monotonic()
        if self._board.halted:
            raise Halted

    def _run(self) -> None:
        try:
            self._lane = self._around.destination.lane()
            self.connected = True
            if self._crew.lossy:
                self.expect_loss()
            self._work(self._lane)
        except Halted:
            pass
        except BaseException as error:  # noqa: BLE001 - handed to the thread of `send`
            self._crew.lost(self, error)
        finally:
            if self._lane is not None:
                self._lane.close()
            self._board.ended(self)
            self._crew.left(self)

    def _work(self, lane: Lane) -> None:
        """Part by part; where the lane can, one is begun before the answers to the last are all in."""
        overlapping = lane if isinstance(lane, OverlappingLane) else None
        while True:
            waits = not self.under_way
            ready = self._board.take(self) if waits else self._board.take_if_ready(self)
            begun = ready is not None
            if ready is not None:
                self._note_begun(ready.part)
                if overlapping is None:
                    reached = lane.put(ready.part, ready.data, beat=self)
                    ready = None  # before it counts: its memory is what the next part is read into
                    self._note_ended(reached)
                else:
                    overlapping.begin(ready.part, ready.data, beat=self)
                    ready = None
            elif waits:
                return
            if overlapping is not None and (not begun or len(self.under_way) == _OVERLAPPING):
                self._note_ended(overlapping.end(beat=self))

    def _note_begun(self, part: Part) -> None:
        if not self.under_way:
            self.put_at = self.moved_at = self._monotonic()
            self.on_wire = 0
        self.under_way = (*self.under_way, part)

    def _note_ended(self, reached: int) -> None:
        """The oldest part has its answer."""
        part = self.under_way[0]
        if reached != part.end:
            raise self._elsewhere(part, reached)
        self.under_way = self.under_way[1:]
        self.on_wire = max(0, self.on_wire - part.length) if self.under_way else 0
        self.put_at = self.moved_at = self._monotonic()
        self._around.ledger.acked(replace(part, state=PartState.ACKED))
        self._board.acknowledged(self, alone=self._crew.alone)

    def _elsewhere(self, part: Part, reached: int) -> Exception:
        identity = self._around.destination.identity
        if not 0 <= reached <= self._crew.size:
            return PeerError(
                "The server claims an impossible offset",
                happened=f"{identity} says {reached} of {self._crew.size} bytes.",
                todo="Tell the server's operator.",
                code="CF-1613",
            )
        return StandsElsewhere() if reached > part.offset else not_taken(identity, offset=reached)


class Crew:
    """The lanes of one attempt: how many there are, and what becomes of it when one is lost.

    A lane that is cut leaves the others at work, and another takes its place; the last one's error ends the
    attempt, and so does every error that a new connection does not mend.
    """

    def __init__(self, around: Surroundings, *, size: int) -> None:
        self.size = size
        self._around = around
        self._lock = threading.Lock()
        self._workers: list[Worker] = []
        self._numbers = 0
        self._left_bytes = 0
        self._refusals = 0
        self.losses = 0
        self.lossy = False

    @property
    def alone(self) -> bool:
        """Whether there is one lane."""
        return len(self._workers) == 1

    @property
    def workers(self) -> tuple[Worker, ...]:
        """Those that live."""
        return tuple(self._workers)

    @property
    def open_now(self) -> int:
        """Lanes that are connected."""
        return sum(worker.connected and not worker.lost for worker in self.workers)

    @property
    def alive(self) -> int:
        """Lanes that are connected or still may be."""
        return sum(not worker.lost for worker in self.workers)

    @property
    def moved(self) -> int:
        """Bytes that have left, over all lanes, also those that are gone."""
        with self._lock:
            return self._left_bytes + sum(worker.moved_bytes for worker in self._workers)

    @property
    def on_wire(self) -> int:
        """Bytes of parts under way that have left."""
        under_way = [(worker.on_wire, worker.under_way) for worker in self.workers]
        return sum(min(count, sum(part.length for part in parts)) for count, parts in under_way)

    def man(self, wanted: int) -> None:
        """Have so many lanes; one that is too many ends with its part."""
        with self._lock:
            while len(self._workers) < wanted:
                self._numbers += 1
                worker = Worker(self._around, number=self._numbers, crew=self)
                self._workers.append(worker)
                worker.thread.start()
            surplus = self.open_now - wanted
        self._around.board.spare(max(0, surplus))

    def refusals(self) -> int:
        """How often a further connection could not be had since the last call."""
        with self._lock:
            count, self._refusals = self._refusals, 0
            return count

    def drop_stalled(self, *, longest: float, now: float) -> None:
        """Break every connection on which nothing has moved for `longest` seconds while a part is under way.

        What has left the program is still in this machine's buffers: a part that has left whole is given the
        time that it took to leave once more.
        """
        for worker in self.workers:
            allowed = longest + worker.moved_at - worker.put_at
            if worker.under_way and now - worker.moved_at > allowed:
                _log.info("a connection stands still for %.0f s: dropped", now - worker.moved_at)
                worker.drop()
                worker.moved_at = now

    def expect_loss(self) -> None:
        """The way loses packets: those that are open are told, and all that come."""
        if not self.lossy:
            self.lossy = True
            for worker in self.workers:
                worker.expect_loss()

    def dismiss(self) -> None:
        """End all of them and wait for it; what they were putting is not acknowledged."""
        self._around.board.halt()
        if isinstance(self._around.destination, Breakable):
            self._around.destination.no_more_lanes()
        for worker in self.workers:
            worker.drop()
        for worker in self.workers:
            worker.thread.join()

    def lost(self, worker: Worker, error: BaseException) -> None:
        """A lane ended with an error."""
        with self._lock:
            worker.lost = True
            others = sum(not each.lost for each in self._workers)
            self.losses += 1
            if not worker.connected:
                self._refusals += 1
            mended = (
                isinstance(error, UnreachableError)
                and error.code not in _NOT_THE_CONNECTION
                and error.retry_after is None
            )
            if mended and others:
                _log.info("one of %d connections is lost: %s", others + 1, getattr(error, "code", ""))
                return
        self._around.board.halt(error)

    def left(self, worker: Worker) -> None:
        """A lane's thread ends."""
        with self._lock:
            self._left_bytes += worker.moved_bytes
            self._workers.remove(worker)
        self._around.board.poke()
