"""Tokens in an answer of support, as people and programs pass them on, and their values in their place."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from app.masking.face import Kind

_KINDS = "|".join(Kind)
_TOKEN = re.compile(
    rf"(?:<|&lt;|%3C|\\u003c|(?<![A-Za-z0-9]))({_KINDS})(?::|-|%3A)(?:(k-[0-9a-f]{{8}})(?::|-|%3A))?([0-9a-f]{{16}})(?![0-9a-z])(?:>|&gt;|%3E|\\u003e)?",
    re.IGNORECASE,
)


class TokenText(str):
    """A token in its one form, ``<KIND:hex>``, whatever form it was written in."""

    __slots__ = ()

    @classmethod
    def of(cls, text: str) -> TokenText:
        """The one form of a token; text that is none stays as it is."""
        match = _TOKEN.fullmatch(text.strip())
        return cls(text) if match is None else cls._of(match)

    @classmethod
    def _of(cls, match: re.Match[str]) -> TokenText:
        key = f"{match[2].lower()}:" if match[2] else ""
        return cls(f"<{match[1].upper()}:{key}{match[3].lower()}>")


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
        if not match[3].strip("0"):
            return match[0]  # digits of little entropy: the kind is all there ever was
        known = value_of(TokenText._of(match))
        if known is None:
            unknown += 1
            return match[0]
        found += 1
        return known

    return Unmasked(_TOKEN.sub(value, text), found, unknown)


def is_token(text: str) -> bool:
    """Whether text is one token, in any of its forms."""
    return _TOKEN.fullmatch(text.strip()) is not None
