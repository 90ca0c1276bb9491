"""Values in records that psql shows expanded: ``-[ RECORD 1 ]---`` and ``last_name | Major`` below it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.masking.face import Kind
from app.masking.notations import Judge, Place, RuleOf
from app.masking.patterns import Pattern
from app.masking.rules import KeyRule
from app.masking.spans import Span
from app.masking.tables import NAMED, REACH, line_of

RECORD = Pattern(
    rb"^-\[ RECORD \d{1,9} \][-+]{0,256}(?=\r?$)",
    re.MULTILINE,
    words=(b"-[ RECORD ",),
)
_LABEL = Pattern(rb"[A-Za-z_\x80-\xff][\w .\x80-\xff-]{0,62}")
_BAR = 128
"""Bytes of a line in which its bar stands."""
_VALUE = 1024
_FIELDS = 128
_OF_LISTS = frozenset({b"Schema", b"Owner"})
"""Columns of what psql lists itself (``\\dt``, ``\\l``): a bare name beside them is that of no person."""
_TELLING = frozenset({Kind.TEL, Kind.MAIL, Kind.BIRTH})
_OF_PERSON = Pattern(rb"(?i)(?:last|first|middle|full|given|family|sur|birth|maiden)[ _.-]?name")
"""Columns of nobody but a person, and of no thing that has a name, too."""


def expanded(buffer: bytes, rule_of: RuleOf, judge: Judge) -> Iterator[Span]:
    """Every value of a record whose column has a rule."""
    for match in RECORD.finditer(buffer):
        most = min(len(buffer), match.start() + REACH)
        fields = [
            (label, rule_of(label) if label else None, place)
            for label, place in _fields(buffer, match.end(), most)
        ]
        listed = any(label in _OF_LISTS for label, _, _ in fields)
        person, of, column = False, None, b""
        beside: list[tuple[KeyRule | None, int, int]] = []  # of persons where others tell so
        for label, rule, (start, end) in fields:
            if label:  # without one it is a further line of the value before
                of, column = rule, label
            if of is None and start < end and column.lower() in NAMED:
                beside.append((None, start, end))
            elif column in _OF_LISTS:
                beside.append((of, start, end))
                continue
            span = (
                judge(of, Place(start, end, quoted=True), buffer) if of is not None and start < end else None
            )
            if span is not None and of is not None:
                person = person or of.kind in _TELLING or _OF_PERSON.fullmatch(column) is not None
                yield span
        customer = rule_of(b"customer_name") if not listed else None
        for own, start, end in beside if person else ():
            rule = own or customer
            span = judge(rule, Place(start, end, quoted=True), buffer) if rule and start < end else None
            if span is not None:
                yield span


def _fields(buffer: bytes, end: int, most: int) -> list[tuple[bytes, tuple[int, int]]]:
    """The labels of the lines behind the end of one, and where their values stand.

    A further line of a value has no label; ``+`` before it says that the value goes on.
    """
    found: list[tuple[bytes, tuple[int, int]]] = []
    _, at = line_of(buffer, end, most)
    while len(found) < _FIELDS and at < most:
        end, behind = line_of(buffer, at, most)
        bar = buffer.find(b"|", at, min(end, at + _BAR))
        label = buffer[at:bar].rstrip(b" ") if bar >= 0 else b""
        sign = buffer[bar + 1 : min(end, bar + 2)] if bar >= 0 else b""
        if bar < 0 or (label and not _LABEL.fullmatch(label)) or sign not in (b"", b" "):
            break
        if behind > most and most < len(buffer):
            break  # it goes on
        start = min(end, bar + 2)
        stop = start + len(buffer[start:end].rstrip(b" ")) if end - start <= _VALUE else start
        if not label and found:
            last, (begun, ended) = found[-1]
            if buffer[begun:ended].endswith(b"+"):
                found[-1] = last, (begun, begun + len(buffer[begun : ended - 1].rstrip(b" ")))
        found.append((label, (start, stop)))
        at = behind
    return found
