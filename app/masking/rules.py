"""A set of masking rules, read and checked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.masking.face import Kind
from app.masking.phones import NumberPlan
from app.masking.tokens import TokenForm

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\x00-\x7f]+")
_MARKS = re.compile(r"[\u0300-\u036f]")

PLACES = {"{person}": "\x01", "{number}": "\x02"}
"""What stands for any word of a list at either end of a name, and its sign in a folded name."""

_PLACE = re.compile("|".join(map(re.escape, PLACES)))
_PARTS = {
    code: None for code in range(128) if not chr(code).isalnum() and chr(code) not in ("\n", *PLACES.values())
}
"""What parts the words of names."""
_SIGMA = "Σ"
"""The one letter whose small form depends on what stands beside it."""


class Policy(StrEnum):
    """What replaces a value of a kind.

    ``token``: the keyed token. ``fixed``: the kind with zeros, for values of little entropy. ``drop``: the
    kind alone, all values are one. ``partial``: the token and the last characters. ``keep``: nothing, it
    stays readable.
    """

    TOKEN = "token"
    FIXED = "fixed"
    DROP = "drop"
    PARTIAL = "partial"
    KEEP = "keep"


class Extent(StrEnum):
    """How far a value reaches: one value, or all the rest of the line (``Authorization: …``)."""

    VALUE = "value"
    LINE = "line"


class Needs(StrEnum):
    """What a value must be.

    ``digit``: its first word holds a digit, dash or dot (``sip-a01``, not ``started``). ``letter``: it has a
    letter. ``name``: words that begin with a capital, or a number. ``login``: small letters and digits.
    ``phone``: a number with + or 0 before it, or ten digits that are no time. ``street``: a house number and
    a capitalised word. ``postcode``: as the posts of some
    countries write it, at least four digits or letters. ``words``: words that begin with a capital. ``full``:
    two or three of them, as people are called and queues are not.
    """

    ANY = "any"
    DIGIT = "digit"
    LETTER = "letter"
    NAME = "name"
    LOGIN = "login"
    PHONE = "phone"
    STREET = "street"
    POSTCODE = "postcode"
    WORDS = "words"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class KeyRule:
    """Values that are personal because of the key before them.

    Attributes:
        learn: whether the value is also masked where it recurs without its key in the same file.
        names: of keys; those of `PLACES` stand for words of the rule set.
        exact: the key must be equal, but for prefixes; otherwise it may also end with the name (``old_dob``).
        quoted: only quoted values count; for key names that programs also use for other things.
        needs: what the value must hold, for key names that programs also use for other things.
        ends: names that may also end a word of the key (``kundentelefon``, ``homephone``).
        folded: the names as `fold_names` folds them, in no order.
    """

    rule: str
    kind: Kind
    names: tuple[str, ...]
    learn: bool = True
    exact: bool = False
    quoted: bool = False
    extent: Extent = Extent.VALUE
    ends: tuple[str, ...] = ()
    needs: Needs = Needs.ANY
    folded: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "folded", tuple(fold_names(self.names)))


@dataclass(frozen=True, slots=True)
class PatternRule:
    """A customer's own pattern (RE2); group 1 is the value when it has one, else the whole match.

    Attributes:
        priority: the lower wins where two patterns match at one place; 1 to 1000.
    """

    rule: str
    kind: Kind
    pattern: str
    learn: bool = False
    priority: int = 100


@dataclass(frozen=True, slots=True)
class Allow:
    """What is never personal.

    Attributes:
        values: such as ``unknown``; lower case. Those of `offices` and `answers` are among them.
        offices: those of them that are passwords and log-ins all the same, such as ``support`` and ``keine``.
        answers: those that are people's names all the same, such as ``tak``.
        users: user parts of URIs that name services, such as ``dialog``; lower case.
        hosts: host names; lower case. A leading ``.`` allows every name below it.
        addresses: networks in CIDR form.
    """

    values: frozenset[str] = frozenset()
    offices: frozenset[str] = frozenset()
    answers: frozenset[str] = frozenset()
    users: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()
    addresses: tuple[str, ...] = ()

    def in_spite(self) -> Mapping[Kind, frozenset[bytes]]:
        """By kind, the `values` that are values of it: ``password=support``, ``lastName=Tak``."""
        offices = frozenset(map(str.encode, self.offices))
        return {
            Kind.SECRET: offices,
            Kind.USER: offices,
            Kind.NAME: frozenset(map(str.encode, self.answers)),
        }


@dataclass(frozen=True, slots=True)
class Learning:
    """Bounds of what is remembered of one file."""

    max_values: int = 50_000
    min_length: int = 5
    min_digits: int = 7


@dataclass(frozen=True, slots=True)
class DoubledId:
    """A pattern that has the id of one before it.

    Attributes:
        rule: the id.
        said: where it stands, with file, line and field, and by which id it counts.
    """

    rule: str
    said: str


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Rules with their name, version and digest.

    Attributes:
        sha256: of the canonical text: comments and order of tables do not count.
        shapes: kind by id of each built-in detector that is switched on.
        qualifiers: folded words behind the name of a key that say nothing (``phone_work``).
        sorts: folded words before a name that say that the value is nobody's (``tipo_cliente``).
        prefixes: folded words before the name of a key that say nothing (``v_cap`` is ``cap``).
        words: folded words by the place that stands for them in names of keys; see `PLACES`.
        internal: digits of internal DNs, least and most; these stay. (0, 0) masks all.
        country: see `app.masking.phones.normalise_phone`.
        patterns: the customer's own, by priority.
        profile: name of the profile that was chosen; empty for the rules as they stand.
        tokens: how tokens are written.
        tails: how many last characters stay readable, by kind of policy ``partial``.
        numbers: telephone numbers that stay: own ranges and test numbers.
        people: words that tell names without a key, by the fields of `app.masking.people.FIELDS`.
        known: values of the site that are masked wherever they stand, in any file.
        subnets: networks of the site, in CIDR form; an address in one is never taken for a version.
        doubled: patterns that had the id of another one.
    """

    name: str
    version: int
    sha256: str
    keys: tuple[KeyRule, ...]
    shapes: Mapping[str, Kind]
    patterns: tuple[PatternRule, ...] = ()
    policy: Mapping[Kind, Policy] = field(default_factory=dict)
    allow: Allow = field(default_factory=Allow)
    learning: Learning = field(default_factory=Learning)
    keep_keys: frozenset[str] = frozenset()
    qualifiers: frozenset[str] = frozenset()
    sorts: frozenset[str] = frozenset()
    prefixes: frozenset[str] = frozenset()
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    internal: tuple[int, int] = (3, 6)
    country: str = ""
    profile: str = ""
    tokens: TokenForm = field(default_factory=TokenForm)
    tails: Mapping[Kind, int] = field(default_factory=dict)
    numbers: NumberPlan = field(default_factory=NumberPlan)
    people: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    known: tuple[tuple[Kind, str], ...] = ()
    subnets: tuple[str, ...] = ()
    doubled: tuple[DoubledId, ...] = field(default=(), compare=False)

    @property
    def title(self) -> str:
        """Name, version and profile, such as ``default 1`` and ``default 1 voice-strict``."""
        return " ".join(part for part in (self.name, str(self.version), self.profile) if part)

    def policy_of(self, kind: Kind) -> Policy:
        """What is done with values of this kind."""
        return self.policy.get(kind, Policy.TOKEN)


