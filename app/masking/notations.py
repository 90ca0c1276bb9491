"""Keys and their values, in every notation the servers write.

Each notation has a pattern that finds *any* key; where the rule book has a rule for it, a second one reads
the value behind it. What no rule asks for is not read, so no key hides inside the value of another. All
repeats are possessive or bounded, and nothing is read again inside a value that was taken: time is linear.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from app.masking.changes import BECAME_NAMED, SCHEMA_WORD, WAS_NAMED
from app.masking.enclosing import enclosing
from app.masking.escapes import TABS, value_span
from app.masking.face import Kind
from app.masking.keysbefore import KEY_BYTES, before_group, before_sign
from app.masking.patterns import Pattern
from app.masking.rules import Extent, KeyRule
from app.masking.spans import Span
from app.masking.typographic import TYPOGRAPHIC

# Before 3.11.5 Python goes on from where the last alternative of a group with ``*+`` gave up: one that takes
# nothing when it fails has to be the last, and a group that has none is written as ``(?>...)``.
_SQ = rb"'(?P<sq>(?:\\[^\r\n]|'{1,2}(?=\w)|[^'\r\n\\]++)*+)"
_DQ = rb'"(?P<dq>(?:\\[^\r\n]|[^"\r\n\\]++)*+)'
_QUOTED = rb"(?:" + _SQ + rb"|" + _DQ + rb"|"
KEY = _KEY = rb"[A-Za-z_\x80-\xff][\w.@$ \x80-\xff-]{0,63}"
_BARE = (
    rb"(?P<bare>\(\d{1,5}\)[ \d./-]{4,20}"
    rb"|(?:[^\s,;&\"'<>()\[\]{}|]|(?<=[A-Za-z\x80-\xff])'(?=[A-Za-z\x80-\xff])){1,2048})"
)
_WRAPPED = rb"(?:[A-Za-z_]{1,16}\([NnEe]?|[NnBbUuEe]|(?i:date|time(?:stamp)?) |<<)?(?=['\"])"
TYPE = _TYPE = (
    rb"(?>(?:(?:STRING|STR|INTEGER|INT|LONG|FLOAT|NUMBER|VARIABLE|DATE|TIME|LIST|KVLIST):[ \t]{0,4}"
    rb"|string\(\d{1,9}\) (?=\"))?)"
)
_ITEMS = rb"(?>(?:[^\[\]{}\r\n]|\r(?=\n)|\n(?=[ \t]{0,64}[\"\],\r\n])){1,4096})"
"""Of a list in JSON; lines that go on with something else are not of it."""
_BOXED = (
    rb"\[(?P<boxed>(?:[^\]\[,\r\n'\"]|(?<=[A-Za-z\x80-\xff])'(?=[A-Za-z\x80-\xff])){1,128})\]"
    rb"(?![ \t]{0,2}[=:])"
)
_ASSIGNED = _TYPE + TYPOGRAPHIC + rb"(?:" + _WRAPPED + rb")?" + _QUOTED + _BARE + rb"))"
_PROSE_LINE = (
    rb"(?=[^<\r\n]{2,4096}(?:[\r\n]|\Z))(?:\t|[ ][ \t])[ \t]*+[^ \t<\r\n]++[ \t]++[^ \t<\r\n]"
    rb"(?![^<\r\n]*+\r?\n[ \t]{0,64}</)"
)
_PROSE_BETWEEN = rb"[ \t][^<\r\n]{0,4095}<(?!/|[^<>\r\n]{0,256}>[^<\r\n]{0,4096}</)"
_CODED = rb"[ \t]*+[^ \t<\r\n\d]*+\d[^ \t<\r\n]*+[ \t]*+<"
_NO_PROSE = rb"(?!" + _PROSE_LINE + rb")(?:(?=" + _CODED + rb")|(?!" + _PROSE_BETWEEN + rb"))"
"""No blanks and text behind an element that nothing closes.

