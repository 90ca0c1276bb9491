"""Keys and values in turn: ``["CustomerName","Mary Major","AccountNo","4711"]``, and such cells of a line.

Half of the texts are keys, two of which have a rule; the names of columns (``["customer_name","phone",…]``)
and what is asked of them (``["last_name","asc",…]``) are no values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.masking.face import Kind
from app.masking.needs import NEEDED
from app.masking.notations import Judge, Place, RuleOf
from app.masking.patterns import Pattern
from app.masking.plausible import names_nobody
from app.masking.rules import Needs
from app.masking.spans import Span
from app.masking.tables import COMMA, cell_of, line_of

_MOST = 4096
"""Bytes of a list or a line."""
_CELLS = 128
_LEAST = 4
_TEXT = 512
_KEY = Pattern(rb"[A-Za-z_\x80-\xff][\w.-]{1,47}(?: [\w.-]{1,47}){0,2}")
LISTED = Pattern(rb"\[(?=(?P<quote>[\"'])[A-Za-z_\x80-\xff][\w. -]{1,63}(?P=quote),)", words=(b'["', b"['"))
LINE = Pattern(
    rb"^(?=\"?[A-Za-z_\x80-\xff][\w.-]{1,47}(?: [\w.-]{1,47}){0,2}\"?,[^\s,])", re.MULTILINE, words=(b",",)
)
_CLOSED = {
    quote: Pattern(rb"%b((?:\\[^\r\n]|[^\\\r\n%b]){0,%d})%b ?" % (quote, quote, _TEXT, quote))
    for quote in (b'"', b"'")
}
_BARE = Pattern(rb"([\w.+-]{1,40}) ?")
"""A number, or what stands for one."""
_TOLD = Pattern(rb"[\d@]")
_COLUMN = Pattern(rb"[a-z_]+\d{0,3}")
_TYPE = Pattern(
    rb"(?i:n?char|n?varchar|string|text|u?int|integer|bigint|smallint|long|bool|boolean|date|datetime|timestamp|number"
    rb"|numeric|decimal|float|double|uuid|json|clob|blob)\d{0,4}(?:\(\d{1,5}\))?"
)
"""The type of a column: a list that holds one describes columns."""
_KINDS = frozenset({
    Kind.TEL, Kind.NAME, Kind.MAIL, Kind.BIRTH, Kind.ADDRESS, Kind.IBAN, Kind.CARD,
    Kind.USER, Kind.SECRET, Kind.ID,
})  # fmt: skip
_WITH_DIGIT = frozenset({Kind.USER, Kind.SECRET})
_NO_COLUMN = _KINDS - _WITH_DIGIT - {Kind.MAIL}
"""What of these has a small word for its value is asked of a column: ``["address","line1",…]``."""

Cells = list[tuple[int, int]]


def alternating(buffer: bytes, rule_of: RuleOf, judge: Judge) -> Iterator[Span]:
    """Every value in lists and lines of keys and values."""
    yield from in_lists(buffer, rule_of, judge)
    yield from in_lines(buffer, rule_of, judge)


def may_tell(buffer: bytes, start: int, rule_of: RuleOf) -> bool:
    """Whether a list begins at a place that has two keys with a rule."""
    match = LISTED.match(buffer, start)
    cells = _listed(buffer, match.end()) if match is not None else []
    return sum(rule_of(buffer[slice(*key)]) is not None for key in cells[::2]) >= _LEAST // 2


def in_lists(buffer: bytes, rule_of: RuleOf, judge: Judge) -> Iterator[Span]:
    """Every value in lists between square brackets."""
    for match in LISTED.finditer(buffer):
        cells = _listed(buffer, match.end())
        if cells:
            yield from _judged(cells, buffer, rule_of, judge)


def in_lines(buffer: bytes, rule_of: RuleOf, judge: Judge) -> Iterator[Span]:
    """Every value in lines of cells that commas part."""
    for match in LINE.finditer(buffer):
        start = match.start()
        end, _ = line_of(buffer, start, min(len(buffer), start + _MOST + 2))
        if end - start <= _MOST:
            yield from _judged(_cells(buffer[start:end], start), buffer, rule_of, judge)


def _listed(buffer: bytes, at: int) -> Cells:
    """The texts of a list whose first quote stands at a place; none: it is no such list."""
    most = min(len(buffer), at + _MOST)
    closed = _CLOSED[buffer[at : at + 1]]
    cells: Cells = []
    while len(cells) < _CELLS:
        item = closed.match(buffer, at, most) or (_BARE.match(buffer, at, most) if len(cells) % 2 else None)
        if item is None:
            return []
        cells.append(item.span(1))
        at = item.end()
        if at >= most or buffer[at] != COMMA:
            return cells if at < most and buffer[at : at + 1] == b"]" else []
        at += 1 + (buffer[at + 1 : at + 2] == b" ")
    return []


def _cells(line: bytes, start: int) -> Cells:
    """The cells of a line; none: it is no line of them."""
    cells: Cells = []
    at = 0
    while len(cells) < _CELLS and line[at : at + 1] != b" ":
        cell = cell_of(line, at, COMMA)
        if cell is None or cell.open:
            return []
        cells.append((start + cell.start, start + cell.end))
        if cell.next >= len(line):
            return cells
        at = cell.next + 1
    return []


def _judged(cells: Cells, buffer: bytes, rule_of: RuleOf, judge: Judge) -> Iterator[Span]:
    texts = [buffer[start:end] for start, end in cells]
    if len(texts) < _LEAST or len(texts) % 2 or not all(_KEY.fullmatch(key) for key in texts[::2]):
        return
    values = texts[1::2]
    rules = [rule_of(key) for key in texts[::2]]
    keyed = [value for rule, value in zip(rules, values, strict=True) if rule is not None]
    if len(keyed) < 2 or not any(_TOLD.search(value) for value in keyed):
        return
    if any(_TYPE.fullmatch(v) or (_KEY.fullmatch(v) and rule_of(v) is not None) for v in values):
        return
    for rule, value, place in zip(rules, values, cells[1::2], strict=True):
        if rule is None or rule.kind not in _KINDS or not value:
            continue
        if rule.kind in _WITH_DIGIT and not _TOLD.search(value):
            continue
        if rule.kind in _NO_COLUMN and _COLUMN.fullmatch(value):
            continue
        if rule.kind is Kind.NAME and (not NEEDED[Needs.WORDS].match(value) or names_nobody(value)):
            continue
        span = judge(rule, Place(*place, quoted=True), buffer)
        if span is not None:
            yield span
