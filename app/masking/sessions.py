"""Whom a description of a session names: ``e=mary@example.org (Mary Major)``, ``p=+49 30 901820-417``.

Other listings have such lines, too: these count behind ``o=… IN IP4 …`` with nothing but lines of a
description between.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.masking.needs import NEEDED
from app.masking.notations import Judge, Place, RuleOf
from app.masking.patterns import Pattern
from app.masking.plausible import names_nobody
from app.masking.rules import Needs
from app.masking.spans import Span

_LINES = 8
"""Lines before one that are looked at."""
_LINE = 256
"""Bytes of each of them, and of what a line says."""
CONTACT = Pattern(rb"^[ep]=[^\s]", re.MULTILINE, words=(b"e=", b"p="))
_TEXT = Pattern(rb"([^\r\n]{1,%d})(?=\r?\n|\r?\Z)" % _LINE)
_NUMBER = Pattern(rb"[+(]?\d")
_LETTER = Pattern(rb"[A-Za-z\x80-\xff]")


def contacts(buffer: bytes, rule_of: RuleOf, judge: Judge) -> Iterator[Span]:
    """Numbers and names of whom a description of a session names."""
    for match in CONTACT.finditer(buffer):
        start = match.end() - 1
        text = _TEXT.match(buffer, start)
        if text is None or not in_session(buffer, match.start()):
            continue
        first, last, name = _parts(text[1].rstrip(b" \t"))
        if name is not None:
            value = text[1][slice(*name)]
            rule = rule_of(b"customer_name")
            if rule and NEEDED[Needs.WORDS].match(value) and not names_nobody(value):
                yield from _judged(judge(rule, Place(start + name[0], start + name[1], quoted=True), buffer))
        rule = rule_of(b"phone_number") if match[0][:1] == b"p" else None
        if rule and _NUMBER.match(text[1], first):
            yield from _judged(judge(rule, Place(start + first, start + last, quoted=True), buffer))


def _judged(span: Span | None) -> Iterator[Span]:
    if span is not None:
        yield span


def _parts(text: bytes) -> tuple[int, int, tuple[int, int] | None]:
    """Where the number or address of a line stands, and where the name before or behind it does."""
    if text.endswith(b")"):
        opened = text.rfind(b"(")
        if opened > 0 and _LETTER.match(text, opened + 1):
            return 0, len(text[:opened].rstrip(b" \t")), (opened + 1, len(text) - 1)
    elif text.endswith(b">"):
        opened = text.find(b"<")
        if opened > 0 and text.rfind(b"<") == opened:  # no token behind it
            return opened + 1, len(text) - 1, (0, len(text[:opened].rstrip(b" \t")))
    return 0, len(text), None


def in_session(buffer: bytes, start: int) -> bool:
    """Whether the lines before a place are those that a description begins with."""
    end = start
    for _ in range(_LINES):
        least = max(0, end - _LINE)
        feed = buffer.rfind(b"\n", least, max(0, end - 1))
        if not end or (feed < 0 and least):
            return False
        line = buffer[feed + 1 : end]
        if line.startswith(b"o=") and b" IN IP" in line:
            return True
        if line[:1] not in (b"s", b"i", b"u", b"e", b"p") or line[1:2] != b"=":
            return False
        end = feed + 1
    return False
