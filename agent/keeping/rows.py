"""What is kept of a growing segment, and what was lost of one."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from agent.catalogue import Segment, SegmentState
from agent.watch import Fingerprint


class KeptState(StrEnum):
    """`OPEN`: its segment grows, or what became of it is not clear yet; `RESCUED`: it was destroyed."""

    OPEN = "open"
    RESCUED = "rescued"


@dataclass(frozen=True, slots=True)
class KeptRow:
    """The kept parts of one segment: its bytes from `begin` to ``print.size``, masked.

    Attributes:
        segment: its id in the catalogue.
        begin: bytes before this one were sent before.
        print: of the raw bytes up to the end of the last part.
        packed: bytes of the file of parts that count; what lies behind them is of a kill.
        text: bytes of masked text in these.
        seen: the largest size that the segment was seen to have.
        learned: what it told, sealed.
        untold: values that it told past the bound of what is remembered: masked where they were found only.
            Such a value counts in every part that tells it, for it is not remembered.
        key: names what is there for good, once it is rescued.
        problem: why no more of it can be kept, for people; empty when it can.
    """

    id: int
    segment: int
    folder: Path
    path: str
    application: str
    device: int
    inode: int
    modified_ns: int
    begin: int
    print: Fingerprint
    packed: int
    text: int
    seen: int
    learned: bytes
    untold: int
    state: KeptState
    key: str
    problem: str

    @property
    def size(self) -> int:
        """The first raw byte that is not kept."""
        return self.print.size

    @property
    def missing(self) -> int:
        """Raw bytes that were seen and are not kept."""
        return max(0, self.seen - self.size)

    def as_segment(self) -> Segment:
        """As rules judge it: a closed segment whose file is gone."""
        return Segment(
            id=self.segment,
            folder=self.folder,
            path=self.path,
            application=self.application,
            generation=0,
            device=self.device,
            inode=self.inode,
            modified_ns=self.modified_ns,
            print=self.print,
            state=SegmentState.GONE,
            key=self.key,
        )


@dataclass(frozen=True, slots=True)
class Loss:
    """Bytes of a log that were there and were destroyed before they were kept.

    Attributes:
        path: of the log, relative to the folder.
        first, last: the first of these bytes, and the one behind the last.
        reason: for people.
    """

    folder: Path
    path: str
    application: str
    first: int
    last: int
    reason: str
    at: datetime


def kept_row(row: sqlite3.Row) -> KeptRow:
    """From its row."""
    return KeptRow(
        id=row["id"],
        segment=row["segment"],
        folder=Path(row["folder"]),
        path=row["path"],
        application=row["application"],
        device=int(row["device"]),
        inode=int(row["inode"]),
        modified_ns=row["modified_ns"],
        begin=row["begin"],
        print=Fingerprint(
            size=row["size"], head_length=row["head_length"], head=row["head"], tail=row["tail"]
        ),
        packed=row["packed"],
        text=row["text"],
        seen=row["seen"],
        learned=row["learned"],
        untold=row["untold"],
        state=KeptState(row["state"]),
        key=row["key"],
        problem=row["problem"],
    )


def loss_row(row: sqlite3.Row) -> Loss:
    """From its row."""
    return Loss(
        folder=Path(row["folder"]),
        path=row["path"],
        application=row["application"],
        first=row["first"],
        last=row["last"],
        reason=row["reason"],
        at=datetime.fromisoformat(row["at"]),
    )
