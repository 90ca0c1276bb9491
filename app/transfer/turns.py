"""Whose turn it is when not everything can be sent at once. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that wants to be sent.

    Attributes:
        key: names it.
        group: what is treated fairly; a case, for those who send for cases.
        priority: higher goes first, whatever its group has had.
    """

    key: str
    group: str
    priority: int = 0


def next_turn(
    waiting: Sequence[Waiting], *, running: Collection[str], served: Mapping[str, int]
) -> Waiting | None:
    """The one whose turn it is: by priority, then by the group that has had least, then by its place.

    Args:
        waiting: in the order in which they wait.
        running: the group of each one that is being sent now.
        served: when each group had its last turn, as a number that grows; groups not in it had none.
    """
    busy = Counter(running)
    return min(
        waiting,
        key=lambda one: (-one.priority, busy[one.group], served.get(one.group, -1)),
        default=None,
    )
