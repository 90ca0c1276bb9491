"""Values of SQL's ``INSERT``, column by column."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from app.masking.face import Kind
from app.masking.notations import Judge, Place, RuleOf
from app.masking.parameters import PLACE, Given, named_of_statement, of_statement
from app.masking.patterns import Pattern
from app.masking.rules import KeyRule
from app.masking.spans import Span

_GAP = rb"(?:\s|\\[rnt])"
INSERT = Pattern(
    rb"(?i:(?:insert|upsert)(?:\s{1,24}ignore(?=[\s(]))?(?:\s{1,24}into(?=[\s(]))?|replace\s{1,24}into)"
    rb"(?:\s{1,24}(?P<table>[\w.\"\[\]`\\]{1,128}))?\s{0,24}\((?P<columns>[^()]{1,2048})\)"
    + _GAP
    + rb"{0,16}(?:(?i:output)\s[^()\r\n;]{1,128}\s)?(?i:values?)"
    + _GAP
    + rb"{0,72}\((?P<values>[^\r\n]{1,8192})",
    words=(b"value",),
    any_case=True,
)
"""Also within MERGE, where no table is named; a line's end may be an escape of JSON."""
_ESCAPED = rb"&(?:#x27|#39|apos);"
_IN_ESCAPED = rb"(?:[^&\r\n]|&(?!(?:#x27|#39|apos);)|(?:" + _ESCAPED + rb"){2}){0,1024}"
_PREFIX = rb"(?:[NnEeBbXx]|_\w{1,15} ?|(?i:date|time|timestamp|datetime) )"
"""Of a string: ``N'…'``, ``E'…'``, ``_utf8mb4'…'``, ``DATE '…'``."""
_STRING = rb"'((?:[^']|''|(?<=\\)'(?=[A-Za-z0-9\x80-\xff]))*)'(?!(?<=\\')[A-Za-z0-9\x80-\xff])"
"""Two quotes in it are one; MySQL writes ``\\'`` for it, and others a folder: ``'C:\\'``."""
_CAST = rb"(?:::[\w .\"]{1,40}(?:\([\d, ]{1,9}\))?(?:\[\])?| (?i:collate) [\w.]{1,40})"
_WITHIN_CALL = rb"(?:[^()'\r\n]|'[^'\r\n]{0,128}')"
_ROUND = rb"\(" + _WITHIN_CALL + rb"{0,64}\)"
_SQUARE = rb"\[(?:[^\[\]'\r\n]|'[^'\r\n]{0,128}'){0,128}\]"
_NAME = rb"[A-Za-z_][\w.]{0,63}\("
_FIRST = rb"(?:[NnEe]?'([^'\r\n]{0,128})')?"
_CALL = rb"%b(?:%b%b%b{0,64}\)|%b)(?:%b|%b){0,128}\)" % (
    _NAME, _NAME, _FIRST, _WITHIN_CALL, _FIRST, _WITHIN_CALL, _ROUND,
)  # fmt: skip
"""A call, or one in a call, with its first text: ``CAST(N'Mary' AS nvarchar(40))``."""
_REST = rb"(?!\s)(?:[^(),'\[\r\n]|'[^'\r\n]{0,128}'|\((?:%b|%b){0,128}\)|%b){1,256}" % (
    _WITHIN_CALL,
    _ROUND,
    _SQUARE,
)
"""What is reckoned, and no value: ``now() - interval '1 day'``, ``(SELECT max(id) FROM t)``."""
_WORD = rb"[^,()'\s]+(?:(?<=[A-Za-z\x80-\xff])'[A-Za-z\x80-\xff][^,()'\s]*){0,2}"
_DOUBLE = rb"\"((?:[^\"\\\r\n]|\\[^\r\n])*)\"|\\\"([^\"\\\r\n]*)\\\"|''([^',()\r\n]{1,256})''"
"""Quotes of MySQL, those in a text of JSON, and those in a text of SQL."""
_BARE = rb"(?!%b|[NnEeBbXx]')(?P<bare>%b(?: %b){0,7})" % (_ESCAPED, _WORD, _WORD)
_BETWEEN_ESCAPED = rb"%b(%b)%b" % (_ESCAPED, _IN_ESCAPED, _ESCAPED)
_ONE = b"|".join((_PREFIX + b"?" + _STRING + _CAST + b"?", _DOUBLE, _BARE, _BETWEEN_ESCAPED, _CALL, _REST))
_SQL_VALUE = Pattern(rb"\s{0,8}(?:%b)\s{0,8}(?:,|\)|$)" % _ONE)
"""A value, also in quotes as XML escapes them, or a call with its first text, or what is passed over."""
_PLAIN = Pattern(rb"[A-Za-z0-9\x80-\xff+][\w\x80-\xff@.+:/' -]*")
_PASSWORD = Pattern(rb"[^@:?$%&{<\"\\\[*][^\"\\]{2,}")
"""Signs that the place of a password begins with are none of one."""
_OWN = Pattern(rb"[A-Za-z][A-Za-z_]*(?:\.[A-Za-z_]+)?")
_OF_WORDS = Pattern(rb"[._]|(?<=.)[A-Z]")
"""``src.last_name``, ``hashedPassword``; ``mypassword`` and ``password123`` may be values."""
_MEMBER = Pattern(rb"[A-Za-z]\w*\.[A-Za-z_]\w*")
_OF_STATEMENT = Pattern(rb"(?i:new|old|excluded|inserted|deleted)\.|[a-z]_|0x[0-9A-Fa-f]*\Z")
"""What a trigger or a routine calls its own (``NEW.name``, ``v_name``), and bytes."""
_OPENS = frozenset(
    b"null default true false case select current interval date time timestamp cast not user now array"
    b" row current_user session_user system_user suser_sname sysdate curdate getdate uuid current_date"
    b" current_time current_timestamp rownum systimestamp localtimestamp localtime".split()
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

    def _is_of(self, value: bytes) -> bool:
        """Whether a text is the column's own name, or that of a variable which ends in it."""
        if not _OWN.fullmatch(value):
            return False
        whole, part = _plain(value), _plain(self.name)
        return whole == part or (part in whole and _OF_WORDS.search(value) is not None)

    def takes(self, value: bytes, kind: Kind) -> bool:
        """Whether a text without quotes may be a value of a kind, as frameworks write what they sent."""
        words = value.lower().split(b" ")
        return (
            (_PLAIN if kind is not Kind.SECRET else _PASSWORD).fullmatch(value) is not None
            and words[0] not in _OPENS
            and _WITHIN.isdisjoint(words[1:])
            and not _OF_STATEMENT.match(value)
            and value.lower().rpartition(b".")[1:] != (b".", b"nextval")
            and not self._is_of(value)
            and not (kind is Kind.NAME and _MEMBER.fullmatch(value))
            and (len(words) > 1 or not self.of_table)
        )


def _plain(name: bytes) -> bytes:
    """A name as it is compared: ``last_name`` and ``LastName`` are one."""
    return name.lower().replace(b"_", b"")


def _column(table: bytes, column: bytes, rule_of: RuleOf) -> _Column:
    """``name`` alone has the rule of its table, also of many: ``INTO users (name, …``."""
    name = column.strip(b' "`[]\\\t\r\n').rpartition(b".")[2]
    rule = rule_of(name)
    if rule is not None or name.lower() != b"name":
        return _Column(name, rule)
    one = table[:-1] if table[-1:] in (b"s", b"S") else table
    return _Column(name, rule_of(table + b"_" + name) or rule_of(one + b"_" + name), of_table=True)


def inserted(buffer: bytes, rule_of: RuleOf, judge: Judge) -> Iterator[Span]:
    """``INSERT INTO t (name, phone) VALUES ('…', '…'), ('…', '…')``: column by column, row by row."""
    at = 0
    while (match := INSERT.search(buffer, at)) is not None:
        table = (match["table"] or b"").strip(b'"`[]\\').rpartition(b".")[2].strip(b'"`[]\\')
        columns = [_column(table, column, rule_of) for column in match["columns"].split(b",")]
        most = min(len(buffer), match.start() + REACH)
        line: re.Match[bytes] | None = match
        while line is not None:
            spans, at = _rows(columns, buffer, line.span("values"), judge)
            yield from spans
            line = _next_line(buffer, line.end(), most)
        given, behind = _parameters([each.rule for each in columns], buffer, match.span("values"))
        rules = [rule for _, rule in given]
        if any(rules):
            yield from named_of_statement(
                given, buffer, (match.start(), match.end(), max(most, match.end())), judge
            )
            spans, end = of_statement(rules, buffer, (behind, match.end(), most), judge)
            yield from spans
            at = max(at, end)


def _parameters(rules: list[KeyRule | None], buffer: bytes, place: tuple[int, int]) -> tuple[Given, int]:
    """The parameters of a row with the rules of their columns, and behind the row."""
    at, end = place
    given: Given = []
    for rule in rules:
        value = _SQL_VALUE.match(buffer, at, end)
        if not value:
            break
        at = value.end()
        if value["bare"] is not None and PLACE.fullmatch(value["bare"]):
            given.append((value["bare"], rule))
    return given, at


def _next_line(buffer: bytes, end: int, most: int) -> re.Match[bytes] | None:
    """The line of rows behind one that ends at a place; a comma ends that, or begins the next."""
    line = _LINE.match(buffer, end, most)
    if line is None or (line.end() == most and most < len(buffer)):
        return None  # it goes on further than is read
    last = buffer[max(0, end - 8) : end].rstrip(b" \t")[-1:]
    return line if last != b";" and (last == b",") != (line["comma"] is not None) else None


def _rows(
    columns: list[_Column], buffer: bytes, place: tuple[int, int], judge: Judge
) -> tuple[list[Span], int]:
    """The values of the rows of a line, from behind the bracket of the first, and where these end."""
    spans: list[Span] = []
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
            bare: bytes | None = value["bare"]
            if (
                column.rule is not None
                and group is not None
                and (bare is None or column.takes(bare, column.rule.kind))
            ):
                span = judge(column.rule, Place(*value.span(group), True), buffer)
                if span is not None:
                    spans.append(span)
        row = _SQL_ROW.match(buffer, at, end)
        more = row is not None
        at = row.end() if row is not None else at
    return spans, at
