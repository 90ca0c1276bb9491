"""The fields of a rule file by their types; every complaint has file, line and field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from app.domain.errors import InputError
from app.masking.ruletext import line_of

_T = TypeVar("_T")


class RuleFields:
    """Takes fields out of a rule document.

    Args:
        name: of the file, in words.
        text: as it was read, for the numbers of lines.
        document: of the text.

    Raises (when a field is taken):
        InputError: it is missing or of another type (``CF-1122``).
    """

    def __init__(self, name: str, text: str, document: dict[str, Any]) -> None:
        self._name = name
        self._text = text
        self._document = document
        self._origin: dict[tuple[str, str], str] = {}

    def _flag(
        self, entry: dict[str, Any], name: str, table: str, number: int, *, default: bool = False
    ) -> bool:
        return self._take(entry, name, bool, table=table, number=number) if name in entry else default

    def _strings(self, entry: dict[str, Any], name: str, table: str, number: int | None = None) -> list[str]:
        value = entry.get(name, [])
        if not isinstance(value, list) or not all(isinstance(v, str) and v for v in value):
            raise self._wrong(table, name, "must be a list of texts", number)
        return value

    def _take(
        self, entry: Mapping[str, Any], name: str, kind: type[_T], *, table: str, number: int | None = None
    ) -> _T:
        value = entry.get(name)
        if type(value) is not kind:
            word = {int: "a whole number", str: "a text", bool: "true or false"}[kind]
            raise self._wrong(table, name, f"must be {word}", number)
        return value

    def _table(self, name: str, known: frozenset[str] | set[str] | None = None) -> dict[str, Any]:
        value = self._document.get(name, {})
        if not isinstance(value, dict):
            raise self._wrong("", name, "must be a table")
        if known is not None:
            self._only(value, known, table=name)
        return value

    def _tables(self, name: str) -> list[dict[str, Any]]:
        value = self._document.get(name, [])
        if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
            raise self._wrong("", name, f"must be written as [[{name}]]")
        return value

    def _only(
        self,
        entry: Mapping[str, Any],
        known: frozenset[str] | set[str],
        *,
        table: str,
        number: int | None = None,
    ) -> None:
        for name in entry:
            if name not in known:
                raise self._wrong(table, name, "is not known here", number)

    def _wrong(self, table: str, name: str, what: str, number: int | None = None) -> InputError:
        table = self._origin.get((table, name), table)
        line = line_of(self._text, table, name, number)
        field = ".".join(part for part in (table, name) if part)
        return InputError(
            "The rule file is not right",
            happened=f"{self._name}, line {line}, field {field}: {what}.",
            todo="Correct the field; docs/masking-rules.md and the default rules say what it means.",
            code="CF-1122",
        )
