"""Which file names a case accepts: one name, no folder, nothing that an operating system reads otherwise."""

from __future__ import annotations

import unicodedata

from app.domain.errors import InputError

LONGEST_NAME = 240
"""In UTF-8 bytes; leaves room for endings such as ``.sha256`` below the 255 of common file systems."""

_FORBIDDEN = frozenset('/\\:*?"<>|')
_CONTROL = ("Cc", "Cf", "Cs", "Zl", "Zp", "Cn", "Co")
_DEVICES = frozenset(
    ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"]
    + [f"{port}{digit}" for port in ("COM", "LPT") for digit in "0123456789¹²³"]
)


def safe_file_name(text: str) -> str:
    """The name a file gets in a case: Unicode NFC, without white space around it.

    Raises:
        InputError: the name is empty or too long, has a folder part, a control or invisible character, a
            character Windows forbids, ends in a dot, or is a device of Windows (``NUL``, ``com1.log`` …).
    """
    name = unicodedata.normalize("NFC", text).strip()
    fault = _fault_of(name)
    if fault:
        raise InputError(
            "This file name cannot be used in a case",
            happened=f"The name {fault}.",
            todo="Rename the file to a plain name without folders, such as sip-a01_2026-11-24.zip.",
            code="CF-1161",
        )
    return name


def _fault_of(name: str) -> str:
    """What is wrong with a name, as the end of a sentence; never quotes the name. Empty when nothing is."""
    if not name or not name.strip("."):
        return "is empty or only dots"
    if any(unicodedata.category(character) in _CONTROL for character in name):
        return "has a control or invisible character"
    forbidden = _FORBIDDEN.intersection(name)
    if forbidden:
        return f"has the character {min(forbidden)}, which separates folders or is forbidden on Windows"
    if name.endswith("."):
        return "ends in a dot"
    if name.split(".", 1)[0].rstrip().upper() in _DEVICES:
        return "is the name of a device on Windows"
    if len(name.encode()) > LONGEST_NAME:
        return f"is longer than {LONGEST_NAME} bytes"
    return ""
