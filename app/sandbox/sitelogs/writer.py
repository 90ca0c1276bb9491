"""Writes segments with headers, rotates them by size, and tells the truth about every value in them."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, TextIO

from app.masking import Kind
from app.sandbox.sitelogs.pieces import Line, Personal, Stays, line
from app.sandbox.sitelogs.site import Application, Entry

ZONE = timedelta(hours=2)
"""Local time of the site is two hours ahead of UTC."""


@dataclass(frozen=True, slots=True)
class Truth:
    """A personal value and its place: line from 1, column in characters from 0."""

    kind: Kind
    value: str
    file: str
    line: int
    column: int


class SiteWriter:
    """Takes entries and writes them to the segments of their applications.

    Args:
        folder: where the segments go.
        segment_bytes: size at which a segment is closed.
        truth: a text stream for the truth, one JSON object a line; written when a segment is closed.
        stays: the same for values that must stay readable.
    """

    def __init__(
        self,
        folder: Path,
        applications: Iterable[Application],
        *,
        segment_bytes: int,
        truth: TextIO | None = None,
        stays: TextIO | None = None,
    ) -> None:
        self._folder = folder
        self._segments = {app.name: _Segment(folder, app) for app in applications}
        self._limit = segment_bytes
        self._truth, self._stays = truth, stays
        self.written = 0

    def write(self, entry: Entry) -> int:
        """Append an entry; returns the bytes that were written, header included."""
        segment = self._segments[entry.application]
        if segment.size >= self._limit:
            self._settle(segment)
            segment.close(entry.moment)
        size = segment.append(entry)
        self.written += size
        return size

    def flush(self) -> None:
        """Hand everything to the operating system."""
        for segment in self._segments.values():
            segment.flush()

    def close(self) -> None:
        """Close all segments; the last ones keep the names they were written under."""
        for segment in self._segments.values():
            self._settle(segment, name=segment.name)
            segment.close(None)
        for stream in (self._truth, self._stays):
            if stream is not None:
                stream.flush()

    def _settle(self, segment: _Segment, name: str = "") -> None:
        final = name or segment.final_name()
        for stream, found in ((self._truth, segment.personal), (self._stays, segment.kept)):
            if stream is not None:
                for kind, value, number, column in found:
                    record = {"kind": kind, "value": value, "file": final, "line": number, "column": column}
                    stream.write(json.dumps(record, ensure_ascii=False) + "\n")
            found.clear()


class _Segment:
    """The open segment of one application."""

    def __init__(self, folder: Path, application: Application) -> None:
        self._folder = folder
        self._app = application
        self._stream: BinaryIO | None = None
        self._number = 0
        self._opened: datetime | None = None
        self._last_stamp = ""
        self._next_roll = ""
        self.name = ""
        self.size = 0
        self.lines = 0
        self.personal: list[tuple[str, str, int, int]] = []
        self.kept: list[tuple[str, str, int, int]] = []

    def append(self, entry: Entry) -> int:
        before = self.size
        if self._stream is None:
            self._open(entry.moment)
        self._put(entry.lines)
        return self.size - before

    def final_name(self) -> str:
        """The name the segment has once it is full."""
        if self._app.rolls == "stamp" or self._opened is None:
            return self.name
        if not self._next_roll:
            self._next_roll = f"{self._app.name}.log.{self._stamp(self._opened)}"
        return self._next_roll

    def close(self, moment: datetime | None) -> None:
        """Close it; with a moment it is full, and rolls."""
        if self._stream is None:
            return
        final = self.final_name() if moment else self.name
        self._stream.close()
        self._stream = None
        if final != self.name:
            (self._folder / self.name).rename(self._folder / final)
        self._next_roll = ""
        self.size = self.lines = 0

    def flush(self) -> None:
        if self._stream is not None:
            self._stream.flush()

    def _open(self, moment: datetime) -> None:
        app = self._app
        self._number += 1
        self._opened = moment
        self.name = f"{app.name}.{self._stamp(moment)}.log" if app.rolls == "stamp" else f"{app.name}.log"
        self._stream = (self._folder / self.name).open("wb")
        if app.encoding == "utf-16-le":
            self.size += self._stream.write(codecs.BOM_UTF16_LE)
        if app.header:
            self._put(_header(app, moment, number=self._number, name=self.name))

    def _stamp(self, moment: datetime) -> str:
        stamp = f"{moment:%Y%m%d_%H%M%S}_{moment.microsecond // 1000:03}"
        while stamp <= self._last_stamp or (self._folder / f"{self._app.name}.{stamp}.log").exists():
            moment += timedelta(milliseconds=1)
            stamp = f"{moment:%Y%m%d_%H%M%S}_{moment.microsecond // 1000:03}"
        self._last_stamp = stamp
        return stamp

    def _put(self, lines: Iterable[Line]) -> None:
        if self._stream is None:
            raise ValueError("the segment is closed")
        texts = []
        for row in lines:
            self.lines += 1
            column = 0
            for piece in row.pieces:
                text = piece if isinstance(piece, str) else piece.text
                if isinstance(piece, Personal):
                    self.personal.append((piece.kind.value, text, self.lines, column))
                elif isinstance(piece, Stays):
                    self.kept.append(("STAYS", text, self.lines, column))
                column += len(text)
            texts.append(row.text + self._app.line_end)
        self.size += self._stream.write("".join(texts).encode(self._app.encoding, "replace"))


def _header(app: Application, moment: datetime, *, number: int, name: str) -> tuple[Line, ...]:
    local = f"{moment:%Y-%m-%dT%H:%M:%S.%f}"[:23]
    started = f"{moment - ZONE:%Y-%m-%dT%H:%M:%S.%f}"[:23]
    host = Personal(Kind.HOST, app.host)
    return (
        line("Local time:        ", Stays(local)),
        line("Start time (UTC):  ", Stays(started)),
        line("Running time:      ", Stays("0:00:00:00.000")),
        line("Host name:         ", host),
        line("Application name:  ", Stays(app.name)),
        line("Application type:  ", Stays(app.kind)),
        line("Version:           ", Stays(app.version)),
        line("HA role:           ", Stays("primary")),
        line("Time zone:         ", Stays("-3600, CET, CEST")),
        line(
            "Command line:      ",
            Stays(f"./{app.name} -app {app.name}"),
            " -host ",
            Personal(Kind.HOST, "cfg-a01"),
            " -port ",
            Stays("2020"),
        ),
        line("File:              ", Stays(f"({number})"), " ", Stays(name)),
        line(""),
        line(Stays(local), " Std 05060 Application started"),
        line(
            Stays(local),
            " Standard ",
            host,
            " ",
            Stays(app.name),
            " ",
            Stays("GCTI-00-05060"),
            " Application started",
        ),
    )
