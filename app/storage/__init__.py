"""Opening SQLite databases and migrating them, safely; writing files past the system's cache, and alone.

`open_database` for the first, `DirectWrites` and `alone` for the others. It must not know what the tables and
files mean.
"""

from app.storage.alone import Taken, alone
from app.storage.database import Database, DuplicateRow, Durability, Unwritten, open_database
from app.storage.direct import PAGE, DirectWrites, page_block
from app.storage.migrations import Migration, migrations_in
from app.storage.room import KeptRoom

__all__ = [
    "PAGE",
    "Database",
    "DirectWrites",
    "DuplicateRow",
    "Durability",
    "KeptRoom",
    "Migration",
    "Taken",
    "Unwritten",
    "alone",
    "migrations_in",
    "open_database",
    "page_block",
]
