"""Where the reader puts parts and the lanes take them: what is ready, what is under way, how it ended."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict, deque
from dataclasses import dataclass

from app.domain.errors import UnreachableError
from app.transfer.parts import Part
from app.transfer.plan import Plan, Run
from app.transfer.ranges import ByteRange


@dataclass(frozen=True, slots=True)
class Asked:
    """A part that is to be read. `turn` is that of its run when it was asked for."""

    run: Run
    part: Part
    turn: int


@dataclass(frozen=True, slots=True)
class Ready:
    """A part that was read and is in the journal; it may leave."""

    run: Run
    part: Part
    data: memoryview


class Board:
    """Shared by one reader, the lanes, and the thread of `send`. All of it under one condition."""

    def __init__(self, plan: Plan, *, in_memory: int) -> None:
        """`in_memory`: bytes of parts held at once; one part is always held, however large. May be set."""
        self._plan = plan
        self.in_memory = in_memory
        self._changed = threading.Condition()
        self._ready: defaultdict[Run, deque[Ready]] = defaultdict(deque)
        self._coming: Counter[Run] = Counter()
        self._under_way: dict[object, deque[Ready]] = {}
        self._held = 0
        self._hungry: set[object] = set()
        self._surplus = 0
        self._acked: deque[Part] = deque()
        self._untold = 0
        self._halted = False
        self._error: BaseException | None = None
        self.part_size = 1
        self.overlaps = True

    @property
    def error(self) -> BaseException | None:
        """What ended it before the peer had everything."""
        return self._error

    @property
    def halted(self) -> bool:
        """Whether lanes and reader are to end."""
        return self._halted

    def halt(self, error: BaseException | None = None) -> None:
        """End; the first error counts."""
        with self._changed:
            self._error = self._error or error
            self._halted = True
            self._changed.notify_all()

    def poke(self) -> None:
        """Let `wait` return now."""
        with self._changed:
            self._changed.notify_all()

    # The reader's side

    def next_to_read(self) -> Asked | None:
        """Wait until a part should be read; None when all are read for now and forever."""
        with self._changed:
            while not (self._halted or self._plan.whole):
                if self._held == 0 or self._held + self.part_size <= self.in_memory:
                    for run in self._wanting():
                        part = self._plan.take(run, part_size=self.part_size)
                        if part is not None:
                            self._held += part.length
                            self._coming[run] += 1
                            return Asked(run, part, run.turn)
                self._changed.wait()
            return None

    def all_taken(self) -> bool:
        """Whether every byte is at the peer, under way or ready."""
        with self._changed:
            return self._plan.all_taken

    @property
    def left(self) -> int:
        """Bytes that are neither at the peer nor under way."""
        with self._changed:
            return self._plan.left

    @property
    def shares(self) -> bool:
        """Whether all lanes take parts of the same run."""
        return any(run.shared for run in self._plan.runs)

    def offer(self, asked: Asked, part: Part, data: memoryview) -> None:
        """It was read, `part` has its digest, and it is in the journal."""
        with self._changed:
            self._coming[asked.run] -= 1
            self._plan.read(part)
            ready = Ready(asked.run, part, data)
            if asked.turn != asked.run.turn:
                # The lane that had this run is gone, and what it was putting comes first.
                self._return(ready)
            else:
                self._ready[asked.run].append(ready)
            self._changed.notify_all()

    def _wanting(self) -> list[Run]:
        """Runs of which a part should be read, the most urgent first."""
        if self._plan.runs and self._plan.runs[0].shared:
            run = self._plan.runs[0]
            soon = len(self._ready[run]) + self._coming[run]
            # Lanes that are at work will want their next part before those that wait for nothing know of it.
            return [run] if soon <= len(self._hungry) + len(self._under_way) // 2 else []
        held = [
            run
            for run in self._plan.runs
            if run.holder is not None and not self._ready[run] and not self._coming[run]
        ]
        return sorted(held, key=lambda run: run.holder not in self._hungry)

    # The lanes' side

    def take(self, lane: object) -> Ready | None:
        """Wait for a part to put; None when the lane is to end."""
        with self._changed:
            try:
                while not (self._halted or self._plan.whole or self._leaves(lane)):
                    run = self._run_of(lane)
                    if run is not None and self._ready[run]:
                        return self._begin(lane, run)
                    if lane not in self._hungry:
                        self._hungry.add(lane)
                        self._changed.notify_all()
                    self._changed.wait()
                return None
            finally:
                self._hungry.discard(lane)

    def take_if_ready(self, lane: object) -> Ready | None:
        """One more part for a lane that puts one; None unless one is ready that no other lane waits for.

        None, too, where lanes take one part at a time (`overlaps`).
        """
        with self._changed:
            if self._halted or self._surplus > 0 or self._hungry or not self.overlaps:
                return None
            run = self._run_of(lane)
            return self._begin(lane, run) if run is not None and self._ready[run] else None

    def acknowledged(self, lane: object, *, alone: bool) -> None:
        """The peer has the oldest part that the lane puts. A lane that is alone waits until that was told."""
        with self._changed:
            waiting = self._under_way[lane]
            ready = waiting.popleft()
            if not waiting:
                del self._under_way[lane]
            run, part = ready.run, ready.part
            del ready  # the reader wants its memory at once
            self._held -= part.length
            self._plan.acknowledge(run, part)
            self._acked.append(part)
            self._untold += 1
            self._changed.notify_all()
            while alone and self._untold and not self._halted:
                self._changed.wait()

    def ended(self, lane: object) -> None:
        """The lane puts nothing any more; what it had is for another one."""
        with self._changed:
            for ready in self._under_way.pop(lane, ()):
                self._return(ready)
            for run in self._plan.runs:
                if run.holder is lane:
                    run.holder = None
                    run.turn += 1
                    for waiting in self._ready.pop(run, ()):
                        self._return(waiting)
            self._changed.notify_all()

    def spare(self, count: int) -> None:
        """So many lanes are to end at their next part."""
        with self._changed:
            self._surplus = count
            self._changed.notify_all()

    def _begin(self, lane: object, run: Run) -> Ready:
        ready = self._ready[run].popleft()
        self._under_way.setdefault(lane, deque()).append(ready)
        self._changed.notify_all()
        return ready

    def _leaves(self, lane: object) -> bool:
        if self._surplus <= 0 or any(run.holder is lane and self._ready[run] for run in self._plan.runs):
            return False
        self._surplus -= 1
        return True

    def _run_of(self, lane: object) -> Run | None:
        """The lane's run; a free one when it has none or has put all of it."""
        free: Run | None = None
        for run in self._plan.runs:
            if run.shared:
                return run
            if run.holder is lane:
                if not run.whole:
                    return run
                run.holder = None
            elif run.holder is None and not run.whole and free is None:
                free = run
        if free is not None:
            free.holder = lane
            self._changed.notify_all()
        return free

    def _return(self, ready: Ready) -> None:
        self._held -= ready.part.length
        self._plan.give_back(ready.run, ready.part)

    # The side of `send`

    def wait(self, seconds: float) -> list[Part]:
        """Wait for news, at most so long: the parts that were acknowledged since the last call."""
        with self._changed:
            if not (self._acked or self._halted or self._plan.whole):
                self._changed.wait(seconds)
            news = list(self._acked)
            self._acked.clear()
            return news

    def told(self) -> None:
        """The news of `wait` have been passed on."""
        with self._changed:
            self._untold = len(self._acked)
            self._changed.notify_all()

    @property
    def whole(self) -> bool:
        """Whether the peer has every byte."""
        with self._changed:
            return self._plan.whole

    def moving(self) -> tuple[ByteRange, ...]:
        """What is under way."""
        with self._changed:
            parts = [one.part for each in self._under_way.values() for one in each]
            under_way = sorted(parts, key=lambda part: part.offset)
            return tuple(ByteRange(part.offset, part.end) for part in under_way)

    def acked_ranges(self) -> tuple[ByteRange, ...]:
        """What the peer has."""
        with self._changed:
            return tuple(self._plan.have())


def not_taken(destination: str, *, offset: int) -> UnreachableError:
    """The peer answered, but stands where it stood."""
    return UnreachableError(
        "The server did not take a part",
        happened=f"{destination} stays at byte {offset}.",
        todo="It is tried again.",
        code="CF-1518",
    )
