"""Options of what carries files: how they are packed, how fast they go, and for how long it is tried."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from cyclopts import Parameter

from app.commands.options import described


@Parameter(name="*")
@described
@dataclass(frozen=True, slots=True)
class PackingOptions:
    """How the bundle is packed.

    Attributes:
        format: zip, which everything opens, or tar.zst, which is smaller.
        level: of compression, 0 (stored) to 9 for zip, 1 to 19 for tar.zst; what costs least for its size
            when left out.
    """

    format: Literal["zip", "tar.zst"] = "zip"
    level: Annotated[int | None, Parameter(show_default=False)] = None


@Parameter(name="*")
@described
@dataclass(frozen=True, slots=True)
class FetchingOptions:
    """How fast files are fetched, and for how long it is tried.

    Attributes:
        limit: bytes per second for everything that this command fetches, such as "2 MB/s"; none when left
            out.
        hours: another limit in hours of the week, such as "mon-fri 08:00-18:00 2MB/s"; may be repeated, the
            first that holds wins.
        only_idle: fetch only while nobody else uses this machine and its link.
        give_up: end when nothing has arrived for so long, such as 15m, 2h or 3d.
        progress: bar (without a terminal a line whenever it waits), lines (a JSON object a line, on standard
            error) or none.
    """

    limit: Annotated[str, Parameter(env_var="CASEFERRY_LIMIT", show_default=False)] = "none"
    hours: Annotated[list[str], Parameter(env_var="CASEFERRY_HOURS", negative=(), show_default=False)] = (
        field(default_factory=list)
    )
    only_idle: Annotated[bool, Parameter(negative=(), show_default=False)] = False
    give_up: str = "15m"
    progress: Literal["bar", "lines", "none"] = "bar"


@Parameter(name="*")
@described
@dataclass(frozen=True, slots=True)
class TransferOptions:
    """How fast, over how many connections, and for how long it is tried.

    Attributes:
        limit: bytes per second for everything that this command sends, such as "2 MB/s"; 0 stops; none when
            left out.
        hours: another limit in hours of the week, such as "mon-fri 08:00-18:00 2MB/s"; may be repeated, the
            first that holds wins.
        only_idle: send only while nobody else uses this machine and its link.
        connections: the most for one file, 1 to 16; how many it has is found by measuring.
        give_up: end when nothing has arrived for so long, such as 15m, 2h or 3d.
        not_there: you know that the place which it was sent to before, and which may have all of it
            (CF-1114), has not got it: send it another way.
        progress: bar (without a terminal a line whenever it waits), lines (a JSON object a line, on standard
            error) or none.
    """

    limit: Annotated[str, Parameter(env_var="CASEFERRY_LIMIT", show_default=False)] = "none"
    hours: Annotated[list[str], Parameter(env_var="CASEFERRY_HOURS", negative=(), show_default=False)] = (
        field(default_factory=list)
    )
    only_idle: Annotated[bool, Parameter(negative=(), show_default=False)] = False
    connections: int = 16
    give_up: str = "15m"
    not_there: Annotated[bool, Parameter(negative=(), show_default=False)] = False
    progress: Literal["bar", "lines", "none"] = "bar"