``expects <name> and <value>``, ``--user <name>  who runs it``; one word that has a digit, or ends its line,
may be a value, and so may what stands before an element that is closed.
"""
_SQL_ITEM = Pattern(rb"[NnEe]?'((?:[^'\r\n]|'')*)'|((?![NnEe]')[^\s,'()]+)")
_STRING = Pattern(rb'"((?:\\[^\r\n]|[^"\r\n\\]++)*+)')
_PARENT = 512
_PAIR = 100
_PAIR_BEFORE = Pattern(rb"(?<![\w.$'\"\x80-\xff-])[A-Z][A-Za-z]{2,24}\([^()\r\n]{1,64}\) {1,8}\Z")
_PAIR_BEHIND = Pattern(rb" {1,8}[A-Z][A-Za-z]{2,24}\([^()\r\n]{1,64}\)")
_IN_BRACKETS = (
    rb"(?:\(|, )(?!(?i:user_?id) \d{1,5}[,)])"
    rb"(?P<key>[A-Za-z][a-z]{1,24}[A-Z_][A-Za-z_]{0,40})(?= \+?[A-Za-z0-9])"
)
"""No ``(user_id 1001, …)`` of a system; a secret has twelve signs: ``(max_token 4096)``."""
_SECRETS = frozenset({Kind.SECRET})
_OF_ROWS = frozenset({Kind.USER, Kind.HOST, Kind.IP, Kind.NAME, Kind.TEL})
_ENCODED_BARE = (
    rb"(?P<boxed>(?:[^\s,;&\"'<>()\[\]{}|%]"
    rb"|%(?!26|3[bBdD]|22|27(?![A-Za-z])|25(?:26|3[bBdD]|22))[0-9A-Fa-f]{2}){1,1024})"
)
_QUOTE = rb"(?:&(?:amp;)?quot;|&#34;|%(?:25)?22|\\u0022|\\x22)"
_QUOTE_WORDS = (b"quot;", b"&#34;", b"%22", b"%2522", b"\\u0022", b"\\x22")
_ONCE = rb"(?:&quot;|&#34;|%22|\\u0022)"
_UNENCODED = rb"[^\s\"<>&%\\]|[ ](?![ ])"
_ENCODED_QUOTED = (
    rb"(?:"
    + _ONCE
    + rb"(?P<text>(?:"
    + _UNENCODED
    + rb"|(?!"
    + _ONCE
    + rb")[&%\\]){1,1024})(?="
    + _ONCE
    + rb")"
    rb"|(?P<open>&amp;quot;|%2522|\\x22)"
    rb"(?P<twice>(?:" + _UNENCODED + rb"|(?!(?P=open))[&%\\]){1,1024})(?P=open))"
)
"""A quote that is encoded twice is closed by its like only."""


class Place(NamedTuple):
    """Where a value stands, and whether quotes or tags say where it ends."""

    start: int
    end: int
    quoted: bool


RuleOf = Callable[[bytes], KeyRule | None]
Judge = Callable[[KeyRule, Place, bytes], Span | None]


def _named(match: re.Match[bytes]) -> Iterator[bytes]:
    yield match["key"]


@dataclass(frozen=True, slots=True)
class Written:
    """One notation.

    Attributes:
        heads: finds any key.
        values: reads the value directly behind a head.
        keys_of: the keys that a head may mean, the likeliest first.
        quick: whether a head begins with what is found quickly.
        kinds: of the values that may stand so.
    """

    heads: Pattern
    values: Pattern
    keys_of: Callable[[re.Match[bytes]], Iterator[bytes]]
    quick: bool = False
    kinds: frozenset[Kind] = frozenset(Kind)

    def __call__(self, buffer: bytes, rule_of: RuleOf, judge: Judge) -> Iterator[Span]:
        """Every value whose key has a rule."""
        taken = 0
        for match in self.heads.finditer(buffer):
            if match.start() >= taken:
                for place, span in self.at(match, rule_of, judge):
                    taken = place.end
                    yield span

    def at(self, match: re.Match[bytes], rule_of: RuleOf, judge: Judge) -> Iterator[tuple[Place, Span]]:
        """The values behind one head, by the first of its keys that has a rule and values."""
        buffer = match.string
        for rule in map(rule_of, self.keys_of(match)):
            if rule is None or rule.kind not in self.kinds:
                continue
            found = False
            for place in _places(self.values.match(buffer, match.end()), buffer):
                span = judge(rule, place, buffer)
                if span is not None:
                    found = True
                    yield place, span
                if rule.extent is Extent.LINE and not place.quoted:
                    break  # Cookie=[a=b; c=d]: one header, and no list
            if found:
                return


def _notation(
    head: bytes,
    value: bytes,
    keys_of: Callable[[re.Match[bytes]], Iterator[bytes]] = _named,
    *,
    quick: bool = False,
    words: tuple[bytes, ...] = (),
    kinds: frozenset[Kind] = frozenset(Kind),
) -> Written:
    return Written(Pattern(head, words=words), Pattern(value), keys_of, quick, kinds)


def _places(read: re.Match[bytes] | None, buffer: bytes) -> Iterator[Place]:
    if read is None:
        return
    name = read.lastgroup or "bare"
    if name == "list":
        for item in _STRING.finditer(buffer, *read.span("list")):
            yield Place(*item.span(1), True)
    elif name == "items":
        for item in _SQL_ITEM.finditer(buffer, *read.span("items")):
            group = 1 if item[1] is not None else 2
            yield Place(*item.span(group), group == 1)
    elif name == "bare":
        start, end = value_span(buffer, *read.span(name))
        if end > start:
            yield Place(start, end, False)
    else:
        yield Place(*read.span(name), name != "boxed")


def _in_row(match: re.Match[bytes]) -> Iterator[bytes]:
    """``User(mohara) Conn(192.0.2.1)`` of IBM MQ: the word before a bracket, beside another such pair."""
    start, end = match.span()
    behind = _PAIR_BEHIND.match(match.string, match.string.index(b")", end) + 1)
    if behind or _PAIR_BEFORE.search(match.string, max(0, start - _PAIR), start):
        yield match["key"]


def _of_parent(match: re.Match[bytes]) -> Iterator[bytes]:
    """``"account": {"number": …``: the key with that of the object it stands in."""
    if parent := _parent(match):
        yield parent + b"_" + match["key"]


def _parent(match: re.Match[bytes]) -> bytes:
    """The key of the object in which something stands; empty where none is."""
    _, outside = enclosing(match.string[max(0, match.start() - _PARENT) : match.start()])
    return outside[len(outside.rstrip(KEY_BYTES)) :] if outside else b""


def _of_machine(match: re.Match[bytes]) -> Iterator[bytes]:
    """``"host": {"name": …`` of Elastic's common schema, ``<CfgHost …><name value=…``."""
    yield match["key"] + b"_name"


def _of_operator(match: re.Match[bytes]) -> Iterator[bytes]:
    """``"phone": {"$in": …``: the key of the field that is asked for."""
    yield from filter(None, (_parent(match),))


def _before_encoded(sign: re.Match[bytes]) -> Iterator[bytes]:
    """The key that stands before ``%3D``, behind an encoded ``?`` or ``&``."""
    head = sign.string[max(0, sign.start() - 80) : sign.start()]
    key = head[len(head.rstrip(KEY_BYTES)) :]
    yield key[2:] if head[: len(head) - len(key)].endswith(b"%") else key


def _before_any(sign: re.Match[bytes]) -> Iterator[bytes]:
    return (_before_encoded if sign[0][:1] == b"%" else before_sign)(sign)


ASSIGNMENTS = _notation(
    rb"[=!]==?|=>?|<-|(?<!:)->(?=[ \t]{0,4}['\"])"
    rb"|(?<![-=<>!:])(?:(?:<>|[<>]=)(?=[ \t]{0,4}')|(?<=[ \t])[<>](?=[ \t]{1,4}'))",
    rb"[ \t]{0,4}(?:" + _ASSIGNED + rb"|(?<=[ \t])" + _BOXED + rb")",
    before_sign,
)
"""A key, a sign, a value: ``v_Phone(LOCAL) <- STRING: "…"``, ``phone=…``."""
COLONS = _notation(
    rb"(?<!:)(?:(?<!DTMF [0-9A-D*#]):|:(?!\d))"
    rb"(?![:/]|\\(?!\\{0,7}t)|[0-9a-f]{16}>|(?<=\d\d:)\d\d:\d\d(?!\d))",
    rb"(?>" + TABS + rb"|[ \t]{0,8})(?:" + _ASSIGNED + rb"|" + _BOXED + rb")",
    before_sign,
)
"""``Customer Name: …``, ``user: [mohara]``; no ``user 10:27:13``."""
NOTATIONS: tuple[Written, ...] = (
    _notation(
        rb"Attribute(?P<key>[A-Za-z]\w{0,63})",
        rb"(?:[ \t]{1,8}\[\w{1,16}\])?[ \t]{0,8}[=:]?[ \t]{0,8}"
        + _QUOTED
        + rb"(?P<boxed>[^\s'\"<>\[]{1,256}))",
        quick=True,
        words=(b"Attribute",),
    ),
    _notation(
        rb"'(?:(?<! -[A-Za-z] ')|(?=" + _KEY + rb"' '))(?P<key>" + _KEY + rb")(?=')",
        rb"'(?:\(\w{1,16}\)(?![ \t]{0,8}\[))?[ \t]{0,8}(?::|=>?|->|value(?= '))?[ \t]{0,8}"
        rb"(?:\[[\w,]{1,16}\][ \t]{0,4}=?[ \t]{0,4})?(?:[uUbB](?=['\"]))?"
        + _QUOTED
        + rb"(?P<bare>-?\d[\d.]{0,40}))",
        quick=True,
        words=(b"'",),
    ),
    _notation(
        rb'"(?P<key>' + _KEY + rb')(?="[ \t]{0,8}:)',
        rb'"[ \t]{0,8}:[ \t]{0,8}(?:'
        + _DQ
        + rb"|(?P<bare>-?\d[\d.eE+-]{0,40})|\[(?P<list>"
        + _ITEMS
        + rb"))",
        quick=True,
    ),
    _notation(
        rb'\$(?P<key>eq|ne|n?in|[gl]te?|regex)(?="?[ \t]{0,4}:)',
        rb'"?[ \t]{0,4}:[ \t]{0,4}(?:'
        + _DQ
        + rb"|"
        + _SQ
        + rb"|(?P<bare>-?\d[\d.eE+-]{0,40})|\[(?P<list>"
        + _ITEMS
        + rb"))",
        _of_operator,
        quick=True,
        words=(b"$",),
    ),
    _notation(
        rb'\\{1,8}"(?P<key>' + _KEY + rb')(?=\\{1,8}")',
        rb'\\{1,8}"[ \t]{0,8}:[ \t]{0,8}(?:\\{1,8}"(?P<dq>(?:\\{1,8}(?=[^"\\\r\n])|[^"\\\r\n]++)*+)'
        rb"|(?P<bare>-?\d[\d.]{0,40}))",
        words=(b'\\"',),
    ),
    ASSIGNMENTS,
    COLONS,
    _notation(
        rb'[=:] ?(?=\\{1,8}")',
        rb'\\{1,8}"(?P<dq>(?:\\{1,8}(?=[^"\\\r\n])|[^"\\\r\n]++)*+)',
        before_sign,
        words=(b'\\"',),
    ),
    _notation(
        rb"(?<!:):(?=\[\d{1,5}\][ ]?['\"])", rb"\[\d{1,5}\][ ]?(?:" + _SQ + rb"|" + _DQ + rb")", before_sign
    ),
    _notation(
        rb"=(?=<[^<>:~=/\r\n]{1,128}>)", rb"<(?P<text>[^<>:~=/\r\n]{1,128})", before_sign, words=(b"=<",)
    ),
    _notation(
        rb'<<"(?P<key>' + _KEY + rb')(?=">>)',
        rb'">>[ \t]{0,4}(?:,|=>|:=)[ \t]{0,4}(?:(?:<<)?' + _DQ + rb"|(?P<bare>-?\d[\d.]{0,40}))",
        quick=True,
        words=(b'<<"',),
    ),
    _notation(rb'\{(?P<key>[A-Za-z_]\w{0,63})(?=, ?(?:<<)?")', rb", ?(?:<<)?" + _DQ, words=(b"{",)),
    _notation(
        rb"=(?=\{(?!\w{1,128}\}(?!;)|[A-Za-z_]{1,128}\}|\w{1,3}\}|[\"']?\w{1,64}[\"']?[ ]?[=:])"
        rb"[^{}\r\n]{1,128}\}(?:[;, \"'\r\n]|\Z))",
        rb"\{(?P<text>[^{}\r\n]{1,128})",
        before_sign,
        words=(b"={",),
    ),
    _notation(rb"=(?=\[)", rb"\[(?P<items>[^\[\]\"\r\n]{1,4096})", before_sign, quick=True, words=(b"=[",)),
    _notation(
        rb"\((?=[^()\r\n]{1,128}\) =~ )",
        rb"(?P<text>[^()\r\n]{1,128})",
        before_sign,
        words=(b") =~ ",),
    ),
    _notation(
        rb"(?<=\))=(?=\()",
        rb"\((?P<text>(?:\(\d{1,5}\))?[^()\r\n]{1,256})(?=\))",
        before_group,
        words=(b")=(",),
    ),
    _notation(
        rb"(?<![\w.$'\"\x80-\xff-])(?P<key>[A-Z][A-Za-z]{2,24})(?=\([^\s(),;'\"<>]{1,64}\))",
        rb"\((?P<text>[^\s(),;'\"<>]{1,64})",
        _in_row,
        words=(b"(",),
        kinds=_OF_ROWS,
    ),
    *(
        _notation(
            _IN_BRACKETS,
            rb" (?P<text>\+?(?=[\w.@-]{0,63}\d)[\w.@-]{%d,64})(?=[,)])" % least,
            words=(b"(", b", "),
            kinds=kinds,
        )
        for kinds, least in ((_SECRETS, 12), (frozenset(Kind) - _SECRETS, 2))
    ),
    _notation(
        rb"\['(?P<key>" + _KEY + rb")(?=',)", rb"',[ ]?" + _SQ + rb"(?='\])", quick=True, words=(b"['",)
    ),
    _notation(
        rb"(?:(?<=\[)|(?<=\], ))\[(?P<key>" + _KEY + rb")(?=, )",
        rb", (?P<text>[^\[\]\r\n]{1,512})(?=\](?:\]|, \[))",
        words=(b"[[", b"], ["),
    ),
    _notation(rb"%(?:25)?3[dD]", _ENCODED_BARE, _before_encoded, quick=True, words=(b"%3", b"%253")),
    _notation(
        rb"(?:[=!]?=?=[ \t]{0,4}|%3[dD])(?=" + _QUOTE + rb")",
        _ENCODED_QUOTED,
        _before_any,
        words=_QUOTE_WORDS,
    ),
    _notation(
        _QUOTE + rb"(?P<key>[A-Za-z_][\w.-]{0,63})(?=" + _QUOTE + rb"(?:[ ]{0,2}:|%(?:25)?3[aA]))",
        _QUOTE
        + rb"(?:[ ]{0,2}:|%(?:25)?3[aA])(?:[ ]|%20|\+)?(?:"
        + _ENCODED_QUOTED
        + rb"|(?P<bare>\d[\d.]{0,40}))",
        words=_QUOTE_WORDS,
    ),
    _notation(
        rb"[ \t](?:BETWEEN|between)(?=[ \t]{1,4}')",
        rb"[ \t]{1,4}(?P<items>'[^'\r\n]{1,256}'[ \t]{1,4}(?:AND|and)[ \t]{1,4}'[^'\r\n]{1,256}')",
        before_sign,
        words=(b"BETWEEN", b"between"),
    ),
    _notation(
        rb"[ \t](?:(?:NOT|not) )?(?:LIKE|like|ILIKE|ilike|RLIKE|rlike)(?=[ \t]{1,4}(?:[NnEe]?'|\\{0,8}\"))",
        rb"[ \t]{1,4}(?:[NnEe]?" + _SQ + rb"|\\{1,8}\"(?P<eq>[^\"\\\r\n]{1,256})|" + _DQ + rb")",
        before_sign,
        words=(b"LIKE", b"like"),
    ),
    _notation(rb"[ \t](?:IN|in|In)[ \t]{0,4}\(", rb"(?P<items>[^()\r\n]{1,4096})", before_sign),
    _notation(
        rb"(?<!:)::(?= [A-Za-z0-9+/]{4})",
        rb" (?P<text>[A-Za-z0-9+/]{4,4096}={0,2})(?=[\r\n]|\Z)",
        before_sign,
        words=(b":: ",),
    ),
    _notation(
        rb"attr:[ \t]{0,8}(?P<key>[\w.\x80-\xff-]{1,64})",
        rb"[ \t]{1,16}value:[ \t]{0,8}" + _QUOTED + _BARE + rb")",
        quick=True,
        words=(b"attr:",),
    ),
    _notation(
        rb"<(?<!=<)(?!(?<=\w<)[\w.:-]{1,85}>[\s)>,;&*({\[])(?![A-Z]{2,7}:[0-9a-f]{16})(?:[\w-]{1,20}:)?(?P<key>[A-Za-z\x80-\xff][\w.\x80-\xff-]{1,63})(?=[\s>])",
        rb"(?:\s[^<>\r\n]{0,512})?>(?:\r?\n[ \t]{1,64})?"
        + _NO_PROSE
        + rb"(?:<!\[CDATA\[(?P<cdata>[^\]\r\n]{1,4096})|(?P<text>[^<\r\n]{1,4096}))",
        quick=True,
    ),
    _notation(
        rb"<(?P<key>[A-Za-z][\w.-]{1,63})(?= value=[\"'])",
        rb" value=(?:" + _SQ + rb"|" + _DQ + rb")",
        quick=True,
    ),
    _notation(
        rb"(?<![A-Za-z])(?P<key>host|server|node|machine|computer|workstation)"
        rb'"[ \t]{0,2}:[ \t]{0,2}\{[ \t]{0,2}"name(?="[ \t]{0,2}:)',
        rb'"[ \t]{0,2}:[ \t]{0,2}' + _DQ,
        _of_machine,
        words=(b'"name"',),
    ),
    _notation(
        rb"<Cfg(?P<key>Host)(?=[\s>])[^<>]{0,200}>\s{0,64}<name(?= value=[\"'])",
        rb" value=(?:" + _SQ + rb"|" + _DQ + rb")",
        _of_machine,
        words=(b"<CfgHost",),
    ),
    _notation(
        rb"(?:[nN]ame|key|id|attr|location|param|field|var|interpret-as)=(?:\"|')"
        rb"(?P<key>[A-Za-z_\x80-\xff][\w.: \x80-\xff-]{0,63})(?:\"|')",
        rb"[^<>\r\n]{0,128}?\s(?:value|expr|val)=(?:" + _SQ + rb"|" + _DQ + rb")"
        rb"|[^<>\r\n]{0,256}>(?:\s{0,64}<(?![/!])[^<>\r\n]{1,128}>)?"
        rb"(?:<!\[CDATA\[(?P<cdata>[^\]\r\n]{1,4096})|(?P<text>[^<\r\n]{1,4096}))",
        words=(b'="', b"='"),
    ),
    _notation(
        rb'form-data; name="(?P<key>[A-Za-z_\x80-\xff][\w.: \x80-\xff-]{0,63})(?=")',
        rb'"[^\r\n]{0,256}(?=\s)\r?\n(?:[A-Za-z-]{1,64}:[^\r\n]{0,256}\r?\n){0,3}\r?\n(?P<text>[^\r\n]{1,4096})',
        words=(b'form-data; name="',),
    ),
    _notation(
        rb"<(?:[\w-]{1,20}:)?(?:name|key|Name|Key)>(?P<key>[A-Za-z_\x80-\xff][\w.:\x80-\xff-]{0,63})(?=</)",
        rb"</(?:[\w-]{1,20}:)?\w{1,8}>\s{0,64}<(?![/!])[^<>\r\n]{1,128}>(?:<(?![/!]|[A-Z]{2,7}:[0-9a-f]{16})[^<>\r\n]{1,128}>)?(?P<text>[^<\r\n]{1,4096})",
        quick=True,
        words=(b"name>", b"key>", b"Name>", b"Key>"),
    ),
    _notation(
        rb"(?:&(?:amp;)?lt;|\\\\?u003[cC])(?:[\w-]{1,20}:)?(?P<key>[A-Za-z\x80-\xff][\w.\x80-\xff-]{1,63})(?=[\s&\\])",
        rb"(?:\s[^<>&\\\r\n]{0,128})?(?:&(?:amp;)?gt;|\\\\?u003[eE])(?P<text>[^<&\\\r\n]{1,1024})",
        words=(b"lt;", b"u003c", b"u003C"),
    ),
    _notation(
        rb"(?i:name|key|id|attr|attribute|field|param|parameter|property|column|type|code)"
        rb"[\"']?[ \t]{0,2}[=:][ \t]{0,2}"
        rb"[\"']?(?P<key>[A-Za-z\x80-\xff][\w.\x80-\xff-]{0,63})(?=[\"' ,;|])",
        rb"[\"']?[ \t]{0,2}[,;| ][ \t]{0,4}"
        rb"(?:[\"']?\w{1,32}[\"']?[ \t]{0,2}[=:][ \t]{0,2}[\"']?[\w.-]{0,64}[\"']?"
        rb"[ \t]{0,2}[,;| ][ \t]{0,4}){0,2}"
        rb"[\"']?(?!(?:" + WAS_NAMED + rb"|" + BECAME_NAMED + rb")_?[Vv]alue[\"']?[ \t]{0,2}[=:][ \t]{0,2}"
        rb"[\"']?" + SCHEMA_WORD + rb")"
        rb"(?:\w{0,16}[Vv]alue|val|text|content|VALUE)[\"']?[ \t]{0,2}[=:][ \t]{0,2}"
        + _QUOTED
        + _BARE
        + rb")",
    ),
    _notation(
        rb"\b(?:put|set|add|append|with|attach|update)[A-Za-z]{0,32}\([ ]?[\"']?"
        rb"(?P<key>[A-Za-z_\x80-\xff][\w.\x80-\xff-]{0,63})(?=[\"', ])",
        rb"[\"']?[ ]?,[ ]?" + _QUOTED + rb"(?P<bare>[^\s,;\"'()\[\]{}][^,;\"'()\[\]{}\r\n]{0,255}))",
        words=(b"(",),
    ),
    _notation(
        rb"(?<![\w.-])(?P<key>number|no|nr|num|line_?\d?|value|holder|owner|date|place|digits|full|e164)"
        rb"(?=(?:\\{0,8}[\"'])?[ \t]{0,4}[:=])",
        rb"(?:\\{0,8}[\"'])?[ \t]{0,4}[:=][ \t]{0,4}(?:\\{1,8}\"(?P<eq>[^\"\\\r\n]{1,1024})|"
        + _SQ
        + rb"|"
        + _DQ
        + rb"|"
        + _BARE
        + rb")",
        _of_parent,
    ),
    _notation(
        rb"(?<![\w.-])(?P<key>id|code|ref)(?=(?:\\{0,8}[\"'])?[ \t]{0,4}[:=])",
        rb"(?:\\{0,8}[\"'])?[ \t]{0,4}[:=][ \t]{0,4}(?:\\{1,8}\"(?P<eq>[^\"\\\r\n]{1,1024})|"
        + _SQ
        + rb"|"
        + _DQ
        + rb"|(?P<bare>(?:[A-Z]{1,4}-?)?\d{6,20}))",
        _of_parent,
    ),
    _notation(
        rb"(?<![\w.$'\"-])(?P<key>(?:[A-Za-z]{2,20} )?[A-Za-z][A-Za-z_]{2,40})(?= ['\"]|\t\")",
        rb"[ \t](?:" + _SQ + rb"(?=')|" + _DQ + rb"(?=\"))",
        words=(b" '", b' "', b'\t"'),
    ),
    _notation(
        rb"(?<![\w.$-])(?P<key>[A-Za-z][A-Za-z_]{2,40})(?= \[[^\]\[\r\n]{1,128}\](?![ \t]{0,2}[=:]))",
        rb" \[(?:" + _SQ + rb"|" + _DQ + rb"|(?P<boxed>[^\]\[\r\n'\"]{1,128}))",
    ),
    _notation(
        rb"expression='(?P<key>[\w.$\[\]\x80-\xff-]{1,80})(?=\s{0,4}=(?!=)|')",
        rb"[^\r\n']{0,2048}'[ \t]{1,8}result=" + _SQ,
        quick=True,
        words=(b"expression='",),
    ),
)
"""Every notation but that of SQL's ``INSERT``, as a finder of values that are personal."""
