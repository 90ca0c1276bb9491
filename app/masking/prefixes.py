"""Prefixes of names of XML, which stand before a colon and are no keys: ``<cust:LastName>``."""

from __future__ import annotations

from app.masking.patterns import Pattern

_NAME = Pattern(rb"[A-Za-z_][\w.-]{0,63}")
_HUMP = Pattern(rb"[^A-Z]*[A-Z]")
_GOES_ON = Pattern(rb"/>|\s+(?:[\w.-]{1,64}(?::[\w.-]{1,64})?=|/?>)")
_OF_SCHEMA = Pattern(rb"(?:type|ref|base|element|itemType|message|binding)=[\"']\Z")
_LINE = 512
"""Bytes in which an element of small letters must be closed."""


def is_prefix(buffer: bytes, start: int, key: bytes, value: int) -> bool:
    """Whether a key that begins at `start`, before a colon and what begins at `value`, is a prefix.

    Also in a schema: ``type="cust:Customer"``.
    ``<user:mohara>`` is none: it has small letters alone, no attribute, and nothing closes it.
    """
    name = _NAME.match(buffer, value)
    if name is None:
        return False
    end = name.end()
    if buffer[start - 2 : start] == b"</":
        return buffer[end : end + 1] == b">"
    if buffer[start - 1 : start] == b"<":
        if _GOES_ON.match(buffer, end):
            return True
        if buffer[end : end + 1] != b">":
            return False
        closed = b"</" + key + b":" + name[0] + b">"
        return _HUMP.match(name[0]) is not None or closed in buffer[end : end + _LINE].partition(b"\n")[0]
    if _OF_SCHEMA.search(buffer, max(0, start - 12), start):
        return buffer[end : end + 1] == buffer[start - 1 : start] and _HUMP.match(name[0]) is not None
    return False
