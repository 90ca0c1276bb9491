"""A key and its value as two words in quotes: ``"login" "mohara"``, as stores show their commands."""

from __future__ import annotations

from collections.abc import Iterator

from app.masking.face import Kind
from app.masking.notations import KEY, Judge, Place, RuleOf
from app.masking.patterns import Pattern
from app.masking.spans import Span

WORDS = Pattern(
    rb'(?<![\w\\"\'=:,(\[{])"(?!(?:SET|SETNX|GETSET|APPEND|LPUSH|RPUSH|SADD)")'
    rb"(?:[A-Za-z_][\w.-]{0,62}:(?:[\w.:-]{0,40}:)?)?(?P<key>"
    + KEY
    + rb')"[ \t]{1,8}"(?P<value>(?:\\[^\r\n]|[^"\r\n\\]++)*+)"(?![\w"])',
    words=(b'" ', b'"\t'),
)
SIGNED_IN = Pattern(
    rb'(?:\]|"[23]") "(?i:auth)"(?: "(?P<user>[^"\r\n\\]{1,64})")? "(?P<password>[^"\r\n\\]{1,128})"(?! ")',
    words=(b'" "',),
)
"""As MONITOR shows it; ``HELLO 3 AUTH user password`` has its version before it."""
_KEY = Pattern(KEY)
_KINDS = frozenset(
    {Kind.TEL, Kind.NAME, Kind.MAIL, Kind.BIRTH, Kind.IBAN, Kind.CARD, Kind.USER, Kind.SECRET, Kind.ID}
)


def word_pairs(buffer: bytes, rule_of: RuleOf, judge: Judge) -> Iterator[Span]:
    """Values behind their keys; the words of a line go in pairs, and the name of a field is no value.

    Commands of one key and its value (``"SET" "phone" "…"``) are no word of a pair; before
    a key may stand whose it is (``"session:phone"``).
    """
    yield from _signed_in(buffer, rule_of, judge)
    for match in WORDS.finditer(buffer):
        rule = rule_of(match["key"])
        if rule is None or rule.kind not in _KINDS:
            continue
        if names_no_field(match["value"], rule_of):
            span = judge(rule, Place(*match.span("value"), quoted=True), buffer)
            if span is not None:
                yield span


def _signed_in(buffer: bytes, rule_of: RuleOf, judge: Judge) -> Iterator[Span]:
    """The password, and the log-in before it, that a store was told: ``[0 x:50122] "AUTH" "s3cret"``."""
    for match in SIGNED_IN.finditer(buffer):
        for group, key in (("user", b"username"), ("password", b"password")):
            rule = rule_of(key) if match[group] is not None else None
            span = judge(rule, Place(*match.span(group), quoted=True), buffer) if rule is not None else None
            if span is not None:
                yield span


def names_no_field(value: bytes, rule_of: RuleOf) -> bool:
    """Whether a word beside a key is not itself the name of a field, as those of a head are."""
    return _KEY.fullmatch(value) is None or rule_of(value) is None
