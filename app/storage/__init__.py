"""Opening SQLite databases and migrating them, safely.

One face: `open_database`. It must not know what the tables mean.
"""

from app.storage.database import Database, DuplicateRow, Durability, open_database
from app.storage.migrations import Migration, migrations_in

__all__ = ["Database", "DuplicateRow", "Durability", "Migration", "migrations_in", "open_database"]
