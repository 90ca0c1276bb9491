"""How kinds of personal value are called and drawn: six categories, each with a tag and a colour role."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.masking import Kind


@dataclass(frozen=True, slots=True)
class Category:
    """A group of kinds as people see it.

    Attributes:
        tag: two letters, so that colour is never the only cue.
        role: colour role of `tokens.json`.
    """

    name: str
    label: str
    tag: str
    role: str


PHONE = Category("phone", "Phone numbers", "PH", "pii.phone")
NAME = Category("name", "Names", "NA", "pii.name")
MAIL = Category("email", "Email", "EM", "pii.email")
CARD = Category("card", "Card digits, secrets", "CA", "pii.card")
NETWORK = Category("network", "Network addresses", "NW", "pii.net")
CUSTOM = Category("custom", "Customer keys", "CU", "pii.custom")
CATEGORIES = (PHONE, NAME, MAIL, CARD, NETWORK, CUSTOM)

_OF_KIND: dict[str, Category] = {
    Kind.TEL: PHONE,
    Kind.NAME: NAME,
    Kind.USER: NAME,
    Kind.MAIL: MAIL,
    Kind.CARD: CARD,
    Kind.IBAN: CARD,
    Kind.DTMF: CARD,
    Kind.SECRET: CARD,
    Kind.IP: NETWORK,
    Kind.MAC: NETWORK,
    Kind.HOST: NETWORK,
}
_ONE: dict[str, str] = {
    Kind.TEL: "a phone number",
    Kind.NAME: "a name",
    Kind.USER: "a user name",
    Kind.MAIL: "an email address",
    Kind.CARD: "a card number",
    Kind.IBAN: "a bank account",
    Kind.DTMF: "keyed digits",
    Kind.SECRET: "a secret",
    Kind.IP: "an IP address",
    Kind.MAC: "a MAC address",
    Kind.HOST: "a host name",
    Kind.ID: "a personal identifier",
    Kind.ADDRESS: "a postal address",
    Kind.BIRTH: "a date of birth",
    Kind.GEO: "a place",
    Kind.KEYED: "a customer key",
    Kind.CUSTOM: "a value of your own rules",
}


def category_of(kind: str) -> Category:
    """The category of a kind; kinds a newer agent may name are customer keys."""
    return _OF_KIND.get(kind, CUSTOM)


def kind_phrase(kind: str) -> str:
    """The kind in a sentence, with its article: ``a phone number``."""
    return _ONE.get(kind, "a personal value")


def kind_title(kind: str) -> str:
    """The kind as a heading: ``Phone number``."""
    phrase = kind_phrase(kind)
    words = phrase.split(" ", 1)
    bare = words[1] if words[0] in ("a", "an") else phrase
    return bare[:1].upper() + bare[1:]


def by_category(counts: Mapping[str, int]) -> list[tuple[Category, int]]:
    """Counts by kind summed into categories, largest first; categories without a value are left out."""
    sums: dict[str, int] = {}
    for kind, count in counts.items():
        name = category_of(kind).name
        sums[name] = sums.get(name, 0) + count
    found = [(category, sums[category.name]) for category in CATEGORIES if sums.get(category.name)]
    return sorted(found, key=lambda pair: -pair[1])
