"""Telephone numbers: their one form, and ranges of numbers that are nobody's."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_NOT_DIGIT = re.compile(r"\D+")
_DIGIT = re.compile(r"\d")
_NANP = re.compile(r"[2-9]\d{2}[2-9]\d{6}")
_RANGE = re.compile(r"\+?(\d{3,15})(?:(\*)|\s?-\s?\+?(\d{3,15}))?")
_GAPS = re.compile(r"(?<=\d)[ ()./](?=[\d*(])|[()]")
_LONGEST = 40


def normalise_phone(text: str, *, country: str = "") -> str:
    """The digits of a telephone number with its country code, so that one number has one form.

    Args:
        text: in any notation: ``+1 415…``, ``001415…``, ``(415) 555-0123``, ``tel:…``, ``…;phone-context=…``.
        country: digits of the country code for national numbers with a trunk ``0``; empty leaves these as
        they are.
            Ten digits of the North American form always get a ``1``.

    The trunk digit of ``+49 (0)30 …`` is dialled only inside of the country: it is not part of the one form.
    """
    core = re.sub(r"^\s*(?:sips?|tel):", "", text, flags=re.IGNORECASE)
    core = re.split(r"[;@?]", core, maxsplit=1)[0]
    plus = core.lstrip().startswith("+")
    digits = _NOT_DIGIT.sub("", _without_trunk(core, plus=plus) if "(0)" in core else core)
    if plus:
        return digits
    if digits.startswith("00") and len(digits) > 8:
        return digits[2:]
    if country and digits.startswith("0") and len(digits) > 6:
        return country + digits[1:]
    if _NANP.fullmatch(digits):
        return "1" + digits
    return digits


def _without_trunk(text: str, *, plus: bool) -> str:
    """Without the first ``(0)`` behind a digit of an international number."""
    first = _DIGIT.search(text)
    begun = first.end() if first else len(text)
    before, trunk, rest = text[begun:].partition("(0)")
    before = text[:begun] + before
    international = plus or _NOT_DIGIT.sub("", before).startswith("00")
    return before + rest if trunk and international else text


@dataclass(frozen=True, slots=True)
class NumberRange:
    """Numbers in their one form (digits with country code) from `low` to `high`, which are of one length.

    Attributes:
        open: more digits may follow: every number that begins so is meant.
    """

    low: str
    high: str
    open: bool = False

    @classmethod
    def of(cls, text: str) -> NumberRange:
        """Read ``+493012340``, ``+49301234*`` or ``+4930123400-+4930123499``; spaces may group digits.

        Raises:
            ValueError: it is none of these, or the range runs backwards.
        """
        match = _RANGE.fullmatch(_GAPS.sub("", text.strip()))
        if match is None:
            raise ValueError("is not a number, a number with * behind it, or a range of numbers")
        low, high = match[1], match[3] or match[1]
        if len(low) != len(high) or low > high:
            raise ValueError("is a range whose ends differ in length or run backwards")
        return cls(low, high, match[2] is not None)

    def holds(self, digits: str) -> bool:
        """Whether a number in its one form is meant."""
        size = len(self.low)
        if len(digits) != size and not (self.open and len(digits) > size):
            return False
        return self.low <= digits[:size] <= self.high


@dataclass(frozen=True, slots=True)
class NumberPlan:
    """Numbers that stay readable, whatever found them: own ranges and test numbers."""

    ranges: tuple[NumberRange, ...] = ()
    country: str = ""

    @classmethod
    def of(cls, texts: Iterable[str], *, country: str = "") -> NumberPlan:
        """A plan from texts as `NumberRange.of` reads them."""
        return cls(tuple(NumberRange.of(text) for text in texts), country)

    def __bool__(self) -> bool:
        return bool(self.ranges)

    def stays(self, raw: bytes) -> bool:
        """Whether the number, as it stands in a log, is one of these. Text over 40 bytes is none."""
        if not self.ranges or len(raw) > _LONGEST or not raw.isascii():
            return False
        text = raw.decode("ascii").replace("%2B", "+").replace("%2b", "+")
        digits = normalise_phone(text, country=self.country)
        return any(each.holds(digits) for each in self.ranges)
