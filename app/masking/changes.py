"""What audits tell of a field: what it was and what it is; changes of a schema are none of a value."""

from __future__ import annotations

from app.masking.patterns import Pattern
from app.masking.tokens import TOKEN

WAS_NAMED = rb"(?:[oO]ld|[fF]rom|[bB]efore|[pP]revious|[oO]riginal)"
BECAME_NAMED = rb"(?:[nN]ew|[tT]o|[aA]fter|[cC]urrent)"
_TYPES = (
    rb"text|string|str|n?varchar|n?char|character|n?clob|blob|integer|int|bigint|smallint|tinyint|number"
    rb"|numeric|decimal|double|float|boolean|bool|date|datetime|time|timestamp|timestamptz|uuid|guid|jsonb?"
    rb"|xml|enum|array|list|map|object|binary|bytea|serial|null|none|nil|undefined|nullable|not|yes|true"
    rb"|false|off|required|optional|mandatory|visible|hidden|readonly|open|opened|closed|enabled|disabled"
    rb"|active|inactive|always|never|default|public|private|unknown|pending|value|build|server|agent"
    rb"|dropdown|picklist|checkbox|plain|encrypted|hashed|(?:long|medium|tiny)text|keyword|wildcard|sortable|filterable|searchable|asc|desc|ascending|descending"
)
_PARTS = rb"|field|column|label|key|name|first|last|family|left|right|center"
CLASS = rb"[A-Z][A-Za-z]{1,23}(?:Type|Field)"
"""``StringType``, ``CharField``."""
_ENDS = rb"(?![A-Za-z\d\x80-\xff'-])"
SCHEMA_WORD = rb"(?:(?i:" + _TYPES + rb")\d{0,3}|" + CLASS + rb")" + _ENDS
"""The word of a type or a state at the beginning of a text: what a field is was changed, no value of it."""
_WORD = Pattern(rb"(?:(?i:" + _TYPES + _PARTS + rb")\d{0,3}|" + CLASS + rb")" + _ENDS)
_SIZE = Pattern(rb" ?\(\d{1,5}(?:, ?\d{1,3}| (?i:char|byte))?\)")
_BESIDE = Pattern(rb"(?i:short|long|rich|single|multi|line|box|area)" + _ENDS)
"""Beside a word of a type only, ``Short Text``, ``Text Box``: Short and Long are names of families."""
_NUMBERED = Pattern(rb"(?:[A-Z]|\d{1,3})(?= |$)")
_WORDS = 4
_NOTHING = Pattern(
    rb"(?i:null|none|nil|undefined|unknown|pending|default|empty|blank|unset|missing|yes|true|false|off|n/a"
    rb"|not (?:yet )?"
    rb"(?:set|available|specified|known|given|provided|applicable|assigned|defined|null|present))"
)


def of_nothing(side: bytes | None) -> bool:
    """Whether one side of a change is no value, or a word for none."""
    return not side or _NOTHING.fullmatch(side) is not None


def of_schema(side: bytes) -> bool:
    """Whether one side is words of types and states and nothing else: ``Varchar(20) not null``, ``Column A``.

    A token counts as such a word, so that what was left beside a word is left beside its token, too.
    """
    at = 0
    typed = False
    for count in range(_WORDS):
        end = _word_end(side, at)
        typed = typed or end > at
        if end == at and (beside := _BESIDE.match(side, at)):
            end = beside.end()
        if end == at and count:
            number = _NUMBERED.match(side, at)
            end = number.end() if number else at
        if end == at:
            return False
        if end == len(side):
            return typed
        if side[end : end + 1] != b" ":
            return False
        at = end + 1
    return False


def of_sized_type(side: bytes | None) -> bool:
    """Whether one side begins with a type and its size, ``VARCHAR(40)``: so certain that it tells of both."""
    end = _bare_end(side, 0) if side else 0
    return side is not None and end > 0 and _SIZE.match(side, end) is not None


def _bare_end(side: bytes, at: int) -> int:
    """Where a word of a schema ends, or the tokens in its place; ``at`` itself: none stands there."""
    word = _WORD.match(side, at)
    if word:
        return word.end()
    while token := TOKEN.match(side, at):
        at = token.end()
    return at


def _word_end(side: bytes, at: int) -> int:
    end = _bare_end(side, at)
    size = _SIZE.match(side, end) if end > at else None
    return size.end() if size else end
