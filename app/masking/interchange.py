"""Names, addresses and numbers by their place in segments of EDIFACT and X12.

``NAD+BY+++MARY MAJOR+LINDENALLEE 17+…'``, ``CTA+IC+:MARY MAJOR'``, ``COM+4930901820417:TE'``,
``NM1*IL*1*MAJOR*MARY****MI*12345678~``, ``PER*IC*MARY MAJOR*TE*4155550143~``.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from app.masking.needs import NEEDED
from app.masking.notations import Judge, Place, RuleOf
from app.masking.patterns import Pattern
from app.masking.plausible import PARTICLE, names_nobody
from app.masking.rules import Needs
from app.masking.spans import Span
from app.masking.tokens import TOKEN

_LONGEST = 512
"""Bytes of a segment."""
SEGMENT = Pattern(
    rb"(?<![\w\x80-\xff+*.?/-])(?P<name>NAD(?=\+[A-Z]{2,3}\+)|CTA(?=\+[A-Z]{2}\+)"
    rb"|COM(?=\+(?:\?\+)?[^\s+:'\"][^+:'\"\r\n]{0,79}:[A-Z]{2}(?![A-Za-z0-9]))"
    rb"|NM1(?=\*[A-Z0-9]{2,3}\*1\*)|PER(?=\*[A-Z0-9]{2}\*))[+*]",
    words=(b"NAD+", b"CTA+", b"COM+", b"NM1*", b"PER*"),
)
_ENDS = {
    b"+": Pattern(rb"(?:\?[^\r\n]|&(?!(?:#x27|#39|apos|#34|quot);)|[^?&'\"\r\n])*+"),
    b"*": Pattern(rb"[^~\"\r\n]*+"),
}
_CLOSES = {b"+": Pattern(rb"(?:'|&(?:#x27|#39|apos);)(?![a-z])"), b"*": Pattern(rb"~")}
_RELEASED = Pattern(rb"[A-Z\x80-\xff][^<>()\[\]{}~*=|]*")
_PLAIN = Pattern(rb"[A-Z0-9\x80-\xff][^<>()\[\]{}~*=|]{2,}")
"""Of an address; a token is none, nor is a code of two letters or what holds a part of another notation."""
_CALLING = rb"(?:TE|FX|AL|CP|HP|WP|MO|EM)"
_TAKEN = rb"(?:" + TOKEN.pattern + rb"|(?!" + TOKEN.pattern + rb")<|\?[^\r\n]|[^?+%b'\"\r\n<])*+"
"""Tokens, and bytes that end no element of EDIFACT, and no component of one."""
_ELEMENT, _COMPONENT = _TAKEN.replace(b"%b", b""), _TAKEN.replace(b"%b", b":")
_TELLING = {
    b"NAD": Pattern(
        rb"[A-Z]{2,3}\+(?:" + _ELEMENT + rb"\+(?!(?<= NAD\+)[A-Z]{2,3}\+)){1,20}?"
        rb"(?:" + _COMPONENT + rb":){0,8}?[^<+:'\"\r\n]"
    ),
    b"CTA": Pattern(rb"[A-Z]{2}\+(?:\?[^\r\n]|[^?+'\"\r\n])*?:(?!CTA\+[A-Z]{2}\+)[^<'\"\r\n]"),
    b"COM": Pattern(rb"[^'\"\r\n]*?[^>'\"\r\n]:" + _CALLING + rb"(?![A-Za-z0-9])"),
    b"NM1": Pattern(
        rb"[A-Z0-9]{2,3}\*1\*(?:(?:[^*~\r\n]*\*){0,2}?[^<*~\r\n]"
        rb"|[^~\r\n]*?\*(?:MI|34|SY|HN|II)\*[^<*~\r\n])"
    ),
    b"PER": Pattern(rb"[A-Z0-9]{2}\*(?:[^<*~\r\n]{2}|[^~\r\n]*?\*" + _CALLING + rb"\*[^<*~\r\n]{3})"),
}
"""What stands behind a segment's name where it holds a value that is no token."""
_PLACEHOLDERS = frozenset(
    b"name|names|lastname|last name|last_name|last|firstname|first name|first_name|first|middle|middlename"
    b"|middle name|surname|forename|given name|family name|fullname|full name|customername|customer name"
    b"|customer_name|partyname|party name|party_name|notify party|consignee|consignor|shipper|buyer|seller"
    b"|contact|contactname|contact name|contact_name|subscriber|payer|insured|patient|party|text|value"
    b"|string|street|city|address|same as consignee|same as shipper|same as buyer|to order".split(b"|")
)
"""What documents and templates write where a name stands."""
_FIRMS = frozenset(
    b"gmbh|ltd|inc|llc|ag|corp|sa|s.a|kg|kgaa|ohg|plc|bv|nv|llp|srl|spa|sarl|limited|corporation|company"
    b"|logistics|transport|transports|shipping|insurance|trading|cargo|freight|forwarding|spedition".split(
        b"|"
    )
)
"""Words of the names of firms, most of them their legal forms."""
_WORD = rb"(?>(?:" + PARTICLE + rb" ){0,3})%b[\w\x80-\xff.?'/&-]*+"
_WORDS = _WORD + rb"(?>(?:,? " + _WORD + rb")*)"
"""Words that begin with what is put in, but for particles before them."""
_SURE = 7
"""Digits of a number behind which a blank ends it."""
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

