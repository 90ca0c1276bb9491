"""What the catalogue forgets, and what it still knows of contents that others remember."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from app.storage import Database

_UNWATCHED = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Trace:
    """By what a segment is known again.

    Attributes:
        key: of its content when it was closed; another one after more bytes.
        device, inode: of its file; empty when they were not kept.
        head: digest of its first bytes, when it had enough of them to be told apart; else empty.
    """

    key: str
    device: str = ""
    inode: str = ""
    head: str = ""


def still_known(database: Database, traces: Collection[Trace]) -> set[Trace]:
    """Those of which the catalogue knows the segment, also one that has grown, is gone, or cannot be read.

    Args:
        database: the catalogue's.
        traces: some hundreds at once.
    """
    keys = _column(database, "key", {trace.key for trace in traces})
    heads = _column(database, "head", {trace.head for trace in traces})
    files = {
        (str(row["device"]), str(row["inode"]))
        for row in database.rows(
            "SELECT DISTINCT device, inode FROM segments WHERE inode IN (SELECT value FROM json_each(?))",
            (json.dumps(sorted({trace.inode for trace in traces if trace.inode})),),
        )
    }
    return {
        trace
        for trace in traces
        if trace.key in keys or trace.head in heads or (trace.device, trace.inode) in files
    }


def forget_unwatched(database: Database, watched: Collection[Path], *, now: datetime) -> int:
    """Forget the segments of folders that nobody has watched for 30 days, but for held ones; how many.

    Logs that are watched again later are taken in anew; what was sent of them, the journal knows. The newest
    of all segments stays: without it the next one would get its number, by which others know it.

    Args:
        database: the catalogue's.
        watched: the folders of the configuration.
        now: aware UTC time.
    """
    today, until = now.date().isoformat(), (now - _UNWATCHED).date().isoformat()
    kept = json.dumps([str(folder) for folder in watched])
    with database.transaction() as connection:
        connection.execute(
            "UPDATE folders SET watched = ? WHERE watched = '' OR path IN (SELECT value FROM json_each(?))",
            (today, kept),
        )
        gone = connection.execute(
            "DELETE FROM segments WHERE folder IN (SELECT id FROM folders WHERE watched < ?) "
            "AND id NOT IN (SELECT segment FROM held) AND id NOT IN (SELECT segment FROM pins) "
            "AND id < (SELECT max(id) FROM segments)",
            (until,),
        ).rowcount
        connection.execute(
            "DELETE FROM folders WHERE watched < ? AND id NOT IN (SELECT folder FROM segments)", (until,)
        )
    return int(gone)


def _column(database: Database, name: str, values: Collection[str]) -> set[str]:
    rows = database.rows(
        f"SELECT DISTINCT {name} FROM segments "  # noqa: S608 - a name of ours
        f"WHERE {name} <> '' AND {name} IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(value for value in values if value)),),
    )
    return {str(row[0]) for row in rows}
