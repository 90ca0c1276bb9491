"""Keyed tokens: the same person has the same token everywhere, and is nobody to anyone without the key.

A token is ``<KIND:16 hex>``, the first 64 bits of HMAC-SHA256 over the kind and the normalised value.
Values with
little entropy (a DTMF digit) get the kind with sixteen zeros, since equal digits would have equal tokens.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
import unicodedata
from collections.abc import Callable
from urllib.parse import unquote

from app.masking.face import Kind
from app.masking.keys import PseudonymKey

TOKEN = re.compile(rb"<(?:" + b"|".join(k.encode() for k in Kind) + rb"):[0-9a-f]{16}>")
"""A token as it stands in masked text."""

OnToken = Callable[[Kind, bytes, bytes], None]
"""Is told a value's kind, how it was found, and its token."""

_CACHE = 65_536
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_NOT_DIGIT = re.compile(r"\D+")
_NANP = re.compile(r"[2-9]\d{2}[2-9]\d{6}")


def normalise_phone(text: str, *, country: str = "") -> str:
    """The digits of a telephone number with its country code, so that one number has one form.

    Args:
        text: in any notation: ``+1 415…``, ``001415…``, ``(415) 555-0123``, ``tel:…``, ``…;phone-context=…``.
        country: digits of the country code for national numbers with a trunk ``0``; empty leaves these as
        they are.
            Ten digits of the North American form always get a ``1``.
    """
    core = re.sub(r"^\s*(?:sips?|tel):", "", text, flags=re.IGNORECASE)
    core = re.split(r"[;@?]", core, maxsplit=1)[0]
    plus = core.lstrip().startswith("+")
    digits = _NOT_DIGIT.sub("", core)
    if plus:
        return digits
    if digits.startswith("00") and len(digits) > 8:
        return digits[2:]
    if country and digits.startswith("0") and len(digits) > 6:
        return country + digits[1:]
    if _NANP.fullmatch(digits):
        return "1" + digits
    return digits


def normalise(kind: Kind, raw: bytes, *, country: str = "") -> str:
    """The one form of a value that its token is made of, whatever encoding or notation it was found in."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", "replace")
    if "%" in text and _PERCENT.search(text):
        text = unquote(text, errors="replace")
    if "\\u" in text:
        text = _ESCAPED.sub(lambda m: chr(int(m[1], 16)), text)
    text = unicodedata.normalize("NFC", text).strip()
    if kind is Kind.TEL:
        digits = normalise_phone(text, country=country)
        return digits if len(digits) >= 3 else text.casefold()
    if kind in (Kind.CARD, Kind.MAC, Kind.IBAN):
        return re.sub(r"[\s.:-]", "", text).upper()
    if kind is Kind.IP:
        return _address(text)
    if kind is Kind.NAME:
        return " ".join(text.casefold().split())
    if kind in (Kind.MAIL, Kind.HOST):
        return text.casefold().rstrip(".")
    return text


def _address(text: str) -> str:
    try:
        return ipaddress.ip_address(text.strip("[]").split("%")[0]).compressed
    except ValueError:
        return text.casefold()


class Pseudonyms:
    """Makes tokens with one key; remembers a bounded number of them."""

    def __init__(self, key: PseudonymKey, *, country: str = "", fixed: frozenset[Kind] = frozenset()) -> None:
        self._secret = key.secret
        self._country = country
        self._fixed = fixed
        self._cache: dict[tuple[Kind, bytes], bytes] = {}
        self._on_token: OnToken | None = None

    @property
    def on_token(self) -> OnToken | None:
        """Who is told of every token when it is made (the lens); values of fixed kinds have none."""
        return self._on_token

    @on_token.setter
    def on_token(self, hook: OnToken | None) -> None:
        self._cache.clear()  # whoever begins to listen hears of every value again
        self._on_token = hook

    def token(self, kind: Kind, raw: bytes) -> bytes:
        """The token of a value as it was found (UTF-8 or 8-bit bytes)."""
        if kind in self._fixed:
            return b"<%s:0000000000000000>" % kind.encode()
        known = self._cache.get((kind, raw))
        if known is not None:
            return known
        value = normalise(kind, raw, country=self._country)
        message = b"caseferry/1/" + kind.encode() + b"\0" + value.encode("utf-8", "surrogatepass")
        digest = hmac.digest(self._secret, message, hashlib.sha256).hex()[:16]
        token = b"<%s:%s>" % (kind.encode(), digest.encode())
        if self._on_token is not None:
            self._on_token(kind, raw, token)
        if len(self._cache) >= _CACHE:
            self._cache.clear()
        self._cache[(kind, raw)] = token
        return token
