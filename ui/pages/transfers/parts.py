"""The map of parts: which 8 MiB parts of a bundle have arrived, as far as a `Job` tells."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import ceil

from app.agentlink.contract import Job, JobState, Via
from ui.pages.transfers.rows import SIZE_ONLY

PART_SIZE = 8 * 1024 * 1024
MAX_CELLS = 800


class PartState(StrEnum):
    """What a cell shows."""

    CHECKED = "checked"
    SENT = "sent"
    IN_FLIGHT = "in flight"
    TO_DO = "to do"


@dataclass(frozen=True, slots=True)
class PartMapping:
    """Cells in order; each stands for `parts_per_cell` parts.

    Attributes:
        whole, arrived: numbers of parts.
    """

    cells: tuple[PartState, ...]
    whole: int
    arrived: int
    parts_per_cell: int

    @property
    def caption(self) -> str:
        """``Parts, 8 MB each: 186 of 400 arrived``."""
        each = "8 MB each" if self.parts_per_cell == 1 else f"{self.parts_per_cell * 8} MB each cell"
        return f"Parts, {each}: {self.arrived} of {self.whole} arrived"


def parts_of(job: Job) -> PartMapping:
    """The map of a job; empty while the bundle's size is not known.

    Parts arrive side by side: what the agent says of a running transfer counts, part for part. Of one that
    does not run only the sum is known. Over HTTPS every acknowledged part was compared by the portal; over
    SFTP the proof comes at the end.
    """
    whole = ceil(job.size / PART_SIZE)
    if whole == 0:
        return PartMapping(cells=(), whole=0, arrived=0, parts_per_cell=1)
    there = [(0, job.size)] if job.sent >= job.size else job.acked or [(0, job.sent)]
    there = [(start, start + length) for start, length in there if length > 0]
    moving = [(start, start + length) for start, length in job.moving]
    runs = job.state is JobState.SENDING and not job.queued
    if runs and not job.acked and not moving and job.sent < job.size:
        moving = [(job.sent, job.sent + 1)]
    arrived = sum(max(0, _whole_parts(end, job.size) - ceil(start / PART_SIZE)) for start, end in there)
    per_cell = ceil(whole / MAX_CELLS)
    proven = (job.state is JobState.VERIFIED or job.via is Via.HTTPS) and job.level != SIZE_ONLY
    done = PartState.CHECKED if proven else PartState.SENT
    cells: list[PartState] = []
    for first in range(0, whole, per_cell):
        start, end = first * PART_SIZE, min((first + per_cell) * PART_SIZE, job.size)
        if any(begin <= start and end <= stop for begin, stop in there):
            cells.append(done)
        elif any(begin < end and start < stop for begin, stop in moving):
            cells.append(PartState.IN_FLIGHT)
        else:
            cells.append(PartState.TO_DO)
    return PartMapping(cells=tuple(cells), whole=whole, arrived=arrived, parts_per_cell=per_cell)


def _whole_parts(end: int, size: int) -> int:
    """How many parts end at or before this byte; the last one is as long as it is."""
    return ceil(end / PART_SIZE) if end >= size else end // PART_SIZE
