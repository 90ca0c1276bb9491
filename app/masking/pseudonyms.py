"""Keyed tokens: the same person has the same token everywhere, and is nobody to anyone without the key.

A token is ``<KIND:16 hex>``, the first 64 bits of HMAC-SHA256 over the kind and the normalised value; rules
may ask for another form (`app.masking.tokens`). Values with little entropy (a DTMF digit) get the kind with
sixteen zeros, since equal digits would have equal tokens.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
import unicodedata
from collections.abc import Callable, Mapping
from urllib.parse import unquote

from app.masking.face import Kind
from app.masking.keys import PseudonymKey
from app.masking.phones import normalise_phone
from app.masking.rules import Policy, RuleSet
from app.masking.tokens import TOKEN, TokenForm, mail_domain, tail_of

OnToken = Callable[[Kind, bytes, bytes], None]
"""Is told kind, value as it was found, and token."""

__all__ = ["TOKEN", "OnToken", "Pseudonyms", "normalise", "normalise_phone"]

_CACHE = 65_536
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")


def normalise(kind: Kind, raw: bytes, *, country: str = "") -> str:
    """The one form of a value that its token is made of, whatever encoding or notation it was found in."""
    text = _text(raw)
    if "%" in text and _PERCENT.search(text):
        twice = "%25" in text
        text = unquote(text, errors="replace")
        if twice and _PERCENT.search(text):  # a URL in a parameter of another
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
        address = ipaddress.ip_address(text.strip("[]").split("%")[0])
    except ValueError:
        return text.casefold()
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        number = int(address)  # Pythons differ in how they write these
        return f"::ffff:{number >> 16 & 0xFFFF:x}:{number & 0xFFFF:x}"
    return address.compressed


class Pseudonyms:
    """Makes tokens with one key; remembers a bounded number of them.

    Args:
        country: see `normalise_phone`.
        fixed: kinds with one text for all values.
        policy: what is done with values, by kind; kinds that are not named get a token.
        form: how tokens are written.
        tails: how many last characters stay readable, by kind of policy ``partial``.
    """

    def __init__(
        self,
        key: PseudonymKey,
        *,
        country: str = "",
        fixed: frozenset[Kind] = frozenset(),
        policy: Mapping[Kind, Policy] | None = None,
        form: TokenForm | None = None,
        tails: Mapping[Kind, int] | None = None,
    ) -> None:
        self._secret = key.secret
        self._key_id = key.id
        self._country = country
        self._form = form or TokenForm()
        self._policy = {**(policy or {}), **dict.fromkeys(fixed, Policy.FIXED)}
        self._tails = dict(tails or {})
        self._cache: dict[tuple[Kind, bytes], bytes] = {}
        self._on_token: OnToken | None = None

    @classmethod
    def of(cls, rules: RuleSet, key: PseudonymKey) -> Pseudonyms:
        """What makes the tokens that a rule set asks for."""
        return cls(key, country=rules.country, policy=rules.policy, form=rules.tokens, tails=rules.tails)

    @property
    def on_token(self) -> OnToken | None:
        """Who is told of every token when it is made (the lens); values of fixed and dropped kinds have none.

        It is told the token's plain form (``<KIND:16 hex>``, with the key id where the rules ask for it).
        """
        return self._on_token

    @on_token.setter
    def on_token(self, hook: OnToken | None) -> None:
        self._cache.clear()  # whoever begins to listen hears of every value again
        self._on_token = hook

    def plain(self, kind: Kind) -> bool:
        """Whether tokens of this kind are ``<KIND:16 hex>`` and nothing else, so that the core makes them."""
        return self._policy.get(kind, Policy.TOKEN) is Policy.TOKEN and self._form.plain(kind)

    def token(self, kind: Kind, raw: bytes) -> bytes:
        """The token of a value as it was found (UTF-8 or 8-bit bytes)."""
        policy = self._policy.get(kind, Policy.TOKEN)
        if policy is Policy.FIXED:
            return self._form.fixed(kind).encode("ascii")
        if policy is Policy.DROP:
            return self._form.dropped(kind).encode("ascii")
        known = self._cache.get((kind, raw))
        if known is not None:
            return known
        value = normalise(kind, raw, country=self._country)
        digest = self._digest(kind, value)
        if self._on_token is not None:
            self._on_token(kind, raw, self._told(kind, digest))
        token = self._form.write(
            kind,
            digest,
            key_id=self._key_id,
            more=self._more(kind, value, policy),
            width=len(_text(raw)) if self._form.columns else 0,
        ).encode("ascii")
        if len(self._cache) >= _CACHE:
            self._cache.clear()
        self._cache[(kind, raw)] = token
        return token

    def _digest(self, kind: Kind, value: str) -> str:
        message = b"caseferry/1/" + kind.encode() + b"\0" + value.encode("utf-8", "surrogatepass")
        return hmac.digest(self._secret, message, hashlib.sha256).hex()

    def _told(self, kind: Kind, digest: str) -> bytes:
        key = f"{self._key_id}:" if self._form.key_id else ""
        return f"<{kind}:{key}{digest[:16]}>".encode("ascii")

    def _more(self, kind: Kind, value: str, policy: Policy) -> str:
        if kind is Kind.IP and self._form.subnets:
            network = _network(value)
            return f".{self._digest(kind, network)[: self._form.digits]}" if network else ""
        if kind is Kind.MAIL and self._form.mail_domain:
            return mail_domain(value)
        tail = tail_of(value, self._tails.get(kind, 0)) if policy is Policy.PARTIAL else ""
        return f":{tail}" if tail else ""


def _network(address: str) -> str:
    """The /24 of an IPv4 address, the /64 of an IPv6 address; empty for other text."""
    try:
        size = 24 if ipaddress.ip_address(address).version == 4 else 64
    except ValueError:
        return ""
    return ipaddress.ip_network((address, size), strict=False).compressed


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")
