"""Opening SQLite databases and migrating them, safely; writing files past the system's cache, and alone.

`open_database` for the first, `is_sound` before it; `DirectWrites`, `PassingWrites` and `alone` for the
others. It must not know what the tables and files mean.
"""

from app.storage.alone import Taken, alone
from app.storage.database import Database, DuplicateRow, Durability, Unwritten, open_database
from app.storage.direct import PAGE, DirectWrites, page_block
from app.storage.locking import try_lock
from app.storage.migrations import Migration, migrations_in
from app.storage.passing import PassingWrites
from app.storage.room import KeptRoom
from app.storage.soundness import (
    is_sound,
    keep_set_aside,
    not_set_aside,
    set_aside,
    set_aside_before,
    stamp_of,
)
from app.storage.untouched import untouched

__all__ = [
    "PAGE",
    "Database",
    "DirectWrites",
    "DuplicateRow",
    "Durability",
    "KeptRoom",
    "Migration",
    "PassingWrites",
    "Taken",
    "Unwritten",
    "alone",
    "is_sound",
    "keep_set_aside",
    "migrations_in",
    "not_set_aside",
    "open_database",
    "page_block",
    "set_aside",
    "set_aside_before",
    "stamp_of",
    "try_lock",
    "untouched",
]
