"""Values that databases tell when one is there already.

The keys stand in brackets, or in the name of a constraint.

``Key (email, last_name)=(m@example.com, Major) already exists.``, ``Duplicate entry 'mohara' for key
'uk_login'``, ``constraint 'UQ_Agent_Login'. … The duplicate key value is (mohara).``
"""

from __future__ import annotations

from collections.abc import Iterator

from app.masking.keysbefore import GROUPED
from app.masking.notations import Judge, Place, RuleOf
from app.masking.patterns import Pattern
from app.masking.plausible import FULL_NAME, names_nobody
from app.masking.reach import LETTER
from app.masking.spans import Span

ENTRY = Pattern(
    rb"(?<![\w\x80-\xff])Duplicate entry '(?P<value>[^'\r\n]{1,256})' for key '(?P<key>[\w.$-]{1,128})'",
    words=(b"Duplicate entry '",),
)
TOLD = Pattern(
    rb"(?<![\w\x80-\xff])duplicate key value is \((?P<value>[^(),\r\n]{1,64})\)",
    words=(b"duplicate key value is (",),
)
OF_COLUMN = Pattern(
    rb"'(?P<value>[^'\r\n]{1,256})' (?:for column ['`]|(?:AS|as) [\"`\[]?)(?P<key>[A-Za-z_][\w.`-]{0,127})",
    words=(b"' for column ", b"' AS ", b"' as "),
)
"""``Incorrect string value: 'Major' for column 'last_name'``; ``SELECT 'Major' AS last_name``."""
TRUNCATED = Pattern(
    rb"(?<![\w\x80-\xff])column '(?P<key>[\w.$-]{1,128})'\. Truncated value: '(?P<value>[^'\r\n]{1,256})'",
    words=(b"Truncated value: '",),
)
_CONSTRAINT = Pattern(rb"(?:constraint|index) '(?P<key>[\w.$-]{1,128})'")
_BEFORE = 320
_SORT = Pattern(rb"(?i)\A(?:uk|uq|ux|idx|ix|ak|unique)_|_(?:unique|uniq|uk|uq|idx|index|key|ak)\Z")
"""What says that a name is that of a constraint: ``uk_email``, ``contacts_phone_unique``."""


def constrained(buffer: bytes, rule_of: RuleOf, judge: Judge) -> Iterator[Span]:
    """Every value, as a notation."""
    for match in GROUPED.finditer(buffer):
        yield from _grouped(buffer, match.start("values"), match["keys"], match["values"], rule_of, judge)
    found = [(match["key"], match.span("value")) for match in ENTRY.finditer(buffer)]
    for match in TOLD.finditer(buffer):
        before = buffer[max(0, match.start() - _BEFORE) : match.start()].rpartition(b"\n")[2]
        keys = [each["key"] for each in _CONSTRAINT.finditer(before)]
        if keys:
            found.append((keys[-1], match.span("value")))
    for told in (OF_COLUMN, TRUNCATED):
        found += ((match["key"], match.span("value")) for match in told.finditer(buffer))
    for key, (start, end) in found:
        name = _SORT.sub(b"", key.rpartition(b".")[2].strip(b"`"))
        rule = rule_of(name) if name else None
        span = judge(rule, Place(start, end, True), buffer) if rule is not None else None
        if span is not None:
            yield span


def _grouped(
    buffer: bytes, start: int, keys: bytes, values: bytes, rule_of: RuleOf, judge: Judge
) -> Iterator[Span]:
    names = [key.strip(b' "`') for key in keys.split(b",")]
    texts = values.split(b", ")
    if len(names) != len(texts):
        return
    rules = [rule_of(name) if name else None for name in names]
    of_person = any(rule is not None for rule in rules)
    for name, rule, text in zip(names, rules, texts, strict=True):
        if rule is None and of_person and _is_name(name, text):
            rule = rule_of(b"contact_name")
        if rule is not None and text:
            span = judge(rule, Place(start, start + len(text), True), buffer)
            if span is not None:
                yield span
        start += len(text) + 2


def _is_name(key: bytes, text: bytes) -> bool:
    """Whether a name stands beside what is somebody's: any under that key, and full ones under others."""
    if key.lower() == b"name":
        return LETTER.search(text) is not None
    return FULL_NAME.fullmatch(text) is not None and not names_nobody(text)
