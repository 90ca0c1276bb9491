"""Names and texts that the SFTP folder gives a meaning: companions and temporary names. Pure."""

from __future__ import annotations

import re

COMPANION = ".sha256"
LARGEST_COMPANION = 64 * 1024
_TEMPORARY = (".part", ".filepart")
_GNU = re.compile(r"\A\\?([0-9a-fA-F]{64})(?:\s+\*?(.*))?\Z")
_BSD = re.compile(r"\ASHA256 ?\((.*)\) ?= ?([0-9a-fA-F]{64})\Z")


def is_temporary(name: str) -> bool:
    """Whether clients use this name for a file that is not complete yet (WinSCP: ``.filepart``)."""
    return name.lower().endswith(_TEMPORARY)


def is_companion(name: str) -> bool:
    """Whether the name says: the digest of another file."""
    return name.lower().endswith(COMPANION) and len(name) > len(COMPANION)


def companion_of(name: str) -> str:
    """The name of a file's companion."""
    return name + COMPANION


def subject_of(companion: str) -> str:
    """The file that a companion speaks of, by name."""
    return companion[: -len(COMPANION)]


def digest_in(text: str, *, name: str) -> str | None:
    """The SHA-256 that a companion announces for a file: lower-case hex, or None when it holds none.

    Understands ``sha256sum`` (also ``--binary`` and ``--tag``) and a bare digest. A single line counts
    whatever name it gives, because clients rename on upload; of several lines, the one with the file's name.
    """
    found: dict[str, str] = {}
    for line in text.lstrip("\ufeff").splitlines():
        entry = _entry(line.strip())
        if entry is not None:
            found[entry[0]] = entry[1]
    if len(found) == 1:
        return next(iter(found.values()))
    return found.get(name)


def _entry(line: str) -> tuple[str, str] | None:
    tagged = _BSD.match(line)
    if tagged is not None:
        return _last_part(tagged.group(1)), tagged.group(2).lower()
    plain = _GNU.match(line)
    if plain is not None:
        return _last_part(plain.group(2) or ""), plain.group(1).lower()
    return None


def _last_part(path: str) -> str:
    return path.replace("\\", "/").rsplit("/", 1)[-1]
