"""People as logs write them in text: ``Mary Major <0171 3928465>``, ``Mary Major <m@example.org>``.

A name is two or three words with capitals; one word that says what somebody is, or what is
done, may stand before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.masking.escapes import BEHIND
from app.masking.patterns import Pattern
from app.masking.plausible import SMALL, names_nobody
from app.masking.tokens import TOKEN

_PART = rb"[A-Z\x80-\xff](?:[A-Za-z\x80-\xff]|['.-](?=[A-Za-z\x80-\xff])){1,40}"
_ROLE = (
    rb"(?:Caller|Customer|Agent|Client|Contact|From|To|User|Call|Name|Operator|Supervisor|Employee|Kunde|Kundin|Anrufer|Cliente"
    rb"|Klient|Appelant|Llamante|Klant|Processing|Calling|Dialing|Dialling|Incoming|Outgoing|Ringing|Connecting|Routing"
    rb"|Transferring|Invite|Answered|Von|An|De|Da|Author|Sender|Recipient|E-Mail|Email|Mail"
    rb"|Nachricht|Anruf|Message|Ticket) "
)
_NUMBER = rb"\+?\d[\d ()./-]{5,23}\d"
_SURE = 9
_LEAST, _MOST = 7, 15
BRACKETED = Pattern(
    rb"(?:(?<![\w\x80-\xff'.@-])|"
    + BEHIND
    + rb")(?!"
    + _ROLE
    + rb")(?P<name>"
    + _PART
    + rb"(?: "
    + SMALL
    + _PART
    + rb"){1,2}) (?:(?!"
    + TOKEN.pattern
    + rb")<(?:(?:sips?|tel|SIPS?|TEL):|(?=(?P<mail>[A-Za-z0-9][\w.+%-]{0,63})@[A-Za-z0-9])|(?P<number>"
    + _NUMBER
    + rb")>)|\\u003[Cc](?:(?:sips?|tel|SIPS?|TEL):|(?=(?P<address>[A-Za-z0-9][\w.+%-]{0,63})@[A-Za-z0-9])))",
    words=(b" <", b" \\u003"),
)
"""Also behind a bracket as .NET and Go write it in JSON."""
WRITTEN = Pattern(rb"(?<=[A-Za-z\x80-\xff] <)(?P<number>(?=[+0])" + _NUMBER + rb")(?=>)", words=(b" <",))
_TIME = Pattern(rb"1\d{9}|1\d{12}|(?:19|20)\d{12}")
"""Seconds and milliseconds since 1970, and ``20230609101502``: no number without + has these forms."""
_MAKERS = frozenset(
    b"actions apache community corporation daemon debian developer developers development fedora foundation"
    b" github gitlab gnome hat inc jenkins kde kubernetes limited llc ltd maintainer maintainers mozilla"
    b" notifications opensuse packaging project team technologies tomcat ubuntu".split()
)
_ROLES = frozenset(
    b"abuse bugs cron daemon devel developer developers donotreply hostmaster list lists mailer-daemon"
    b" maintainer maintainers no-reply nobody noreply postmaster root security webmaster".split()
)
"""Who makes programs and who sends mail for them: ``Red Hat <security@…>``, ``Cron Daemon <root@…>``."""
_SMALL_LETTER = Pattern(rb"[a-z\x80-\xff]")


def bracketed_names(buffer: bytes) -> Iterator[re.Match[bytes]]:
    """Names before the address or the number of somebody, as the group ``name``."""
    for match in BRACKETED.finditer(buffer):
        number = match["number"]
        small = all(map(_SMALL_LETTER.search, match["name"].split(b" ")))
        if not small or names_nobody(match["name"]) or _makes(match):
            continue
        if number is None or _may_be(number):
            yield match


def bracketed_numbers(buffer: bytes) -> Iterator[tuple[int, int]]:
    """Where numbers stand in brackets, behind a name or as one dials them."""
    for match in bracketed_names(buffer):
        if match["number"] is not None and match["number"][:1] not in (b"+", b"0"):
            yield match.span("number")
    for match in WRITTEN.finditer(buffer):
        if _LEAST < _digits(match["number"]) <= _MOST:
            yield match.span("number")


def _makes(match: re.Match[bytes]) -> bool:
    made, mail = match["name"].lower().split(b" "), match["mail"] or match["address"]
    if mail is None:
        return False
    return mail.lower() in _ROLES or not _MAKERS.isdisjoint(made)


def _may_be(number: bytes) -> bool:
    if _TIME.fullmatch(number):
        return False
    digits = _digits(number)
    most = _MOST + 3 if number.startswith(b"9011") else _MOST  # an outside line of North America
    return (_LEAST if number[:1] in (b"+", b"0") else _SURE) <= digits <= most


def _digits(number: bytes) -> int:
    return sum(48 <= c <= 57 for c in number)
