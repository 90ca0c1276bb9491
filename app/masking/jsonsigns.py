r"""Keys and values whose sign JSON escapes, as Gson does: ``lastName\u003dMajor\u0026phone\u003d…``."""

from __future__ import annotations

from collections.abc import Iterator

from app.masking.face import Kind
from app.masking.keysbefore import before_sign
from app.masking.notations import Judge, Place, RuleOf
from app.masking.patterns import Pattern
from app.masking.spans import Span

_QUOTE = rb"\\{1,8}(?:u0027|\")"
_LETTER = rb"\\{1,8}u00[89a-fA-F][0-9a-fA-F]"
_WITHIN = rb"\\{1,8}u00(?:2[07]|[89a-fA-F][0-9a-fA-F])"
"""Letters, apostrophes and blanks of a value that JSON escapes."""
JSON_SIGN = Pattern(
    rb"\\{1,8}u003[dD](?=(?:(?P<open>"
    + _QUOTE
    + rb")(?P<text>(?:[^\\\"\r\n]|(?!(?P=open))"
    + _WITHIN
    + rb"){1,256})(?P=open)"
    + rb"|(?P<bare>(?:[^\s,;&\"'<>()\[\]{}|\\]|"
    + _LETTER
    + rb")(?:[^,;&\"'<>()\[\]{}|\\\r\n]|"
    + _WITHIN
    + rb"){0,255})))",
    words=(b"u003d", b"u003D"),
)
"""Behind the sign a text in quotes that are escaped, too, or all up to the next mark."""
MARK = Pattern(rb"\\{1,8}u003[dD]", words=(b"u003d", b"u003D"))
_BLANK = Pattern(rb"\s")
_OF_ITSELF = (b"this.", b"self.")
_FIELD = Pattern(rb"[A-Za-z_]\w{0,63}\.(?P<field>[A-Za-z_]\w{0,63})")
"""``b.last_name``: a field of something."""


def signed_in_json(buffer: bytes, rule_of: RuleOf, judge: Judge) -> Iterator[Span]:
    """Every value behind such a sign: addresses up to the next mark, others as behind ``=``."""
    for match in JSON_SIGN.finditer(buffer):
        quoted = match["text"] is not None
        start, end = match.span("text" if quoted else "bare")
        if not quoted and _of_field(match["bare"], rule_of):
            continue
        blank = None if quoted else _BLANK.search(buffer, start, end)
        word = blank.start() if blank else end
        for key in before_sign(match):
            rule = rule_of(key)
            if rule is None:
                continue
            whole = quoted or rule.kind is Kind.ADDRESS
            span = judge(rule, Place(start, end if whole else word, quoted=whole), buffer)
            if span is not None:
                yield span
                break


def _of_field(value: bytes, rule_of: RuleOf) -> bool:
    """Whether code names a field where a value was looked for."""
    field = _FIELD.fullmatch(value)
    return value.startswith(_OF_ITSELF) or (field is not None and rule_of(field["field"]) is not None)


def may_sign(buffer: bytes, start: int, rule_of: RuleOf) -> bool:
    """Whether a sign stands there behind a key with a rule, and before a value."""
    sign = JSON_SIGN.match(buffer, start)
    return sign is not None and any(rule_of(key) is not None for key in before_sign(sign))
