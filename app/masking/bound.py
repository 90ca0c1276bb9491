"""Names among the values that are bound to a statement: their keys stand in the statement, or nowhere.

``$1 = 'Mary Major'`` (PostgreSQL), ``@p0=N'…'`` (SQL Server), ``:1='…'`` (Oracle), ``as [VARCHAR] - […]`` and
``(1:VARCHAR) <- […]`` (Hibernate), ``…(String)`` (MyBatis). A name is what has capitals and small letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.masking.callrecords import RECORDED, parties
from app.masking.patterns import Pattern
from app.masking.plausible import SMALL, names_nobody
from app.masking.queuelog import CALLER
from app.masking.recordings import RECORDINGS

_PART = rb"[A-Z\x80-\xff](?:[A-Za-z\x80-\xff]|['.-](?=[A-Za-z\x80-\xff])){1,40}"
_NAME = rb"(?P<name>" + SMALL + _PART + rb"(?: " + SMALL + _PART + rb"){0,3})"
_SIGNS = rb"(?:\$\d{1,3}|@\w{0,39}\d|:\d{1,3}(?==)) ?= ?[Nn]?'"
_SIGN_WORDS = (b"='", b"= '", b"=N'", b"= N'", b"=n'", b"= n'")
SIGNED = Pattern(_SIGNS + _NAME + rb"'", words=_SIGN_WORDS)
TYPED = Pattern(rb"(?:\[[A-Z]{0,16}CHAR\] - \[|:[A-Z]{0,16}CHAR\) <- \[)" + _NAME + rb"\]", words=(b"CHAR",))
PARTIES = parties(
    rb"(?P<name>" + SMALL + _PART + rb"(?: " + SMALL + _PART + rb"){1,3})",
)
"""Of calls, by their place: two words at least, and no queue."""
_VALUES = rb"(?<!\w)duplicate key value is \((?:[^(),\r\n]{0,64}, ){%d}"
DUPLICATES = tuple(
    Pattern(_VALUES % place + _NAME + rb"(?=, |\))", words=(b"duplicate key value is (",))
    for place in range(3)
)
"""``The duplicate key value is (Mary Major, 4930901820417).`` of SQL Server: the first three."""
CAST = Pattern(rb"(?:Parameters: |, )" + _NAME + rb"\(String\)", words=(b"(String)",))
_NO_NAMES = frozenset(
    b"open closed pending active inactive new resolved completed cancelled scheduled processing"
    b" queued failed success gold silver platinum bronze premium standard basic business inbound"
    b" outbound internal consult voice email chat callback video high low medium normal urgent male"
    b" female environment default production primary backup german english french spanish italian"
    b" dutch unknown ready notready enabled disabled answered abandoned transferred retention billing"
    b" support sales service".split()
)
"""Words that are states and sorts, and one alone nobody's name: ``@p2=N'Open'``."""
_DIGITS = (
    rb"(?P<number>9011[1-9]\d{7,12}|00[1-9]\d{7,13}|0[1-9]\d{8,11}|1[2-9]\d\d[2-9]\d{6}|[2-9]\d{10,12}"
    rb"|(?!20\d\d[01])[2-9]\d\d[2-9]\d{6})"
)
NUMBERS = (
    Pattern(_SIGNS + _DIGITS + rb"'", words=_SIGN_WORDS),
    Pattern(rb"(?:\[[A-Z]{0,16}CHAR\] - \[|:[A-Z]{0,16}CHAR\) <- \[)" + _DIGITS + rb"\]", words=(b"CHAR",)),
    Pattern(rb"(?:Parameters: |, )" + _DIGITS + rb"\(String\)", words=(b"(String)",)),
    Pattern(rb", key = " + _DIGITS + rb", value = ", words=(b", key = ",)),
    *(
        Pattern(_VALUES % place + _DIGITS + rb"(?=, |\))", words=(b"duplicate key value is (",))
        for place in range(3)
    ),
    CALLER,
    *RECORDED,
    *RECORDINGS,
)
"""Telephone numbers bound as text, keys of Kafka's records, callers of queues, both parties of calls."""
_SMALL_LETTER = Pattern(rb"[a-z\x80-\xff]")


def bound_names(buffer: bytes) -> Iterator[re.Match[bytes]]:
    """Every one, as the group ``name``."""
    for match in (match for pattern in PARTIES for match in pattern.finditer(buffer)):
        if not names_nobody(match["name"]) and all(map(_SMALL_LETTER.search, match["name"].split(b" "))):
            yield match
    for pattern in (SIGNED, TYPED, CAST, *DUPLICATES):
        for match in pattern.finditer(buffer):
            words = match["name"].split(b" ")
            if len(words) == 1 and words[0].lower() in _NO_NAMES:
                continue
            if all(_SMALL_LETTER.search(word) for word in words):
                yield match
