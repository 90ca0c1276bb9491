r"""White space that a text holds as an escape: ``Account Name:\t\tmohara\r\n\tDomain:`` of Windows."""

from __future__ import annotations

from app.masking.patterns import Pattern

BLANK_BEFORE = rb"(?<=\\[nrt])"
TABS = rb"(?:\\{1,8}t){1,8}"
_END = Pattern(rb"\\{1,8}[nrt](?=\\{1,8}[nrt]|[A-Za-z_.-]{2,32}=)")
_FIELD = Pattern(rb"\^(?=[A-Za-z]\w{1,31}=)")
"""What parts fields of LEEF: ``usrName=mohara^src=10.1.2.3``."""
_OF_FIELDS = Pattern(rb"\^[A-Za-z][\w.-]{0,31}=\Z|LEEF:[^\n]{0,256}\Z")
_HEADER = 256
_HEAD = Pattern(rb"(?:\\{1,8}[nrt]){1,8}\Z")
_SEEN = 256
_BEHIND = 48


def is_letter(buffer: bytes, at: int) -> bool:
    """Whether the byte at a place is the letter of an escape."""
    return buffer[at - 1 : at] == b"\\" and buffer[at : at + 1] in (b"n", b"r", b"t")


def value_end(buffer: bytes, start: int, end: int) -> int:
    r"""Where a value without quotes ends: before escaped white space with more of it or ``key=`` behind it.

    A colon says nothing: ``user=corp\tom: denied``.
    """
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
