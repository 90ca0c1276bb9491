"""Words that tell a person's name without a key: given names, and what stands around them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final


class Use:
    """What a word says of a name, bit by bit; one word may say several things.

    ``GIVEN``: it is a given name. ``CAUTIOUS``: also the name of a place or a product. ``PLAIN``: also a
    plain word. ``THING``: what it names or announces is no person. ``ROLE``: a person is called so, directly
    before the name. ``LINK``: it leads to a person. ``VERB``: it says what a person does. ``NOUN``: it has a
    number in the logs of a contact center.
    """

    GIVEN: Final = 1
    CAUTIOUS: Final = 2
    PLAIN: Final = 4
    THING: Final = 8
    ROLE: Final = 16
    LINK: Final = 32
    VERB: Final = 64
    NOUN: Final = 128


FIELDS: Final = {
    "given": Use.GIVEN,
    "cautious": Use.CAUTIOUS,
    "plain": Use.PLAIN,
    "things": Use.THING,
    "roles": Use.ROLE,
    "links": Use.LINK,
    "verbs": Use.VERB,
    "nouns": Use.NOUN,
}
"""Fields of ``[people]`` in a rule file; ``never`` takes given names out of the first three."""
NAMES: Final = Use.GIVEN | Use.CAUTIOUS | Use.PLAIN
LONGEST: Final = 24
"""Bytes of a word, at most."""


def words_of(texts: Iterable[str]) -> tuple[str, ...]:
    """The words of texts that are parted by blanks, folded, each once."""
    return tuple(dict.fromkeys(" ".join(texts).lower().split()))


def people_of(fields: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """The words of each field of `FIELDS`, without those that are never given names, and those of no use."""
    never = frozenset(fields.get("never", ()))
    told: dict[str, tuple[str, ...]] = {}
    for name, use in FIELDS.items():
        words = fields.get(name, ())
        told[name] = tuple(word for word in words if word not in never) if use & NAMES and never else words
    return told


def written_lines(words: Iterable[str]) -> bytes:
    """Words, without line ends, as bytes of a log, in UTF-8 and in the Western 8-bit page; some stand twice.

    ASCII letters are small; others as they stand in a word in small letters, with a capital and in capitals.

    Returns:
        one a line.
    """
    plain: list[str] = []
    other: list[str] = []
    for word in words:
        (plain if word.isascii() else other).append(word)
    forms = [*other, *map(str.capitalize, other), *map(str.upper, other)]
    text = "\n".join(forms)  # all in one go: there are thousands
    narrow = text.encode("cp1252", "ignore").lower().split(b"\n")
    whole = [word for word, form in zip(narrow, forms, strict=False) if len(word) == len(form)]
    parts = ("\n".join(plain).encode(), text.encode().lower(), b"\n".join(whole))
    return b"\n".join(filter(None, parts))


def notations(words: Iterable[str]) -> set[bytes]:
    """Each of `written_lines`, once."""
    found = set(written_lines(words).split(b"\n"))
    found.discard(b"")
    return found


def uses(people: Mapping[str, tuple[str, ...]]) -> dict[bytes, int]:
    """What each word says, as the bits of `Use`; the strictest of what is said of a given name counts."""
    table: dict[bytes, int] = {}
    for name, use in FIELDS.items():
        words = notations(people.get(name, ()))
        known = [(word, table[word]) for word in table.keys() & words]
        table |= dict.fromkeys(words, use)
        table |= {word: (said & ~NAMES if use & NAMES else said) | use for word, said in known}
    return table


def pattern_of(uses: Mapping[bytes, int]) -> str:
    """A pattern of RE2 (Latin-1): what begins as a name or a log-in does, or ends as ``Major, Mary`` does."""
    told = _joined({word for word, use in uses.items() if use & NAMES})
    if not told:
        return r"[^\x00-\xff]"
    capital = r"[A-Z\x80-\xff]"
    small = r"(?:[a-z]{2,5} ){0,3}"
    return (
        rf"(?:^|[ \t\r\n(\[{{\"',;|])(?:(?i:{told})(?:-[A-Za-z\x80-\xff'-]+)?"
        rf"(?: {small}{capital}|[._][A-Za-z])"
        rf"|[A-Za-z]\.[A-Za-z]{{3}}[A-Za-z]*[0-9]*(?:[^A-Za-z0-9]|$))"
        rf"|{capital}[A-Za-z\x80-\xff'-]*, (?i:{told})"
    )


def _joined(words: set[bytes]) -> str:
    """A pattern of any of the words; what they begin with in common is written once: RE2 is quicker."""
    heads: dict[int, set[bytes]] = {}
    for word in words:
        if word:
            heads.setdefault(word[0], set()).add(word[1:])
    branches = []
    for sign, rest in sorted(heads.items()):
        letter = chr(sign) if 97 <= sign < 123 else f"\\x{sign:02x}"
        branches.append(letter + _joined(rest))
    if not branches:
        return ""
    return f"(?:{'|'.join(branches)}){'?' if b'' in words else ''}"
