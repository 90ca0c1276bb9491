"""Which file names can be logs."""

from __future__ import annotations

from agent.watch.rotation import PACKED, rotated_name, unpacked_name
from app.logs import application_of

_ARCHIVES = (".7z", ".bz2", ".xz", ".zst", ".tar", ".tgz", ".tar.gz")
_LEFTOVERS = (".qsp", ".swp", ".tmp", ".lck", ".pid")
_NO_LOGS = _ARCHIVES + _LEFTOVERS


def is_log_name(name: str) -> bool:
    """Whether a file of this name can be a log, as text or as a packed segment of one.

    Other archives, spools and leftovers are none; nor is a packed file that is not named as a segment is.
    """
    if name.startswith("."):
        return False
    if name.endswith(".log"):
        return True
    lower = name.lower()
    if lower.endswith(_NO_LOGS):
        return False
    if not lower.endswith(PACKED):
        return True
    before = unpacked_name(name)
    return before == name or (is_log_name(before) and _named_as_segment(before))


def is_archive_name(name: str) -> bool:
    """Whether a file of this name is packed and no segment: it is not read, which people must be told."""
    if name.startswith(".") or is_log_name(name):
        return False
    return name.lower().endswith(_ARCHIVES + PACKED)


def _named_as_segment(name: str) -> bool:
    rotated = rotated_name(name)
    return rotated.renamed or bool(rotated.stamp) or bool(application_of(name))
