"""A key and its value in two cells of a row: ``<td>Customer</td><td>Mary O'Hara</td>``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.masking.face import Kind
from app.masking.notations import KEY, Judge, Place, RuleOf
from app.masking.patterns import Pattern
from app.masking.plausible import names_nobody
from app.masking.spans import Span
from app.masking.wordpairs import names_no_field

CELLS = Pattern(
    rb"<t[hd](?:[ \t][^<>\r\n]{0,128})?>(?P<key>" + KEY + rb")(?=:?</t[hd]>\s{0,64}"
    rb"<td(?:[ \t][^<>\r\n]{0,128})?>(?P<value>[^<\r\n]{1,512})</td>(?P<last>\s{0,64}</tr>)?)",
    words=(b"</td>", b"</th>"),
)
_KINDS = frozenset(
    {Kind.TEL, Kind.NAME, Kind.MAIL, Kind.BIRTH, Kind.IBAN, Kind.CARD, Kind.ADDRESS, Kind.USER, Kind.SECRET}
)
_WORDS = Pattern(rb"[A-Za-z\x80-\xff][a-z\x80-\xff-]*(?: .*)?|[A-Z]+", re.DOTALL)
"""What is said of a secret, or heads a column: ``<td>Password</td><td>expired</td>``."""
_NAME_OF_ONE = Pattern(rb"[A-Za-z0-9\x80-\xff][\w.@\\+\x80-\xff-]*")


def cell_pairs(buffer: bytes, rule_of: RuleOf, judge: Judge) -> Iterator[Span]:
    """Values in the cell behind that of their key; what heads the next column is no value.

    Somebody's name has two words, and ends its row: ``<td>Customer</td><td>Service Level</td>`` heads
    a table. A secret is no plain word, and a log-in is one word, which has no capital alone at its beginning.
    """
    for match in CELLS.finditer(buffer):
        rule = rule_of(match["key"])
        if rule is None or rule.kind not in _KINDS:
            continue
        if rule.kind is Kind.NAME and not _is_name(match):
            continue
        if rule.kind is Kind.SECRET and _WORDS.fullmatch(match["value"]):
            continue
        if rule.kind is Kind.USER and not _is_login(match["value"]):
            continue
        if names_no_field(match["value"], rule_of):
            span = judge(rule, Place(*match.span("value"), quoted=True), buffer)
            if span is not None:
                yield span


def _is_name(match: re.Match[bytes]) -> bool:
    value = match["value"]
    return match["last"] is not None and b" " in value and not names_nobody(value)


def _is_login(value: bytes) -> bool:
    """Whether a cell may hold a log-in: ``mohara``, ``m.ohara@corp``, ``AB4711``; ``Status`` is a title."""
    return _NAME_OF_ONE.fullmatch(value) is not None and not (value[:1].isupper() and value.isalpha())
