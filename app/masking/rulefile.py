"""Reads rule files (TOML) and checks them; every complaint has file, line and field."""

from __future__ import annotations

import hashlib
import ipaddress
import json
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from app.domain.errors import InputError
from app.masking.custom import MOST_BYTES, MOST_RULES, complaint, literal, matches
from app.masking.doubled import LONGEST_ID, Doubles
from app.masking.face import Kind
from app.masking.people import FIELDS as PEOPLE
from app.masking.people import people_of, words_of
from app.masking.phones import NumberPlan, NumberRange
from app.masking.rulefields import RuleFields
from app.masking.rules import (
    PLACES,
    Allow,
    DoubledId,
    Extent,
    KeyRule,
    Learning,
    Needs,
    PatternRule,
    Policy,
    RuleSet,
    fold_key,
    fold_keys,
)
from app.masking.ruletext import extended, read_rule_text, rule_document
from app.masking.shapes import SHAPES
from app.masking.sitevalues import FIELDS, SUBNETS, SiteValues, WrongValue, read_site_values, site_values
from app.masking.tokens import LEAST_DIGITS, LONGEST_TAIL, MOST_DIGITS, Style, TokenForm
from app.settings import resource

FORMAT = 1
_SIGNS = "".join(PLACES.values())
_ID = re.compile(rf"[a-z][a-z0-9-]{{0,{LONGEST_ID - 1}}}")
_APART = Doubles()
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
        "people",
        "extends",
        "words",
        "profile",
        "profiles",
        "tokens",
        "partial",
        "site",
    }
)
_PARTLY_SHOWN = frozenset({Kind.TEL, Kind.CARD, Kind.IBAN, Kind.ID, Kind.MAC, Kind.CUSTOM})
"""Kinds whose last characters tell nobody who it is."""
_IN_PROFILE = frozenset({"policy", "shapes", "phones", "tokens", "partial", "learning"})
_OF_PATTERN = frozenset(
    {
        "rule",
        "kind",
        "pattern",
        "literal",
        "key",
        "any_case",
        "learn",
        "priority",
        "must_match",
        "must_not_match",
        "about",
    }
)


def load_rules(
    path: Path | None = None, *, profile: str = "", strict: bool = False, known: Collection[str] = ()
) -> RuleSet:
    """Read a rule file; without a path, the one that comes with the product.

    Args:
        path: of the file; a list of site values that it names is looked for beside it.
        profile: name of one of the file's profiles; the one that the file names itself when left out.
        strict: whether somebody looks after the file just now, and is to mend also what does not make it mask
            otherwise. Else two patterns of one id are told apart, and that is logged.
        known: such ids that are in use, once for each pattern too many: also then these are told apart.

    Raises:
        InputError: the file cannot be read (``CF-1120``), is not TOML (``CF-1121``), a field is wrong
        (``CF-1122``), or it has no such profile (``CF-1128``); for its list of site values as
        `app.masking.sitevalues.read_site_values`.
    """
    path = path or resource("masking", "default.toml")
    doubles = Doubles(strict=strict, known=known)
    return _File(path.name, *read_rule_text(path), folder=path.parent, doubles=doubles).rules(profile)


def rules_of_text(text: str, *, name: str, folder: Path, profile: str = "", strict: bool = False) -> RuleSet:
    """Read the text of a rule file, as `load_rules`; a list of site values is looked for in `folder`."""
    doubles = Doubles(strict=strict)
    return _File(name, text, rule_document(name, text), folder=folder, doubles=doubles).rules(profile)


def profiles_of(path: Path | None = None) -> Mapping[str, str]:
    """The profiles of a rule file, each with what it is for."""
    path = path or resource("masking", "default.toml")
    file = _File(path.name, *read_rule_text(path), folder=path.parent)
    return file.profiles()