def fold_key(name: str) -> str:
    """A key name without case, separators and accents: ``Customer_Name`` and ``customerName`` are one."""
    return "".join(key_words(name))


def fold_name(name: str) -> str:
    """As `fold_key`, with the signs of `PLACES`: ``Name{person}``."""
    parts = _PLACE.split(name)
    signs = [PLACES[place] for place in _PLACE.findall(name)] + [""]
    return "".join(fold_key(part) + sign for part, sign in zip(parts, signs, strict=True))


def fold_keys(names: Iterable[str]) -> list[str]:
    """Each as `fold_key` folds it, in no order: nearly all of many are folded in one go."""
    return _each(names, fold_key, places={})


def fold_names(names: Iterable[str]) -> list[str]:
    """Each as `fold_name` folds it, in no order."""
    return _each(names, fold_name, places=PLACES)


def _each(names: Iterable[str], fold: Callable[[str], str], *, places: Mapping[str, str]) -> list[str]:
    plain: list[str] = []  # in ASCII, whose signs Python takes out much sooner
    lettered: list[str] = []
    folded: list[str] = []
    for name in names:
        if name.isprintable():
            (plain if name.isascii() else lettered).append(name)
        else:
            folded.append(fold(name))
    for several in filter(None, (plain, lettered)):
        text = _without_accents("\n".join(several))
        if _SIGMA in text:
            folded += map(fold, several)
            continue
        for place, sign in places.items():
            text = text.replace(place, sign)
        folded += text.translate(_PARTS).lower().split("\n")
    return folded


def key_words(name: str) -> list[str]:
    """The words of a key, folded: ``v_CustomerName`` has three."""
    return [word.lower() for word in _WORDS.findall(_without_accents(name))]


def _without_accents(text: str) -> str:
    if text.isascii():
        return text
    return _MARKS.sub("", unicodedata.normalize("NFKD", text.replace("ß", "ss")))
