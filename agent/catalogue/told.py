"""What the lines of closed segments tell, for those who decide whether a segment is sent."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from agent.catalogue.times import counter_of
from app.logs import MessageKind
from app.storage import Database


@dataclass(frozen=True, slots=True)
class SegmentLines:
    """What the lines of one closed segment tell; times in milliseconds UTC.

    Attributes:
        complete: it was read to its end; else the rest is not known yet.
        least, most: of all stamps; None without one, or when nothing can be read line by line.
        kinds: records by kind.
    """

    complete: bool
    least: int | None = None
    most: int | None = None
    kinds: Counter[MessageKind] = field(default_factory=Counter)


def lines_of(database: Database, keys: Iterable[str]) -> dict[str, SegmentLines]:
    """By key of a closed segment; a segment of which nothing was read is not in it."""
    asked = json.dumps(list(keys))
    found: dict[str, SegmentLines] = {}
    rows = database.rows(
        "SELECT segments.key, min(timed.complete) OVER (PARTITION BY segments.id), "
        "min(timed.least) OVER (PARTITION BY segments.id), max(timed.most) OVER (PARTITION BY segments.id), "
        "volumes.kinds FROM segments "
        "JOIN timed ON timed.segment = segments.id LEFT JOIN volumes ON volumes.timed = timed.id "
        "WHERE segments.key IN (SELECT value FROM json_each(?)) ORDER BY timed.upto DESC",
        (asked,),
    )
    for key, complete, least, most, kinds in rows:
        one = found.setdefault(key, SegmentLines(bool(complete), least, most))
        if kinds is not None:
            one.kinds.update(counter_of(kinds))
    return found
