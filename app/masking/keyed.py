"""Values that are personal because of the key in front of them, in every notation the servers write.

Each notation is one pattern that finds *any* key with its value; the rule book then says whether the key
matters.
All repeats are possessive or bounded, and no match starts inside another, so the time is linear.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from app.masking.face import Kind
from app.masking.rules import Extent, KeyBook, KeyRule, RuleSet
from app.masking.spans import Span

ORDER = 10
_SQ = rb"'(?P<sq>(?:[^'\r\n\\]++|\\[^\r\n]|'(?=\w))*+)"
_DQ = rb'"(?P<dq>(?:[^"\r\n\\]++|\\[^\r\n])*+)'
_KEY = rb"[A-Za-z_][\w.@$ -]{0,63}"
_ATTRIBUTE = re.compile(
    rb"Attribute(?P<key>[A-Za-z]\w{0,63})(?:[ \t]{1,8}\[\w{1,16}\])?[ \t]{0,8}[=:]?[ \t]{0,8}(?:"
    + _SQ
    + rb"|"
    + _DQ
    + rb"|(?P<bare>[^\s'\"<>\[]{1,256}))"
)
_PAIR = re.compile(
    rb"'(?P<key>" + _KEY + rb")'[ \t]{0,8}(?::|=>?|->)?[ \t]{0,8}(?:"
    rb"\[\w{1,16}\][ \t]{0,4}=?[ \t]{0,4})?(?:" + _SQ + rb"|" + _DQ + rb"|(?P<bare>-?\d[\d.]{0,40}))"
)
_JSON = re.compile(
    rb'"(?P<key>' + _KEY + rb')"[ \t]{0,8}:[ \t]{0,8}(?:' + _DQ + rb"|(?P<bare>-?\d[\d.eE+-]{0,40})"
    rb"|\[(?P<list>[^\]\r\n]{1,4096}))"
)
_JSON_IN_STRING = re.compile(
    rb'\\{1,8}"(?P<key>'
    + _KEY
    + rb')\\{1,8}"[ \t]{0,8}:[ \t]{0,8}(?:\\{1,8}"(?P<dq>[^"\\\r\n]*+)|(?P<bare>-?\d[\d.]{0,40}))'
)
_BARE = rb"(?P<bare>[^\s,;&\"'<>()\[\]{}|]{1,2048})"
_EQUALS = re.compile(
    rb"(?:=>?|<-)[ \t]{0,4}(?:[A-Z]{1,16}:[ \t]{0,4})?(?:" + _SQ + rb"|" + _DQ + rb"|" + _BARE + rb")"
)
_COLON = re.compile(rb":[ \t]{1,8}(?:" + _SQ + rb"|" + _DQ + rb"|" + _BARE + rb")")
_CONFIG = re.compile(
    rb"attr:[ \t]{0,8}(?P<key>\w{1,64})[ \t]{1,16}value:[ \t]{0,8}(?:"
    + _SQ
    + rb"|"
    + _DQ
    + rb"|"
    + _BARE
    + rb")"
)
_ELEMENT = re.compile(
    rb"<(?:[\w-]{1,20}:)?(?P<key>[A-Za-z][\w.-]{1,63})(?:\s[^<>\r\n]{0,512})?>(?P<text>[^<\r\n]{1,4096})"
)
_NAMED = re.compile(
    rb"(?:name|key|id|attr)=(?:\"|')(?P<key>[A-Za-z][\w.:-]{0,63})(?:\"|')(?:"
    rb"[^<>\r\n]{0,128}?\s(?:value|expr|val)=(?:" + _SQ + rb"|" + _DQ + rb")"
    rb"|[^<>\r\n]{0,256}>(?P<text>[^<\r\n]{1,4096}))"
)
_METRIC = re.compile(
    rb"expression='(?P<key>[\w.$\[\]]{1,80})\s{0,4}=[^\r\n']{0,2048}'[ \t]{1,8}result=" + _SQ
)
_INSERT = re.compile(
    rb"(?i:insert\s{1,4}into)\s{1,4}[\w.\"\[\]`]{1,128}\s{0,4}\((?P<columns>[^()\r\n]{1,2048})\)\s{0,4}"
    rb"(?i:values)\s{0,4}\((?P<values>[^\r\n]{1,8192})"
)
_SQL_VALUE = re.compile(rb"\s*(?:[Nn]?'((?:[^']|'')*)'|([^,()'\s]+))\s*(?:,|\)|$)")
_STRING = re.compile(rb'"((?:[^"\r\n\\]++|\\[^\r\n])*+)')
_LINE_VALUE = re.compile(rb"[^\r\n]{1,8192}")

_KEY_BYTES = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.$-@"
_NUMBER = re.compile(rb"[+(]?\d[\d ().*#/-]{4,28}\d")
_MORE_NAME = re.compile(rb"(?: [A-Z\x80-\xff][\w'.\x80-\xff-]{0,40}){1,4}")
_MORE_ADDRESS = re.compile(rb"[^,;&|\"'<>\t\r\n)\]}=]{1,120}")
_INTERNAL = re.compile(rb"\d+")
_STARRED = re.compile(rb"[*xX#.\s-]{1,64}")
_URI = re.compile(rb"<?(?:sips?|tel):", re.IGNORECASE)
_HOST_PORT = re.compile(rb"(?P<host>\[[0-9A-Fa-f:.]{2,45}\]|[^\s:/\\@]{1,253})(?::\d{1,5})?/?")
_HOST_LIKE = re.compile(rb"[A-Za-z0-9](?:[\w.-]{0,251}[A-Za-z0-9])?")


class Keyed(NamedTuple):
    """A key with the place of its value."""

    key: bytes
    start: int
    end: int
    quoted: bool


class KeyedValues:
    """Finds values by their keys."""

    def __init__(self, rules: RuleSet) -> None:
        self._book = KeyBook(rules)
        self._allowed = frozenset(v.encode() for v in rules.allow.values)
        self._hosts = frozenset(v.encode() for v in rules.allow.hosts)
        self._internal = rules.internal

    def find(self, buffer: bytes) -> Iterator[Span]:
        """Every value whose key has a rule."""
        rule_of = self._book.rule_of
        for notation in _NOTATIONS:
            for keyed in notation(buffer):
                rule = rule_of(keyed.key)
                if rule is None:
                    continue
                span = self._judge(rule, keyed, buffer)
                if span is not None:
                    yield span

    def _judge(self, rule: KeyRule, keyed: Keyed, buffer: bytes) -> Span | None:
        start, end = keyed.start, keyed.end
        if rule.extent is Extent.LINE:
            line = _LINE_VALUE.match(buffer, start)
            end = max(end, line.end()) if line and not keyed.quoted else end
        elif not keyed.quoted:
            if rule.quoted:
                return None
            end = _reach(rule.kind, buffer, start, end)
        value = buffer[start:end]
        text = value.strip().rstrip(b".:") if not keyed.quoted else value.strip()
        if not self._personal(rule, text, quoted=keyed.quoted):
            return None
        start += len(value) - len(value.lstrip())
        span = Span(start, start + len(text), ORDER, rule.kind, rule.rule, None, rule.learn, True)
        if rule.kind is Kind.HOST:
            return _host_part(span, text, self._hosts)
        return span

    def _personal(self, rule: KeyRule, text: bytes, *, quoted: bool) -> bool:
        if not text or text.lower() in self._allowed or _STARRED.fullmatch(text) or _URI.match(text):
            return False
        kind = rule.kind
        if kind is Kind.TEL:
            least, most = self._internal
            digits = sum(48 <= c <= 57 for c in text)
            if _INTERNAL.fullmatch(text) and (least <= len(text) <= most or len(text) < 3):
                return False
            return quoted or (digits >= 3 and digits * 2 >= len(text))
        if kind is Kind.GEO:
            return any(48 <= c <= 57 for c in text)
        if kind is Kind.HOST:
            return True
        return quoted or not text.startswith((b"_event.", b"session.", b"system.", b"$"))


def _host_part(span: Span, text: bytes, allowed: frozenset[bytes]) -> Span | None:
    match = _HOST_PORT.fullmatch(text)
    if not match or match["host"].lower() in allowed:
        return None
    host = match["host"].strip(b"[]")
    if not _HOST_LIKE.fullmatch(host) or host.replace(b".", b"").isdigit():
        return None  # addresses are the business of the address rules
    return span._replace(end=span.start + len(host))


def _reach(kind: Kind, buffer: bytes, start: int, end: int) -> int:
    """Where an unquoted value ends that may hold spaces."""
    if kind is Kind.TEL:
        number = _NUMBER.match(buffer, start)
        return max(end, number.end()) if number else end
    more = None
    if kind is Kind.NAME:
        more = _MORE_NAME.match(buffer, end)
    elif kind is Kind.ADDRESS:
        more = _MORE_ADDRESS.match(buffer, end)
    if more is None:
        return end
    stop = more.end()
    if buffer[stop : stop + 1] == b"=":  # the last word is the next key
        stop = buffer.rfind(b" ", end, stop)
    return max(end, stop)


def _value(match: re.Match[bytes]) -> tuple[int, int, bool]:
    name = match.lastgroup or "bare"
    start, end = match.span(name)
    return start, end, name != "bare"


def _with_key(pattern: re.Pattern[bytes]) -> Callable[[bytes], Iterator[Keyed]]:
    def find(buffer: bytes) -> Iterator[Keyed]:
        for match in pattern.finditer(buffer):
            yield Keyed(match["key"], *_value(match))

    return find


def _after_sign(pattern: re.Pattern[bytes]) -> Callable[[bytes], Iterator[Keyed]]:
    """Values behind ``=``, ``<-`` or ``: ``; the key is what stands before the sign."""

    def find(buffer: bytes) -> Iterator[Keyed]:
        for match in pattern.finditer(buffer):
            at = match.start()
            head = buffer[max(0, at - 80) : at].rstrip(b" \t:\"'")
            if head.endswith((b")", b"]")):
                head = head[: max(head.rfind(b"("), head.rfind(b"["))].rstrip(b" \t")
            key = head[len(head.rstrip(_KEY_BYTES)) :]
            if key:
                yield Keyed(key, *_value(match))

    return find


def _json(buffer: bytes) -> Iterator[Keyed]:
    for match in _JSON.finditer(buffer):
        if match.lastgroup != "list":
            yield Keyed(match["key"], *_value(match))
            continue
        for item in _STRING.finditer(buffer, *match.span("list")):
            yield Keyed(match["key"], *item.span(1), True)


def _insert(buffer: bytes) -> Iterator[Keyed]:
    """``INSERT INTO t (name, phone) VALUES ('…', '…')``: column by column."""
    for match in _INSERT.finditer(buffer):
        at, end = match.span("values")
        for column in match["columns"].split(b","):
            value = _SQL_VALUE.match(buffer, at, end)
            if not value:
                break
            group = 1 if value[1] is not None else 2
            yield Keyed(column.strip(b' "`[]\t').rpartition(b".")[2], *value.span(group), group == 1)
            at = value.end()


_NOTATIONS: tuple[Callable[[bytes], Iterator[Keyed]], ...] = (
    _with_key(_ATTRIBUTE),
    _with_key(_PAIR),
    _json,
    _with_key(_JSON_IN_STRING),
    _after_sign(_EQUALS),
    _after_sign(_COLON),
    _with_key(_CONFIG),
    _with_key(_ELEMENT),
    _with_key(_NAMED),
    _with_key(_METRIC),
    _insert,
)
