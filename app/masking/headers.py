"""How far the credentials of a header reach: to the line's end, or to the end of what they are quoted in."""

from __future__ import annotations

from app.masking.patterns import Pattern
from app.masking.tokens import TOKEN

_LINE = 4096
"""Bytes before a value in which its line must begin."""

_ONE_WORD = Pattern(
    rb"(?i:basic|bearer|negotiate|ntlm|token|apikey) {1,4}[A-Za-z0-9._~+/=-]{1,8192}(?=[\s\"'\\,;)\]}<]|\Z)"
)
"""Schemes whose credentials are one word, as the credentials of ``Digest`` are not."""

_MASKED = Pattern(rb"(?:" + TOKEN.pattern + rb")(?=[ \"'\\,)\]}])")
_GOES_ON = (b"\\", b"=")
_BEHIND_QUOTE = (b"", b" ", b"\t", b"\r", b"\n", b",", b"}", b"]", b")")
"""What may stand before a mark that does not end the text, and behind one that does: a stray mark before
the header must not end it at ``c="d"; e=f``."""

_QUOTED_HEADER = Pattern(rb"'[A-Za-z-]{1,40}[ \t]{0,4}[:=][ \t]{0,4}\Z")


def credentials_end(buffer: bytes, start: int, end: int) -> int:
    """Where the credentials end that begin at `start`, on a line that ends at `end`.

    A header stands alone on its line, or inside of a text in quotes: ``{"msg": "Cookie: a=b", "n": 1}``,
    ``curl -H 'Cookie: a=b'``.
    """
    word = _ONE_WORD.match(buffer, start, end) or _MASKED.match(buffer, start, end)
    if word:
        return word.end()
    quote = _open_quote(buffer, start)
    at = start
    while quote and (at := buffer.find(quote, at, end)) >= 0:
        if buffer[at - 1 : at] not in _GOES_ON and buffer[at + 1 : at + 2] in _BEHIND_QUOTE:
            return at
        at += 1
    return end


def _open_quote(buffer: bytes, start: int) -> bytes:
    """The mark that ends the text in quotes in which a header's value begins; empty: there is none."""
    line = buffer.rfind(b"\n", max(0, start - _LINE), start) + 1
    if start - line >= _LINE:
        return b""
    head = buffer[line:start]
    if (head.count(b'"') - head.count(b'\\"')) % 2:
        return b'"'
    return b"'" if _QUOTED_HEADER.search(head[-64:]) else b""
