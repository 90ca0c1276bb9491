"""Values bound to the parameters of a statement that reads or changes rows, by the column of each.

``UPDATE customer SET phone = $1 WHERE id = 2`` and in the next line ``DETAIL:  parameters: $1 = '030 …'``;
``sp_executesql N'… [Phone] = @p1', …, @p1=N'030 …'``; the lists and lines that parameters.py reads.
"""

from __future__ import annotations

from collections.abc import Iterator

from app.masking.notations import Judge, RuleOf
from app.masking.parameters import Given, named_of_statement, of_statement
from app.masking.patterns import Pattern
from app.masking.spans import Span

STATEMENT = Pattern(
    rb"(?<![\w\x80-\xff])(?i:select|update|delete|merge)(?=[\s\\])",
    words=(b"select", b"update", b"delete", b"merge"),
    any_case=True,
)
REACH = 6144
"""Bytes from a statement's beginning to the end of the last line that says what is bound."""
_LONGEST = 4096
_MOST_PLACES = 64
_PLACE = Pattern(
    rb"(?<=[\s=(,<>])(?:\?\d{0,3}|\$\d{1,3}|%s|@(?:[A-Za-z_]\w{0,63}|\d{1,3})|:(?:[A-Za-z_]\w{0,63}|\d{1,3}))"
    rb"(?=[\s,);\]'\"\\:]|\Z)"
)
_MORE = Pattern(
    rb"[ \t]|(?i:from|where|set|and|or|left|inner|join|on|order|group|having|union|limit|offset|when|then)"
    rb"[ \t\r\n]"
)
"""What a line begins with that goes on with a statement."""
_BEFORE = 128
_COLUMN = Pattern(
    rb"(?<![\w\x80-\xff])(?P<column>[A-Za-z_\x80-\xff][\w\x80-\xff]{0,63})[\]\"`\\]{0,2}\)?\s{0,4}"
    rb"(?:=|<>|!=|[<>]=?|\s(?i:i?like|(?P<between>between))\s|(?P<many>\s(?i:in)\s{0,4}\())\s{0,4}"
    rb"(?:[A-Za-z_]\w{0,20}\()?\Z"
)
"""What a parameter is compared with or set to, also one in a call: ``lower(name) = lower(?)``."""
_ALSO = Pattern(rb"(?:::\w{1,20})?\s{0,4}(?:,|(?i:and))\s{0,4}")
"""Between parameters of one column: ``IN (?, ?)``, ``BETWEEN ? AND ?``."""


def parametrised(buffer: bytes, rule_of: RuleOf, judge: Judge) -> Iterator[Span]:
    """Every value that is bound to a parameter whose column has a rule."""
    taken = 0
    for match in STATEMENT.finditer(buffer):
        start = match.start()
        if start < taken:
            continue
        taken = end = _end(buffer, start)
        given, behind = _given(buffer, start, end, rule_of)
        if any(rule is not None for _, rule in given):
            most = min(len(buffer), start + REACH)
            yield from named_of_statement(given, buffer, (start, end, most), judge)
            spans, _ = of_statement([rule for _, rule in given], buffer, (behind, end, most), judge)
            yield from spans


def _end(buffer: bytes, start: int) -> int:
    """Where the last line of a statement ends."""
    most = min(len(buffer), start + _LONGEST)
    at = start
    while (feed := buffer.find(b"\n", at, most)) >= 0:
        at = feed + 1
        if at >= most or not _MORE.match(buffer, at, most):
            return feed - (buffer[feed - 1] == 13)
    return most


def _given(buffer: bytes, start: int, end: int, rule_of: RuleOf) -> tuple[Given, int]:
    """The parameters of a statement with the rules of their columns, in their order, and behind the last."""
    given: Given = []
    behind, rule, goes_on = start, None, False
    for place in _PLACE.finditer(buffer, start, end):
        column = _COLUMN.search(buffer, max(start, place.start() - _BEFORE), place.start())
        if column is not None:
            rule = rule_of(column["column"])
            goes_on = (column["many"] or column["between"]) is not None
        elif not (goes_on and _ALSO.fullmatch(buffer, behind, place.start())):
            rule, goes_on = None, False
        given.append((place[0], rule))
        behind = place.end()
        if len(given) == _MOST_PLACES:
            break
    return given, behind
