"""A state file of the version before is taken over with what is in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.storage import Database, Durability, migrations_in, open_database

AGENT = Path(__file__).parents[3] / "agent"


def with_a_row(database: Database, table: str) -> None:
    """One of something in every column, that its type takes."""
    columns = database.rows(f"PRAGMA table_info({table})")
    values = {"INTEGER": 1, "REAL": 1.0, "BLOB": b""}
    names = ", ".join(each["name"] for each in columns)
    with database.transaction() as connection:
        connection.execute(
            f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})",
            [values.get(each["type"], "x") for each in columns],
        )


@pytest.mark.parametrize(
    ("room", "table", "number", "added", "value"),
    [
        ("requests", "requests", 3, "shifted", 0.0),
        ("keeping", "kept", 2, "untold", 0),
        ("jobs", "jobs", 11, "tries", 0),
    ],
)
def test_rows_of_the_version_before_stay_and_have_what_is_new(
    tmp_path: Path, room: str, table: str, number: int, added: str, value: float
) -> None:
    migrations = migrations_in(AGENT / room / "migrations")
    path = tmp_path / "state.db"
    before = open_database(path, migrations[: number - 1], durability=Durability.FULL)
    with_a_row(before, table)
    before.close()
    after = open_database(path, migrations, durability=Durability.FULL)
    (row,) = after.rows(f"SELECT * FROM {table}")
    assert row[added] == value
    after.close()
