"""Keys and values with something between them that only one language or tool writes.

``"phone";s:12:"…"`` of PHP, ``{"Phone": {"S": "…"}}`` of stores, ``User-Name [1] 10 "…"`` of RADIUS, what a
setter is given, what a value was changed to, and what audits tell of it. Nothing is read that reaches far:
each finder is linear.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.masking.changes import BECAME_NAMED, CLASS, WAS_NAMED, of_nothing, of_schema, of_sized_type
from app.masking.face import Kind
from app.masking.keysbefore import before_sign
from app.masking.needs import NEEDED
from app.masking.notations import KEY, Judge, Place, RuleOf
from app.masking.patterns import Pattern
from app.masking.rules import Needs
from app.masking.spans import Span
from app.masking.tokens import TOKEN
from app.masking.wordpairs import names_no_field

_HYPHENED = rb"(?<![\w.$-])(?P<key>[A-Za-z][A-Za-z0-9_-]{2,40})"
_TEXT = rb'"(?P<value>[^"\r\n]{1,256})"'
_TEXT_OF_JSON = rb'"(?P<value>(?:[^"\\\r\n]|\\[^\r\n]){1,256})"'
_EITHER = rb"(?P<quote>[\"'])(?P<value>(?:(?!(?P=quote))[^\r\n]){1,256})(?P=quote)"

QUOTED = Pattern(
    rb'"(?P<key>'
    + KEY
    + rb')(?="(?:\] ?=>(?:\r?\n)?[ \t]{0,32}string\(\d{1,6}\) ?|;s:\d{1,6}:)'
    + _TEXT
    + rb")",
    words=(b'";s:', b"string("),
)
"""What PHP dumps and stores."""
_TYPE = rb'" ?: ?\{ ?"(?:S|N|string|long|int|stringValue|longValue|integerValue)"'
TYPED = Pattern(
    rb'"(?P<key>' + KEY + rb")(?=" + _TYPE + rb" ?: ?" + _TEXT_OF_JSON + rb")",
    words=(b'{"', b'{ "'),
)
"""A value below the name of its type: of DynamoDB, of Avro, of Firestore."""
TUPLE = Pattern(
    rb"(?<![\w\x80-\xff])\('(?P<key>" + KEY + rb")(?=', ?'(?P<value>[^'\r\n]{1,256})'\)(?P<behind> ?[,\]])?)",
    words=(b"', '", b"','"),
)
"""``[('last_name', 'Major'), …]`` of Python."""
COUNTED = Pattern(_HYPHENED + rb"(?= {1,24}\[\d{1,3}\] {1,8}\d{1,4} {1,8}" + _TEXT + rb")", words=(b"] ",))
"""``Calling-Station-Id [31] 14 "4930901820417"``: an attribute of RADIUS with its number and size."""
DISSECTED = Pattern(
    _HYPHENED
    + rb"(?=\(\d{1,6}\) l=\d{1,6} (?:f=[\w-]{1,8} )?(?:vnd=\w{1,16} )?val=(?P<value>[^\r\n]{1,256}))",
    words=(b" val=",),
)
"""``AVP: t=User-Name(1) l=8 val=mohara`` as Wireshark shows it."""
SETTER = Pattern(
    rb"(?<![\w\x80-\xff])set(?P<key>[A-Z]\w{1,40})(?=\( ?" + _EITHER + rb" ?\))",
    words=(b"set",),
)
CHANGED = Pattern(
    rb"[:=](?= ?(?P<before>[\"'])(?:(?!(?P=before))[^\r\n]){0,128}(?P=before) -> " + _EITHER + rb")",
    words=(b'" -> ', b"' -> "),
)
"""``lastName: "Minor" -> "Major"``."""
OPTIONAL = Pattern(
    rb"=(?=Optional\[(?P<value>[^\[\]{\r\n]{1,256})\])",
    words=(b"=Optional[",),
)
"""``lastName=Optional[Major]`` of Java; ``password: Optional[Hidden]`` of Python tells a type."""
_WITHIN = rb"(?:[\w$.]|" + TOKEN.pattern + rb")"
_OBJECT = Pattern(
    rb"(?:[a-z]|" + TOKEN.pattern + rb")" + _WITHIN + rb"*\.(?:[A-Z]|" + TOKEN.pattern + rb")"
    rb"(?:[\w$]|" + TOKEN.pattern + rb")*|.*@[0-9a-f]{1,16}",
    re.DOTALL,
)
"""``java.lang.String``, ``com.example.User@4f3a``: what something is; tokens are parts of it."""
_TYPE_GIVEN = Pattern(
    rb"[A-Z]|(?i:text|string|str|bytes|unicode|annotated|any)|"
    + CLASS
    + rb"|(?:class|interface|enum) "
    + _WITHIN
    + rb"+|"
    + _WITHIN
    + rb"+<(?:[\w$., ?<>]|"
    + TOKEN.pattern
    + rb")+>"
)
"""``Optional[Text]``, ``Optional[class java.lang.String]``, ``Optional[Foo<Bar>]``."""
LISTED = Pattern(
    rb"'(?P<key>" + KEY + rb")(?=': ?\['(?P<value>[^'\r\n]{1,256})'[,\]])", words=(b"': ['", b"':['")
)
"""``<QueryDict: {'last_name': ['Major']}>`` of Django: the first of a list."""
_SENT = b"<QueryDict: {'"
_SENT_ENDS = (b"]}>", b"\r", b"\n")
ELEMENT = Pattern(
    rb"%3[cC](?P<key>[A-Za-z][\w.-]{1,63})"
    rb"(?=%3[eE](?P<value>(?:[^\s<>&%\"'\\]|%(?!3[cC])[0-9A-Fa-f]{2}){1,512})%3[cC])",
    words=(b"%3C", b"%3c"),
)
"""``%3Cphone%3E%2B4930901820417%3C%2Fphone%3E``."""
TURNED = Pattern(
    rb"(?:[{(\[] ?|<[\w:.-]{1,64} )[\"']?(?:[vV]alue|val)[\"']? ?[=:] ?"
    rb"(?P<quote>[\"'])(?P<value>(?:(?!(?P=quote))[^\r\n]){1,256})"
    rb"(?=(?P=quote)(?:[,;] {0,2}| {1,2})[\"']?(?:[nN]ame|[kK]ey)[\"']? ?[=:] ?"
    rb"[\"'](?P<key>[A-Za-z_\x80-\xff][\w.\x80-\xff-]{0,63})[\"'])",
    words=(b"alue", b"val"),
)
"""``{"value": "Major", "name": "LastName"}``."""
_FIELD = rb', ?"\w{1,32}" ?: ?(?:"(?:[^"\\\r\n]|\\[^\r\n]){0,256}"|[\w.-]{1,32})'
_FIELDS = rb'(?="(?:' + _FIELD + rb'){0,3}?, ?"'
_BEHIND = rb'" ?: ?"(?P<value>(?:[^"\\\r\n]|\\[^\r\n]){1,256})")'
_AUDITED = (
    rb'"(?=\w{3,40}")\w{0,40}?(?i:name|key|field|property|attribute|column)" ?: ?"'
    rb"(?P<key>[A-Za-z_\x80-\xff][\w.\x80-\xff-]{0,63})" + _FIELDS
)
_WHAT = rb"(?:_?[Vv]alue|_?[Ss]tring)?"
_BEFORE = WAS_NAMED + _WHAT
_AFTER = BECAME_NAMED + _WHAT
WAS = Pattern(_AUDITED + _BEFORE + _BEHIND, words=(b"ld", b"rom", b"efore", b"revious", b"riginal"))
BECAME = Pattern(_AUDITED + _AFTER + _BEHIND, words=(b"ew", b'"to', b'"To', b"fter", b"urrent"))
"""``{"field": "lastName", "oldValue": "Minor", "newValue": "Major"}``, as audits tell what was changed."""
_BELOW = rb'"(?P<key>' + KEY + rb')(?=" ?: ?\{ ?"' + _BEFORE
_OTHER = rb'(?:"(?P<other>(?:[^"\\\r\n]|\\[^\r\n]){0,256})")'
WAS_BELOW = Pattern(
    _BELOW + rb'" ?: ?' + _TEXT_OF_JSON + rb', ?"' + _AFTER + rb'" ?: ?' + _OTHER + rb"?)",
    words=(b'{"', b'{ "'),
)
BECAME_BELOW = Pattern(
    _BELOW + rb'" ?: ?(?:' + _OTHER + rb'|[\w.-]{1,32}), ?"' + _AFTER + _BEHIND, words=(b'{"', b'{ "')
)
"""``{"lastName": {"old": "Minor", "new": "Major"}}``."""
PATCHED = Pattern(
    rb'"path" ?: ?"/?(?:[\w-]{1,64}/){0,6}(?P<key>[A-Za-z_][\w.-]{0,63})' + _FIELDS + rb"value" + _BEHIND,
    words=(b'"path"',),
)
"""``{"op": "replace", "path": "/lastName", "value": "Major"}``."""
JOINTS = (
    QUOTED,
    TYPED,
    TUPLE,
    COUNTED,
    DISSECTED,
    SETTER,
    CHANGED,
    ELEMENT,
    TURNED,
    WAS,
    BECAME,
    WAS_BELOW,
    BECAME_BELOW,
    PATCHED,
    OPTIONAL,
    LISTED,
)

MARKS = {
    QUOTED: Pattern(rb'"(?:\] ?=>|;s:[0-9])'),
    TYPED: Pattern(_TYPE),
    TUPLE: Pattern(rb"[\w\x80-\xff .@$-]', ?'"),
    COUNTED: Pattern(rb'\] {1,8}[0-9]{1,4} {1,8}"'),
    DISSECTED: Pattern(rb"\) l=[0-9]"),
    SETTER: Pattern(rb"set[A-Z]\w{1,40}\( ?[\"']"),
    CHANGED: Pattern(rb"[\"'] -> [\"']"),
    ELEMENT: Pattern(rb"%3[cC][A-Za-z]"),
    OPTIONAL: Pattern(rb"=Optional\["),
    LISTED: Pattern(rb"[\w\x80-\xff .@$-]': ?\['"),
    TURNED: Pattern(rb"[\"'][,; ] {0,2}[\"']?(?:[nN]ame|[kK]ey)[\"']? ?[=:] ?[\"']"),
    WAS: Pattern(rb'"' + _BEFORE + rb'" ?: ?"'),
    BECAME: Pattern(rb'"' + _AFTER + rb'" ?: ?"'),
    WAS_BELOW: Pattern(rb'" ?: ?\{ ?"' + _BEFORE + rb'" ?: ?"'),
    BECAME_BELOW: Pattern(rb'" ?: ?\{ ?"' + _BEFORE + rb'" ?: ?'),
    PATCHED: Pattern(rb'"path" ?: ?"'),
}
"""What every match of a joint holds, for who reads many texts that have none: short, and without loops."""

_BELOW_KEY = (WAS_BELOW, BECAME_BELOW)
_CHANGES = (WAS, BECAME, WAS_BELOW, BECAME_BELOW)
_CAPITALS = NEEDED[Needs.WORDS]
"""Of a name below its key: ``{"lastName": {"from": "last_nm", "to": "nm"}}`` tells columns."""
_KINDS = frozenset({Kind.TEL, Kind.NAME, Kind.MAIL, Kind.BIRTH, Kind.ADDRESS, Kind.IBAN, Kind.CARD})
_TOLD = _KINDS | {Kind.USER, Kind.SECRET, Kind.ID}
"""Of notations that nothing but a key and its value has."""


def joints(buffer: bytes, rule_of: RuleOf, judge: Judge) -> Iterator[Span]:
    """Every value in one of these notations whose key has a rule."""
    for joint in JOINTS:
        yield from joined(joint, buffer, rule_of, judge)


def joined(joint: Pattern, buffer: bytes, rule_of: RuleOf, judge: Judge) -> Iterator[Span]:
    """Every value in one notation whose key has a rule; the name of a field is no value."""
    kinds = _KINDS if joint in (TUPLE, SETTER, CHANGED, PATCHED, OPTIONAL) else _TOLD
    sent = _Sent()
    for match in joint.finditer(buffer):
        keys = before_sign(match) if joint in (CHANGED, OPTIONAL) else iter((match["key"],))
        rule = next((rule for rule in map(rule_of, keys) if rule is not None), None)
        if rule is None or rule.kind not in kinds or not names_no_field(match["value"], rule_of):
            continue
        if joint is TUPLE and not _listed(match):
            continue
        if joint in _CHANGES and _of_schema(joint, match, rule_of):
            continue
        if joint in _BELOW_KEY and rule.kind is Kind.NAME and not _CAPITALS.match(match["value"]):
            continue
        if joint is OPTIONAL and any(each.fullmatch(match["value"]) for each in (_OBJECT, _TYPE_GIVEN)):
            continue
        if joint is LISTED and not sent.holds(buffer, match.start()):
            continue
        if joint is SETTER and _unset(match["key"], match["value"]):
            continue
        span = judge(rule, Place(*match.span("value"), quoted=True), buffer)
        if span is not None:
            here = joint in (OPTIONAL, LISTED) or (joint in _CHANGES and _is_of_here(match))
            yield span._replace(learn=False) if here else span


def _is_of_here(match: re.Match[bytes]) -> bool:
    """Whether a word alone changed, or what something is shown as: elsewhere it may be no name."""
    return b" " not in match["value"] or match["key"].lower().replace(b"_", b"").endswith(b"displayname")


def _of_schema(joint: Pattern, match: re.Match[bytes], rule_of: RuleOf) -> bool:
    """Whether what a field is was changed and no value of it, as both sides say, or one side says nothing."""
    value = match["value"]
    if joint in _BELOW_KEY:
        other = match["other"]
    else:
        beside = (BECAME if joint is WAS else WAS).match(match.string, match.start())
        other = beside["value"] if beside else None
    if of_nothing(value) or of_sized_type(value) or of_sized_type(other):
        return True
    return of_schema(value) and (
        other is None or of_nothing(other) or of_schema(other) or not names_no_field(other, rule_of)
    )


class _Sent:
    """Tells of keys, one behind the other, whether they stand in what was sent, not among errors of a form.

    What was sent is told up to its last bracket or the end of its line, however far that is. What stands in
    its values says nothing, since a token may stand there instead.
    """

    def __init__(self) -> None:
        self._within = False
        self._read = 0

    def holds(self, text: bytes, start: int) -> bool:
        """Whether the key in quotes that begins at ``start`` does."""
        least = max(0, self._read - len(_SENT))
        begun = text.rfind(_SENT, least, start + 1)
        ended = max(text.rfind(mark, least, start) for mark in _SENT_ENDS)
        if begun >= 0 or ended >= 0:
            self._within = begun > ended
        self._read = start
        return self._within


def _unset(key: bytes, value: bytes) -> bool:
    """Whether a setter sets no value of a person: who owns it, a text with a place for one, a label."""
    return key.lower() in (b"owner", b"display", b"caller") or b"%s" in value or value.endswith(b":")


def _listed(match: re.Match[bytes]) -> bool:
    """Whether a tuple stands in a list, and its key is long enough for one."""
    start = match.start()
    before = match.string[max(0, start - 2) : start].removesuffix(b" ")[-1:]
    return len(match["key"]) > 3 and (match["behind"] is not None or before in (b"[", b",", b"("))
