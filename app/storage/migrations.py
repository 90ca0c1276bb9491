"""Numbered SQL files: ``0001_name.sql``, ``0002_name.sql`` … without gaps."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_FILE = re.compile(r"\A([0-9]{4})_[a-z0-9_]+\.sql\Z")


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of a schema, from version ``number - 1`` to ``number``."""

    number: int
    sql: str


def migrations_in(folder: Path) -> tuple[Migration, ...]:
    """Read the migrations of a room, in order.

    Raises:
        ValueError: a file has another name, or a number is missing or doubled.
    """
    found: list[Migration] = []
    for path in sorted(folder.glob("*.sql")):
        match = _FILE.match(path.name)
        if match is None:
            raise ValueError(f"{path.name} is not named like 0001_name.sql")
        found.append(Migration(number=int(match.group(1)), sql=path.read_text(encoding="utf-8")))
    if [step.number for step in found] != list(range(1, len(found) + 1)):
        raise ValueError(f"the migrations in {folder.name} are not numbered 1 to {len(found)} without gaps")
    return tuple(found)
