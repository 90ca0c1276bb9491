"""Values that sentences tell of a field: ``lastName is 'Major'``, ``invalid value 'Major' for lastName``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.masking.changes import of_nothing, of_schema
from app.masking.face import Kind
from app.masking.notations import Judge, Place, RuleOf
from app.masking.patterns import Pattern
from app.masking.spans import Span
from app.masking.wordpairs import names_no_field

_KEY = rb"(?<![\w.$@/\x80-\xff-])(?P<key>[A-Za-z_][\w.]{2,63})"
_MARK = rb"['\"`]?"
_TEXT = rb"[^'\"\\\r\n]{1,128}"
IS = Pattern(
    _KEY + rb" (?:is|was|equals) (?P<mark>['\"])(?P<value>" + _TEXT + rb")(?P=mark)",
    words=(b" is ", b" was ", b" equals "),
)
CHANGED = Pattern(
    _KEY
    + _MARK
    + rb"(?: (?:was|has been|is))?(?: (?:changed|updated|modified|set|renamed|corrected|edited))? from "
    rb"(?P<mark>['\"])(?P<value>" + _TEXT + rb")(?P=mark) to (?P=mark)(?P<new>" + _TEXT + rb")(?P=mark)",
    words=(b" from '", b' from "'),
)
_FIELD = rb"(?:field|parameter|param|property|attribute|argument|column|key|element) "
_KEY_BEHIND = rb"(?P<key>(?=[A-Za-z_][\w.]{1,62}\w)[A-Za-z_](?>(?:\w|\.(?=\w)){2,63}))(?![\w\x80-\xff-])"
GIVEN = Pattern(
    rb"(?<!\w)(?:value|input|argument|data) (?P<mark>['\"])(?P<value>"
    + _TEXT
    + rb")(?P=mark)(?: is (?:invalid|not valid|not allowed))?,? (?:for|of|in|on) (?:the )?(?:"
    + _FIELD
    + rb")?"
    + _MARK
    + _KEY_BEHIND,
    words=(b"value ", b"input ", b"argument ", b"data "),
)
EXTRACTED = Pattern(
    rb"(?<!\w)extracted value \(\[(?P<key>\w{1,64})\] : \[\w{1,32}\]\) - \[(?P<value>[^\[\]\r\n]{1,256})\]",
    words=(b"extracted value ([",),
)
"""What Hibernate reads of a column."""
STEP = Pattern(
    rb",\d\d/\d\d/\d{4} \d\d:\d\d:\d\d\.\d{3},[\w.-]{0,64},"
    rb"(?:start|custom|data|interaction),(?P<key>[\w.-]{1,64}),"
    rb"(?P<value>[^\r\n]{1,512})",
    words=(b",start,", b",custom,", b",data,", b",interaction,"),
)
"""``…,11/14/2026 08:14:01.500,AccountLookup,custom,acct,5521998310`` of a voice portal of Cisco."""
RECEIVED = Pattern(rb"\] \[msg:\d{1,5}:(?P<value>[^\]\r\n]{1,512})\] \[udh:", words=(b"] [udh:",))
"""``[msg:41:…] [udh:0:]``: the text of a message that Kannel passed on."""
SPOKEN = Pattern(
    rb"<input mode=\"speech\"[^<>\r\n]{0,128}>(?P<value>[^<\r\n]{1,512})</input>",
    words=(b'<input mode="speech"',),
)
"""What a recogniser understood, as MRCP tells it."""
ENTERED = Pattern(
    rb"\"(?:Store|Get)UserInput\"(?:(?!\"Results\")[^\r\n]){0,512}\"Results\":\"(?P<value>[0-9*#]{1,32})\"",
    words=(b'UserInput"',),
)
"""``"ContactFlowModuleType":"StoreUserInput",…,"Results":"4711"`` of Amazon Connect."""
_KEYS = {SPOKEN: b"chat_text", ENTERED: b"entered_digits", RECEIVED: b"chat_text"}
"""Of forms that name no field."""
_TOLD = frozenset(
    {Kind.TEL, Kind.NAME, Kind.MAIL, Kind.BIRTH, Kind.ADDRESS, Kind.IBAN, Kind.CARD, Kind.ID, Kind.USER}
)
_ALL = frozenset(Kind)
_SAID = _TOLD - {Kind.USER}
"""``user is 'busy'`` tells a state."""


def told(buffer: bytes, rule_of: RuleOf, judge: Judge) -> Iterator[Span]:
    """Every value, as a notation."""
    for pattern in (IS, CHANGED, GIVEN, EXTRACTED, STEP, RECEIVED, SPOKEN, ENTERED):
        key = _KEYS.get(pattern)
        kinds = _SAID if pattern is IS else _ALL if key or pattern is STEP else _TOLD
        for match in pattern.finditer(buffer):
            rule = rule_of(key or match["key"])
            if rule is None or rule.kind not in kinds:
                continue
            for group in ("value", "new") if pattern is CHANGED else ("value",):
                if not _is_value(match, group, rule_of):
                    continue
                span = judge(rule, Place(*match.span(group), quoted=True), buffer)
                if span is not None:
                    yield span


def _is_value(match: re.Match[bytes], group: str, rule_of: RuleOf) -> bool:
    """Whether a text is no word for nothing, for a type or a state, and no field's name."""
    text = match[group]
    return not of_nothing(text) and not of_schema(text) and names_no_field(text, rule_of)
