"""Keys and their values, in every notation the servers write.

Each notation has a pattern that finds *any* key; where the rule book has a rule for it, a second one reads
the value behind it. What no rule asks for is not read, so no key hides inside the value of another. All
repeats are possessive or bounded, and nothing is read again inside a value that was taken: time is linear.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from app.masking.rules import KeyRule
from app.masking.spans import Span

_LONG = 8_192
_SQ = rb"'(?P<sq>(?:[^'\r\n\\]++|\\[^\r\n]|'{1,2}(?=\w))*+)"
_DQ = rb'"(?P<dq>(?:[^"\r\n\\]++|\\[^\r\n])*+)'
_QUOTED = rb"(?:" + _SQ + rb"|" + _DQ + rb"|"
_KEY = rb"[A-Za-z_\x80-\xff][\w.@$ \x80-\xff-]{0,63}"
_BARE = rb"(?P<bare>\(\d{1,5}\)[ \d./-]{4,20}|[^\s,;&\"'<>()\[\]{}|]{1,2048})"
_INSERT = re.compile(
    rb"(?i:insert\s{1,4}into)\s{1,4}[\w.\"\[\]`]{1,128}\s{0,4}\((?P<columns>[^()\r\n]{1,2048})\)\s{0,4}"
    rb"(?i:values)\s{0,4}\((?P<values>[^\r\n]{1,8192})"
)
_SQL_VALUE = re.compile(rb"\s*(?:[Nn]?'((?:[^']|'')*)'|([^,()'\s]+))\s*(?:,|\)|$)")
_STRING = re.compile(rb'"((?:[^"\r\n\\]++|\\[^\r\n])*+)')
_KEY_BYTES = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.$-@" + bytes(
    range(0x80, 0x100)
)
_ENCODED_BARE = rb"(?P<bare>(?:[^\s,;&\"'<>()\[\]{}|%]|%(?!26|3[bBdD]|2[27])[0-9A-Fa-f]{2}){1,1024})"


class Place(NamedTuple):
    """Where a value stands, and whether quotes or tags say where it ends."""

    start: int
    end: int
    quoted: bool


RuleOf = Callable[[bytes], KeyRule | None]
Judge = Callable[[KeyRule, Place, bytes], Span | None]
Notation = Callable[[bytes, RuleOf, Judge], Iterator[Span]]


def _notation(
    head: bytes, value: bytes, key_of: Callable[[re.Match[bytes]], bytes] = lambda m: m["key"]
) -> Notation:
    heads, values = re.compile(head), re.compile(value)

    def find(buffer: bytes, rule_of: RuleOf, judge: Judge) -> Iterator[Span]:
        taken = 0
        for match in heads.finditer(buffer):
            if match.start() < taken:
                continue
            rule = rule_of(key_of(match))
            if rule is None:
                continue
            at = match.end()
            read = values.match(buffer, at, at + _LONG)
            if read is not None and read.end() == at + _LONG:
                read = values.match(buffer, at)
            for place in _places(read, buffer):
                span = judge(rule, place, buffer)
                if span is not None:
                    taken = place.end
                    yield span

    return find


def _places(read: re.Match[bytes] | None, buffer: bytes) -> Iterator[Place]:
    if read is None:
        return
    name = read.lastgroup or "bare"
    if name == "list":
        for item in _STRING.finditer(buffer, *read.span("list")):
            yield Place(*item.span(1), True)
    else:
        yield Place(*read.span(name), name != "bare")


def _before_sign(sign: re.Match[bytes]) -> bytes:
    """The key that stands before ``=``, ``<-`` or ``:``."""
    at = sign.start()
    head = sign.string[max(0, at - 80) : at].rstrip(b" \t:\"'")
    if head.endswith((b")", b"]")):
        head = head[: max(head.rfind(b"("), head.rfind(b"["))].rstrip(b" \t")
    return head[len(head.rstrip(_KEY_BYTES)) :]


def _before_encoded(sign: re.Match[bytes]) -> bytes:
    """The key that stands before ``%3D``, behind an encoded ``?`` or ``&``."""
    head = sign.string[max(0, sign.start() - 80) : sign.start()]
    key = head[len(head.rstrip(_KEY_BYTES)) :]
    return key[2:] if head[: len(head) - len(key)].endswith(b"%") else key


def _insert(buffer: bytes, rule_of: RuleOf, judge: Judge) -> Iterator[Span]:
    """``INSERT INTO t (name, phone) VALUES ('…', '…')``: column by column."""
    for match in _INSERT.finditer(buffer):
        at, end = match.span("values")
        for column in match["columns"].split(b","):
            value = _SQL_VALUE.match(buffer, at, end)
            if not value:
                break
            at = value.end()
            rule = rule_of(column.strip(b' "`[]\t').rpartition(b".")[2])
            if rule is not None:
                group = 1 if value[1] is not None else 2
                span = judge(rule, Place(*value.span(group), group == 1), buffer)
                if span is not None:
                    yield span


NOTATIONS: tuple[Notation, ...] = (
    _notation(
        rb"Attribute(?P<key>[A-Za-z]\w{0,63})",
        rb"(?:[ \t]{1,8}\[\w{1,16}\])?[ \t]{0,8}[=:]?[ \t]{0,8}"
        + _QUOTED
        + rb"(?P<bare>[^\s'\"<>\[]{1,256}))",
    ),
    _notation(
        rb"'(?P<key>" + _KEY + rb")(?=')",
        rb"'[ \t]{0,8}(?::|=>?|->)?[ \t]{0,8}(?:\[\w{1,16}\][ \t]{0,4}=?[ \t]{0,4})?"
        + _QUOTED
        + rb"(?P<bare>-?\d[\d.]{0,40}))",
    ),
    _notation(
        rb'"(?P<key>' + _KEY + rb')(?="[ \t]{0,8}:)',
        rb'"[ \t]{0,8}:[ \t]{0,8}(?:'
        + _DQ
        + rb"|(?P<bare>-?\d[\d.eE+-]{0,40})|\[(?P<list>[^\]\r\n]{1,4096}))",
    ),
    _notation(
        rb'\\{1,8}"(?P<key>' + _KEY + rb')(?=\\{1,8}")',
        rb'\\{1,8}"[ \t]{0,8}:[ \t]{0,8}(?:\\{1,8}"(?P<dq>[^"\\\r\n]*+)|(?P<bare>-?\d[\d.]{0,40}))',
    ),
    _notation(
        rb"=>?|<-",
        rb"[ \t]{0,4}(?:[A-Z]{1,16}:[ \t]{0,4})?" + _QUOTED + _BARE + rb")",
        _before_sign,
    ),
    _notation(rb":(?=[ \t])", rb"[ \t]{1,8}" + _QUOTED + _BARE + rb")", _before_sign),
    _notation(rb"%3[dD]", _ENCODED_BARE, _before_encoded),
    _notation(rb"[ \t](?:LIKE|like|ILIKE|ilike)(?=[ \t]{1,4}')", rb"[ \t]{1,4}" + _SQ, _before_sign),
    _notation(
        rb"attr:[ \t]{0,8}(?P<key>\w{1,64})", rb"[ \t]{1,16}value:[ \t]{0,8}" + _QUOTED + _BARE + rb")"
    ),
    _notation(
        rb"<(?:[\w-]{1,20}:)?(?P<key>[A-Za-z\x80-\xff][\w.\x80-\xff-]{1,63})(?=[\s>])",
        rb"(?:\s[^<>\r\n]{0,512})?>(?:<!\[CDATA\[(?P<cdata>[^\]\r\n]{1,4096})|(?P<text>[^<\r\n]{1,4096}))",
    ),
    _notation(
        rb"(?:name|key|id|attr)=(?:\"|')(?P<key>[A-Za-z][\w.:-]{0,63})(?:\"|')",
        rb"[^<>\r\n]{0,128}?\s(?:value|expr|val)=(?:" + _SQ + rb"|" + _DQ + rb")"
        rb"|[^<>\r\n]{0,256}>(?P<text>[^<\r\n]{1,4096})",
    ),
    _notation(
        rb"expression='(?P<key>[\w.$\[\]]{1,80})\s{0,4}=", rb"[^\r\n']{0,2048}'[ \t]{1,8}result=" + _SQ
    ),
    _insert,
)
"""Every notation, as a finder of values that are personal."""
