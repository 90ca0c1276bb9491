"""Sentences where a value was looked for: ``password: must not be empty``, ``Customer: Still waiting``."""

from __future__ import annotations

from app.masking.face import Kind
from app.masking.patterns import Pattern
from app.masking.plausible import PARTICLE
from app.masking.rules import KeyRule, Needs

SENTENCE = Pattern(
    rb"[A-Z][a-z\x80-\xff]{0,23}(?= (?!" + PARTICLE + rb"(?![a-z]))[a-z]{2,20}(?![\w\x80-\xff=:@.'-]))"
)
"""``Customer: Still waiting``: one word with a small one behind it that is no part of a name, and no key."""
_PROSE_KINDS = frozenset({Kind.SECRET, Kind.NAME, Kind.HOST})
_PROSE = Pattern(rb"(?!" + PARTICLE + rb" )[a-z]{1,12} [a-z]")

_OF_SECRETS = Pattern(
    rb"[A-Z][a-z]{1,15}(?= (?:access |refresh |session )?"
    rb"(?:token|password|key|secret|credential|code|passphrase|pin)s?(?![\w\x80-\xff=:@.-]))"
)
"""``InvalidAuthenticationToken: Access token has expired``."""


def is_prose(rule: KeyRule, buffer: bytes, start: int, end: int) -> bool:
    """Whether a sentence stands behind ``password: ``, and no value."""
    if buffer[start - 2 : start] != b": ":
        return False
    if rule.kind in _PROSE_KINDS and _PROSE.fullmatch(buffer, start, end + 2):
        return True
    told = _OF_SECRETS.match(buffer, start) if rule.kind is Kind.SECRET else None
    if told is not None and told.end() == end:
        return True
    sentence = SENTENCE.match(buffer, start) if rule.needs is Needs.NAME else None
    return sentence is not None and sentence.end() == end
