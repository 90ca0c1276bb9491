"""What is done at the start about state that was damaged while the agent was off: nothing is sent twice.

A damaged database is kept under another name, and a new one takes its place. What it knew is read anew where
something else knows it, and is told where nothing does.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from agent.audit import FOLDER_NAME, EventKind, trail_records
from agent.catalogue import CATALOGUE_NAME, EVIDENCE_FOLDER, mend_catalogue
from agent.jobs import JOURNAL_NAME, begin_after_loss, forget_numbers, has_numbers
from agent.keeping import LEDGER_NAME, mend_ledger
from agent.watch import open_shared
from app.storage import (
    Database,
    Durability,
    is_sound,
    keep_set_aside,
    not_set_aside,
    set_aside,
    set_aside_before,
    stamp_of,
)

_log = logging.getLogger(__name__)

_DAMAGED = "CF-1804"
_SPOOL = "spool"
_KEPT = "kept"
_MOST_READ = 512 * 1024 * 1024
_BEGUN_ANEW = ("transfers.db", "rules.db", "requests.db", "alarms.db", "audit.db")
"""Of these a new one does: what is lost with them is told, and sends nothing that was sent."""
LOST_WITH: Mapping[str, str] = {
    CATALOGUE_NAME: "A new one was made by scanning; what was held as evidence lies beside it.",
    JOURNAL_NAME: "What was sent before is not known: jobs of older logs have failed and wait for a person.",
    LEDGER_NAME: "What was kept of logs that grew, masked, lies beside it and is not sent.",
    "transfers.db": "Transfers under way begin anew; the other side knows what it has by their keys.",
    "rules.db": "What rules did not send is found out anew.",
    "requests.db": "Log requests of support that are open are asked anew.",
    "alarms.db": "Alarms and drafts of before are not shown any more.",
    "audit.db": "The trail's own files are whole; which of their records was the last one is not proven.",
}
"""What people are told of each database that was set aside."""
BESIDE: Mapping[str, str] = {
    EVIDENCE_FOLDER: "What was held as evidence, in clear text; nothing deletes it.",
    _KEPT: "What was kept of logs that grew, masked; nothing sends or deletes it.",
    _SPOOL: "Masked copies and bundles of jobs that nobody knows any more; nothing sends or deletes them.",
}
"""What people are told of each folder that was set aside: it may be all that is left of a log."""
_MOST_ASIDE = 3
"""Of each database."""


def mend_state(data: Path, *, wall: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Sequence[Path]:
    """Set damaged databases aside and begin new ones; their new paths. Before anything opens them.

    A kill at any moment leaves what the next call goes on with.

    Args:
        data: the agent's data folder.
        wall: aware UTC time, which names what is set aside.

    Raises:
        LocalError: one cannot be read for another reason than damage, or not be set aside (CF-1803).
    """
    at = wall()
    sound = cache(is_sound)  # the catalogue of a large server is a gigabyte, which is read once
    found = [*_mend_journal(data, at, sound)]
    mended = mend_catalogue(data / CATALOGUE_NAME, wall=lambda: at, sound=sound)
    if mended is not None:
        found.append(mended.database)
    kept = mend_ledger(data, data / _SPOOL / _KEPT, at=at)
    if kept is not None:
        found.append(kept)
    for name in _BEGUN_ANEW:
        if (data / name).exists() and not sound(data / name):
            found.append(set_aside(data / name, at=at))
    for name in LOST_WITH:
        for path in keep_set_aside(data / name, most=_MOST_ASIDE, new=found):
            _log.info("%s is deleted: %d newer ones are kept", path.name, _MOST_ASIDE)
    for path in found:
        if not path.name.startswith(CATALOGUE_NAME):  # which has told of itself
            _log.warning("a damaged database (%s) is kept as %s", _DAMAGED, path.name)
    return found


def set_aside_in(data: Path) -> Sequence[tuple[Path, str]]:
    """Every damaged database in a data folder with what was lost, and every folder that was set aside."""
    names = {**LOST_WITH, **BESIDE}
    return [(path, told) for name, told in names.items() for path in set_aside_before(data / name)]


def _mend_journal(data: Path, at: datetime, sound: Callable[[Path], bool]) -> Sequence[Path]:
    """What the journal alone knew is what was sent; without it nothing of before is sent by itself."""
    path, catalogue = data / JOURNAL_NAME, data / CATALOGUE_NAME
    damaged = path.exists() and not sound(path)
    if path.exists() and not damaged:
        if has_numbers(path) and not (catalogue.exists() and sound(catalogue)):
            forget_numbers(path)
        return []
    if not _may_have_sent(data):
        # an empty one was only begun, on a disk that was full, say: the next opening goes on with that
        return [set_aside(path, at=at)] if damaged and path.stat().st_size else []
    seen, unsent = 0, frozenset[int]()
    if catalogue.exists() and sound(catalogue):
        seen, unsent = _what_is_known(catalogue, data)
    _set_bundles_aside(data, at)
    aside = [set_aside(path, at=at)] if damaged else []
    begin_after_loss(path, at=at, seen=seen, unsent=unsent)
    _log.warning("%s is lost (%s): nothing of before is sent by itself", path.name, _DAMAGED)
    return aside


def _may_have_sent(data: Path) -> bool:
    """Nothing leaves without a record in the trail before it; of a trail that is gone nothing is known.

    A trail is begun after the journal: where neither holds anything there is nothing that was lost.
    """
    folder, journal = data / FOLDER_NAME, data / JOURNAL_NAME
    if not folder.is_dir():
        return bool(set_aside_before(journal)) or (journal.exists() and journal.stat().st_size > 0)
    return any(record.kind == EventKind.SENDING for record in trail_records(folder))


def _what_is_known(catalogue: Path, data: Path) -> tuple[int, frozenset[int]]:
    """The highest number of a segment, and those that grow and have no beginning that the trail tells of."""
    sent = _sent_contents(data)
    database = Database(catalogue, durability=Durability.NORMAL)
    try:
        row = database.row("SELECT coalesce(max(id), 0) FROM segments")
        rows = database.rows(
            "SELECT segments.id, segments.size, folders.path || '/' || segments.path AS file FROM segments "
            "JOIN folders ON folders.id = segments.folder WHERE state = 'growing'"
        )
    finally:
        database.close()
    unsent = {each["id"] for each in rows if not _begins_with_any(Path(each["file"]), each["size"], sent)}
    return 0 if row is None else int(row[0]), frozenset(unsent)


def _sent_contents(data: Path) -> Mapping[int, set[str]]:
    """Digests of what was sent of the beginnings of logs, by size; what was sent later had one of these."""
    found: dict[int, set[str]] = {}
    for record in trail_records(data / FOLDER_NAME):
        if record.kind != EventKind.SENDING:
            continue
        for file in record.facts.get("files", ()):
            if not file.get("from"):
                found.setdefault(int(file.get("raw_size", 0)), set()).add(str(file.get("raw_sha256", "")))
    return found


def _begins_with_any(file: Path, size: int, sent: Mapping[int, set[str]]) -> bool:
    """Whether something of a log may have been sent; a log that is too large to be looked through may."""
    if size > _MOST_READ:
        return True
    digest, at = hashlib.sha256(), 0
    try:
        with open_shared(file) as stream:
            for each in sorted(one for one in sent if one <= size):
                digest.update(stream.read(each - at))
                at = each
                if each and digest.hexdigest() in sent[each]:
                    return True
    except OSError:
        return True
    return False


def _set_bundles_aside(data: Path, at: datetime) -> None:
    """Masked copies and bundles of jobs that nobody knows any more: some may be all that is left of a log."""
    spool, aside = data / _SPOOL, data / f"{_SPOOL}.{stamp_of(at)}"
    try:
        folders = [each for each in spool.iterdir() if each.name != _KEPT] if spool.is_dir() else []
        for folder in folders:
            aside.mkdir(exist_ok=True, mode=0o700)
            folder.rename(aside / folder.name)
    except OSError as error:
        raise not_set_aside(JOURNAL_NAME, error) from error
