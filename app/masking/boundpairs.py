"""Columns and what is bound to them, as ActiveRecord tells them: ``[["phone", "030 …"], ["LIMIT", 1]]``."""

from __future__ import annotations

from collections.abc import Iterator

from app.masking.notations import Judge, Place, RuleOf
from app.masking.patterns import Pattern
from app.masking.spans import Span

BOUND_PAIR = Pattern(
    rb"(?:(?<=\[\[)|(?<=\], \[))\"(?P<key>[A-Za-z_\x80-\xff][\w.@$\x80-\xff-]{0,63})\", "
    rb"\"(?P<value>(?:\\[^\r\n]|[^\"\\\r\n]){1,1024})\"(?=\](?:\]|, \[))",
    words=(b'[["', b'], ["'),
)


def bound_pairs(buffer: bytes, rule_of: RuleOf, judge: Judge) -> Iterator[Span]:
    """Every value whose column has a rule."""
    for match in BOUND_PAIR.finditer(buffer):
        rule = rule_of(match["key"])
        span = judge(rule, Place(*match.span("value"), quoted=True), buffer) if rule is not None else None
        if span is not None:
            yield span
