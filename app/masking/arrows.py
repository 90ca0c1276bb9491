"""A key and its value with an arrow between them, and no quotes: ``FirstName -> Mary``."""

from __future__ import annotations

from collections.abc import Iterator

from app.masking.face import Kind
from app.masking.keysbefore import before_sign
from app.masking.notations import KEY, Judge, Place, RuleOf
from app.masking.patterns import Pattern
from app.masking.rules import Needs
from app.masking.spans import Span

ARROW = Pattern(rb"(?<= )-{1,2}>(?= [A-Za-z0-9+(\x80-\xff])", words=(b"-> ",))
_ARROW_REST = Pattern(rb"[^\r\n,;|=<>{}\[\]\"]{1,80}")
_ARROW_WORD = Pattern(rb"[^\r\n,;|=<>{}\[\]\" \t]{1,80}")
_AS_KEY = Pattern(KEY)
_OF_ARROWS = frozenset({Kind.NAME, Kind.TEL, Kind.MAIL, Kind.BIRTH, Kind.ADDRESS, Kind.IBAN, Kind.CARD})


def arrows(buffer: bytes, rule_of: RuleOf, judge: Judge) -> Iterator[Span]:
    """``FirstName -> Mary``: what only a person has. Names of fields behind an arrow are no values."""
    for sign in ARROW.finditer(buffer):
        start = sign.end() + 1
        rest = _ARROW_REST.match(buffer, start)
        word = _ARROW_WORD.match(buffer, start)
        if rest is None or word is None:
            continue
        whole = rest.end() == len(buffer) or buffer[rest.end()] in b"\r\n,;"
        text = (rest if whole else word)[0].rstrip(b" \t")
        if _AS_KEY.fullmatch(word[0]) and rule_of(word[0]) is not None:
            continue
        for rule in map(rule_of, before_sign(sign)):
            if rule is None or rule.kind not in _OF_ARROWS:
                continue
            if rule.kind is Kind.NAME and rule.needs is not Needs.ANY:
                continue
            span = judge(rule, Place(start, start + len(text), quoted=True), buffer)
            if span is not None:
                yield span
                break
