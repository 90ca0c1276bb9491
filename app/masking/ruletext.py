"""The text of rule files: reading it, laying one over another, and finding the line of a field."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from app.domain.errors import InputError

TRANSLATED = Path(__file__).resolve().parent / "native" / "lib" / "default.json"
"""The shipped rules, which the build made quick to read: the SHA-256 of their text, and behind it JSON."""

_LISTS = frozenset({"allow", "keep", "people", "words"})


def read_rule_text(path: Path) -> tuple[str, dict[str, Any]]:
    """The text of a rule file, and its document.

    Raises:
        InputError: it cannot be read (``CF-1120``) or is not TOML (``CF-1121``).
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        reason = fault.strerror if isinstance(fault, OSError) else "it is not UTF-8"
        raise InputError(
            "The rule file cannot be read",
            happened=f"{path.name}: {reason or type(fault).__name__}.",
            todo="Check the path and who may read it.",
            code="CF-1120",
        ) from fault
    return text, rule_document(path.name, text)


def rule_document(name: str, text: str) -> dict[str, Any]:
    """The document of a rule file's text.

    Raises:
        InputError: it is not TOML (``CF-1121``).
    """
    translated = _translated(text)
    if translated:
        return translated
    import tomllib  # few read rules that the build has not translated

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise InputError(
            "The rule file is not TOML",
            happened=f"{name}: {fault}.",
            todo="Correct the line.",
            code="CF-1121",
        ) from fault


def _translated(text: str) -> dict[str, Any] | None:
    """The document of a text as the build translated it; None where it did not, or from another text."""
    try:
        with TRANSLATED.open("rb") as stream:
            if stream.readline().strip().decode() != hashlib.sha256(text.encode()).hexdigest():
                return None
            document = json.load(stream)
    except (OSError, ValueError):  # the text itself tells the same
        return None
    return document if isinstance(document, dict) else None


def extended(own: dict[str, Any], shipped: dict[str, Any]) -> dict[str, Any]:
    """The shipped rules with a customer's on top: keys and patterns first, lists beside the shipped."""
    document = {**shipped, **own}
    document.pop("profile", None)
    if "profile" in own:
        document["profile"] = own["profile"]
    for name, table in shipped.items():
        mine = own.get(name)
        if isinstance(table, dict) and isinstance(mine, dict):
            document[name] = {
                **table,
                **{
                    field: value + table[field]
                    if name in _LISTS and isinstance(value, list) and isinstance(table.get(field), list)
                    else value
                    for field, value in mine.items()
                },
            }
        elif isinstance(table, list) and isinstance(mine, list):
            document[name] = mine + table
    return document


def line_of(text: str, table: str, name: str, number: int | None) -> int:
    """The line of a field, or of its table when the field is missing; 1 when neither is found."""
    opening = r"\[\[" if number is not None else r"\["
    header = re.compile(rf"^\s*{opening}\s*{re.escape(table)}\s*\]") if table else None
    at, seen, inside = 1, -1, table == ""
    for place, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("["):
            inside = False
            if header and header.match(line):
                seen += 1
                inside = number is None or seen == number
                at = place if inside else at
        if inside and re.match(rf"\s*[\"']?{re.escape(name)}[\"']?\s*=", line):
            return place
        if not table and re.match(rf"\s*\[+\s*{re.escape(name)}\b", line):
            return place
    return at
