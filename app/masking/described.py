"""What the lines of a call's description say of a person: SDP, MGCP, H.245 and how Wireshark shows SDP."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.masking.face import Kind
from app.masking.notations import Judge, Place, RuleOf
from app.masking.patterns import Pattern
from app.masking.spans import Span
from app.masking.wordpairs import names_no_field

PHONE = Pattern(
    rb"^p=(?P<value>[(+0-9][0-9 ()./-]{5,30}[0-9])(?=[ \t]{0,4}(?:[(<\r\n]|\Z))",
    re.MULTILINE,
    words=(b"p=",),
)
NAMED = Pattern(
    rb"^[ep]=[^()\r\n]{3,192}\((?P<value>[^()\r\n]{2,64})\)",
    re.MULTILINE,
    words=(b"e=", b"p="),
)
"""``e=mary@example.com (Mary Major)``: whose address or number it is."""
SOURCE = Pattern(
    rb"^a=ssrc:\d{1,10} cname:(?P<value>[A-Za-z][\w.-]{1,63})(?=@)", re.MULTILINE, words=(b" cname:",)
)
ORIGIN = Pattern(
    rb"Session Id \(o\): (?P<value>[^\s-][^\s]{0,63})(?= \d{1,20} \d)",
    words=(b"Session Id (o): ",),
)
INPUT = Pattern(rb'alphanumeric : "(?P<value>[0-9A-D*#]{1,32})(?=")', words=(b"alphanumeric",))
OBSERVED = Pattern(
    rb"^O: ?(?:[\w/@.-]{1,32}, ?){0,16}?D/(?P<value>[0-9A-D*#])(?![\w*#])",
    re.MULTILINE,
    words=(b"D/",),
)
"""``O: L/hd, D/5``: what a gateway observed, one key after the other."""
SHOWN = Pattern(
    rb"^S: ?[^\r\n()]{0,64}L/ci\([\d/]{0,16},\"?(?P<number>[+0-9][0-9*#.-]{2,23})?\"?"
    rb"(?:,\"?(?P<name>[^()\"\r\n]{2,64})?\"?)?\)",
    re.MULTILINE,
    words=(b"L/ci(",),
)
"""``S: L/ci(06/09/10/15,4930901820417,Mary Major)``: what a gateway is to show of a caller."""
POSITION = Pattern(
    rb"<gml:pos(?: [^<>\r\n]{1,128})?>(?P<value>-?\d{1,3}\.\d{1,12}[ ,]-?\d{1,3}\.\d{1,12})(?=[ <])",
    words=(b"<gml:pos",),
)
_TRAIL = rb"[89ABab][0-9A-Fa-f]"
ATTACHED = Pattern(
    rb"^User-to-User[ \t]{0,4}:[ \t]{0,4}(?:0[04])?(?P<value>(?:[2-7][0-9A-Fa-f]|[CDcd][0-9A-Fa-f]"
    + _TRAIL
    + rb""
    rb"|[Ee][0-9A-Fa-f](?:" + _TRAIL + rb"){2}){6,512})(?![0-9A-Za-z])",
    re.MULTILINE,
    words=(b"User-to-User",),
)
"""Text in hex digits; what is none (``56a390f3d2b7310023a2``) says nothing of a person."""
_NEXT_KEY = Pattern(rb", ?(?:[\w/@.-]{1,32}, ?){0,16}?D/(?P<value>[0-9A-D*#])(?![\w*#])")
_LINE_BEFORE = 512
_DIGIT = Pattern(rb"[0-9]")

FOLDED = Pattern(
    rb"^(?P<key>[A-Za-z][\w-]{1,63})[ \t]{0,4}:[ \t]{0,4}\r?\n[ \t]{1,8}"
    rb"(?P<value>[^\s:=<>{}\[\]()\"'#*-][^\r\n:=<>{}\[\]\"]{1,127})(?=\r?\n|\Z)",
    re.MULTILINE,
    words=(b"\n ", b"\n\t"),
)
"""A header whose value stands on the next line, alone."""
_NAMES = Pattern(rb"[A-Z\x80-\xff][^\s\d]{0,40}(?: [A-Z\x80-\xff][^\s\d]{0,40}){0,3}")
_OF_FOLDED = frozenset({Kind.NAME, Kind.TEL, Kind.MAIL, Kind.ADDRESS, Kind.BIRTH, Kind.IBAN, Kind.CARD})

DESCRIBED = (
    (PHONE, b"phone_number"),
    (NAMED, b"customer_name"),
    (SOURCE, b"user_name"),
    (ORIGIN, b"user_name"),
    (INPUT, b"dtmf_digits"),
    (OBSERVED, b"dtmf_digits"),
    (ATTACHED, b"spoken_text"),
    (POSITION, b"latitude"),
)
"""With the key that the values would have."""


def described(buffer: bytes, rule_of: RuleOf, judge: Judge) -> Iterator[Span]:
    """Every such value."""
    for pattern, _ in DESCRIBED:
        yield from described_by(pattern, buffer, rule_of, judge)


def described_by(pattern: Pattern, buffer: bytes, rule_of: RuleOf, judge: Judge) -> Iterator[Span]:
    """Every value of one kind of line."""
    rule = rule_of(dict(DESCRIBED)[pattern])
    if rule is None:
        return
    for match in pattern.finditer(buffer):
        if pattern in (PHONE, NAMED) and not _of_session(buffer, match.start()):
            continue
        found: re.Match[bytes] | None = match
        while found is not None:
            span = judge(rule, Place(*found.span("value"), quoted=True), buffer)
            if span is not None:
                yield span
            found = _NEXT_KEY.match(buffer, found.end()) if pattern is OBSERVED else None


def shown(buffer: bytes, rule_of: RuleOf, judge: Judge) -> Iterator[Span]:
    """Number and name of a caller that a gateway shows."""
    for match in SHOWN.finditer(buffer):
        for group, key in (("number", b"caller_number"), ("name", b"caller_name")):
            rule = rule_of(key) if match[group] else None
            span = judge(rule, Place(*match.span(group), quoted=True), buffer) if rule else None
            if span is not None:
                yield span


def folded(buffer: bytes, rule_of: RuleOf, judge: Judge) -> Iterator[Span]:
    """``X-Customer-Name:`` and the name on the next line; an address has a digit, and a name capitals."""
    for match in FOLDED.finditer(buffer):
        rule, value = rule_of(match["key"]), match["value"].rstrip(b" \t")
        if rule is None or rule.kind not in _OF_FOLDED or not names_no_field(value, rule_of):
            continue
        if rule.kind is Kind.NAME and not _NAMES.fullmatch(value):
            continue
        if rule.kind is Kind.ADDRESS and not _DIGIT.search(value):
            continue
        start = match.start("value")
        span = judge(rule, Place(start, start + len(value), quoted=True), buffer)
        if span is not None:
            yield span


def _of_session(buffer: bytes, start: int) -> bool:
    """Whether the line before is one of a description too: a small letter and its sign."""
    before = buffer.rfind(b"\n", max(0, start - _LINE_BEFORE), max(0, start - 1)) + 1
    if not before and start > _LINE_BEFORE:
        return False
    letter, sign = buffer[before : before + 1], buffer[before + 1 : before + 2]
    return before < start and letter.islower() and sign == b"="