_UNCLOSED = {
    _NAME: Pattern(_WORDS.replace(b"%b", rb"[A-Z\x80-\xff]")),
    _ADDRESS: Pattern(_WORDS.replace(b"%b", rb"[A-Z0-9\x80-\xff]")),
    _ID: Pattern(rb"[A-Za-z0-9-]+"),
    _MAIL: Pattern(rb"[^\s,;|)]+"),
}
"""How far a value goes behind which no sign ends it; a number: see `_number_ends`."""

_Places = list[tuple[int, int]]
_Values = Iterator[tuple[bytes, tuple[int, int]]]


def interchanged(buffer: bytes, rule_of: RuleOf, judge: Judge) -> Iterator[Span]:
    """Every such value."""
    heads = list(SEGMENT.finditer(buffer))
    for match, following in pairwise([*heads, None]):
        if match is None:
            break
        sign, start = match[0][-1:], match.end()
        most = len(buffer) if following is None else following.start()
        body = _ENDS[sign].match(buffer, start, min(most, start + _LONGEST))
        if body is None or (body.end() == start + _LONGEST and body.end() < len(buffer)):
            continue
        end = body.end()
        if _TELLING[match["name"]].match(buffer, start, end) is None:
            continue
        closed = _is_closed(buffer, end, sign)
        elements = [(start, start), *_split(buffer, start, end, sign)]
        for key, found in _values(match["name"], elements, buffer):
            place = found if closed or found[1] < end else _unclosed(key, found, buffer)
            rule = rule_of(key)
            value = buffer[slice(*place)]
            if rule is None or not value or (key == _NAME and not _is_name(value)):
                continue
            if key == _ADDRESS and not _PLAIN.fullmatch(value):
                continue
            span = judge(rule, Place(*place, quoted=True), buffer)
            if span is not None:
                yield span


def may_hold(buffer: bytes, start: int, _end: int) -> bool:
    """Whether a segment whose name begins there may hold a value that is no token."""
    match = SEGMENT.match(buffer, start) or SEGMENT.match(buffer, start + 1)
    return match is not None and (
        _TELLING[match["name"]].match(buffer, match.end(), match.end() + _LONGEST) is not None
    )


def _is_closed(buffer: bytes, end: int, sign: bytes) -> bool:
    """Whether a sign ends a segment: no apostrophe of a word, and not behind a blank."""
    if buffer[end - 1 : end] == b" ":
        return False
    return _CLOSES[sign].match(buffer, end) is not None


