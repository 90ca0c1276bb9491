"""What audits tell of a field: what it was and what it is; changes of a schema are none of a value."""

from __future__ import annotations

from app.masking.patterns import Pattern

WAS_NAMED = rb"(?:[oO]ld|[fF]rom|[bB]efore|[pP]revious|[oO]riginal)"
BECAME_NAMED = rb"(?:[nN]ew|[tT]o|[aA]fter|[cC]urrent)"
SCHEMA_WORD = (
    rb"(?i:text|string|str|n?varchar|n?char|character|n?clob|blob|integer|int|bigint|smallint|tinyint|number"
    rb"|numeric|decimal|double|float|boolean|bool|date|datetime|time|timestamp|timestamptz|uuid|guid|jsonb?"
    rb"|xml|enum|array|list|map|object|binary|bytea|serial|null|none|nil|undefined|nullable|not|yes|true"
    rb"|false|off|required|optional|mandatory|visible|hidden|readonly|open|opened|closed|enabled|disabled"
    rb"|active|inactive|always|never|default|public|private|unknown|pending|value|build|server|agent)"
    rb"\d{0,3}(?![A-Za-z\d\x80-\xff'-])"
)
"""The word of a type or a state at the beginning of a text: what a field is was changed, no value of it."""
SCHEMA = Pattern(SCHEMA_WORD)
