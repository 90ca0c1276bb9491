"""Tables: a line that names columns, and the rows below it.

Exports of CSV (with any of four separators), lists of columns between bars, and what ``#Fields:`` names. A
table that stands within a file has its rows directly below its header, and not far; a file that begins with
a header is a table to its end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from app.masking.face import Kind
from app.masking.headerlines import FIELDS, FIRST_LABEL, MOST_OF_HEADER
from app.masking.notations import Judge, Place, RuleOf
from app.masking.patterns import Pattern
from app.masking.rules import KeyRule
from app.masking.spans import Span
from app.masking.tokens import TOKEN

_OF_REQUEST = b"cs("
"""``cs(Cookie)``: a header of what the client sent."""
_COLUMNS = 128
_ROW = 8192
REACH = 6144
"""Bytes from a header within a file to the end of its last row; less than what a window has around it."""

_OPENING = 70
_ROW_LINES, _ROW_MORE = 8, 2048
"""Lines, and bytes before the last of them, that a row may go on in with cells in quotes."""
_LINES = Pattern(rb"[^\s](?:[^\r\n]*[^\s])?")
STRANGE = 3
"""Lines in a row that are none of the table: it has ended."""

_WORDS_OF_SENTENCE = 3
"""Blanks in what a program says: ``import finished: 2 rows, 0 errors; …``."""

_BLANK, _QUOTE, COMMA, _BAR, _TAB = b' ",|\t'
_LABEL = Pattern(rb"[A-Za-z_\x80-\xff][\w .()/#&'\x80-\xff-]{0,63}")
_MOST_LABEL = 64
_KEY = Pattern(rb"[\w.@$ \x80-\xff-]*")
HEADER = Pattern(rb'\n(?:#Fields:[ \t]|\|? ?"?[A-Za-z_\x80-\xff][\w .()/#&\'"\x80-\xff-]{0,69}[,;\t|])')
"""What every header begins with, and many other lines do."""
_HEADERS = Pattern(rb'^(?:#|\|? ?"?[A-Za-z_\x80-\xff])', re.MULTILINE)
OF_PERSONS = frozenset({Kind.NAME, Kind.TEL, Kind.MAIL, Kind.BIRTH, Kind.ADDRESS})
NAMED = frozenset({b"name", b"name1", b"name2", b"ad"})
"""Beside columns of persons they are that of a person's name."""
PAIR = Pattern(
    rb"^(?P<label>[A-Za-z_\x80-\xff][\w .()/#&'\x80-\xff-]{0,63}+)(?P<sign>\t[\t ]{0,16}|: {1,16})"
    rb"(?P<value>[^\s:][^\t\r\n]{0,255})(?=\r?$)",
    re.MULTILINE,
)
"""A label, a tab and a value; a colon only behind ``Calling Number & Name``."""
_NUMBER_AND_NAME = Pattern(rb"(?P<number>\+?\d[\d().-]{2,19}) {1,4}(?P<name>[^\s\d].*)")
_OF_PAIRS = frozenset(
    {Kind.TEL, Kind.NAME, Kind.MAIL, Kind.BIRTH, Kind.IBAN, Kind.CARD, Kind.USER, Kind.SECRET}
)
_HAS_DIGIT = Pattern(rb"[^\d]{0,255}\d")


_STATEMENT = Pattern(rb"(?i:(?:insert|replace|upsert)(?: ignore)? into) ")
"""``INSERT INTO t (name, phone) VALUES`` names columns, too, but its rows are those of SQL."""


class _Cell(NamedTuple):
    start: int
    end: int
    next: int
    open: bool


@dataclass(frozen=True, slots=True)
class Table:
    """What separates the cells of a table, and the rules of its columns."""

    sign: int
    rules: tuple[KeyRule | None, ...]

    @property
    def keyed(self) -> int:
        """Columns with a rule."""
        return sum(rule is not None for rule in self.rules)

    @property
    def surely(self) -> bool:
        """Whether so many columns have a rule that it is a table wherever it stands."""
        return self.keyed >= 2 or (self.keyed > 0 and len(self.rules) >= 4)


def header(line: bytes, rule_of: RuleOf) -> Table | None:
    """The columns that a line names, or None when it is no header."""
    if len(line) > MOST_OF_HEADER or _STATEMENT.match(line):
        return None
    if line.startswith(FIELDS) and len(line) > len(FIELDS[0]):
        fields = line[len(FIELDS[0]) :]
        return _columns(fields, 9 if b"\t" in fields else _BLANK, rule_of)
    first = FIRST_LABEL.match(line)
    if not first or first.end() > _OPENING:
        return None
    return _columns(line, line[first.end()], rule_of)


def rows_of(table: Table, buffer: bytes, rule_of: RuleOf, judge: Judge) -> Iterator[Span]:
    """Values in the rows of a file that begins with a header; the first line of the buffer is none."""
    at = buffer.find(b"\n") + 1
    while 0 < at < len(buffer):
        end, behind = line_of(buffer, at, len(buffer))
        other = header(buffer[at:end], rule_of)
        if end > at and not (other and other.surely):
            spans, behind = _row(
                table, buffer, (at, end, behind, len(buffer)), rule_of, judge, any_row=table.surely
            )
            yield from spans or ()
        at = behind


