"""Values in records that psql shows expanded: ``-[ RECORD 1 ]---`` and ``last_name | Major`` below it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.masking.notations import Judge, Place, RuleOf
from app.masking.patterns import Pattern
from app.masking.rules import KeyRule
from app.masking.spans import Span
from app.masking.tables import NAMED, OF_PERSONS, REACH, line_of

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


def expanded(buffer: bytes, rule_of: RuleOf, judge: Judge) -> Iterator[Span]:
    """Every value of a record whose column has a rule."""
    for match in RECORD.finditer(buffer):
        most = min(len(buffer), match.start() + REACH)
        fields = [
            (label, rule_of(label) if label else None, place)
            for label, place in _fields(buffer, match.end(), most)
        ]
        persons = any(rule is not None and rule.kind in OF_PERSONS for _, rule, _ in fields)
        of: KeyRule | None = None
        for label, rule, (start, end) in fields:
            if label:  # without one it is a further line of the value before
                named = persons and rule is None and label.lower() in NAMED
                of = rule_of(b"customer_name") if named else rule  # a name beside columns of persons
            span = (
                judge(of, Place(start, end, quoted=True), buffer) if of is not None and start < end else None
            )
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
