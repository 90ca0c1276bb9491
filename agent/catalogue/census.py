"""How much there is: segments and bytes of each application and of each folder."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from app.storage import Database

_THERE = "segments.state <> 'gone'"


@dataclass(frozen=True, slots=True)
class Counted:
    """What there is of one application, or in one folder.

    Attributes:
        name: of the application, or path of the folder.
        newest: when one of the segments was changed last.
    """

    name: str
    segments: int
    growing: int
    size: int
    newest: datetime


def count_applications(database: Database) -> list[Counted]:
    """By the name of the application, as far as its lines tell it; else as its file is called."""
    return _counted(
        database,
        "coalesce(applications.name, segments.application)",
        "LEFT JOIN timed ON timed.segment = segments.id AND timed.member = 0 "
        "LEFT JOIN applications ON applications.id = timed.application",
    )


def count_folders(database: Database) -> list[Counted]:
    """By path of the folder; one without segments is not in it."""
    return _counted(database, "folders.path", "JOIN folders ON folders.id = segments.folder")


def _counted(database: Database, name: str, joined: str) -> list[Counted]:
    rows = database.rows(
        f"SELECT {name} AS name, count(*) AS segments, sum(segments.state = 'growing') AS growing, "  # noqa: S608 - words of our own
        f"sum(segments.size) AS size, max(segments.modified_ns) AS newest "
        f"FROM segments {joined} WHERE {_THERE} GROUP BY 1 ORDER BY 1"
    )
    return [
        Counted(
            name=row["name"],
            segments=row["segments"],
            growing=row["growing"],
            size=row["size"],
            newest=datetime.fromtimestamp(row["newest"] / 1e9, UTC),
        )
        for row in rows
    ]