def tabled(buffer: bytes, rule_of: RuleOf, judge: Judge) -> Iterator[Span]:
    """Values in the rows of all tables that a buffer holds."""
    for match in _HEADERS.finditer(buffer):
        start = match.start()
        most = min(len(buffer), start + REACH)
        end, at = line_of(buffer, start, most)
        if at >= most:
            continue
        table = header(buffer[start:end], rule_of)
        if table and table.surely and not _field_of_two(table, buffer[start:end], buffer[at : at + 2]):
            yield from _rows_within(table, buffer, at, most, rule_of, judge)


def _field_of_two(table: Table, line: bytes, behind: bytes) -> bool:
    """Whether a line is one of a record (``Name | customer``), and no header above dashes."""
    if table.sign != _BAR or len(table.rules) != 2 or behind in (b"--", b"-+"):
        return False
    return any(label.strip(b' "').lower() in NAMED for label in line.split(b"|"))


def pairs(buffer: bytes, rule_of: RuleOf, judge: Judge) -> Iterator[Span]:
    """Values behind a label and a tab, one pair a line: ``phone<tab>4930901820417``."""
    for match in PAIR.finditer(buffer):
        rule = rule_of_pair(match, rule_of)
        if rule is None:
            continue
        value, start = match["value"].rstrip(b" "), match.start("value")
        both = rule.kind is Kind.TEL and b"&" in match["label"]
        parts = _NUMBER_AND_NAME.fullmatch(value) if both else None
        if parts:
            places = [(rule, *parts.span("number")), (rule_of(b"customer_name"), *parts.span("name"))]
        elif _of_pair(rule, value, rule_of):
            places = [(rule, 0, len(value))]
        else:
            continue
        for of, first, last in places:
            span = judge(of, Place(start + first, start + last, quoted=True), buffer) if of else None
            if span is not None:
                yield span


def rule_of_pair(match: re.Match[bytes], rule_of: RuleOf) -> KeyRule | None:
    """The rule of a pair's label, when what stands behind it may be a value."""
    if match["sign"][:1] == b":" and b"&" not in match["label"]:
        return None
    key = _KEY.match(match["label"])
    rule = rule_of(key[0].rstrip(b" ")) if key and key[0].strip(b" ") else None
    return rule if rule is not None and rule.kind in _OF_PAIRS else None


def _of_pair(rule: KeyRule, value: bytes, rule_of: RuleOf) -> bool:
    """Whether a value can be that of a pair, and not the second label of a header."""
    if rule.kind is Kind.NAME and b" " not in value:
        return False
    if rule.kind in (Kind.USER, Kind.SECRET) and not _HAS_DIGIT.match(TOKEN.sub(b"", value)):
        return False  # the digits of a token say nothing
    return rule_of(value) is None


def _rows_within(
    table: Table, buffer: bytes, at: int, most: int, rule_of: RuleOf, judge: Judge
) -> Iterator[Span]:
    strange = 0
    while at < most and strange < STRANGE:
        end, behind = line_of(buffer, at, most)
        if (behind > most and most < len(buffer)) or end == at:
            return
        other = header(buffer[at:end], rule_of)
        if other and other.surely:
            return
        spans, behind = _row(table, buffer, (at, end, behind, most), rule_of, judge, any_row=False)
        strange = strange + 1 if spans is None else 0
        yield from spans or ()
        at = behind


def _row(
    table: Table,
    buffer: bytes,
    line: tuple[int, int, int, int],
    rule_of: RuleOf,
    judge: Judge,
    *,
    any_row: bool,
) -> tuple[list[Span] | None, int]:
    """Values of the row that begins with a line, and behind it; None when the line is no row.

    `line` is where it begins and ends, where the next one begins, and the end of what may be read.
    """
    start, end, behind, most = line
    if buffer.count(b'"', start, end) % 2:
        last, after = _lines_of_row(table, buffer, (end, behind, most))
        spans = _judged(table, buffer, start, last, rule_of, judge, lines=True) if after else None
        if spans is not None:
            return spans, after
    return _judged(table, buffer, start, end, rule_of, judge, any_row=any_row), behind


def _fills(table: Table, line: bytes) -> bool:
    """Whether a line by itself has as many cells as the header."""
    at = 0
    for count in range(1, len(table.rules) + 1 if len(line) <= _ROW else 0):
        cell = cell_of(line, at, table.sign)
        if cell is None:
            return False
        if cell.next >= len(line):
            return count == len(table.rules)
        at = cell.next + 1
    return False


def _lines_of_row(table: Table, buffer: bytes, line: tuple[int, int, int]) -> tuple[int, int]:
    """Where the lines end that the last cell of a line goes on in, and behind them; 0, 0: none does."""
    end, behind, most = line
    least = end
    for _ in range(_ROW_LINES):
        if behind >= most or behind - least > _ROW_MORE:
            break
        at = behind
        end, behind = line_of(buffer, at, most)
        if _fills(table, buffer[at:end]):
            break
        if buffer.count(b'"', at, end) % 2:
            return (end, behind) if behind <= most or most == len(buffer) else (0, 0)
    return 0, 0


