"""Telephone numbers in the names of recordings: ``/rec/2026/11/12/09-14-22_+4930901820417_7021.wav``."""

from __future__ import annotations

from app.masking.patterns import Pattern

_KINDS = (
    b"wav", b"WAV", b"mp3", b"MP3", b"ogg", b"opus", b"gsm", b"vox", b"au", b"wma", b"m4a", b"mp4",
    b"webm", b"spx", b"nmf",
)  # fmt: skip
_REST = rb"(?=(?:[_-][\w+-]{0,96}(?:\.\d[\w-]{0,24})?)?\.(?:" + b"|".join(_KINDS) + rb")(?!\w))"
"""What may stand between a number and the kind of the file: ``_7021-1772359533.12.wav``."""
_WORDS = tuple(b"." + kind for kind in _KINDS)
_MARKED = (
    rb"(?!0[1-9](?:0[1-9]|1[0-2])(?:20\d\d|\d\d(?:[01]\d|2[0-3])[0-5]\d[0-5]\d(?!\d)))"
    rb"(?P<number>\+\d{7,15}|00[1-9]\d{7,12}|0[1-9]\d{8,10})"
)
_PLAIN = (
    rb"(?!20[0-4]\d(?:0[1-9]|1[0-2])|2\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])[0-5]\d)"
    rb"(?P<number>1[2-9]\d\d[2-9]\d{6}|[2-9]\d\d[2-9]\d{6}|[2-9]\d{10,13})"
)
"""Neither a date nor seconds since 1970."""
_NO_UUID = rb"(?<!-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-)"
RECORDINGS = (
    Pattern(rb"(?:(?<=_)|(?<![\w.+]))" + _MARKED + _REST, words=_WORDS),
    Pattern(rb"(?<![A-Za-z0-9.+])" + _NO_UUID + _PLAIN + rb"(?=[_-]\d{3,6}[_.-])" + _REST, words=_WORDS),
    Pattern(rb"(?<![A-Za-z0-9.+])\d{3,6}[_-]" + _NO_UUID + _PLAIN + _REST, words=_WORDS),
)
"""Each with the number as its group; what nothing tells needs an extension beside it: or it is an id."""
