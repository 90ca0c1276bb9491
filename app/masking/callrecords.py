"""Records of calls whose values stand by their place.

The lines of Asterisk's ``Master.csv``, of IP Office's SMDR, and those of 3CX, MiVoice and HiPath.
"""

from __future__ import annotations

import re

from app.masking.patterns import Pattern

_BEHIND = rb'"[\w.-]{1,64}","(?:[^"\r\n]|""){0,128}","(?:PJSIP|SIP|IAX2|DAHDI|Local)/'
_WORDS = (b'","PJSIP/', b'","SIP/', b'","IAX2/', b'","DAHDI/', b'","Local/')
_FROM = Pattern(
    rb'^"[^"\r\n]{0,64}","(?P<number>\+?\d{7,15})","[^"\r\n]{0,64}",' + _BEHIND, re.MULTILINE, words=_WORDS
)
_TO = Pattern(
    rb'^"[^"\r\n]{0,64}","[^"\r\n]{0,64}","(?P<number>\+?\d{7,15})",' + _BEHIND, re.MULTILINE, words=_WORDS
)
_CALL = (
    rb"^(?:\d{4}/\d\d/\d\d \d\d:\d\d:\d\d,\d\d:\d\d:\d\d"
    rb"|\"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d\",\"\d\d:\d\d:\d\d\"),\d{1,5},"
)
_FIELD = rb"[^,\r\n]{0,64},"
_NUMBER = rb"(?P<number>\+?\d{7,15}),"
_DIRECTED = _CALL + _FIELD + rb"[IO],"
_OF_CALLS = (b",I,", b",O,")
_CALLER = Pattern(_CALL + _NUMBER + rb"[IO],", re.MULTILINE, words=_OF_CALLS)
_CALLED = Pattern(_DIRECTED + _NUMBER, re.MULTILINE, words=_OF_CALLS)
_DIALLED = Pattern(_DIRECTED + _FIELD + _NUMBER, re.MULTILINE, words=_OF_CALLS)
_EXTENSION = Pattern(rb"(?<=[,; ])(?P<number>\+?\d{9,15})(?=[,;]Ext\.\d)", words=(b",Ext.", b";Ext."))
_IN_COLUMNS = Pattern(
    rb"(?<![\w/.-])\d\d/\d\d \d\d:\d\d[AP]? \d{2,4}:\d\d:\d\d [^\r\n]{0,40}?(?<= )(?P<number>\d{9,15})(?= )"
)
_IN_FIELDS = Pattern(
    rb";\d\d\.\d\d\.\d\d(?:\d\d)?;\d\d:\d\d:\d\d;\d\d:\d\d:\d\d;(?:\d\d:\d\d:\d\d;)?\d{2,6};"
    rb"(?P<number>\+?\d[\d ]{5,18}\d);"
)
RECORDED = (_FROM, _TO, _CALLER, _CALLED, _DIALLED, _EXTENSION, _IN_COLUMNS, _IN_FIELDS)
"""Who called and who was called, as the group ``number``.

A line of Asterisk has an account, the source, the destination, a context, the caller and the channel. One
of SMDR has a stamp, two durations, the caller, the direction, who was called and what was dialled. 3CX names
its own extensions beside a number: ``…,4930901820417,Ext.7021,…``. MiVoice has a day, a time and a
duration, and columns (``12/02 08:56A 00:02:14 T014   003  4155550143    2210``), HiPath the same between
semicolons, and the extension before the number (``;02.12.26;08:44:10;00:03:10;2301;030 901820417;``).
"""
_PARTIES = _DIRECTED + _FIELD * 3 + rb"[01],\d{1,10},[01],"


def parties(name: bytes) -> tuple[Pattern, Pattern]:
    """Whose extensions the two parties of a call are in SMDR, as the group of a pattern of names."""
    extension = rb"E\d{1,6}," + name + rb"(?=[,\r\n]|\Z)"
    return (
        Pattern(_PARTIES + extension, re.MULTILINE, words=_OF_CALLS),
        Pattern(_PARTIES + rb"[A-Z]\d{1,6}," + _FIELD + extension, re.MULTILINE, words=_OF_CALLS),
    )
