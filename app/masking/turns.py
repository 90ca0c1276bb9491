"""What customers write and say, told beside who speaks, and first and last names side by side.

``{"author":"customer","body":"…"}``; ``first=Mary last=Major``.
"""

from __future__ import annotations

from collections.abc import Iterator

from app.masking.notations import Judge, Place, RuleOf
from app.masking.patterns import Pattern
from app.masking.spans import Span

_QUOTE = rb"(?P<quote>\\?\")"
ROLE = Pattern(
    _QUOTE + rb"(?i:role|author(?:_?type)?|sender(?:_?(?:type|role))?|speaker"
    rb"|participant(?:_?(?:role|type|purpose))?|from|party|purpose)(?P=quote) ?: ?(?P=quote)"
    rb"(?i:customer|visitor|caller|end_?user|kunde|cliente|klant|klient|(?P<any>client|guest|user|consumer))(?P=quote)",
    words=(b'":', b'" :'),
)
_TEXT = Pattern(
    _QUOTE + rb"(?:content|text|utterance|transcript|(?P<any>message|body|msg))(?P=quote) ?: ?(?P=quote)",
)
"""A program, and what has a role, tell messages, too: ``"role":"user","message":"login ok"``."""
_CLOSED = {
    b'"': Pattern(rb"((?:\\[^\r\n]|[^\"\\\r\n]){1,4096})\""),
    b'\\"': Pattern(rb"([^\"\\\r\n]{1,4096})\\\""),
}
_AROUND = 512
"""Bytes of an object before and behind who speaks."""

_NAME = rb"[A-Z\x80-\xff](?>(?:[A-Za-z\x80-\xff-]|'(?=[A-Za-z\x80-\xff])){1,40})"
NAMED_TWICE = Pattern(
    rb"(?<![\w.$\x80-\xff-])(?P<key>[Ff]irst|[Ll]ast)(?P<mark>\\?[\"']|)(?P<sign> ?[:=] ?)"
    rb"(?P<quote>\\?[\"']|)"
    rb"(?P<left>" + _NAME + rb")(?P=quote)(?:[,;&|] ?| {1,2})(?P=mark)(?!(?P=key))"
    rb"(?:[Ff]irst|[Ll]ast)(?P=mark)(?P=sign)(?P=quote)(?P<right>"
    + _NAME
    + rb")(?P=quote)(?![\w=(.@\x80-\xff-])",
    words=(b"irst", b"ast"),
)
_NO_NAMES = frozenset(
    b"true false none null nil yes no name names first last row rows item items page pages day"
    b" week month year monday tuesday wednesday thursday friday saturday sunday january february"
    b" march april may june july august september october november december jan feb mar apr jun jul"
    b" aug sep oct nov dec unknown empty missing error success failed ok ready idle busy active"
    b" open closed new old next previous start end begin now never".split()
)
"""What else is a first and a last one."""


def turns(buffer: bytes, rule_of: RuleOf, judge: Judge) -> Iterator[Span]:
    """Every value, as a notation."""
    said = rule_of(b"chat_text")
    taken, taken_any = 0, 0
    for match in ROLE.finditer(buffer) if said is not None else ():
        start, end = match.span()
        of_any = match["any"] is not None
        if start < (taken_any if of_any else taken):
            continue  # of an object that was read for another
        opened = max(
            start - _AROUND,
            0,
            *(buffer.rfind(mark, max(start - _AROUND, 0), start) + 1 for mark in (b"{", b"}")),
        )
        stops = [at for mark in (b"{", b"}") if (at := buffer.find(mark, end, end + _AROUND)) >= 0]
        closed = min(stops, default=min(end + _AROUND, len(buffer)))
        taken, taken_any = (taken if of_any else closed), closed
        for first, last in ((opened, start), (end, closed)):
            for head in _TEXT.finditer(buffer, first, last):
                if of_any and head["any"] is not None:
                    continue
                text = _CLOSED[head["quote"]].match(buffer, head.end())
                span = judge(said, Place(*text.span(1), True), buffer) if said and text else None
                if span is not None:
                    yield span
    yield from _named_twice(buffer, rule_of, judge)


def _named_twice(buffer: bytes, rule_of: RuleOf, judge: Judge) -> Iterator[Span]:
    for match in NAMED_TWICE.finditer(buffer):
        if not _NO_NAMES.isdisjoint((match["left"].lower(), match["right"].lower())):
            continue
        for side, key in (("left", b"first_name"), ("right", b"last_name")):
            rule = rule_of(key)
            span = judge(rule, Place(*match.span(side), True), buffer) if rule is not None else None
            if span is not None:
                yield span
