"""A damaged ledger of what is kept is set aside together with what it knew of, and a new one is begun."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from agent.keeping.ledger import LEDGER_NAME, KeptLedger
from app.storage import is_sound, not_set_aside, set_aside, stamp_of

_BEGUN = ".new"


def mend_ledger(data: Path, parts: Path, *, at: datetime) -> Path | None:
    """Set a damaged ledger and its parts aside; the path of the damaged one, None when it is sound.

    The new one numbers on from a number that was never used: jobs of before name their parts by it.

    Args:
        data: the agent's data folder.
        parts: the folder of kept parts.
        at: the present.

    Raises:
        LocalError: it cannot be read for another reason than damage, or not be set aside (CF-1803).
    """
    path = data / LEDGER_NAME
    begun = path.with_name(path.name + _BEGUN)
    try:
        if not path.exists() and begun.exists():
            begun.rename(path)
        if not path.exists() or is_sound(path):
            return None
        begun.unlink(missing_ok=True)
        KeptLedger(begun, wall=lambda: at, first=int(at.timestamp())).close()
        if parts.is_dir():
            parts.rename(data / f"{parts.name}.{stamp_of(at)}")
        aside = set_aside(path, at=at)
        begun.rename(path)
    except OSError as error:
        raise not_set_aside(path.name, error) from error
    return aside
