"""The line at the beginning of a file that names the columns of all its lines."""

from __future__ import annotations

from app.masking.patterns import Pattern

FIELDS = (b"#Fields: ", b"#Fields:\t")
MOST_OF_HEADER = 4096
_BEGINNING = 16
"""Lines of remarks before the header of a file."""
FIRST_LABEL = Pattern(rb'\|? ?"?(?=[A-Za-z_\x80-\xff])[\w .()/#&\'"\x80-\xff-]*+(?=[,;\t|])')


def first_header(text: bytes) -> bytes:
    """The line that may name the columns of all lines of a file that begins with `text`; or nothing."""
    at = 0
    for _ in range(_BEGINNING):
        end = text.find(b"\n", at, at + MOST_OF_HEADER)
        if end < 0:
            return b""
        line = text[at:end].removesuffix(b"\r")
        if line.startswith(FIELDS) or FIRST_LABEL.match(line):
            return line
        if not (line.startswith(b"#") or line.lower().startswith(b"sep=")):
            return b""
        at = end + 1
    return b""
