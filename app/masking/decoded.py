"""What a value says that stands in base64."""

from __future__ import annotations

import base64
import binascii

from app.masking.patterns import Pattern

_BASE64 = Pattern(rb"(?=.{0,512}[A-Z0-9])[A-Za-z0-9+/]{5,512}={0,2}")
_UTF8 = Pattern(
    rb"(?:[\x00-\x7f]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3})*"
)
"""A number of hex digits, too, can be read as base64 of other bytes."""
_PRINTABLE = bytes(range(32, 127)) + bytes(range(0x80, 0x100))


def decoded_text(text: bytes) -> bytes | None:
    """What a value says that stands in base64 (``phone=KzQ5MzA5MDE4MjA0MTc=``), or None."""
    if len(text) % 4 or len(text) < 8 or text.isdigit() or not _BASE64.fullmatch(text):
        return None
    try:
        decoded = base64.b64decode(text, validate=True)
    except binascii.Error:
        return None
    return decoded if not decoded.translate(None, _PRINTABLE) and _UTF8.fullmatch(decoded) else None
