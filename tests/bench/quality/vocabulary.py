"""What the words of a set are made of. Two sets never share them."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NumberPlan:
    """A country's telephone numbers.

    Attributes:
        code: country code without ``+``.
        trunk: prefix of a national number.
        areas: area or mobile codes without the trunk prefix.
        digits: of the subscriber number after the area code.
        shapes: ``{i}`` country code, ``{t}`` trunk, ``{a}`` area, ``{s}`` subscriber, ``{x}{y}`` its halves.
    """

    code: str
    trunk: str
    areas: tuple[str, ...]
    digits: int
    shapes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """One set's words.

    Attributes:
        keys: names of attached data by kind of value, words apart; ``=`` before a name keeps its spelling.
        plurals: names of lists of such values.
        staying: names of attached data whose values are nobody's, with such values.
        iban: country and the shape of its BBAN (``n`` digit, ``a`` letter).
        national_ids: shapes (``9`` digit, ``A`` letter).
        sentences: free text around ``{name}``, ``{phone}``, ``{id}`` or ``{mail}`` that a key told elsewhere.
        plain_sentences: free text in which nothing is personal.
    """

    name: str
    firsts: tuple[str, ...]
    lasts: tuple[str, ...]
    streets: tuple[str, ...]
    towns: tuple[tuple[str, str], ...]
    mail_domains: tuple[str, ...]
    site_domain: str
    hosts: tuple[str, ...]
    applications: tuple[str, ...]
    versions: tuple[str, ...]
    plans: tuple[NumberPlan, ...]
    nets: tuple[str, ...]
    nets6: tuple[str, ...]
    cards: tuple[tuple[str, int], ...]
    iban: tuple[tuple[str, str], ...]
    national_ids: tuple[str, ...]
    customer_ids: tuple[str, ...]
    birth: tuple[str, ...]
    logins: tuple[str, ...]
    secrets: tuple[str, ...]
    centre: tuple[float, float]
    keys: Mapping[str, tuple[str, ...]]
    plurals: Mapping[str, tuple[str, ...]]
    staying: tuple[tuple[str, tuple[str, ...]], ...]
    nests: tuple[str, ...]
    sentences: tuple[str, ...]
    plain_sentences: tuple[str, ...]
    packages: tuple[str, ...]
    classes: tuple[str, ...]
    errors: tuple[str, ...]
    tables: tuple[str, ...]
    paths: tuple[str, ...]
    cookies: tuple[str, ...]
    agents: tuple[str, ...]
    queues: tuple[str, ...]
    home_folders: tuple[str, ...]


STYLES = ("Pascal", "camel", "snake", "UPPER", "kebab", "spaced", "Snake_Caps", "joined")


def styled(words: str, style: str) -> str:
    """A key's words in a spelling; ``=`` before it keeps its own."""
    if words.startswith("="):
        return words[1:]
    parts = words.split()
    capital = [part[0].upper() + part[1:] for part in parts]
    lower = [part.lower() for part in parts]
    ways = {
        "Pascal": "".join(capital),
        "camel": lower[0] + "".join(capital[1:]),
        "snake": "_".join(lower),
        "UPPER": "_".join(lower).upper(),
        "kebab": "-".join(lower),
        "spaced": " ".join(capital),
        "Snake_Caps": "_".join(capital),
        "joined": "".join(lower),
    }
    return ways[style]


def any_of(dice: random.Random, items: tuple[str, ...]) -> str:
    """One of them."""
    return items[dice.randrange(len(items))]
