"""Reads rule files (TOML) and checks them; every complaint has file, line and field."""

from __future__ import annotations

import hashlib
import ipaddress
import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from app.domain.errors import InputError
from app.masking.engine import SHAPES
from app.masking.face import Kind
from app.masking.rules import Allow, Extent, KeyRule, Learning, PatternRule, Policy, RuleSet, fold_key
from app.settings import resource

FORMAT = 1
_ID = re.compile(r"[a-z][a-z0-9-]{0,63}")
_TOP = frozenset(
    {
        "format",
        "name",
        "version",
        "about",
        "policy",
        "phones",
        "learning",
        "allow",
        "shapes",
        "keep",
        "keys",
        "patterns",
    }
)
_UNBOUNDED = re.compile(r"(?<!\\)(?:\\\\)*(?:[*+]|\{\d*,\})")
_REPEAT = re.compile(r"(?<!\\)(?:\\\\)*\{(\d+)(?:,(\d+))?\}")
_AFTER_GROUP = re.compile(r"\)(?:[*+]|\{)")
_MOST_WORK = 20_000
_T = TypeVar("_T")


def load_rules(path: Path | None = None) -> RuleSet:
    """Read a rule file; without a path, the one that comes with the product.

    Raises:
        InputError: the file cannot be read (``CF-1120``), is not TOML (``CF-1121``) or a field is wrong
        (``CF-1122``).
    """
    path = path or resource("masking", "default.toml")
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        reason = fault.strerror if isinstance(fault, OSError) else "it is not UTF-8"
        raise InputError(
            "The rule file cannot be read",
            happened=f"{path.name}: {reason or type(fault).__name__}.",
            todo="Check the path and who may read it.",
            code="CF-1120",
        ) from fault
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise InputError(
            "The rule file is not TOML",
            happened=f"{path.name}: {fault}.",
            todo="Correct the line.",
            code="CF-1121",
        ) from fault
    return _File(path.name, text, document).rules()


