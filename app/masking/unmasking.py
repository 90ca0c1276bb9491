"""Tokens in an answer of support, as people and programs pass them on, and their values in their place."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from app.masking.face import Kind

_KINDS = "|".join(Kind)
_DIGITS = r"([0-9a-f]{16})[0-9a-f]{0,16}"
_KEY = r"(?:k-?[0-9a-f]{8}(?::|%3A|-))?"
_DOMAIN = r"@[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?"
_TOKEN = re.compile(
    # as in logs, also escaped as in HTML, URLs and JSON; with what a form adds: subnet, tail, domain, columns
    rf"(?:<|&lt;|%3C|\\u003c)({_KINDS})(?::|%3A){_KEY}{_DIGITS}"
    rf"(?:\.[0-9a-f]{{16,32}}|(?::|%3A)[0-9a-z]{{1,4}}|{_DOMAIN})?_{{0,128}}(?:>|&gt;|%3E|\\u003e)"
    # of the form that holds letters, digits and dashes only
    rf"|cf-({_KINDS})-{_KEY}{_DIGITS}(?:-[0-9a-f]{{16,32}}|-[0-9a-z]{{1,4}})?z"
    # in file names, and as people quote it
    rf"|(?<![a-z0-9])({_KINDS})(?::|-|%3A){_KEY}{_DIGITS}(?![0-9a-z])",
    re.IGNORECASE,
)


class TokenText(str):
    """A token in its one form, ``<KIND:16 hex>``, whatever form it was written in."""

    __slots__ = ()

    @classmethod
    def of(cls, text: str) -> TokenText:
        """The one form of a token; text that is none stays as it is."""
        match = _TOKEN.fullmatch(text.strip())
        return cls(text) if match is None else cls.found(match)

    @classmethod
    def found(cls, match: re.Match[str]) -> TokenText:
        """The one form of what the pattern of tokens matched."""
        kind, digits = (part for part in match.groups() if part is not None)
        return cls(f"<{kind.upper()}:{digits.lower()}>")

    @property
    def fixed(self) -> bool:
        """Whether it stands for every value of a kind with little entropy: there is nothing to turn back."""
        return self.endswith(":" + "0" * 16 + ">")


@dataclass(frozen=True, slots=True)
class Unmasked:
    """Text with values in place of tokens.

    Attributes:
        found: tokens that were turned back.
        unknown: tokens that stay: erased, expired, or made with another key.
    """

    text: str
    found: int
    unknown: int


def turned_back(text: str, value_of: Callable[[TokenText], str | None]) -> Unmasked:
    """Put values in place of tokens; also ``TEL-88b1…`` (file names), ``&lt;TEL:…&gt;`` and ``%3CTEL…``."""
    found = unknown = 0

    def value(match: re.Match[str]) -> str:
        nonlocal found, unknown
        token = TokenText.found(match)
        if token.fixed:
            return match[0]
        known = value_of(token)
        if known is None:
            unknown += 1
            return match[0]
        found += 1
        return known

    return Unmasked(_TOKEN.sub(value, text), found, unknown)


def is_token(text: str) -> bool:
    """Whether text is one token, in any of its forms."""
    return _TOKEN.fullmatch(text.strip()) is not None
