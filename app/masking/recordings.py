"""Telephone numbers in the names of recordings: ``/rec/2026/11/12/09-14-22_+4930901820417_7021.wav``."""

from __future__ import annotations

from app.masking.patterns import Pattern

_KINDS = (
    b"wav", b"WAV", b"mp3", b"MP3", b"ogg", b"opus", b"gsm", b"vox", b"au", b"wma", b"m4a", b"mp4",
    b"webm", b"spx", b"nmf",
)  # fmt: skip
_BEFORE_KIND = rb"(?=(?:[_-][\w+-]{0,96}(?:\.\d[\w-]{0,24})?)?\.(?:%s)(?!\w))"
"""What may stand between a number and the kind of the file: ``_7021-1772359533.12.wav``."""
_REST = _BEFORE_KIND % b"|".join(_KINDS)
_REST_OF_SOUND = _BEFORE_KIND % b"|".join(kind for kind in _KINDS if kind not in (b"mp4", b"webm"))
"""A number without + in the name of a film is the id of the film, or of a part of it."""
_WORDS = tuple(b"." + kind for kind in _KINDS)
_DAY, _MONTH = rb"(?:0[1-9]|[12]\d|3[01])", rb"(?:0[1-9]|1[0-2])"
_MINUTE = rb"(?:[01]\d|2[0-3])[0-5]\d"
_STAMP = (
    rb"(?!(?:"
    + (_DAY + _MONTH + rb"(?:19|20)\d\d" + _MINUTE + rb"[0-5]\d")
    + rb"|"
    + (_MONTH + _DAY + _MINUTE + rb"[0-5]\d")
    + rb"|"
    + (_DAY + _MONTH + rb"[0-4]\d" + _MINUTE + rb"(?:[0-5]\d)?")
    + rb")(?!\d))"
)
"""``25032026142233``, ``0301091422``, ``0103261430``: the day first, or no year."""
_ROUND = rb"(?![1-9]{0,15}(?:0[1-9]{0,15}){6})"
"""Six zeros: a count."""
_SURE = rb"(?P<number>\+\d{7,15})"
_MARKED = (
    rb"(?!0[1-9](?:0[1-9]|1[0-2])(?:20\d\d|\d\d(?:[01]\d|2[0-3])[0-5]\d[0-5]\d(?!\d)))"
    + _STAMP
    + _ROUND
    + rb"(?P<number>00[1-9]\d{7,12}|0[1-9]\d{8,10})"
)
_NO_DATE = (
    rb"(?!20[0-4]\d(?:0[1-9]|1[0-2])|2\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])[0-5]\d)"
    + _STAMP
)
"""Neither a date nor seconds since 1970."""
_BARE = rb"(?:1[2-9]\d\d[2-9]\d{6}|[2-9]\d\d[2-9]\d{6}|[2-9]\d{10,13})"
_PLAIN = _NO_DATE + rb"(?P<number>" + _BARE + rb")"
_OTHER = _NO_DATE + _BARE
"""The other number of a call, beside which the extension may stand."""
_EXTENSION = rb"(?!(?:720|1080|480|00\d)(?!\d))\d{3,6}"
_BESIDE = rb"(?:[_-](?:" + _OTHER + rb"|20\d{12}(?!\d)))?[_-]" + _EXTENSION + rb"[_.-]"
"""An extension, or the other number or when the call began and then one."""
_NOT_BESIDE = rb"(?!" + _BESIDE + rb")"
_WHEN = rb"20[0-4]\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[_-]?(?:[01]\d|2[0-3])[0-5]\d[0-5]\d"
"""When the call began."""
_LONG = _NO_DATE + rb"(?P<number>1[2-9]\d\d[2-9]\d{6}|[2-9]\d{10,13})"
_NO_UUID = rb"(?<!-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-)"
_FIRST = rb"(?<![A-Za-z0-9.+])"
RECORDINGS = (
    Pattern(rb"(?:(?<=_)|(?<![\w.+]))" + _SURE + _REST, words=_WORDS),
    Pattern(rb"(?:(?<=_)|(?<![\w.+]))" + _MARKED + _REST_OF_SOUND, words=_WORDS),
    Pattern(_FIRST + _NO_UUID + _PLAIN + rb"(?=" + _BESIDE + rb")" + _REST_OF_SOUND, words=_WORDS),
    Pattern(_FIRST + _EXTENSION + rb"[_-]" + _NO_UUID + _PLAIN + _NOT_BESIDE + _REST_OF_SOUND, words=_WORDS),
    Pattern(
        _FIRST + _EXTENSION + rb"[_-]" + _NO_UUID + _OTHER + rb"[_-]" + _PLAIN + _NOT_BESIDE + _REST_OF_SOUND,
        words=_WORDS,
    ),
    Pattern(_FIRST + _NO_UUID + _LONG + rb"(?=[_-]" + _WHEN + rb"(?!\d))" + _REST_OF_SOUND, words=_WORDS),
    Pattern(_FIRST + _WHEN + rb"[_-]" + _LONG + _REST_OF_SOUND, words=_WORDS),
)
"""Each with the number as its group; what nothing tells has an extension or a time beside it, or is an id."""
