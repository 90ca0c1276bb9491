"""What a program puts a value into: ``%s``, ``%1$-20s``, ``%(name)s``, ``%{name}``, ``:customer_name``."""

from __future__ import annotations

from app.masking.face import Kind
from app.masking.notations import RuleOf
from app.masking.patterns import Pattern

_FORMAT = Pattern(
    rb"%(?:\d{1,2}\$)?[-+ #0]{0,2}\d{0,3}(?:\.\d{1,2})?(?:l{0,2}[sdiuxXfvq]|@)"
    rb"|%\([A-Za-z_]\w{0,40}\)[sdr]|%\{[A-Za-z_][\w.]{0,40}\}"
)
_PARAMETER = Pattern(rb":([A-Za-z_]\w{0,40})")
"""Of a statement; a password may begin so, and names no field then, or one of another kind."""


def holds_place(text: bytes, kind: Kind, rule_of: RuleOf) -> bool:
    """Whether a text holds the place of a value of a kind, and is none."""
    if text[:1] == b"%":
        return _FORMAT.fullmatch(text) is not None
    named = _PARAMETER.fullmatch(text) if text[:1] == b":" else None
    rule = rule_of(named[1]) if named is not None else None
    return rule is not None and (kind is not Kind.SECRET or rule.kind is kind)