def _unclosed(key: bytes, place: tuple[int, int], buffer: bytes) -> tuple[int, int]:
    """A value without the words behind it."""
    start, end = place
    if key == _PHONE:
        whole = _number_ends(buffer, start, end, _LONGEST)
        return start, whole if whole == end else _number_ends(buffer, start, end, _SURE)
    match = _UNCLOSED[key].match(buffer, start, end)
    return start, start if match is None else match.end()


def _number_ends(buffer: bytes, start: int, end: int, sure: int) -> int:
    """Where a number ends, behind its last digit; a blank ends one that has enough of them."""
    digits, stop = 0, start
    for at in range(start, end):
        mark = buffer[at : at + 1]
        if mark.isdigit():
            digits += 1
            stop = at + 1
        elif mark not in b" ()+/.-" or at - stop > 2 or (mark == b" " and digits >= sure):
            break
    return stop


def _values(name: bytes, elements: _Places, buffer: bytes) -> _Values:
    """The values of a segment, each with the key that it would have."""
    if name == b"COM":
        yield from _communications(elements[1:], buffer)
        return
    if name == b"PER":
        numbers = list(_numbers(elements, buffer))
        yield from (number for number in numbers if number[1][0] >= 0)
        if not numbers:
            return
    first = _first_name(name, elements, buffer)
    if first.lower() in _PLACEHOLDERS:
        return
    if name == b"NM1" and len(elements) > 9 and buffer[slice(*elements[8])] in _OF_PERSONS:
        yield _ID, elements[9]
    firm = _is_firm(first)
    for number, keys in _PARTS[name].items():
        if number >= len(elements):
            break
        one = [elements[number]] if name in (b"NM1", b"PER") else _split(buffer, *elements[number], b":")
        for key, place in zip(keys, one, strict=False):
            if key and place[0] < place[1] and not (firm and key == _ADDRESS):
                yield key, place


def _first_name(name: bytes, elements: _Places, buffer: bytes) -> bytes:
    """What stands where NAD or NM1 has the first part of a name; nothing in others."""
    first = b""
    if name == b"NAD":
        for element in elements[3:5]:
            first = buffer[slice(*_split(buffer, *element, b":")[0])] or first
    elif name == b"NM1" and len(elements) > 3:
        first = buffer[slice(*elements[3])]
    return first


def _numbers(elements: _Places, buffer: bytes) -> _Values:
    """The numbers of PER by the code before each; without a place where nothing stands behind a code."""
    for code, number in zip(elements[3:8:2], [*elements[4:9:2], (-1, -1)], strict=False):
        key = _CALLED.get(buffer[slice(*code)])
        if key:
            yield key, number


def _communications(elements: _Places, buffer: bytes) -> _Values:
    """The numbers of a segment, by the code behind each."""
    for element in elements:
        parts = _split(buffer, *element, b":")
        code = buffer[slice(*parts[1])] if len(parts) > 1 else b""
        key = _CALLED.get(code[:2]) if code[2:3] in (b"", b" ") else None
        if key:
            start, end = parts[0]
            yield key, (start + (buffer[start : start + 2] == b"?+"), end)


def _split(buffer: bytes, start: int, end: int, sign: bytes) -> _Places:
    """What a sign parts, but for one that is released (``?+``) or stands in a token."""
    places: _Places = []
    text = buffer[start:end]
    if b"<" not in text and b"?" not in text:
        for part in text.split(sign):
            places.append((start, start + len(part)))
            start += len(part) + 1
        return places
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


def _is_firm(value: bytes) -> bool:
    return not _FIRMS.isdisjoint(word.strip(b".,") for word in value.lower().split(b" "))


def _is_name(value: bytes) -> bool:
    """Whether words may be a person's name; one has a sign in it that is released (``O?'MAJOR``)."""
    if value.lower() in _PLACEHOLDERS or _is_firm(value):
        return False
    if b"?" in value:
        return _RELEASED.fullmatch(value) is not None
    return NEEDED[Needs.WORDS].match(value) is not None and not names_nobody(value)
