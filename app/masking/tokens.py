"""Forms of tokens: how a token is written, and how one is recognised in text that was masked before.

Every form keeps the kind visible, holds no line end and no quote, and is matched by `TOKEN`, so that masking
masked text changes nothing. Raw logs do not hold these forms by chance.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from app.masking.face import Kind

LEAST_DIGITS, MOST_DIGITS = 16, 32
LONGEST_TAIL = 4
LONGEST_TOKEN = 320
"""No token is longer, in bytes."""

_KINDS = "|".join(Kind)
_HEX = f"[0-9a-f]{{{LEAST_DIGITS},{MOST_DIGITS}}}"
_DOMAIN = r"@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,62}[A-Za-z0-9])?"
_MOST_PADDING = 128
_LEAST_SHORT, _MOST_SHORT = 8, 15
_ANGLE = (
    rf"<(?:(?:{_KINDS}):(?:(?:k-[0-9a-f]{{8}}:)?{_HEX}(?:\.{_HEX}|:[0-9A-Za-z]{{1,{LONGEST_TAIL}}})?"
    rf"_{{0,{_MOST_PADDING}}}|-)|MAIL:(?:k-[0-9a-f]{{8}}:)?{_HEX}{_DOMAIN}"
    rf"|(?:{_KINDS})~[0-9a-f]{{{_LEAST_SHORT},{_MOST_SHORT}}})>"
)
_MORE = rf"(?:-{_HEX}|-[0-9A-Za-z]{{1,{LONGEST_TAIL}}})?"
# the z ends the digits, whatever stands directly behind
_WORD = rf"cf-(?:{_KINDS})-(?:(?:k[0-9a-f]{{8}}-)?{_HEX}{_MORE}z|x)"
TOKEN = re.compile(f"{_ANGLE}|{_WORD}".encode("ascii"))
"""A token as it stands in masked text, in any form."""

_KEPT_DOMAIN = re.compile(r"[^@\s]+(" + _DOMAIN + ")")


class Style(StrEnum):
    """How a token looks.

    ``angle``: ``<TEL:88b1…>``. ``word``: ``cf-TEL-88b1…z``; letters, digits and dashes only, so that masked
    URIs (SIP, HTTP), host names, XML and JSON are still read by the programs that read them before.
    """

    ANGLE = "angle"
    WORD = "word"


@dataclass(frozen=True, slots=True)
class TokenForm:
    """How tokens are written; the default is ``<KIND:16 hex digits>``.

    Attributes:
        digits: hex digits, 16 to 32 (64 to 128 bits).
        key_id: the key's id stands in the token, so that a change of keys is seen:
            ``<TEL:k-1a2b3c4d:88b1…>``.
        subnets: an address has a second part for its /24 (IPv6: /64): ``<IP:88b1….03fe…>``.
        mail_domain: the domain of a mail address stays readable: ``<MAIL:88b1…@example.com>``.
        columns: a token is as wide as its value where 32 bits fit in: padded with ``_``, or shortened to
            ``<TEL~88b1e4d0>``. For logs with columns; short tokens are weaker, and cannot be turned back.
    """

    style: Style = Style.ANGLE
    digits: int = LEAST_DIGITS
    key_id: bool = False
    subnets: bool = False
    mail_domain: bool = False
    columns: bool = False

    def __post_init__(self) -> None:
        if self.style is Style.WORD and (self.mail_domain or self.columns):
            raise ValueError("in words no domain can be kept, and no width")
        if not LEAST_DIGITS <= self.digits <= MOST_DIGITS:
            raise ValueError(f"a token has {LEAST_DIGITS} to {MOST_DIGITS} digits")

    def plain(self, kind: Kind) -> bool:
        """Whether tokens of this kind are ``<KIND:16 hex digits>`` and nothing else."""
        if self.style is not Style.ANGLE or self.digits != LEAST_DIGITS or self.key_id or self.columns:
            return False
        return not ((kind is Kind.IP and self.subnets) or (kind is Kind.MAIL and self.mail_domain))

    def write(self, kind: Kind, digest: str, *, key_id: str, more: str = "", width: int = 0) -> str:
        """The token.

        Args:
            kind: of the value.
            digest: at least 32 hex digits.
            key_id: as `PseudonymKey.id`.
            more: what stands behind the digits: ``.net``, ``:tail`` or ``@domain``; empty for none.
            width: of the value, in characters.
        """
        digits = digest[: self.digits]
        if self.style is Style.WORD:
            key = f"{key_id.replace('-', '')}-" if self.key_id else ""
            return f"cf-{kind}-{key}{digits}{more.replace('.', '-').replace(':', '-')}z"
        key = f"{key_id}:" if self.key_id else ""
        token = f"<{kind}:{key}{digits}{more}>"
        if not self.columns or len(token) == width or more[:1] == "@":
            return token
        if len(token) < width:
            return f"{token[:-1]}{'_' * min(width - len(token), _MOST_PADDING)}>"
        room = width - len(kind) - 3
        return f"<{kind}~{digest[: min(room, _MOST_SHORT)]}>" if room >= _LEAST_SHORT else token

    def dropped(self, kind: Kind) -> str:
        """What stands for every value of a kind that is dropped: the kind alone."""
        return f"cf-{kind}-x" if self.style is Style.WORD else f"<{kind}:->"

    def fixed(self, kind: Kind) -> str:
        """What stands for every value of a kind with little entropy: the kind and zeros."""
        zeros = "0" * LEAST_DIGITS
        return f"cf-{kind}-{zeros}z" if self.style is Style.WORD else f"<{kind}:{zeros}>"


def mail_domain(address: str) -> str:
    """``@domain`` of a mail address in its normal form, or an empty text when it has none that can stand."""
    match = _KEPT_DOMAIN.fullmatch(address)
    return match[1] if match else ""


def tail_of(value: str, count: int) -> str:
    """The last `count` characters of a value, or nothing when too little of it would stay secret.

    Six characters and twice as many as are shown are always hidden; only ASCII letters and digits are shown.
    """
    characters = re.sub(r"[\W_]", "", value)
    shown = characters[-count:]
    if not 1 <= count <= LONGEST_TAIL or len(characters) - count < max(6, 2 * count) or not shown.isascii():
        return ""
    return shown


def ends_with_token(buffer: bytes, end: int) -> bool:
    """Whether a token ends at this place."""
    before = buffer[end - 1 : end] if end else b""
    if before != b">" and not before.isalnum():
        return False
    start = max(0, end - LONGEST_TOKEN)
    mark = b"<" if before == b">" else b"cf-"
    at = end
    for _ in range(3):  # digits may end with "cf", and a "-" follow
        at = buffer.rfind(mark, start, at)
        if at < 0:
            return False
        if TOKEN.fullmatch(buffer, at, end) is not None:
            return True
        at += len(mark) - 1
    return False
