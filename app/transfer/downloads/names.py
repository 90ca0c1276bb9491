"""The name that a file from outside gets in a folder of this machine. Pure."""

from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath

LONGEST_NAME = 200
"""In UTF-8 bytes; leaves room for what is put behind it, below the 255 of common file systems."""

_FORBIDDEN = frozenset('<>:"|?*')
_DEVICES = frozenset(
    ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"]
    + [f"{port}{digit}" for port in ("COM", "LPT") for digit in "0123456789¹²³"]
)


_OUR_OWN = (".part", ".part.json", ".part.lock", ".quarantine")
"""What lies beside a download under its name: a file that is called so would be taken for that of another."""


def local_name(name: str) -> str:
    """One plain file name, whatever the other side called it: never a path, a device or a hidden file.

    Folders are left away, what a file system reads otherwise becomes ``_``, devices of Windows get a ``_`` in
    front and our own half files one behind, long names are cut before their ending. ``file`` when nothing is
    left.
    """
    last = PurePosixPath(unicodedata.normalize("NFC", name).replace("\\", "/")).name
    plain = "".join("_" if each in _FORBIDDEN or not each.isprintable() else each for each in last)
    plain = _cut(plain.strip(" ."))
    # What is put before or behind may be cut, and what is cut may be a device or a half file of ours.
    while (apart := _cut(_set_apart(plain))) != plain:
        plain = apart
    return plain or "file"


def _set_apart(name: str) -> str:
    if name.split(".", 1)[0].rstrip().upper() in _DEVICES:
        return f"_{name}"
    return f"{name}_" if name.lower().endswith(_OUR_OWN) else name


def _cut(name: str) -> str:
    if len(name.encode()) <= LONGEST_NAME:
        return name
    stem, dot, ending = name.rpartition(".")
    tail = f"{dot}{ending}" if stem and len(ending.encode()) <= 20 else ""
    room = LONGEST_NAME - len(tail.encode())
    kept = (stem if tail else name).encode()[:room].decode(errors="ignore")
    return f"{kept.rstrip(' .')}{tail}"
