"""Values behind signs (``=``, ``:``): most of the words before these were seen before and have no rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from app.masking.escapes import is_letter
from app.masking.keyed import KeyedValues
from app.masking.keysbefore import KEY_BYTES, WORD_BYTES
from app.masking.notations import Written
from app.masking.patterns import Pattern
from app.masking.spans import Span

_TAIL = 40
_WORDS = 4
_SPACE, _COLON = b" :"
_BESIDE_SIGN = b" \t:\"'`"
_REMEMBERED = 50_000


class Signs:
    """Finds the values behind the signs of one notation.

    Args:
        written: the notation.
        heads: find its signs, and may pass over those behind which no value begins.
        keyed: the rules of keys.
    """

    def __init__(self, written: Written, heads: Sequence[Pattern], keyed: KeyedValues) -> None:
        self._written = written
        self._heads = heads
        self._keyed = keyed
        self._ruled: dict[bytes, bool] = {}

    def __call__(self, buffer: bytes) -> Iterator[Span]:
        """What is left behind the signs of a masked text."""
        ruled = self._ruled
        if len(ruled) > _REMEMBERED:
            ruled.clear()
        for match in chain.from_iterable(heads.finditer(buffer) for heads in self._heads):
            key = _before(buffer, match.start())
            known = ruled.get(key)
            if known is None:
                known = ruled[key] = not key or self._has_rule(key)
            if known:
                for _place, span in self._keyed.left_at(self._written, match):
                    yield span

    def _has_rule(self, text: bytes) -> bool:
        """Whether a text, or what is left of it after a blank, may be the key of a value."""
        words = text.split(b" ")
        return any(self._keyed.rule_of(key) is not None for key in _keys(words))


def _before(buffer: bytes, at: int) -> bytes:
    """The words before a sign that may be its key; empty where a longer look is needed.

    A number at the end says nothing about a key, so that all numbers are one, and so is what ends in no key.
    """
    tail = buffer[at - _TAIL if at > _TAIL else 0 : at].rstrip(_BESIDE_SIGN)
    if tail.endswith(b"]"):  # sshd[4211]: and Peer[id=2]:
        opened = tail.rfind(b"[")
        if opened < 0 or not _is_no_key(tail[opened + 1 : -1]):
            return b""
        tail = tail[:opened].rstrip(b" \t\"'")
    rest = tail.rstrip(KEY_BYTES)
    key = tail[len(rest) :]
    if not key:
        return b"0" if tail and tail[-1] not in b")]" else b""
    if not rest or is_letter(tail, len(rest)):  # \nuser=
        return b""
    if rest[-1:] == b"%" and key in (b"5D", b"5d"):  # customer%5Bname%5D=
        return b""
    if key == b"varying":  # (login)::character varying = '…'
        return b""
    number = key.isdigit()
    if rest[-1] == _COLON and not number:
        return key if key[:1].isdigit() else b""  # 16:30:42.054, and customer:name
    if rest[-1] != _SPACE or (len(rest) > 1 and rest[-2] not in WORD_BYTES):
        return b"0" if number else key
    words = tail.rsplit(b" ", 3)
    if len(words) != _WORDS:
        return b""
    _rest, second, first, key = words
    if not number:
        return b" ".join((second, first, key))
    if not first.isdigit():
        return b" ".join((second, first, b"0"))
    return b"0" if second.isdigit() else second + b" 0 0"


def _is_no_key(inside: bytes) -> bool:
    """Whether what stands in brackets is a number, or holds what no key does."""
    if inside.isdigit():
        return True
    return inside.strip(b"\"'").strip(KEY_BYTES) != b"" and b"," not in inside and b"(" not in inside


def _keys(words: list[bytes]) -> Iterator[bytes]:
    key = words.pop()
    yield key
    while words:
        last = words.pop()
        size = len(last.rstrip(WORD_BYTES))
        key, rest = last[size:] + b" " + key, key
        yield key
        if is_letter(last, size):  # \tAccount Name:
            yield last[size + 1 :] + b" " + rest
