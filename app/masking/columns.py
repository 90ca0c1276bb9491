"""Reports whose columns blanks part: ``LOGIN ID   NAME            EXTN   STATE``, and the lines below.

A line is a row when it has as many cells as there are labels, so that what a token does to its width says
nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.masking.face import Kind
from app.masking.notations import Judge, Place, RuleOf
from app.masking.patterns import Pattern
from app.masking.plausible import names_nobody
from app.masking.rules import KeyRule
from app.masking.spans import Span
from app.masking.tables import NAMED, OF_PERSONS, REACH, STRANGE, line_of

_MOST_CELLS = 24
_LEAST_CELLS = 3
_LONGEST = 400
_WORDS = 3
_LABEL = Pattern(rb"[A-Za-z_\x80-\xff][\w .()/#&'\x80-\xff-]{0,23}")
_KEY = Pattern(rb"[\w.@$ \x80-\xff-]*")
_CELL = Pattern(rb"[^ ](?:[^ ]| (?! ))*")
_STARTS = Pattern(rb"^(?=[A-Za-z_\x80-\xff][\w.()/#&'\x80-\xff -]{0,68}  )", re.MULTILINE)
LABELS = Pattern(rb"\n[A-Za-z_\x80-\xff][\w.()/#&'\x80-\xff-]{0,23}(?: [\w.()/#&'\x80-\xff-]{1,23}){0,2}  ")
"""What every line of labels begins with, and some other lines do."""
_OF_REPORT = OF_PERSONS | {Kind.USER}


def columned(buffer: bytes, words_of: Pattern, rule_of: RuleOf, judge: Judge) -> Iterator[Span]:
    """Values in the rows of all reports that a buffer holds.

    Args:
        buffer: of whole lines.
        words_of: what the name of a person matches.
        rule_of: the rule of a label.
        judge: whether a cell is personal.
    """
    for match in _STARTS.finditer(buffer):
        start = match.start()
        most = min(len(buffer), start + REACH)
        end, at = line_of(buffer, start, most)
        rules = _labels(buffer[start:end], rule_of) if at < most else None
        if rules:
            yield from _rows(rules, buffer, at, most, words_of, rule_of, judge)


def _cells(line: bytes) -> list[tuple[int, int]]:
    """The cells of a line, with two blanks or more between them; none: it has too many, or a tab."""
    line = line.rstrip(b" ")
    if len(line) > _LONGEST or b"\t" in line:
        return []
    cells = [match.span() for match in _CELL.finditer(line)]
    return cells if len(cells) <= _MOST_CELLS else []


def _labels(line: bytes, rule_of: RuleOf) -> list[KeyRule | None] | None:
    """The rules of the columns that a line names, when at least two have one and one is of people."""
    cells = _cells(line)
    if len(cells) < _LEAST_CELLS:
        return None
    labels = [line[start:end] for start, end in cells]
    if not all(_LABEL.fullmatch(label) and label.count(b" ") < _WORDS for label in labels):
        return None
    rules = [_rule(label, rule_of) for label in labels]
    if not any(rule and rule.kind in _OF_REPORT for rule in rules):
        return None
    for number, label in enumerate(labels):
        if rules[number] is None and label.lower() in NAMED:
            rules[number] = rule_of(b"customer_name")
    return rules if sum(rule is not None for rule in rules) > 1 else None


def _rule(label: bytes, rule_of: RuleOf) -> KeyRule | None:
    key = _KEY.match(label)
    text = key[0].rstrip(b" ") if key else b""
    return rule_of(text) if text else None


def _rows(
    rules: list[KeyRule | None],
    buffer: bytes,
    at: int,
    most: int,
    words_of: Pattern,
    rule_of: RuleOf,
    judge: Judge,
) -> Iterator[Span]:
    strange = 0
    while at < most and strange < STRANGE:
        end, behind = line_of(buffer, at, most)
        if (behind > most and most < len(buffer)) or end == at or _labels(buffer[at:end], rule_of):
            return
        cells = _cells(buffer[at:end])
        strange = strange + 1 if len(cells) != len(rules) else 0
        for rule, (first, last) in zip(rules, cells, strict=False) if not strange else ():
            text = buffer[at + first : at + last]
            if rule is None or rule_of(text) is rule:
                continue
            if rule.kind is Kind.NAME and (not words_of.match(text) or names_nobody(text)):
                continue
            span = judge(rule, Place(at + first, at + last, quoted=True), buffer)
            if span is not None:
                yield span
        at = behind