class _File:
    def __init__(self, name: str, text: str, document: dict[str, Any]) -> None:
        self._name = name
        self._text = text
        self._document = document

    def rules(self) -> RuleSet:
        document = self._document
        self._only(document, _TOP, table="")
        if self._take(document, "format", int, table="") != FORMAT:
            raise self._wrong("", "format", f"this version reads format {FORMAT}")
        canonical = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        phones = self._table("phones", {"internal_digits", "country"})
        return RuleSet(
            name=self._take(document, "name", str, table=""),
            version=self._take(document, "version", int, table=""),
            sha256=hashlib.sha256(canonical.encode()).hexdigest(),
            keys=tuple(self._key(entry, n) for n, entry in enumerate(self._tables("keys"))),
            shapes=self._shapes(),
            patterns=tuple(self._pattern(entry, n) for n, entry in enumerate(self._tables("patterns"))),
            policy=self._policy(),
            allow=self._allow(),
            learning=self._learning(),
            keep_keys=frozenset(
                fold_key(k) for k in self._strings(self._table("keep", {"keys"}), "keys", "keep")
            ),
            internal=self._internal(phones),
            country=self._digits(phones, "country", "phones"),
        )

    def _shapes(self) -> Mapping[str, Kind]:
        table = self._table("shapes", SHAPES)
        return {name: self._kind(value, "shapes", name) for name, value in table.items()}

    def _policy(self) -> Mapping[Kind, Policy]:
        table = self._table("policy", {kind.value for kind in Kind})
        policy: dict[Kind, Policy] = {}
        for name, value in table.items():
            try:
                policy[Kind(name)] = Policy(value)
            except ValueError:
                known = ", ".join(p.value for p in Policy)
                raise self._wrong("policy", name, f"must be one of {known}") from None
        return policy

    def _allow(self) -> Allow:
        table = self._table("allow", {"values", "users", "hosts", "addresses"})
        addresses = self._strings(table, "addresses", "allow")
        for address in addresses:
            try:
                ipaddress.ip_network(address)
            except ValueError:
                raise self._wrong(
                    "allow", "addresses", "holds something that is not a network in CIDR form"
                ) from None
        return Allow(
            values=frozenset(v.lower() for v in self._strings(table, "values", "allow")),
            users=frozenset(v.lower() for v in self._strings(table, "users", "allow")),
            hosts=frozenset(v.lower() for v in self._strings(table, "hosts", "allow")),
            addresses=tuple(addresses),
        )

    def _learning(self) -> Learning:
        table = self._table("learning", {"max_values", "min_length", "min_digits"})
        values = {name: self._take(table, name, int, table="learning") for name in table}
        for name, value in values.items():
            if not 1 <= value <= 1_000_000:
                raise self._wrong("learning", name, "must be from 1 to 1000000")
        return Learning(**values)

    def _internal(self, table: dict[str, Any]) -> tuple[int, int]:
        pair = table.get("internal_digits", [3, 6])
        fits = isinstance(pair, list) and len(pair) == 2 and all(type(n) is int and 0 <= n <= 9 for n in pair)
        if not fits or pair[0] > pair[1]:
            raise self._wrong(
                "phones", "internal_digits", "must be two numbers from 0 to 9, the smaller first"
            )
        return pair[0], pair[1]

    def _digits(self, table: dict[str, Any], name: str, where: str) -> str:
        value = table.get(name, "")
        if not isinstance(value, str) or (value and not re.fullmatch(r"[1-9]\d{0,2}", value)):
            raise self._wrong(where, name, "must be a country code of one to three digits, or empty")
        return value

    def _key(self, entry: dict[str, Any], number: int) -> KeyRule:
        self._only(
            entry,
            {"rule", "kind", "names", "learn", "exact", "quoted", "extent", "about"},
            table="keys",
            number=number,
        )
        names = self._strings(entry, "names", "keys", number)
        if not names or not all(fold_key(name) for name in names):
            raise self._wrong(
                "keys", "names", "must hold at least one name, each with letters or digits", number
            )
        try:
            extent = Extent(entry.get("extent", "value"))
        except ValueError:
            raise self._wrong("keys", "extent", "must be value or line", number) from None
        return KeyRule(
            rule=self._id(entry, "keys", number),
            kind=self._kind(entry.get("kind"), "keys", "kind", number),
            names=tuple(names),
            learn=self._flag(entry, "learn", "keys", number, default=True),
            exact=self._flag(entry, "exact", "keys", number),
            quoted=self._flag(entry, "quoted", "keys", number),
            extent=extent,
        )

    def _pattern(self, entry: dict[str, Any], number: int) -> PatternRule:
        self._only(entry, {"rule", "kind", "pattern", "learn", "about"}, table="patterns", number=number)
        text = self._take(entry, "pattern", str, table="patterns", number=number)
        complaint = _risk(text)
        if complaint:
            raise self._wrong("patterns", "pattern", complaint, number)
        try:
            pattern = re.compile(text.encode("utf-8"), re.MULTILINE)
        except re.error as fault:
            raise self._wrong("patterns", "pattern", f"is not a pattern: {fault.msg}", number) from fault
        if pattern.match(b""):
            raise self._wrong("patterns", "pattern", "must not match nothing", number)
        return PatternRule(
            rule=self._id(entry, "patterns", number),
            kind=self._kind(entry.get("kind", "CUSTOM"), "patterns", "kind", number),
            pattern=pattern,
            learn=self._flag(entry, "learn", "patterns", number),
        )

    def _id(self, entry: dict[str, Any], table: str, number: int) -> str:
        rule = self._take(entry, "rule", str, table=table, number=number)
        if not _ID.fullmatch(rule):
            raise self._wrong(table, "rule", "must be lower-case letters, digits and dashes", number)
        return rule

    def _kind(self, value: object, table: str, name: str, number: int | None = None) -> Kind:
        try:
            return Kind(str(value))
        except ValueError:
            known = ", ".join(k.value for k in Kind)
            raise self._wrong(table, name, f"must be one of {known}", number) from None

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

    def _table(self, name: str, known: frozenset[str] | set[str]) -> dict[str, Any]:
        value = self._document.get(name, {})
        if not isinstance(value, dict):
            raise self._wrong("", name, "must be a table")
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
        line = _line_of(self._text, table, name, number)
        field = ".".join(part for part in (table, name) if part)
        return InputError(
            "The rule file is not right",
            happened=f"{self._name}, line {line}, field {field}: {what}.",
            todo="Correct the field; docs and comments in the default rules say what it means.",
            code="CF-1122",
        )


def _risk(pattern: str) -> str:
    """Why a customer's pattern could take very long, or an empty text."""
    if len(pattern) > 1_000:
        return "is longer than 1000 characters"
    plain = re.sub(r"\[(?:\\.|[^\]\\])+\]", "x", re.sub(r"\\.", "x", pattern))
    if re.search(r"\(\?(?!:|i:|=|!|<=|<!)", plain):
        return "uses a group that is not supported"
    if _UNBOUNDED.search(plain):
        return "has a repeat without an upper bound; write {n,m}"
    if _AFTER_GROUP.search(plain):
        return "repeats a group; this can take very long, try without nested repeats"
    work = 1
    for match in _REPEAT.finditer(plain):
        work *= max(1, int(match[2] or match[1]))
    return (
        "" if work <= _MOST_WORK else f"can take very long: the product of its repeats is over {_MOST_WORK}"
    )


def _line_of(text: str, table: str, name: str, number: int | None) -> int:
    """The line of a field, or of its table when the field is missing; 1 when neither is found."""
    opening = r"\[\[" if number is not None else r"\["
    header = re.compile(rf"^\s*{opening}\s*{re.escape(table)}\s*\]") if table else None
    at, seen, inside = 1, -1, table == ""
    for place, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("["):
            inside = False
            if header and header.match(line):
                seen += 1
                inside = number is None or seen == number
                at = place if inside else at
        if inside and re.match(rf"\s*[\"']?{re.escape(name)}[\"']?\s*=", line):
            return place
        if not table and re.match(rf"\s*\[+\s*{re.escape(name)}\b", line):
            return place
    return at
