r"""White space and marks that a text holds as escapes: ``Account Name:\t\tmohara\r\n\tDomain:``, ``\x22``."""

from __future__ import annotations

from app.masking.patterns import Pattern

_MARK = rb"(?:[01][0-9A-Fa-f]|2[026-9Cc]|3[A-Ea-e]|5[BDbd]|7[BDbd])"
_ESCAPES = rb"\\x" + _MARK, rb"\\u00" + _MARK
BEHIND = rb"(?<=\\[nrt])|(?<=" + rb")|(?<=".join(_ESCAPES) + rb")"
"""Directly behind an escape: its letters and digits are no part of what stands there."""
NAME_BEHIND = rb"(?<=[^\w\\>]\\[nrt])|(?<=\\[nrt]\\[nrt])|(?<=" + rb")|(?<=".join(_ESCAPES) + rb")"
"""The same with no word before it, and no token: a folder may be meant (``C:\\temp\\new.example.com``)."""
_LETTERS = Pattern(rb"x" + _MARK + rb"|u00" + _MARK)
_ENDED = Pattern(rb"\\(?:[nrt]|x" + _MARK + rb"|u00" + _MARK + rb")\Z")
_QUOTE = rb"(?:\\{1,8}\"|\\x22|\\u0022)"
_QUOTED_KEY = Pattern(rb"(?:" + _QUOTE + rb"[ \t]{0,2}[:=][ \t]{0,2})?" + _QUOTE + rb"\Z|\\{1,8}u003[Dd]\Z")
TABS = rb"(?:\\{1,8}t){1,8}"
LABEL = rb"\\{1,8}[nrt][A-Z][a-z][A-Za-z_-]{0,30}(?: [A-Za-z]{1,20}){0,2}: "
"""What the next line begins with: ``user: mohara\\nLast state: …``."""
_END = Pattern(
    rb"\\{1,8}[nrt](?=[ \"]|\\{1,8}[nrt]|[A-Za-z_.-]{2,32}=)|"
    + LABEL
    + rb"|\\{1,8}u0026(?=[A-Za-z_][\w.-]{0,40}(?:=|\\u003[Dd]))"
)
_OPENED = Pattern(rb"\\x22|\\u0022")
_FIELD = Pattern(rb"\^(?=[A-Za-z]\w{1,31}=)")
"""What parts fields of LEEF: ``usrName=mohara^src=10.1.2.3``."""
_OF_FIELDS = Pattern(rb"\^[A-Za-z][\w.-]{0,31}=\Z|LEEF:[^\n]{0,256}\Z")
_HEADER = 256
_HEAD = Pattern(rb"(?:\\{1,8}[nrt]){1,8}\Z")
_SEEN = 256
_BEHIND = 96


def is_letter(buffer: bytes, at: int) -> bool:
    """Whether the byte at a place is the letter of an escape."""
    return buffer[at - 1 : at] == b"\\" and buffer[at : at + 1] in (b"n", b"r", b"t")


def value_span(buffer: bytes, start: int, end: int) -> tuple[int, int]:
    r"""Where a value without quotes begins and ends: within escaped quotes, before the next of escaped lines.

    A colon behind small letters says nothing: ``user=corp\tom: denied``.
    """
    opened = _OPENED.match(buffer, start)
    if opened:
        start = min(opened.end(), end)
        closed = buffer.find(opened[0], start, end)
        end = closed if closed >= 0 else end
    return start, _value_end(buffer, start, end)


def _value_end(buffer: bytes, start: int, end: int) -> int:
    most = min(end, start + _SEEN)
    if buffer.find(b"^", start, most) >= 0:
        end = _field_end(buffer, start, end, most)
        most = min(end, most)
    if buffer.find(b"\\", start, most) < 0:
        return end
    found = _END.search(buffer, start, most + _BEHIND)
    return found.start() if found and found.start() < most else end


def _field_end(buffer: bytes, start: int, end: int, most: int) -> int:
    """Where a field of LEEF ends; ``userName=mohara^ext=7`` alone may be one value, ``^x=7`` a password."""
    field = _FIELD.search(buffer, start + 1, most + _BEHIND)
    if field is None or field.start() >= most:
        return end
    more = _FIELD.search(buffer, field.end(), most + _BEHIND)
    if more is not None and more.start() < most:
        return field.start()
    return field.start() if _OF_FIELDS.search(buffer, max(0, start - _HEADER), start) else end


def without_blanks(before: bytes) -> bytes:
    """What stands before escaped white space."""
    found = _HEAD.search(before)
    return before[: found.start()] if found else before


def letters_at(buffer: bytes, at: int) -> int:
    r"""How many letters and digits of ``\x22`` or ``\u0022`` stand at a place, or 0."""
    if not at or buffer[at - 1] != 0x5C:
        return 0
    found = _LETTERS.match(buffer, at)
    return found.end() - at if found else 0


def ends_at(buffer: bytes, at: int) -> bool:
    """Whether an escape ends at a place."""
    return _ENDED.search(buffer, max(0, at - 6), at) is not None


def without_quotes(before: bytes) -> bytes:
    r"""What stands before an escaped quote, and before that of its key, or a sign: ``{\"version\":\"``."""
    found = _QUOTED_KEY.search(before)
    return before[: found.start()] if found else before
