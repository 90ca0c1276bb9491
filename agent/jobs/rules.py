"""Rules: which segments go to which case, when, and which way."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

from agent.jobs.levels import Level
from agent.jobs.nights import Night
from app.agentlink import Via


@dataclass(frozen=True, slots=True)
class When:
    """When closed segments are sent: as soon as they are closed, in batches, at night, or around an alarm.

    Attributes:
        every: time between two batches.
        night: one set a night, within these hours.
        alarm: name of an alarm rule; only segments with lines `around` one of its alarms are sent, as soon as
            they are closed.
        around: before and after the alarm.
    """

    every: timedelta | None
    night: Night | None = None
    alarm: str = ""
    around: timedelta = timedelta(minutes=10)

    def due(self, *, last: datetime | None, now: datetime, zone: tzinfo = UTC) -> bool:
        """Whether a batch is due; a clock that was set back counts as due rather than never.

        What a missed night left belongs to the set of the next one: nothing begins outside the hours.

        Args:
            last: the last batch.
            now: the present, aware.
            zone: of this server.
        """
        if self.night is not None:
            window = self.night.window_at(now, zone=zone)
            return window is not None and (last is None or last < window.begin or now < last)
        if self.every is None or last is None:
            return True
        return now - last >= self.every or now < last

    def next_due(self, *, last: datetime | None, now: datetime, zone: tzinfo = UTC) -> datetime | None:
        """When the next batch is due that is not due now; None when one is, or when segments go at once."""
        if self.due(last=last, now=now, zone=zone):
            return None
        if self.night is not None:
            return self.night.next_begin(now, zone=zone)
        return None if last is None or self.every is None else last + self.every

    def __str__(self) -> str:
        """As the configuration writes it."""
        if self.night is not None:
            return f"nightly {self.night.begin:%H:%M}-{self.night.end:%H:%M}"
        if self.alarm:
            return f"alarm {self.alarm}"
        return "closed" if self.every is None else f"every {self.every.total_seconds():g}s"


@dataclass(frozen=True, slots=True)
class RuleSftp:
    """The temporary SFTP account of a rule; the password lies in its file (R-FILE-5).

    Attributes:
        read_whole: whether all of a bundle is read back where the server tells no digest; else a sample.
    """

    host: str
    port: int
    host_key: str
    user: str
    password_file: Path
    read_whole: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """Closed segments of these folders and applications go to this case.

    Attributes:
        applications: patterns such as ``sips_*``; every application when empty.
        case: ten digits (R-CASE-1).
        share: of the limit of bandwidth, beside the bundles of other rules.
        level: a segment needs a record of this level or a weightier one; any segment when None.
        while_open: nothing is prepared for a case that is closed or that the portal does not know (R-FILE-1).
        max_age: segments that were changed last before that are not sent; any age when None.
    """

    name: str
    folders: tuple[Path, ...]
    applications: tuple[str, ...]
    case: str
    when: When
    via: Via
    sftp: RuleSftp | None = None
    share: float = 1.0
    level: Level | None = None
    while_open: bool = True
    max_age: timedelta | None = None

    def wants(self, application: str) -> bool:
        """Whether segments of this application belong to the rule; letter case does not matter."""
        if not self.applications:
            return True
        name = application.casefold()
        return any(fnmatch.fnmatchcase(name, pattern.casefold()) for pattern in self.applications)

    @property
    def asks_case(self) -> bool:
        """Whether the portal is asked for the case's state before anything is prepared and sent.

        By SFTP always: there nobody else refuses what is sent to a closed case.
        """
        return self.while_open or self.via is Via.SFTP

    @property
    def asks_lines(self) -> bool:
        """Whether what the lines of a segment tell decides."""
        return self.level is not None or bool(self.when.alarm)
