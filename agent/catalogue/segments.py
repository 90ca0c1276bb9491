"""What the catalogue knows of a segment."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from agent.watch import Fingerprint


class SegmentState(StrEnum):
    """`UNKNOWN`: it could not be looked at; `GONE`: its folder was listed and it was not there."""

    GROWING = "growing"
    CLOSED = "closed"
    UNKNOWN = "unknown"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Segment:
    """One log file with one content.

    Attributes:
        path: relative to the folder, ``/`` between parts; it changes when the file is renamed.
        generation: of this path: 1 for the first content that was seen under it.
        print: its fingerprint at the size last seen.
        key: names this content for good once it is closed; empty before.
        problem: why it is unknown, for people.
    """

    id: int
    folder: Path
    path: str
    application: str
    generation: int
    device: int
    inode: int
    modified_ns: int
    print: Fingerprint
    state: SegmentState
    key: str = ""
    problem: str = ""

    @property
    def size(self) -> int:
        """Bytes, when last seen."""
        return self.print.size

    @property
    def file(self) -> Path:
        """Where it lies."""
        return self.folder / self.path


def segment_key(application: str, *, device: int, inode: int, fingerprint: Fingerprint) -> str:
    """The name of a closed segment's content: the same after a renaming, another one after more bytes."""
    facts = [
        application,
        device,
        inode,
        fingerprint.size,
        fingerprint.head_length,
        fingerprint.head,
        fingerprint.tail,
    ]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:32]


_STATES = {state.value: state for state in SegmentState}
_folder = lru_cache(maxsize=64)(Path)
"""Thousands of rows have the same few folders, and taking a path apart is what costs most of a row."""


def segment_of(row: sqlite3.Row) -> Segment:
    """The segment of a row that was joined with its folder (``folder_path``)."""
    return Segment(
        id=row["id"],
        folder=_folder(row["folder_path"]),
        path=row["path"],
        application=row["application"],
        generation=row["generation"],
        device=int(row["device"]),
        inode=int(row["inode"]),
        modified_ns=row["modified_ns"],
        print=Fingerprint(
            size=row["size"], head_length=row["head_length"], head=row["head"], tail=row["tail"]
        ),
        state=_STATES[row["state"]],
        key=row["key"],
        problem=row["problem"],
    )
