"""Cursors: where a page ended, for the same question only."""

from __future__ import annotations

import base64
import binascii
import hashlib

import msgspec

from app.decoding import ready
from app.sandbox.problems import bad_field


class _Cursor(msgspec.Struct, array_like=True):
    question: str
    place: list[int | str]


def make_cursor(question: object, place: list[int | str]) -> str:
    """The opaque text for a place in the answer to this question."""
    packed = msgspec.msgpack.encode(_Cursor(question=_mark(question), place=place))
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def read_cursor(cursor: str, question: object, *, members: tuple[type, ...]) -> list[int | str]:
    """The place that a cursor names, its members of these types.

    Raises:
        ProblemError: 400: it is not one of ours, or belongs to another question.
    """
    wrong = bad_field("cursor", "it does not belong to this list; begin again without it")
    try:
        packed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        found = msgspec.msgpack.decode(packed, type=ready(_Cursor))
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        raise wrong from None
    fits = len(found.place) == len(members) and all(
        isinstance(value, kind) for value, kind in zip(found.place, members, strict=True)
    )
    if not fits or found.question != _mark(question):
        raise wrong
    return found.place


def _mark(question: object) -> str:
    return hashlib.sha256(msgspec.json.encode(question)).hexdigest()[:16]
