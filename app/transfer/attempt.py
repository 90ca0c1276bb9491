"""One attempt: from what the peer has to all of it there, over as many connections as are worth it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from app.transfer.board import Board
from app.transfer.destination import Destination, Opened
from app.transfer.giving_way import give_way
from app.transfer.growth import IN_MEMORY, Growth, overlapping, part_size, room_for_parts
from app.transfer.journal import Transfer
from app.transfer.lanes import Crew, Halted, Surroundings
from app.transfer.ledger import Ledger
from app.transfer.parts import Part
from app.transfer.plan import Plan
from app.transfer.ranges import ByteRange
from app.transfer.whole import WholeDigest

if TYPE_CHECKING:
    from app.transfer.run import Run, Tools

_TICK = 0.1
_MEASURED_SECONDS = 1.0
_MEASURED_BYTES = 64 * 1024 * 1024
"""The rate is known after so long, or so much: far more than what the buffers of this machine may hold."""

_ACKED_BYTES = 16 * 1024 * 1024
"""What the peer has said that it has lies in no buffer: less of it tells the rate."""


class Attempt:
    """One reader, some lanes, and the thread of `send` that watches over them."""

    def __init__(
        self,
        tools: Tools,
        run: Run,
        *,
        transfer: Transfer,
        whole: WholeDigest,
        destination: Destination,
        opened: Opened,
        parts: Sequence[Part],
    ) -> None:
        self._tools = tools
        self._run = run
        self._transfer = transfer
        self._whole = whole
        self._features = destination.features
        self._clock = tools.clock
        plan = Plan(transfer.size, runs=opened.runs, parts=parts)
        whole.begin(
            parts,
            in_order=len(plan.runs) <= 1,
            each=self._features.part_digests,
            compared=self._features.whole_compared,
            crc=self._features.part_crc32,
        )
        most = min(tools.connections, self._features.most_connections)
        if opened.runs:
            most = min(most, len(opened.runs))
        limited = tools.flow is not None and tools.flow.limited
        self._growth = Growth(
            most=most,
            round_trip=self._features.round_trip,
            limited=limited,
            allowed=self._allowed,
            all_at_once=self._features.all_at_once,
        )
        self._board = Board(plan, in_memory=IN_MEMORY)
        self._ledger = Ledger(tools.journal, transfer.id, failed=self._board.halt)
        around = Surroundings(
            destination=destination,
            board=self._board,
            ledger=self._ledger,
            clock=self._clock,
            control=tools.control,
            remember=run.remember,
            flow=tools.flow,
        )
        self._crew = Crew(around, size=transfer.size)
        self._reader = threading.Thread(target=self._read, name="transfer-reader", daemon=True)
        self._told = 0
        self._losses = 0
        self._man_at = self._clock.monotonic()
        self._began = self._clock.monotonic()
        self.acked = self._acked_before = plan.acked

    @property
    def on_wire(self) -> int:
        """Bytes of parts under way that have left."""
        return self._crew.on_wire

    @property
    def connections(self) -> int:
        """Those that are open."""
        return self._crew.open_now

    @property
    def moving(self) -> tuple[ByteRange, ...]:
        """Parts under way."""
        return self._board.moving()

    @property
    def acked_ranges(self) -> tuple[ByteRange, ...]:
        """What the peer has."""
        return self._board.acked_ranges()

    @property
    def _allowed(self) -> int:
        """Bytes per second of the limit now; 0 without one."""
        return 0 if self._tools.flow is None else self._tools.flow.allowed

    def fresh(self) -> int:
        """Bytes that have left since the last call."""
        moved = self._crew.moved
        fresh, self._told = moved - self._told, moved
        return fresh

    def run(self) -> None:
        """Until the peer has every byte and every byte was proven to be the sealed one's.

        Raises:
            WorldError, Interrupted: what ended it before; the journal has what was acknowledged.
        """
        self._set_part_size()
        with self._tools.control.watched(self._board.poke):
            try:
                self._ledger.start()
                self._reader.start()
                while not (self._board.whole or self._board.halted):
                    self._tick()
            finally:
                self._crew.dismiss()
                self._reader.join()
                self._ledger.close()
                self._tell()
        if self._board.error is not None and not self._board.whole:
            raise self._board.error
        self._whole.prove(self._run.heed)

    def _tick(self) -> None:
        now = self._clock.monotonic()
        if self._crew.refusals():
            self._growth.refused(open_now=self._crew.alive, now=now)
        if self._crew.losses != self._losses:
            # A lost connection is made anew, but not at once: the peer may be the reason.
            self._losses = self._crew.losses
            self._man_at = now + self._tools.policy.wait(min(self._losses, 8))
        if now >= self._man_at or not self._crew.workers:
            self._crew.man(self._growth.wanted)
        self._growth.measure(self._crew.moved, open_now=self._crew.open_now, now=now, allowed=self._allowed)
        if self._growth.thin:
            self._crew.expect_loss()
        self._crew.drop_stalled(longest=self._tools.policy.stalled_after, now=now)
        self._set_part_size()
        self._tell(wait=_TICK)
        failed = self._whole.failed()
        if failed is not None:
            raise failed
        self._run.heed()

    def _tell(self, *, wait: float = 0.0) -> None:
        for part in self._board.wait(wait):
            self.acked += part.length
            self._run.progressed(self, always=True)
        self._board.told()
        self._run.progressed(self, always=False)

    def _set_part_size(self) -> None:
        elapsed = self._clock.monotonic() - self._began
        lanes = max(1, self._crew.open_now)
        moved = self._crew.moved
        measured = elapsed >= _MEASURED_SECONDS or moved >= _MEASURED_BYTES
        acked = self.acked - self._acked_before
        known = moved if measured else acked if acked >= _ACKED_BYTES else 0
        rate = known / elapsed / lanes if elapsed > 0 else 0.0
        self._board.in_memory = room_for_parts(lanes)
        self._whole.keep_memory(self._board.in_memory)
        self._board.overlaps = overlapping(self._features, lane_rate=rate)
        self._board.part_size = self._fitting(lanes, rate)
        if rate == 0.0 and (allowed := self._allowed):
            # A part is not to take minutes because nothing is measured yet: no more than this will leave.
            self._board.part_size = min(self._board.part_size, self._fitting(lanes, allowed / lanes))

    def _fitting(self, lanes: int, rate: float) -> int:
        return part_size(
            self._features,
            size=self._transfer.size,
            most=self._growth.most,
            lanes=lanes,
            lane_rate=rate,
            # Where a run belongs to one lane, smaller parts at its end help no other one.
            left=self._board.left if self._board.shares else None,
        )

    def _read(self) -> None:
        give_way()
        try:
            while (found := self._board.next_to_read()) is not None:
                begun = self._ledger.begin(found.part)
                part, data = self._whole.read_part(found.part)
                if self._board.all_taken():
                    # Before the last byte leaves: a peer that has it all may take the file as complete.
                    self._whole.prove(self._go_on)
                self._ledger.sent(part, begun=begun, then=partial(self._board.offer, found, part, data))
        except Halted:
            pass
        except BaseException as error:  # noqa: BLE001 - handed to the thread of `send`
            self._board.halt(error)

    def _go_on(self) -> None:
        if self._board.halted:
            raise Halted
