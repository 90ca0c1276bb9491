"""Whether what waits to be sent still has room among the evidence: when it has none, rotation destroys it.

A log that rotation deletes before it was sent lies in the evidence only. Of a long backlog (the portal is
away, or a rule sends at night) the oldest gives way when the quota is used up, so this is told before it is.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from agent.catalogue.evidence import ASKED, NO_ROOM, Masked
from app.agentlink import ErrorReply
from app.storage import Database

_log = logging.getLogger(__name__)
_NEARLY, _EASED = 0.8, 0.6
_CODE = "CF-1879"
_TODO = (
    "See why it is not sent (caseferry-agent status, jobs, rules). Make [logs] evidence larger, "
    "or release holds that nobody needs (caseferry-agent holds)."
)
_TAKES = (
    "SELECT segments.key AS key, pins.size AS size, "  # noqa: S608 - no value in it
    f"max(holds.reason IN ('incident', 'alarm')) AS kept, {ASKED} AS asked FROM pins "
    "JOIN segments ON segments.id = pins.segment JOIN held ON held.segment = pins.segment "
    "JOIN holds ON holds.id = held.hold "
    "WHERE (NOT pins.linked OR segments.state = 'gone') GROUP BY pins.segment"
)
_GAVE_WAY = (
    f"SELECT segments.key AS key, {ASKED} AS asked "  # noqa: S608 - no value in it
    "FROM held JOIN holds ON holds.id = held.hold "
    "JOIN segments ON segments.id = held.segment "
    "WHERE held.problem = ? AND holds.reason IN ('collection', 'growing') AND segments.state = 'gone' "
    "AND held.segment NOT IN (SELECT segment FROM pins) GROUP BY segments.id"
)
"""One that still lies in its folder is not lost, though it is not held."""


class Press(IntEnum):
    """How bad it is."""

    NONE = 0
    NEARLY = 1
    LOST = 2


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits for jobs, rules and log requests, and takes room among the evidence.

    Nothing waits for a log that was masked: its copy is sent. A log request waits for it all the same.

    Attributes:
        waiting: bytes of it.
        room: bytes that it may take: the quota without what incidents and alarms hold.
        lost: logs that wait and are not held, for want of room.
    """

    waiting: int
    room: int
    lost: int

    @property
    def press(self) -> Press:
        """Whether it is used up, or nearly so."""
        if self.lost:
            return Press.LOST
        return Press.NEARLY if self.waiting and self.waiting >= _NEARLY * self.room else Press.NONE

    @property
    def eased(self) -> bool:
        """Whether it is over, after it was nearly used up."""
        return not self.lost and self.waiting <= _EASED * self.room

    def problem(self) -> ErrorReply | None:
        """For people; None while there is room."""
        match self.press:
            case Press.LOST:
                return ErrorReply(
                    code="CF-1879",
                    title="Logs that wait to be sent are not held any more",
                    happened=f"Of {self.lost} log{'s' * (self.lost > 1)} what rotation has deleted is lost: "
                    f"{_size(self.waiting)} wait to be sent, and may take {_size(self.room)}.",
                    todo=_TODO,
                )
            case Press.NEARLY:
                return ErrorReply(
                    code="CF-1879",
                    title="Logs that wait to be sent have hardly any room",
                    happened=f"{_size(self.waiting)} wait to be sent, and may take {_size(self.room)}. "
                    "What is more is lost when rotation deletes it, the oldest first.",
                    todo=_TODO,
                )
            case _:
                return None


def backlog_of(database: Database, *, quota: int, masked: Masked) -> Backlog:
    """What waits now.

    Args:
        database: the catalogue's.
        quota: bytes of evidence.
        masked: asked of what lies among the evidence, and of what gave way.

    Raises:
        LocalError: it cannot be read.
    """
    takes, gave_way = database.rows(_TAKES), database.rows(_GAVE_WAY, (NO_ROOM,))
    keys = {row["key"] for row in (*takes, *gave_way)} - {""}
    done = set(masked(keys)) if keys else set()
    kept = sum(row["size"] for row in takes if row["kept"])
    waiting = [row for row in takes if not row["kept"] and (row["asked"] or row["key"] not in done)]
    lost = [row for row in gave_way if row["asked"] or row["key"] not in done]
    return Backlog(sum(row["size"] for row in waiting), max(0, quota - kept), len(lost))


class BacklogTold:
    """Tells when it gets worse and when it is over, each once, however long it lasts."""

    def __init__(self, changed: Callable[[], None]) -> None:
        """Nothing is told yet; `changed` is called whenever something is."""
        self._changed = changed
        self._told = Press.NONE

    def look(self, backlog: Backlog) -> None:
        """As it is now."""
        press = backlog.press
        if press is Press.NONE and not backlog.eased:
            press = min(self._told, Press.NEARLY)
        if press is self._told:
            return
        worse, self._told = press > self._told, press
        problem = backlog.problem()
        if press is Press.NONE:
            _log.info("logs that wait to be sent have room again")
        elif worse and problem is not None:
            _log.warning("%s. %s (%s)", problem.title, problem.happened, _CODE)
        self._changed()


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"
