"""Keys and values in turn: ``["CustomerName","Mary Major","AccountNo","47114711"]``, and such cells.

Half of the texts are keys, two of which have a rule. Nothing else tells such a list from one of columns
(``["last_name","asc",…]``) or of what is asked of fields (``["email","is required",…]``): so every value of a
key with a rule must be one that the key can have, and one of them a number or a mail address that proves it.
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
    rb"^(?=\"?[A-Za-z_\x80-\xff][\w.-]{1,47}(?: [\w.-]{1,47}){0,2}\"?,(?:\"[^\n]*\" *|[^\s\",][^\r\n,]*)"
    rb",\"?[A-Za-z_\x80-\xff][\w.-])",
    re.MULTILINE,
    words=(b",",),
)
_CLOSED = {
    quote: Pattern(rb"%b((?:\\[^\r\n]|[^\\\r\n%b]){0,%d})%b ?" % (quote, quote, _TEXT, quote))
    for quote in (b'"', b"'")
}
_BARE = Pattern(rb"([\w.+-]{1,40}) ?")
"""A number, or what stands for one."""
_PAIR = {
    quote: Pattern(
        rb"%b((?:\\[^\r\n]|[^\\\r\n%b])*)%b ?, ?(?:%b(?:\\[^\r\n]|[^\\\r\n%b])*%b|[\w.+-]+) ?[,\]] ?"
        % ((quote,) * 6)
    )
    for quote in (b'"', b"'")
}
_WHOLE = {quote: Pattern(rb"(?:" + pair.pattern + rb")+") for quote, pair in _PAIR.items()}
"""Keys with their values to the end of a list, at least."""
_TOLD = Pattern(rb"[\d@]")
_NOTHING = frozenset({b"", b"null", b"NULL", b"None", b"nil"})
_NUMBER = Pattern(rb"(?!\d+\.\d+\Z)\+?\(?\d(?:[ ()/.-]{0,3}\d){6,19}")
_MAIL = Pattern(rb"[\w.%+'&\x80-\xff-]{1,64}@(?:[A-Za-z\d\x80-\xff-]{1,63}\.){1,8}[A-Za-z\x80-\xff]{2,24}")
_IBAN = Pattern(rb"[A-Z]{2}\d\d(?: ?[A-Z\d]){10,30}")
_ID = Pattern(
    rb"(?!\d+\.\d+\Z)(?![^\n]*[A-Z]{3})(?![^\n]* [A-Z]{1,2}\Z)(?=(?:\D*\d){4})[A-Z\d][A-Z\d ._/-]{3,39}"
)
"""Four digits at least, no word, no fraction, no unit."""
_NO_TOKEN = rb"(?![^\n]*(?:<|cf-))"
"""What masking has left whole it leaves the second time, too: tokens are no values here."""
_PLAUSIBLE = {
    Kind.TEL: _NUMBER,
    Kind.MAIL: _MAIL,
    Kind.IBAN: _IBAN,
    Kind.CARD: Pattern(rb"\d(?:[ -]?\d){11,18}"),
    Kind.ID: Pattern(_ID.pattern + rb"|" + _IBAN.pattern),
    Kind.NAME: NEEDED[Needs.WORDS],
    Kind.BIRTH: Pattern(rb"\d{1,4}[./ -]\d{1,2}[./ -]\d{1,4}|\d{6}|\d{8}"),
    Kind.ADDRESS: Pattern(_NO_TOKEN + rb"(?:[^\n]*[A-Z\x80-\xff]|(?:\D*\d){4})[^\n]*"),
    Kind.USER: Pattern(_NO_TOKEN + rb"[^\x00-\x20]+"),
    Kind.SECRET: Pattern(_NO_TOKEN + rb"[^\x00-\x20]+"),
}
"""What a value must be as a whole, by the kind of its key."""
_PROOF = frozenset({Kind.TEL, Kind.MAIL, Kind.IBAN, Kind.CARD, Kind.ID})
_WITH_DIGIT = frozenset({Kind.USER, Kind.SECRET})

Cells = list[tuple[int, int]]


def alternating(buffer: bytes, rule_of: RuleOf, judge: Judge) -> Iterator[Span]:
    """Every value in lists and lines of keys and values."""
    yield from in_lists(buffer, rule_of, judge)
    yield from in_lines(buffer, rule_of, judge)


def may_tell(buffer: bytes, start: int, rule_of: RuleOf) -> bool:
    """Whether a list begins at a place that has two keys with a rule."""
    quote = buffer[start + 1 : start + 2]
    whole = _WHOLE[quote].match(buffer, start + 1, start + 1 + _MOST) if quote in _WHOLE else None
    return whole is not None and _two(_PAIR[quote].findall(whole[0]), rule_of)


def line_may_tell(line: bytes, rule_of: RuleOf) -> bool:
    """Whether two cells of a line may be keys with a rule: to split it is quicker than to read its cells."""
    return b'"' in line or _two(line.split(b",")[::2], rule_of)


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
        if end - start <= _MOST and line_may_tell(buffer[start:end], rule_of):
            yield from _judged(_cells(buffer[start:end], start), buffer, rule_of, judge)


def _two(keys: list[bytes], rule_of: RuleOf) -> bool:
    keyed = 0
    for key in keys:
        if rule_of(key.rstrip(b" ")) is not None:
            keyed += 1
            if keyed == _LEAST // 2:
                return True
    return False


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
    if sum(rule is not None for rule in rules) < _LEAST // 2:
        return
    if any(_KEY.fullmatch(v) and rule_of(v) is not None for v in values):
        return
    keyed = [
        (rule, value, place)
        for rule, value, place in zip(rules, values, cells[1::2], strict=True)
        if rule is not None and rule.kind in _PLAUSIBLE and value not in _NOTHING
    ]
    if not all(_PLAUSIBLE[rule.kind].fullmatch(value) for rule, value, _ in keyed):
        return
    if not any(rule.kind in _PROOF or _proves(rule.kind, value) for rule, value, _ in keyed):
        return
    for rule, value, place in keyed:
        if rule.kind in _WITH_DIGIT and not _TOLD.search(value):
            continue
        if rule.kind is Kind.NAME and names_nobody(value):
            continue
        span = judge(rule, Place(*place, quoted=True), buffer)
        if span is not None:
            yield span


def _proves(kind: Kind, value: bytes) -> bool:
    """Whether a log-in is a mail address."""
    return kind is Kind.USER and _MAIL.fullmatch(value) is not None
