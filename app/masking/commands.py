"""Log-ins and secrets in the commands of protocols, and secrets behind the word for them."""

from __future__ import annotations

from collections.abc import Iterator

from app.masking.accounts import SECRETS as CONFIGURED
from app.masking.patterns import Pattern

_PROMPT = Pattern(
    rb"(?:(?:(?:\A|[\r\n])[>$]|(?:ftp|pop3?|redis|:\d{2,5})>"
    rb"|\b(?i:c|client|command|cmd|sent|send|ftp|pop3?|imap4?|smtp):)[ \t]"
    rb"|[ \t][\"'])\Z"
)
"""What stands before a command that was sent: ``ftp> USER mohara``, ``Client "10.1.2.3", "USER mohara"``."""
_STORE = Pattern(rb"(?i:redis|sentinel|valkey)[\w.-]{0,24}: \Z")
_NEAR = 40
_ENDS = rb"(?=[\"'\]\r\n]| ->|\Z)"
USED = Pattern(
    rb"(?<!\w)USER (?P<user>[A-Za-z][\w.@\\$+-]{1,63})" + _ENDS,
    words=(b"USER ",),
)
PASSED = Pattern(
    rb"(?<!\w)PASS (?![xX]{2,64}(?!\w))(?P<password>[^\s\"'<>\]]{2,128})" + _ENDS,
    words=(b"PASS ",),
)
KEYED = Pattern(
    rb"(?<!\w)AUTH (?P<password>(?=[A-Za-z]{0,127}[^A-Za-z\s\"'<>\]])[^\s\"'<>\]]{5,128})" + _ENDS,
    words=(b"AUTH ",),
)
"""``AUTH s3cret`` of Redis; a word of letters alone says what became of it."""
ANSWERED = Pattern(
    rb"(?<!\w)AUTH (?:PLAIN|LOGIN|XOAUTH2) "
    rb"(?P<password>(?=[A-Za-z+/]{0,1023}[0-9=])[A-Za-z0-9+/]{8,1024}={0,2})(?![\w+/=-])",
    words=(b"AUTH ",),
)
"""``AUTH PLAIN AG1vaGFyYQBzM2NyZXQ=`` of SMTP."""
VERIFIED = Pattern(
    rb"(?<![\w-])CV[CVN]2? (?P<password>\d{3,4})(?![\w.:%-])",
    words=(b"CVC", b"CVV", b"CVN"),
)
"""``CVC 139``: what stands on the back of a card."""
PIN = Pattern(
    rb"(?<![\w-])PIN (?:entered|typed|received|collected)(?: by [a-z]{3,12})?(?: \+?\d{3,15})?: "
    rb"(?P<password>\d{3,8})(?!\w|\.\d)",
    words=(b"PIN ",),
)
"""``PIN entered by caller +4930901820417: 4471``."""
PIN_BLOCK = Pattern(
    rb"(?:(?<![\w.-])(?:F|DE|P|BM)_?0?52[=:] ?|(?<!\w)id=\"0?52\" value=\")"
    rb"(?P<password>[0-9A-Fa-f]{16})(?!\w)",
    words=(b"52=", b"52:", b'52" value="'),
)
"""``F52=9F1C4417A0B0C0D0``: the field of ISO 8583 that holds a PIN."""
TICKET = Pattern(
    rb"(?<![\w-])(?P<password>(?:ST|PT|TGT|PGT)-\d{1,9}-[A-Za-z0-9]{16,128}(?:[.-][A-Za-z0-9]{1,32}){0,4})(?!\w)",
    words=(b"ST-", b"PT-", b"GT-"),
)
"""``ST-4711-…`` of a server of single sign-on."""
_STANDS_FOR_ONE = Pattern(rb"[({].*|\*+|\$[({].*|\$[A-Z0-9_]+|%(?:\w{0,30}%|[a-z])")
"""A variable of a script or a template, and what hid a secret."""
SECRETS = (PASSED, KEYED, ANSWERED, VERIFIED, PIN, PIN_BLOCK, TICKET, *CONFIGURED)


def users(buffer: bytes) -> Iterator[tuple[int, int]]:
    """Where log-ins stand behind ``USER``."""
    for match in USED.finditer(buffer):
        if _sent(buffer, match.start()):
            yield match.span("user")


def passwords(buffer: bytes) -> Iterator[tuple[int, int]]:
    """Where secrets stand behind a command or a word."""
    for match in PASSED.finditer(buffer):
        if _sent(buffer, match.start()) and not _STANDS_FOR_ONE.fullmatch(match["password"]):
            yield match.span("password")
    for match in KEYED.finditer(buffer):
        start = match.start()
        if _STANDS_FOR_ONE.fullmatch(match["password"]):
            continue
        if _sent(buffer, start) or _STORE.search(buffer, max(0, start - _NEAR), start):
            yield match.span("password")
    for pattern in (ANSWERED, VERIFIED, PIN, PIN_BLOCK, TICKET, *CONFIGURED):
        for match in pattern.finditer(buffer):
            if match["password"] is not None:
                yield match.span("password")


def _sent(buffer: bytes, start: int) -> bool:
    """Whether what begins at a place was sent by somebody."""
    return _PROMPT.search(buffer, max(0, start - _NEAR), start) is not None
