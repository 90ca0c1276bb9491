"""Segments of which the time and the bytes of every record are known, and a catalogue that has read them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from agent.catalogue import Catalogue, Finder, Searcher, TimeIndexer, TimeTable, open_catalogue
from agent.watch import scan_folder

PADDING = "more of it " * 25
"""Makes records long, so that few of them fill several entries of the time index."""


@dataclass(frozen=True, slots=True)
class KnownRecord:
    """A record as it was written: its moment (UTC) and its bytes."""

    moment: datetime
    raw: bytes


@dataclass(slots=True)
class KnownSegment:
    """A segment that is being made; local time is UTC plus `ahead`."""

    name: str
    application: str = "sips_a"
    codec: str = "utf-8"
    ahead: timedelta = timedelta(hours=2)
    header: bytes = b""
    records: list[KnownRecord] = field(default_factory=list)

    def begin(self, opened: datetime, *, host: str = "sip-a01", number: int = 1) -> None:
        """Write the header of a segment that is opened at a moment (UTC)."""
        local, universal = (f"{moment:%Y-%m-%dT%H:%M:%S.%f}"[:23] for moment in (opened + self.ahead, opened))
        self.header = (
            f"Local time:        {local}\nStart time (UTC):  {universal}\nRunning time:      0:00:00:00.000\n"
            f"Host name:         {host}\nApplication name:  {self.application}\n"
            f"File:              ({number}) {self.name}\n\n"
        ).encode(self.codec)

    def add(self, moment: datetime, text: str, *, form: str = "%H:%M:%S.%f", cut: int = 12) -> None:
        """Append a record; its first line gets the stamp."""
        local = moment + self.ahead
        stamp = local.strftime(form)[:cut] if cut else local.strftime(form)
        self.records.append(KnownRecord(moment, f"{stamp} {text}\n".encode(self.codec)))

    @property
    def content(self) -> bytes:
        """All bytes."""
        return self.header + b"".join(record.raw for record in self.records)

    def between(self, first: datetime, last: datetime) -> bytes:
        """The records of a range, without the header."""
        return b"".join(record.raw for record in self.records if first <= record.moment < last)


class TimedSite:
    """A folder of logs with a catalogue whose clock only moves when told."""

    def __init__(self, root: Path, *, host: str = "agent-host", rules: timedelta = timedelta()) -> None:
        from datetime import timezone

        self.root = root
        self.folder = root / "logs"
        self.folder.mkdir(parents=True)
        self.now = 1000.0
        self.wall = datetime(2023, 6, 9, 12, tzinfo=UTC)
        self.catalogue: Catalogue = open_catalogue(
            root / "catalogue.db", quiet=30.0, clock=lambda: self.now, wall=lambda: self.wall
        )
        zone = timezone(rules)
        self.table = TimeTable(self.catalogue.database, evidence=root / "evidence")
        self.indexer = TimeIndexer(self.table, host=host, rules=zone)
        self.finder = Finder(self.table, self.indexer, rules=zone)
        self.searcher = Searcher(self.finder, threads=2)

    def put(self, *segments: KnownSegment) -> None:
        """Write segments, and look."""
        for segment in segments:
            (self.folder / segment.name).write_bytes(segment.content)
        self.look()

    def look(self, *, after: float = 0.0) -> None:
        self.now += after
        self.catalogue.observe(scan_folder(self.folder))

    def settle(self) -> None:
        """Look until what can be closed is closed, and read everything."""
        self.look()
        self.look(after=31.0)
        self.indexer.catch_up()

    def close(self) -> None:
        self.catalogue.close()


def steady(segment: KnownSegment, start: datetime, *, count: int, step: timedelta) -> KnownSegment:
    """Fill a segment with records of several lines and forms, the same every time."""
    forms: Iterable[tuple[str, int, str]] = (
        ("@%H:%M:%S.%f", 14, "[0] distribute_event: message EventRinging\n\tAttributeThisDN\t'7021'"),
        ("%H:%M:%S.%f", 12, "Std 05060 plain line"),
        ("%Y-%m-%dT%H:%M:%S.%f", 23, "Trc 33009 INFO full stamp"),
        ("%H:%M:%S.%f", 12, ": Sending  [0,UDP] 806 bytes >>>>>\nINVITE sip:x SIP/2.0\nCall-ID: a@b\n\nv=0"),
    )
    shapes = tuple(forms)
    for number in range(count):
        form, cut, text = shapes[number % len(shapes)]
        text = f"{text} number {number} Zoë\n\t{PADDING}"
        segment.add(start + step * number, text, form=form, cut=cut)
    return segment
