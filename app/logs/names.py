"""What the name of a segment says: application, thread, start, number in the rotation."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from app.logs.stamps import FIRST_YEAR, LAST_YEAR

_STAMPED = re.compile(
    r"^(?P<app>.+?)(?:-(?P<thread>\d{3}))?\.(?P<stamp>\d{8}_\d{6}(?:_\d{3})?)"
    r"(?:\.(?P<extra>snapshot|memory))?(?:\.(?:log|qsp|txt))?$",
    re.IGNORECASE,
)
_ROLLED = re.compile(
    r"^(?P<app>.+?)(?:\.(?:snapshot|memory))?\.(?:log|out|txt|qsp)"
    r"(?:\.(?P<number>\d{1,5})|[.-](?P<stamp>\d{8}_\d{6}(?:_\d{3})?|\d{4}-\d\d-\d\d(?:[-_.]\d{1,6})?))?$",
    re.IGNORECASE,
)
_THREAD = re.compile(r"^(.+)-(\d{3})$")
_PACKED = re.compile(r"\.(?:tar\.gz|tgz|gz|zip|7z|bz2|xz|zst)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SegmentName:
    """The parts of a segment's name.

    Attributes:
        application: as the name says; the bare name when it follows no known form.
        thread: ``-NNN`` of a SIP Server thread, without the dash; empty when there is none.
        started: local time in the name, without a zone; None when it has none.
        number: position in a ``name.log.N`` rotation; None when it has none.
    """

    application: str
    thread: str = ""
    started: datetime | None = None
    number: int | None = None


def parse_name(file_name: str) -> SegmentName:
    """Read a file name (with or without folders of either slash); never fails."""
    name = re.split(r"[/\\]", file_name)[-1]
    name = _PACKED.sub("", name)
    stamped = _STAMPED.match(name)
    if stamped:
        return SegmentName(
            re.sub(r"\.(?:log|out)$", "", stamped["app"]), stamped["thread"] or "", _moment(stamped["stamp"])
        )
    rolled = _ROLLED.match(name)
    if rolled:
        application, thread = rolled["app"], ""
        split = _THREAD.match(application)
        if split:
            application, thread = split[1], split[2]
        number = int(rolled["number"]) if rolled["number"] else None
        return SegmentName(application, thread, _moment(rolled["stamp"] or ""), number)
    return SegmentName(name)


def application_of(file_name: str) -> str:
    """The application that wrote a segment, as its name says; empty when the name has no known form.

    ``sips_a-001.20230609_101502_118.log`` → ``sips_a``; ``mcp.log.3`` → ``mcp``.
    """
    name = re.split(r"[/\\]", file_name)[-1]
    plain = _PACKED.sub("", name)
    if _STAMPED.match(plain) or _ROLLED.match(plain):
        return parse_name(plain).application
    return ""


def _moment(stamp: str) -> datetime | None:
    for text, form in (
        (stamp, "%Y%m%d_%H%M%S_%f"),
        (stamp, "%Y%m%d_%H%M%S"),
        (stamp[:10], "%Y-%m-%d"),
    ):
        try:
            found = datetime.strptime(text, form)  # noqa: DTZ007 - a name tells no zone
        except ValueError:
            continue
        return found if FIRST_YEAR <= found.year <= LAST_YEAR else None
    return None
