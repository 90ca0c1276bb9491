"""A text that every match of a pattern holds: lines without it need not be searched.

Read is only what is plain: letters, digits and marks at the top of a pattern. Whatever else stands there ends
the text, and what could change the meaning of the rest (an alternative, a flag, an escape of another kind)
leaves none.
"""

from __future__ import annotations

LEAST = 2
"""Bytes of a text that is worth looking for."""
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -_=:/@#,;<>\"'~%&!")
_MARKS = frozenset(".-_=:/@#,;<>\"'~%&!+*?()[]{}|^$\\ ")
"""What a backslash makes plain."""
_CLASSES = frozenset("dDwWsSbB")
_REPEATS = frozenset("*?{")


def needed_text(pattern: str) -> bytes:
    """The longest such text of a pattern that RE2 takes (case counts); empty where none is certain."""
    if "[:" in pattern or "\\Q" in pattern:
        return b""
    best, run, at = "", "", 0
    while at < len(pattern):
        char, size = _atom(pattern, at)
        if not size:
            return b""
        at += size
        repeat = pattern[at : at + 1]
        if char and repeat not in _REPEATS:
            run += char
        if not char or (repeat and repeat in "*?{+"):
            best, run = max(best, run, key=len), ""
        at = _behind_repeats(pattern, at)
        if at < 0:
            return b""
    best = max(best, run, key=len)
    return best.encode("ascii") if LEAST <= len(best) <= 255 else b""


def _atom(pattern: str, at: int) -> tuple[str, int]:
    """What stands at a place: the character it is (empty: something else), and its length; 0: not known."""
    char = pattern[at]
    if char in _PLAIN:
        return char, 1
    if char in ".^$":
        return "", 1
    if char == "\\":
        escaped = pattern[at + 1 : at + 2]
        if escaped and escaped in _MARKS:
            return escaped, 2
        return "", 2 if escaped and escaped in _CLASSES else 0
    if char == "[":
        return "", _class(pattern, at)
    if char == "(":
        return "", _group(pattern, at)
    return "", 0


def _class(pattern: str, at: int) -> int:
    """Length of a class, 0 where it is not of the plain kind."""
    stop = at + (3 if pattern[at + 1 : at + 2] == "^" else 2)  # a first ] belongs to it
    if pattern[stop - 1 : stop] == "\\":
        stop -= 1
    while stop < len(pattern) and pattern[stop] != "]":
        stop += 2 if pattern[stop] == "\\" else 1
    return stop + 1 - at if stop < len(pattern) else 0


def _group(pattern: str, at: int) -> int:
    """Length of a group with all that is in it, 0 where it is not of the plain kind."""
    if pattern.startswith("(?", at) and not pattern.startswith("(?:", at):
        return 0
    depth, stop = 0, at
    while stop < len(pattern):
        char = pattern[stop]
        size = 2 if char == "\\" else _class(pattern, stop) if char == "[" else 1
        if not size:
            return 0
        depth += (char == "(") - (char == ")")
        stop += size
        if depth == 0:
            return stop - at
    return 0


def _behind_repeats(pattern: str, at: int) -> int:
    """Where the repeats at a place end; below 0 where one is not of the plain kind."""
    while at < len(pattern) and pattern[at] in "*+?{":
        if pattern[at] == "{":
            stop = pattern.find("}", at)
            if stop < 0 or not set(pattern[at + 1 : stop]) <= set("0123456789,"):
                return -1
            at = stop
        at += 1
    return at