def line_of(buffer: bytes, at: int, most: int) -> tuple[int, int]:
    """Where a line ends without its line end, and where the next one begins."""
    feed = buffer.find(b"\n", at, most)
    end = feed if feed >= 0 else most
    return (end - 1 if end > at and buffer[end - 1] == 13 else end), end + 1


def cell_of(line: bytes, at: int, sign: int) -> _Cell | None:
    """The cell that begins at a place: its text without blanks and quotes, and what ends it."""
    end = len(line)
    while sign != _BLANK and at < end and line[at] == _BLANK:
        at += 1
    if sign != _BLANK and at < end and line[at] == _QUOTE:
        stop = at + 1
        while stop < end:
            quote = line.find(b'"', stop)
            stop = quote if quote >= 0 else end
            if stop + 1 >= end or line[stop + 1] != _QUOTE:
                break
            stop += 2
        if stop >= end:
            return _Cell(at + 1, end, end, open=True)
        behind = stop + 1
        while behind < end and line[behind] == _BLANK:
            behind += 1
        return _Cell(at + 1, stop, behind, open=False) if behind == end or line[behind] == sign else None
    found = line.find(sign, at)
    stop = found if found >= 0 else end
    return _Cell(at, at + len(line[at:stop].rstrip(b" ")), stop, open=False)


def _columns(line: bytes, sign: int, rule_of: RuleOf) -> Table | None:
    rules: list[KeyRule | None] = []
    named: list[int] = []
    persons = False
    at = 0
    while True:
        if len(rules) == _COLUMNS or (sign == COMMA and line[at : at + 1] == b" "):
            return None
        cell = cell_of(line, at, sign)
        if cell is None or cell.open:
            return None
        label = line[cell.start : cell.end]
        if not (_LABEL.fullmatch(label) if label else sign == _BAR):
            return None
        key = _KEY.match(label, len(_OF_REQUEST) if label.startswith((_OF_REQUEST, b"sc(")) else 0)
        rule = rule_of(key[0].rstrip(b" ")) if key and key[0].strip(b" ") else None
        if rule is None and label.lower() in NAMED:
            named.append(len(rules))
        owned = label.lower() == b"owner"  # tables and databases have one, too
        persons = persons or (rule is not None and rule.kind in OF_PERSONS and not owned)
        rules.append(rule)
        at = cell.next
        if at >= len(line):
            break
        at += 1
    if named and persons:
        person = rule_of(b"customer_name")  # a name beside columns of persons
        for column in named:
            rules[column] = person
    if sign == _TAB and len(rules) == 2 and rules[0] and not rules[1] and _HAS_DIGIT.match(label):
        return None  # a pair
    table = Table(sign, tuple(rules))
    return table if table.keyed else None


def _sentence(line: bytes, cells: list[_Cell], columns: int) -> bool:
    """Whether a program says something below a table: half of the cells at most, and words in the first."""
    blanks = line.count(b" ", cells[0].start, cells[0].end)
    return 2 * len(cells) <= columns and blanks >= _WORDS_OF_SENTENCE


def _judged(
    table: Table,
    buffer: bytes,
    start: int,
    end: int,
    rule_of: RuleOf,
    judge: Judge,
    *,
    any_row: bool = False,
    lines: bool = False,
) -> list[Span] | None:
    """Values of a row; None when the line is none. The name of a column again is no value of it.

    A cell that nothing closes in its line is the last of it. In a file that is one table `any_row` counts,
    with cells too few or too many: what has a name in it must not stay for a sign that nobody quoted. With
    `lines` it has all of its lines, and as many cells as the header.
    """
    if end - start > _ROW:
        return None
    line = buffer[start:end]
    cells: list[_Cell] = []
    at, fits = 0, True
    while True:
        cell = None if len(cells) == len(table.rules) else cell_of(line, at, table.sign)
        if cell is None:
            fits = False
            break
        cells.append(cell)
        at = cell.next
        if at >= len(line):
            fits = len(cells) == len(table.rules) or (len(cells) > 1 and cell.open)
            fits = fits and not (lines and cell.open)
            break
        at += 1
    if not fits and not (any_row and len(cells) > 1 and not _sentence(line, cells, len(table.rules))):
        return None
    spans: list[Span] = []
    for rule, cell in zip(table.rules, cells, strict=False):
        again = cell.end - cell.start <= _MOST_LABEL and rule_of(line[cell.start : cell.end]) is rule
        if rule is not None and not again:
            whole = (start + cell.start, start + cell.end)
            parts = [part.span() for part in _LINES.finditer(buffer, *whole)] if lines else []
            span = judge(rule, Place(*(parts[0] if parts else whole), quoted=True), buffer)
            if span is not None:
                spans.append(span)
                spans += (span._replace(start=at, end=stop, learn=False) for at, stop in parts[1:])
    return spans
