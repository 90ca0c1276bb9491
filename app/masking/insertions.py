"""Values of SQL's ``INSERT``, column by column."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.masking.notations import Judge, Place, RuleOf
from app.masking.patterns import Pattern
from app.masking.rules import KeyRule
from app.masking.spans import Span

INSERT = Pattern(
    rb"(?i:insert\s{1,4}(?:ignore\s{1,4})?into|replace\s{1,4}into)\s{1,4}(?P<table>[\w.\"\[\]`]{1,128})\s{0,8}\((?P<columns>[^()]{1,2048})\)\s{0,16}"
    rb"(?i:values)\s{0,4}\((?P<values>[^\r\n]{1,8192})"
)
_ESCAPED = rb"&(?:#x27|#39|apos);"
_IN_ESCAPED = rb"(?:[^&\r\n]|&(?!(?:#x27|#39|apos);)|(?:" + _ESCAPED + rb"){2}){0,1024}"
_CALL = rb"[A-Za-z_][\w.]{0,63}\((?:'([^'\r\n]{0,128})')?(?:[^()'\r\n]|'[^'\r\n]{0,128}'){0,128}\)"
_ONE = rb"[Nn]?'((?:[^']|'')*)'|(?!%b)([^,()'\s]+)|%b(%b)%b|%b" % (
    _ESCAPED,
    _ESCAPED,
    _IN_ESCAPED,
    _ESCAPED,
    _CALL,
)
_SQL_VALUE = Pattern(rb"\s{0,8}(?:%b)\s{0,8}(?:,|\)|$)" % _ONE)
"""A value, also in quotes as XML escapes them, or a call with its first text: ``TO_DATE('1971-03-19')``."""
_NO_VALUE = frozenset({b"null", b"default"})
"""In a row: two of them beside each other are no name with a comma."""
_SQL_ROW = Pattern(rb"\s{0,8},\s{0,8}\(")


def _column(table: bytes, column: bytes, rule_of: RuleOf) -> KeyRule | None:
    """The rule of a column; ``name`` alone has that of its table: ``INSERT INTO kunde (name, …``."""
    name = column.strip(b' "`[]\t\r\n').rpartition(b".")[2]
    rule = rule_of(name)
    return rule_of(table + b"_" + name) if rule is None and name.lower() == b"name" else rule


def inserted(buffer: bytes, rule_of: RuleOf, judge: Judge) -> Iterator[Span]:
    """``INSERT INTO t (name, phone) VALUES ('…', '…'), ('…', '…')``: column by column, row by row."""
    for match in INSERT.finditer(buffer):
        table = match["table"].strip(b'"`[]').rpartition(b".")[2].strip(b'"`[]')
        rules = [_column(table, column, rule_of) for column in match["columns"].split(b",")]
        at, end = match.span("values")
        more: re.Match[bytes] | None = match
        while more is not None:
            for rule in rules:
                value = _SQL_VALUE.match(buffer, at, end)
                if not value:
                    break
                at = value.end()
                if rule is not None:
                    group = value.lastindex
                    if group is None or (group == 2 and value[2].lower() in _NO_VALUE):
                        continue  # a call without a text
                    span = judge(rule, Place(*value.span(group), group != 2), buffer)
                    if span is not None:
                        yield span
            more = _SQL_ROW.match(buffer, at, end)
            at = more.end() if more is not None else at
