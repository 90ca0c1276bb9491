"""Names, addresses and numbers by their place in segments of EDIFACT and X12.

``NAD+BY+++MARY MAJOR+LINDENALLEE 17+…'``, ``CTA+IC+:MARY MAJOR'``, ``COM+4930901820417:TE'``,
``NM1*IL*1*MAJOR*MARY****MI*12345678~``, ``PER*IC*MARY MAJOR*TE*4155550143~``.
"""

from __future__ import annotations

from collections.abc import Iterator

from app.masking.needs import NEEDED
from app.masking.notations import Judge, Place, RuleOf
from app.masking.patterns import Pattern
from app.masking.plausible import names_nobody
from app.masking.rules import Needs
from app.masking.spans import Span
from app.masking.tokens import TOKEN

_LONGEST = 512
"""Bytes of a segment."""
SEGMENT = Pattern(
    rb"(?<![\w\x80-\xff+*.?/-])(?P<name>NAD(?=\+[A-Z]{2,3}\+)|CTA(?=\+[A-Z]{2}\+)|COM(?=\+[^\s+:])"
    rb"|NM1(?=\*[A-Z0-9]{2,3}\*1\*)|PER(?=\*[A-Z0-9]{2}\*))[+*]",
    words=(b"NAD+", b"CTA+", b"COM+", b"NM1*", b"PER*"),
)
_ENDS = {b"+": Pattern(rb"(?:\?[^\r\n]|[^?'\"\r\n])*+"), b"*": Pattern(rb"[^~\"\r\n]*+")}
_RELEASED = Pattern(rb"[A-Z\x80-\xff][^<>()\[\]{}~*=|]*")
_PLAIN = Pattern(rb"[A-Za-z0-9\x80-\xff][^<>()\[\]{}~*=|]*")
"""Of an address; a token is none, nor is what holds a part of another notation."""
_NAME, _ADDRESS, _ID, _PHONE, _MAIL = (
    b"customer_name",
    b"home_address",
    b"patient_id",
    b"phone_number",
    b"email",
)
_PARTS: dict[bytes, dict[int, tuple[bytes, ...]]] = {
    b"NAD": {
        3: (_NAME, *(_ADDRESS,) * 4),
        4: (_NAME,) * 5,
        5: (_ADDRESS,) * 4,
        6: (_ADDRESS,),
        8: (_ADDRESS,),
    },
    b"CTA": {2: (b"", _NAME)},
    b"NM1": dict.fromkeys((3, 4, 5), (_NAME,)),
    b"PER": {2: (_NAME,)},
}
"""By segment and element: the key that the values of its components would have."""
_CALLED = dict.fromkeys((b"TE", b"FX", b"AL", b"CP", b"HP", b"WP", b"MO"), _PHONE) | {b"EM": _MAIL}
"""By the code beside it: the key that a number would have."""
_OF_PERSONS = frozenset({b"MI", b"34", b"SY", b"HN", b"II"})
"""Codes of numbers that a person has."""

_Places = list[tuple[int, int]]


def interchanged(buffer: bytes, rule_of: RuleOf, judge: Judge) -> Iterator[Span]:
    """Every such value."""
    taken = 0
    for match in SEGMENT.finditer(buffer):
        if match.start() < taken:
            continue
        sign, start = match[0][-1:], match.end()
        end = _ENDS[sign].match(buffer, start, start + _LONGEST)
        if end is None or (end.end() == start + _LONGEST and end.end() < len(buffer)):
            continue
        taken = end.end()
        elements = [(start, start), *_split(buffer, start, taken, sign)]
        for key, place in _values(match["name"], elements, buffer):
            rule = rule_of(key)
            value = buffer[slice(*place)]
            if rule is None or (key == _NAME and not _is_name(value)):
                continue
            if key == _ADDRESS and not _PLAIN.fullmatch(value):
                continue
            span = judge(rule, Place(*place, quoted=True), buffer)
            if span is not None:
                yield span


def _values(name: bytes, elements: _Places, buffer: bytes) -> Iterator[tuple[bytes, tuple[int, int]]]:
    """The values of a segment, each with the key that it would have."""
    texts = [buffer[start:end] for start, end in elements]
    if name == b"COM":
        yield from _communications(elements[1:], buffer)
        return
    called = [number for number in (3, 5, 7) if texts[number : number + 1] and texts[number] in _CALLED]
    if name == b"PER":
        for number in called:
            if number + 1 < len(elements):
                yield _CALLED[texts[number]], elements[number + 1]
        if not called:
            return
    if name == b"NM1" and len(texts) > 9 and texts[8] in _OF_PERSONS:
        yield _ID, elements[9]
    for number, keys in _PARTS[name].items():
        if number >= len(elements):
            break
        one = [elements[number]] if name in (b"NM1", b"PER") else _split(buffer, *elements[number], b":")
        for key, place in zip(keys, one, strict=False):
            if key and place[0] < place[1]:
                yield key, place


def _communications(elements: _Places, buffer: bytes) -> Iterator[tuple[bytes, tuple[int, int]]]:
    """The numbers of a segment, by the code behind each."""
    for element in elements:
        parts = _split(buffer, *element, b":")
        key = _CALLED.get(buffer[slice(*parts[1])]) if len(parts) > 1 else None
        if key:
            start, end = parts[0]
            yield key, (start + (buffer[start : start + 2] == b"?+"), end)


def _split(buffer: bytes, start: int, end: int, sign: bytes) -> _Places:
    """What a sign parts, but for one that is released (``?+``) or stands in a token."""
    places: _Places = []
    at = start
    while at < end:
        mark = buffer[at : at + 1]
        if mark == sign:
            places.append((start, at))
            start = at + 1
        elif mark == b"?" and sign != b"*":
            at += 1
        elif mark == b"<" and (token := TOKEN.match(buffer, at, end)) is not None:
            at = token.end() - 1
        at += 1
    places.append((start, end))
    return places


def _is_name(value: bytes) -> bool:
    """Whether words may be a person's name; one has a sign in it that is released (``O?'MAJOR``)."""
    if b"?" in value:
        return _RELEASED.fullmatch(value) is not None
    return NEEDED[Needs.WORDS].match(value) is not None and not names_nobody(value)