class _File(RuleFields):
    def __init__(
        self, name: str, text: str, document: dict[str, Any], *, folder: Path, doubles: Doubles = _APART
    ) -> None:
        super().__init__(name, text, document)
        self._own = document
        self._doubles = doubles
        self._folder = folder

    def profiles(self) -> Mapping[str, str]:
        """Profiles, each with what it is for."""
        self._start_over()
        found = self._document.get("profiles", {})
        return {name: str(table.get("about", "")) for name, table in found.items()}

    def rules(self, profile: str = "") -> RuleSet:
        """The rules with a profile."""
        self._start_over()
        document = self._document
        if self._take(document, "format", int, table="") != FORMAT:
            raise self._wrong("", "format", f"this version reads format {FORMAT}")
        chosen = profile or self._text_of("profile")
        only = self._choose(chosen)
        document = self._document
        counted = {k: v for k, v in document.items() if k not in ("site", "profiles", "profile", "extends")}
        counted["profile"] = chosen
        canonical = json.dumps(counted, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        phones = self._table("phones", {"internal_digits", "country", "own", "test"})
        country = self._digits(phones, "country", "phones")
        patterns, doubled = self._patterns()
        policy = self._policy()
        policy |= {kind: Policy.KEEP for kind in Kind if only and kind not in only}
        site = self._site()
        persons = self._words("persons")
        return RuleSet(
            name=self._take(document, "name", str, table=""),
            version=self._take(document, "version", int, table=""),
            sha256=hashlib.sha256(canonical.encode()).hexdigest(),
            keys=(
                *(each for each in patterns if isinstance(each, KeyRule)),
                *(self._key(entry, n) for n, entry in enumerate(self._tables("keys"))),
            ),
            shapes=self._shapes(),
            patterns=tuple(
                sorted((each for each in patterns if isinstance(each, PatternRule)), key=lambda p: p.priority)
            ),
            policy=policy,
            allow=self._allow(),
            learning=self._learning(),
            keep_keys=frozenset(fold_keys(self._strings(self._table("keep", {"keys"}), "keys", "keep"))),
            qualifiers=frozenset((*self._words("qualifiers"), *persons)),
            sorts=frozenset(self._words("sorts")),
            prefixes=frozenset(self._words("prefixes")),
            words={"{person}": persons, "{number}": self._words("numbers")},
            internal=self._internal(phones),
            country=country,
            profile=chosen,
            tokens=self._tokens(),
            tails=self._tails(policy),
            numbers=self._numbers(phones, country),
            people=self._people(),
            known=site.known,
            subnets=site.subnets,
            doubled=doubled,
        )

    def _words(self, name: str) -> tuple[str, ...]:
        table = self._table("words", {"persons", "numbers", "qualifiers", "sorts", "prefixes"})
        return tuple(dict.fromkeys(fold_keys(self._strings(table, name, "words"))))

    def _people(self) -> Mapping[str, tuple[str, ...]]:
        table = self._table("people", {*PEOPLE, "never"})
        return people_of({name: words_of(self._strings(table, name, "people")) for name in table})

    def _start_over(self) -> None:
        """The document with the rules it extends, before a profile."""
        self._only(self._own, _TOP, table="")
        self._document = self._own
        self._origin.clear()
        wanted = self._text_of("extends")
        if wanted and wanted != "default":
            raise self._wrong("", "extends", "must be default, or be left out")
        if wanted:
            _, shipped = read_rule_text(resource("masking", "default.toml"))
            for name, table in shipped.items():
                if isinstance(table, dict) and name in self._own:
                    self._table(name)
            self._document = extended(self._own, shipped)
        profiles = self._document.get("profiles", {})
        if not isinstance(profiles, dict) or not all(isinstance(each, dict) for each in profiles.values()):
            raise self._wrong("", "profiles", "must be written as [profiles.NAME]")

    def _choose(self, profile: str) -> frozenset[Kind]:
        """Lay a profile over the document; the kinds it is limited to, or none."""
        profiles: dict[str, dict[str, Any]] = self._document.get("profiles", {})
        if not profile:
            return frozenset()
        if profile not in profiles:
            known = ", ".join(profiles) or "none"
            raise InputError(
                "The rule file has no such profile",
                happened=f"{self._name}: profile {profile!r} is not in it; it has: {known}.",
                todo="Choose one of these, or add it to the file as [profiles.NAME].",
                code="CF-1128",
            )
        table = profiles[profile]
        where = f"profiles.{profile}"
        self._only(table, _IN_PROFILE | {"about", "only"}, table=where)
        document = dict(self._document)
        for name in _IN_PROFILE & table.keys():
            changes = table[name]
            if not isinstance(changes, dict):
                raise self._wrong(where, name, "must be a table")
            document[name] = {**document.get(name, {}), **changes}
            self._origin |= {(name, each): f"{where}.{name}" for each in changes}
        self._document = document
        return frozenset(self._kind(each, where, "only") for each in self._strings(table, "only", where))

    def _text_of(self, name: str) -> str:
        return self._take(self._document, name, str, table="") if name in self._document else ""

    def _tokens(self) -> TokenForm:
        flags = ("key_id", "subnets", "mail_domain", "columns")
        table = self._table("tokens", {"style", "digits", *flags})
        try:
            style = Style(table.get("style", Style.ANGLE))
        except ValueError:
            raise self._wrong("tokens", "style", "must be angle or word") from None
        digits = self._take(table, "digits", int, table="tokens") if "digits" in table else LEAST_DIGITS
        if not LEAST_DIGITS <= digits <= MOST_DIGITS:
            raise self._wrong("tokens", "digits", f"must be from {LEAST_DIGITS} to {MOST_DIGITS}")
        chosen = {name: self._take(table, name, bool, table="tokens") for name in flags if name in table}
        if chosen.get("mail_domain") and style is Style.WORD:
            raise self._wrong("tokens", "mail_domain", "goes with the style angle only")
        if chosen.get("columns") and (style is Style.WORD or chosen.get("key_id")):
            raise self._wrong("tokens", "columns", "goes with the style angle and without key_id only")
        return TokenForm(style=style, digits=digits, **chosen)

    def _tails(self, policy: Mapping[Kind, Policy]) -> Mapping[Kind, int]:
        table = self._table("partial", {kind.value for kind in Kind})
        tails: dict[Kind, int] = {}
        for name in table:
            count = self._take(table, name, int, table="partial")
            if not 1 <= count <= LONGEST_TAIL:
                raise self._wrong("partial", name, f"must be from 1 to {LONGEST_TAIL}")
            tails[Kind(name)] = count
        for kind, chosen in policy.items():
            if chosen is not Policy.PARTIAL:
                continue
            if kind not in _PARTLY_SHOWN:
                shown = ", ".join(sorted(_PARTLY_SHOWN))
                raise self._wrong("policy", kind.value, f"cannot be partial; only {shown} can")
            tails.setdefault(kind, LONGEST_TAIL)
        return tails

    def _numbers(self, table: dict[str, Any], country: str) -> NumberPlan:
        ranges = []
        for name in ("own", "test"):
            for place, text in enumerate(self._strings(table, name, "phones"), 1):
                try:
                    ranges.append(NumberRange.of(text))
                except ValueError as fault:
                    raise self._wrong("phones", name, f"its value {place} {fault}") from None
        return NumberPlan(tuple(ranges), country)

    def _site(self) -> SiteValues:
        table = self._table("site", {"file", SUBNETS, *FIELDS})
        lists = {name: self._strings(table, name, "site") for name in table if name != "file"}
        try:
            own = site_values(lists)
        except WrongValue as fault:
            why, name = fault.args
            raise self._wrong("site", name, why) from None
        if "file" not in table:
            return own
        listed = read_site_values(self._folder / self._take(table, "file", str, table="site"))
        return SiteValues(own.known + listed.known, own.subnets + listed.subnets)

    def _patterns(self) -> tuple[list[PatternRule | KeyRule], tuple[DoubledId, ...]]:
        entries = self._tables("patterns")
        if len(entries) > MOST_RULES:
            raise self._wrong("patterns", "rule", f"there are more than {MOST_RULES} patterns", MOST_RULES)
        found = [self._pattern(entry, n) for n, entry in enumerate(entries)]
        size = 0
        for number, each in enumerate(found):
            size += len(each.pattern.encode()) if isinstance(each, PatternRule) else 0
            if size > MOST_BYTES:
                raise self._wrong("patterns", "pattern", f"all have more than {MOST_BYTES} bytes", number)
        return self._doubles.told_apart(
            found, lambda number: self._wrong("patterns", "rule", "another pattern has it, too", number)
        )

    def _shapes(self) -> Mapping[str, Kind]:
        table = self._table("shapes", SHAPES)
        return {name: self._kind(value, "shapes", name) for name, value in table.items() if value != "off"}

    def _policy(self) -> dict[Kind, Policy]:
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
        in_spite = ("offices", "answers")
        lists = ("values", *in_spite, "users", "hosts")
        table = self._table("allow", {*lists, "addresses"})
        addresses = self._strings(table, "addresses", "allow")
        for address in addresses:
            try:
                ipaddress.ip_network(address)
            except ValueError:
                raise self._wrong(
                    "allow", "addresses", "holds something that is not a network in CIDR form"
                ) from None
        texts = {name: frozenset(v.lower() for v in self._strings(table, name, "allow")) for name in lists}
        left_out = [name for name in in_spite if name not in table]
        if left_out and texts["values"]:
            # A copy of rules in which these words stood among the values only: they mean what they meant.
            _, shipped = read_rule_text(resource("masking", "default.toml"))
            texts |= {name: texts["values"].intersection(shipped["allow"][name]) for name in left_out}
        texts["values"] |= texts["offices"] | texts["answers"]
        return Allow(**texts, addresses=tuple(addresses))

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
            {"rule", "kind", "names", "learn", "exact", "quoted", "extent", "about", "ends", "needs"},
            table="keys",
            number=number,
        )
        names = self._strings(entry, "names", "keys", number)
        try:
            extent = Extent(entry.get("extent", "value"))
        except ValueError:
            raise self._wrong("keys", "extent", "must be value or line", number) from None
        try:
            needs = Needs(entry.get("needs", "any"))
        except ValueError:
            raise self._wrong(
                "keys",
                "needs",
                "must be any, digit, letter, name, login, phone, street, postcode, words or full",
                number,
            ) from None
        rule = KeyRule(
            rule=self._id(entry, "keys", number),
            kind=self._kind(entry.get("kind"), "keys", "kind", number),
            names=tuple(names),
            ends=tuple(self._strings(entry, "ends", "keys", number)),
            learn=self._flag(entry, "learn", "keys", number, default=True),
            exact=self._flag(entry, "exact", "keys", number),
            quoted=self._flag(entry, "quoted", "keys", number),
            extent=extent,
            needs=needs,
        )
        if not names or not all(rule.folded):
            raise self._wrong(
                "keys", "names", "must hold at least one name, each with letters or digits", number
            )
        inside = "\n".join(name[1:-1] for name in rule.folded)
        if any(sign in inside for sign in _SIGNS):
            raise self._wrong("keys", "names", "may have {person} and {number} at their ends only", number)
        return rule

    def _pattern(self, entry: dict[str, Any], number: int) -> PatternRule | KeyRule:
        self._only(entry, _OF_PATTERN, table="patterns", number=number)
        ways = [name for name in ("pattern", "literal", "key") if name in entry]
        if len(ways) != 1:
            raise self._wrong("patterns", "rule", "must have one of pattern, literal and key", number)
        way = ways[0]
        text = self._take(entry, way, str, table="patterns", number=number)
        priority = entry.get("priority", 100)
        if type(priority) is not int or not 1 <= priority <= 1_000:
            raise self._wrong("patterns", "priority", "must be a number from 1 to 1000", number)
        any_case = self._flag(entry, "any_case", "patterns", number)
        rule: PatternRule | KeyRule
        if way == "key":
            if not fold_key(text):
                raise self._wrong("patterns", "key", "must hold letters or digits", number)
            rule = KeyRule(
                rule=self._id(entry, "patterns", number),
                kind=self._kind(entry.get("kind", "CUSTOM"), "patterns", "kind", number),
                names=(text,),
                learn=self._flag(entry, "learn", "patterns", number),
            )
        else:
            if way == "literal" and not text.strip():
                raise self._wrong("patterns", "literal", "must hold a text", number)
            pattern = literal(text, any_case=any_case) if way == "literal" else text
            pattern = f"(?i:{pattern})" if any_case and way == "pattern" else pattern
            why = (complaint(text) if way == "pattern" else "") or complaint(pattern)
            if why:
                raise self._wrong("patterns", way, why, number)
            rule = PatternRule(
                rule=self._id(entry, "patterns", number),
                kind=self._kind(entry.get("kind", "CUSTOM"), "patterns", "kind", number),
                pattern=pattern,
                learn=self._flag(entry, "learn", "patterns", number),
                priority=priority,
            )
        self._try(rule, entry, number)
        return rule

    def _try(self, rule: PatternRule | KeyRule, entry: dict[str, Any], number: int) -> None:
        """Hold a rule against its own test texts."""
        for name, wanted in (("must_match", True), ("must_not_match", False)):
            for place, text in enumerate(self._strings(entry, name, "patterns", number), 1):
                if isinstance(rule, PatternRule):
                    found = matches(rule.pattern, text)
                else:
                    alone = RuleSet(name="", version=1, sha256="", keys=(rule,), shapes={})
                    from app.masking.keyed import KeyedValues  # its patterns take long to compile

                    found = any(True for _ in KeyedValues(alone).find(text.encode("utf-8")))
                if found is not wanted:
                    what = "is not matched by the rule" if wanted else "is matched by the rule"
                    raise self._wrong("patterns", name, f"its text {place} {what}", number)

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
