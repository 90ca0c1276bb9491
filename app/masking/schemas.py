"""What stands behind a key and is a type, a table or a field, and no value of anybody."""

from __future__ import annotations

from collections.abc import Callable

from app.masking.face import Kind
from app.masking.patterns import Pattern
from app.masking.rules import KeyRule

_TYPE_OF_OBJECT = Pattern(rb"(?P<type>[A-Z][A-Za-z]{1,39})(?:[(\[{]| [\[{]) ?[A-Za-z_]\w{0,40}[=:]")
"""``Person(firstName=…``, ``Person { first_name: …``: how languages write an object, with its first field."""
_TYPES = (
    b"Dto",
    b"DTO",
    b"Entity",
    b"Model",
    b"Record",
    b"Info",
    b"Data",
    b"Details",
    b"Impl",
    b"Proto",
    b"View",
)
_OBJECT_NEAR = 96
_OBJECT_OF_DATABASE = Pattern(
    rb"(?<!\w)(?:table|relation|index|view|sequence|constraint|partition) \"[\w.$]{1,72}\": \Z"
)
"""``table "crm.public.person_address": index scans: 1``"""
_CHANGED_BEHIND = Pattern(rb'", ?"(?:old|new)Value"')


def of_type(buffer: bytes, start: int, value: bytes, rule_of: Callable[[bytes], KeyRule | None]) -> bool:
    """Whether an object is written where a value was looked for: ``insured=Person(name=…``."""
    match = _TYPE_OF_OBJECT.match(buffer, start)
    if match is None or match["type"] != value:
        return False
    return value.endswith(_TYPES) or rule_of(value) is not None


def of_schema(kind: Kind, buffer: bytes, start: int, end: int, *, quoted: bool) -> bool:
    """Whether a table is called as a key, or a changed field: ``"displayName":"X","newValue":``."""
    if not quoted:
        before = buffer[start - 3 : start] == b'": '
        return before and _OBJECT_OF_DATABASE.search(buffer, max(0, start - _OBJECT_NEAR), start) is not None
    return (
        kind is Kind.NAME
        and buffer.endswith((b'"displayName":"', b'"displayName": "'), max(0, start - 16), start)
        and _CHANGED_BEHIND.match(buffer, end) is not None
    )
