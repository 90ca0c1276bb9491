"""Values of SQL's ``INSERT``, column by column."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from app.masking.notations import Judge, Place, RuleOf
from app.masking.parameters import PLACE, of_statement
from app.masking.patterns import Pattern
from app.masking.rules import KeyRule
from app.masking.spans import Span

INSERT = Pattern(
    rb"(?i:insert\s{1,24}(?:ignore\s{1,24})?into|replace\s{1,24}into)\s{1,24}(?P<table>[\w.\"\[\]`]{1,128})\s{0,24}\((?P<columns>[^()]{1,2048})\)\s{0,16}"
    rb"(?i:values)\s{0,72}\((?P<values>[^\r\n]{1,8192})",
    words=(b"into",),
    any_case=True,
)
_ESCAPED = rb"&(?:#x27|#39|apos);"
_IN_ESCAPED = rb"(?:[^&\r\n]|&(?!(?:#x27|#39|apos);)|(?:" + _ESCAPED + rb"){2}){0,1024}"
_CALL = rb"[A-Za-z_][\w.]{0,63}\((?:'([^'\r\n]{0,128})')?(?:[^()'\r\n]|'[^'\r\n]{0,128}'){0,128}\)"
_WORD = rb"[^,()'\s]+(?:(?<=[A-Za-z\x80-\xff])'[A-Za-z\x80-\xff][^,()'\s]*){0,2}"
_ONE = rb"[Nn]?'((?:[^']|'')*)'|(?!%b|[Nn]')(%b(?: %b){0,7})|%b(%b)%b|%b" % (
    _ESCAPED,
    _WORD,
    _WORD,
    _ESCAPED,
    _IN_ESCAPED,
    _ESCAPED,
    _CALL,
)
_SQL_VALUE = Pattern(rb"\s{0,8}(?:%b)\s{0,8}(?:,|\)|$)" % _ONE)
"""A value, also in quotes as XML escapes them, or a call with its first text: ``TO_DATE('1971-03-19')``."""
_PLAIN = Pattern(rb"[A-Za-z0-9\x80-\xff+][\w\x80-\xff@.+:/' -]*")
_OF_STATEMENT = Pattern(rb"(?i:new|old|excluded|inserted|deleted)\.|[a-z]_|0x[0-9A-Fa-f]*\Z")
"""What a trigger or a routine calls its own (``NEW.name``, ``v_name``), and bytes."""
_OPENS = frozenset(
    b"null default true false case select current interval date time timestamp cast not user now array"
    b" row current_user session_user system_user suser_sname sysdate curdate getdate uuid current_date"
    b" current_time current_timestamp".split()
)
_WITHIN = frozenset(b"as then else end in is and or from not when over at collate".split())
"""Words of SQL that begin what is no value, or stand within it."""
_SQL_ROW = Pattern(rb"\s{0,8},\s{0,8}\(")
_LINE = Pattern(rb"\r?\n[ \t]{0,64}(?P<comma>,[ \t]{0,8})?\((?P<values>[^\r\n]{1,8192})")
REACH = 6144
"""Bytes from a statement's beginning to the end of its last line of rows."""


class _Column(NamedTuple):
    """The rule of a column, and whether it is that of its table."""

    name: bytes
    rule: KeyRule | None
    of_table: bool = False

    def takes(self, value: bytes) -> bool:
        """Whether a text without quotes may be a value, as frameworks write what they sent."""
        words = value.lower().split(b" ")
        return (
            _PLAIN.fullmatch(value) is not None
            and words[0] not in _OPENS
            and _WITHIN.isdisjoint(words[1:])
            and not _OF_STATEMENT.match(value)
            and value.lower().rpartition(b".")[1:] not in ((b".", self.name.lower()), (b".", b"nextval"))
            and (len(words) > 1 or not self.of_table)
        )


def _column(table: bytes, column: bytes, rule_of: RuleOf) -> _Column:
    """``name`` alone has the rule of its table, also of many: ``INTO users (name, …``."""
    name = column.strip(b' "`[]\t\r\n').rpartition(b".")[2]
    rule = rule_of(name)
    if rule is not None or name.lower() != b"name":
        return _Column(name, rule)
    one = table[:-1] if table[-1:] in (b"s", b"S") else table
    return _Column(name, rule_of(table + b"_" + name) or rule_of(one + b"_" + name), of_table=True)


def inserted(buffer: bytes, rule_of: RuleOf, judge: Judge) -> Iterator[Span]:
    """``INSERT INTO t (name, phone) VALUES ('…', '…'), ('…', '…')``: column by column, row by row."""
    at = 0
    while (match := INSERT.search(buffer, at)) is not None:
        table = match["table"].strip(b'"`[]').rpartition(b".")[2].strip(b'"`[]')
        columns = [_column(table, column, rule_of) for column in match["columns"].split(b",")]
        most = min(len(buffer), match.start() + REACH)
        line: re.Match[bytes] | None = match
        while line is not None:
            yield from _rows(columns, buffer, line.span("values"), judge)
            at = line.end()
            line = _next_line(buffer, at, most)
        given, behind = _parameters([each.rule for each in columns], buffer, match.span("values"))
        if any(given):
            spans, end = of_statement(given, buffer, (behind, match.end(), most), judge)
            yield from spans
            at = max(at, end)


def _parameters(
    rules: list[KeyRule | None], buffer: bytes, place: tuple[int, int]
) -> tuple[list[KeyRule | None], int]:
    """The rules of the parameters of a row, and behind the row."""
    at, end = place
    given: list[KeyRule | None] = []
    for rule in rules:
        value = _SQL_VALUE.match(buffer, at, end)
        if not value:
            break
        at = value.end()
        if value[2] is not None and PLACE.fullmatch(value[2]):
            given.append(rule)
    return given, at


def _next_line(buffer: bytes, end: int, most: int) -> re.Match[bytes] | None:
    """The line of rows behind one that ends at a place; a comma ends that, or begins the next."""
    line = _LINE.match(buffer, end, most)
    if line is None or (line.end() == most and most < len(buffer)):
        return None  # it goes on further than is read
    last = buffer[max(0, end - 8) : end].rstrip(b" \t")[-1:]
    return line if last != b";" and (last == b",") != (line["comma"] is not None) else None


def _rows(columns: list[_Column], buffer: bytes, place: tuple[int, int], judge: Judge) -> Iterator[Span]:
    """The rows of a line, behind the bracket of the first."""
    at, end = place
    more = True
    while more:
        for column in columns:
            value = _SQL_VALUE.match(buffer, at, end)
            if not value:
                break
            at = value.end()
            group = value.lastindex
            # A call without a text has none; without quotes, too, a comma ends it.
            if column.rule is not None and group is not None and (group != 2 or column.takes(value[2])):
                span = judge(column.rule, Place(*value.span(group), True), buffer)
                if span is not None:
                    yield span
        row = _SQL_ROW.match(buffer, at, end)
        more = row is not None
        at = row.end() if row is not None else at
