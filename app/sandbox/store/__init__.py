"""The portal's tables: migrations and typed row functions.

Reading functions take the `Database`, writing ones the connection of an open transaction, so that what
belongs together is committed together. A room that needs tables of its own adds the next number in
``migrations/``.
"""

from __future__ import annotations

from pathlib import Path

from app.storage import Database, Durability, migrations_in, open_database

__all__ = ["open_store"]


def open_store(path: Path) -> Database:
    """Open the store and bring it to the newest schema.

    Raises:
        LocalError: the file cannot be opened, or was written by a newer portal.
    """
    steps = migrations_in(Path(__file__).parent / "migrations")
    return open_database(path, steps, durability=Durability.FULL)
