"""What lines of protocols say of a person: MGCP, H.245, User-to-User, PIDF."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.masking.notations import Judge, Place, RuleOf
from app.masking.patterns import Pattern
from app.masking.spans import Span

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
DESCRIBED = (
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
        if pattern is ATTACHED and not _of_letters(match["value"]):
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


def _of_letters(digits: bytes) -> bool:
    """Whether more than half of what stands in hex digits are letters and blanks."""
    signs = [byte for byte in bytes.fromhex(digits.decode()) if byte < 0x80 or byte >= 0xC0]
    return 2 * sum(byte >= 0xC0 or byte == 0x20 or chr(byte).isalpha() for byte in signs) > len(signs)
