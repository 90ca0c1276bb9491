"""Who is to be taken out of the lens: by tokens, and by values in any notation.

Rather one entry too many than one too few: a number as it is dialled inside of a country is that of every
country, for the lens does not know which one the rules name; and a name is one in any order of its words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from app.masking.face import Kind
from app.masking.keys import KeyRing
from app.masking.phones import normalise_phone
from app.masking.pseudonyms import Pseudonyms
from app.masking.unmasking import TokenText

_WORD = re.compile(r"\w+")
_LEAST_NATIONAL = 7
"""Digits behind the trunk digit by which a number is known in any country."""
_COUNTRY_CODE = range(1, 4)


class Erased:
    """The persons that are named.

    Args:
        values: in any notation.
        tokens: in any form.
        ring: keys that tokens may be made with.
        country: see `app.masking.phones.normalise_phone`.
    """

    def __init__(
        self, *, values: Iterable[str], tokens: Iterable[str], ring: KeyRing, country: str = ""
    ) -> None:
        self._country = country
        self._tokens = {TokenText.of(token) for token in tokens}
        plain = {_folded(value) for value in values}
        self._values = plain
        self._names = {words for value in plain if len(words := _words(value)) > 1}
        self._numbers = {digits for value in plain if (digits := self._digits(value))}
        for key in ring.keys:
            pseudonyms = Pseudonyms(key, country=country)
            for value in plain:
                for kind in Kind:
                    self._tokens.add(TokenText.of(pseudonyms.token(kind, value.encode()).decode("ascii")))

    def holds(self, token: str, kind: str, value: str) -> bool:
        """Whether an entry of the lens is one of theirs."""
        folded = _folded(value)
        if TokenText.of(token) in self._tokens or folded in self._values:
            return True
        if kind == Kind.TEL:
            digits = self._digits(folded)
            return any(_same_number(digits, each) for each in self._numbers)
        return kind == Kind.NAME and bool(self._names) and _words(folded) in self._names

    def _digits(self, value: str) -> str:
        digits = normalise_phone(value, country=self._country)
        return digits if len(digits) >= _LEAST_NATIONAL else ""


def _folded(value: str) -> str:
    return " ".join(unicodedata.normalize("NFC", value).casefold().split())


def _words(value: str) -> tuple[str, ...]:
    return tuple(sorted(_WORD.findall(value)))


def _same_number(one: str, two: str) -> bool:
    """Whether two numbers may be one, of which one is written as it is dialled inside of its country."""
    if one == two:
        return bool(one)
    short, long = sorted((one.removeprefix("0"), two.removeprefix("0")), key=len)
    if len(short) < _LEAST_NATIONAL or not (one.startswith("0") or two.startswith("0")):
        return False
    return short == long or (long.endswith(short) and len(long) - len(short) in _COUNTRY_CODE)
