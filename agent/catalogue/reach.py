"""Which rows a pass over some directories of a folder is about."""

from __future__ import annotations

import json
import sqlite3

from agent.catalogue.segments import Segment, segment_of
from agent.watch import FolderScan

_SELECT = (
    "SELECT segments.*, folders.path AS folder_path "
    "FROM segments JOIN folders ON segments.folder = folders.id WHERE segments.folder = ?"
)
_DIRECTORY = "rtrim(segments.path, replace(segments.path, '/', ''))"
"""The directory of a path, with its last ``/``; empty for what lies in the folder itself."""
_PRESENT = f"{_SELECT} AND segments.state IN ('growing', 'closed')"
_NOT_GONE = f"{_SELECT} AND segments.state <> 'gone'"
_AMONG = f"AND {_DIRECTORY} IN (SELECT value FROM json_each(?))"  # noqa: S608 - no value in it
_BY_IDENTITY = f"{_SELECT} AND segments.inode IN (SELECT value FROM json_each(?))"  # noqa: S608 - as above
DIRECTORIES = (
    f"SELECT {_DIRECTORY} AS directory, max(segments.device) AS device FROM segments "  # noqa: S608 - no value in it
    "JOIN folders ON segments.folder = folders.id WHERE folders.path = ? AND segments.state <> 'gone' "
    "GROUP BY directory"
)
"""Asks for the directories of a watched folder (its path) in which there are segments that are not gone."""
_INDEXES = (
    "CREATE INDEX IF NOT EXISTS segments_by_path ON segments (folder, path)",
    "CREATE INDEX IF NOT EXISTS segments_by_identity ON segments (folder, inode)",
    (
        "CREATE INDEX IF NOT EXISTS segments_by_directory ON segments "
        "(folder, rtrim(path, replace(path, '/', '')))"
    ),
)


def index_reach(connection: sqlite3.Connection) -> None:
    """Make the indexes that these questions need, where they are missing."""
    for index in _INDEXES:
        connection.execute(index)


def known_segments(connection: sqlite3.Connection, scan: FolderScan, folder: int) -> list[Segment]:
    """The segments that files of this pass may be, and those that it may miss.

    Those of its directories, and wherever they were seen last, those with a file id of one of its files.
    """
    if scan.looked is None:
        return _segments(connection, _SELECT, folder)
    known = _segments(connection, f"{_NOT_GONE} {_AMONG}", folder, _looked(scan))
    found = {segment.id for segment in known}
    inodes = json.dumps([str(file.inode) for file in scan.files])
    elsewhere = _segments(connection, _BY_IDENTITY, folder, inodes)
    return known + [segment for segment in elsewhere if segment.id not in found]


def present_segments(connection: sqlite3.Connection, scan: FolderScan, folder: int) -> list[Segment]:
    """The growing and closed segments in the directories that this pass is about."""
    if scan.looked is None:
        return _segments(connection, _PRESENT, folder)
    return _segments(connection, f"{_PRESENT} {_AMONG}", folder, _looked(scan))


def directories_of(rows: list[sqlite3.Row]) -> dict[str, int]:
    """Relative paths with their device from the rows of `DIRECTORIES`."""
    return {row["directory"].rstrip("/"): int(row["device"]) for row in rows}


def _segments(connection: sqlite3.Connection, question: str, *values: int | str) -> list[Segment]:
    return [segment_of(row) for row in connection.execute(question, values)]


def _looked(scan: FolderScan) -> str:
    return json.dumps([f"{directory}/" if directory else "" for directory in scan.looked or ()])
