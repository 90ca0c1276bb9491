"""What goes out next: of a file whose bytes are partly there, partly on their way, partly known already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.transfer.parts import Part, PartState
from app.transfer.ranges import ByteRange, RangeSet


class Run:
    """A stretch of the file: parts go out of it in order, or in any order when it is shared by lanes.

    Attributes:
        span: the stretch.
        shared: several lanes may put parts of it at once, in any order.
        holder: the lane that has it, where it is not shared; None while it is free.
        turn: counts the lanes that have lost it: what was read for an earlier one is read again, in order.
    """

    def __init__(self, span: ByteRange, *, shared: bool) -> None:
        self.span = span
        self.shared = shared
        self.holder: object | None = None
        self.turn = 0
        self.have = RangeSet()
        self.taken = RangeSet()

    @property
    def whole(self) -> bool:
        """Whether the peer has all of it."""
        return self.have.total == self.span.length

    @property
    def all_taken(self) -> bool:
        """Whether the peer has, or is being sent, all of it."""
        return self.taken.total == self.span.length


class Plan:
    """The runs of a file and the parts that were read before. Pure, and not thread-safe."""

    def __init__(self, size: int, *, runs: Sequence[ByteRange], parts: Sequence[Part]) -> None:
        """Begin with what is known.

        Args:
            size: bytes of the file.
            runs: `Opened.runs`.
            parts: as `reconcile` leaves them.

        Raises:
            ValueError: the runs are not the whole file.
        """
        spans = list(runs) or ([ByteRange(0, size)] if size else [])
        starts = [0, *(span.end for span in spans)]
        if any(span.start != start or not span.length for span, start in zip(spans, starts, strict=False)):
            raise ValueError("the runs have gaps")
        if starts[-1] != size:
            raise ValueError("the runs are not the whole file")
        self.size = size
        self.runs = [Run(span, shared=not runs) for span in spans]
        self._known = {part.offset: part for part in parts if part.state is PartState.SENT}
        for part in parts:
            if part.state is PartState.ACKED:
                self._have(ByteRange(part.offset, part.end))

    @property
    def acked(self) -> int:
        """Bytes that the peer has."""
        return sum(run.have.total for run in self.runs)

    @property
    def whole(self) -> bool:
        """Whether the peer has every byte."""
        return all(run.whole for run in self.runs)

    @property
    def all_taken(self) -> bool:
        """Whether every byte is there or was taken to be sent."""
        return all(run.all_taken for run in self.runs)

    @property
    def left(self) -> int:
        """Bytes that are not there and were not taken to be sent."""
        return sum(run.span.length - run.taken.total for run in self.runs)

    def have(self) -> RangeSet:
        """What the peer has, of the whole file."""
        return RangeSet(each for run in self.runs for each in run.have)

    def take(self, run: Run, *, part_size: int) -> Part | None:
        """The next part of the run: one that was read before, as it was, else a new one; None at the end.

        It is *planned* when it was not read before, else *sent* with the digest that it must have.
        """
        start = run.taken.end_of(run.span.start)
        if start >= run.span.end:
            return None
        part = self._known.get(start)
        if part is None:
            end = run.taken.next_start(start, limit=min(run.span.end, start + part_size))
            end = min((offset for offset in self._known if start < offset < end), default=end)
            part = Part(start, end - start)
        run.taken.add(part.offset, part.end)
        return part

    def read(self, part: Part) -> None:
        """The part has its digest now: whenever it is read again, it must be the same."""
        self._known[part.offset] = replace(part, state=PartState.SENT)

    def acknowledge(self, run: Run, part: Part) -> None:
        """The peer has the part."""
        self._known.pop(part.offset, None)
        run.have.add(part.offset, part.end)

    def give_back(self, run: Run, part: Part) -> None:
        """The part did not leave, or nobody knows whether it arrived."""
        run.taken.remove(part.offset, part.end)

    def _have(self, span: ByteRange) -> None:
        for run in self.runs:
            start, end = max(span.start, run.span.start), min(span.end, run.span.end)
            run.have.add(start, end)
            run.taken.add(start, end)
