"""What stands around a place: the object it is in, and what stands before that."""

from __future__ import annotations

from app.masking.patterns import Pattern

_BRACKET = Pattern(rb"[{}\[\]()]")


def enclosing(before: bytes) -> tuple[bytes, bytes | None]:
    """What stands in an object before a place, and what stands before the object; None without an object.

    The objects of a list stand in what the list stands in.
    """
    depth = 0
    inside: bytes | None = None
    for bracket in reversed([*_BRACKET.finditer(before)]):
        at, char = bracket.start(), bracket[0]
        if char in (b"}", b"]", b")"):
            depth += 1
            continue
        if depth:
            depth -= 1
            continue
        inside = before[at + 1 :] if inside is None else inside
        outside = before[:at].rstrip(b" \t\r\n")
        if not outside.endswith((b",", b"[")):
            return inside, outside.rstrip(b" \t\r\n:=\"'\\")
    return before if inside is None else inside, None
