"""Mail addresses: what stands before their ``@``, and which of their kind are none."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from app.masking.escapes import is_letter, letters_at
from app.masking.face import Kind
from app.masking.patterns import Pattern
from app.masking.spans import Span

DOMAIN = Pattern(rb"(?:@|%40)(?P<domain>[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})(?:\.[A-Za-z0-9-]{1,63}){1,8})")
_LOCAL = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._%+-'!#$&*/=?^`{|}~" + bytes(
    range(0x80, 0x100)
)
_NEXT_SEGMENT = b"'COM+"
"""A quote that ends a segment of EDIFACT, and what begins the next one."""
_NEXT_NUMBER = Pattern(rb"(?<=\d:)(?:TE|FX|AL|CP|HP|WP|MO)\+(?=.)", re.DOTALL)
_NUMBER_BEFORE = Pattern(rb"[+']\d{1,20}:\Z")
"""The code of a number of EDIFACT, and the next one: ``COM+4930901820417:TE+mary@example.org:EM'``."""
_CODED = Pattern(rb".*\*[A-Z]{2}\*", re.DOTALL)
"""The code of X12 before a mail address: ``*EM*``."""
_INTERNAL = Pattern(rb"(?P<number>\d{1,15})(?:@|%40)")
_ESCAPED_MARK = Pattern(rb"(?i)%(?:09|0[ad]|2[02689cf]|3[a-f]|5[bd]|7[b-d])")
"""What no mail address holds, as URLs hold it: ``%3Cmary%40example.com%3E``."""
_LICENSE_BEFORE = Pattern(rb"(?: -l|-lmspath|(?i:licen[cs]e[_-]?file))[ =:]{1,3}\d{1,5}\Z")
_MESSAGE_ID_BEFORE = Pattern(
    rb"(?i)(?:^|[\s\[({;,'\"_])(?:message[-_]?id|msg-?id|references|in-reply-to)"
    rb"(?:[\s:='\"<]{1,5}|\" \[str\] = \"<?)$"
)
"""The id of a mail, whose host is nobody's mail address."""
_OF_ALGORITHMS = frozenset(
    {b"openssh.com", b"libssh.org"}
    | {b"form-level.store", b"field-level.store", b"document-level.store", b"root-level.store"}
)
"""``chacha20-poly1305@openssh.com``, ``session:names@form-level.store`` of MRCP: nobody's address."""
_TARGET = Pattern(
    rb"\A[A-Za-z][A-Za-z0-9-]{0,62}\.A\Z|\.(?:GA|AG|GP|PG|GQ|QG|Q|VQ|RP|DN|GD|AP|VAG|SWITCH|POOL|Q[M-Z]|X[A-Z])\Z|\Athread\.(?:v2|tacv2|skype)\Z"
    rb"|\A(?:tty|c)?[0-9]{1,6}(?:-main)?\.(?:service|socket|timer|mount|slice)\Z|\A[1-4]x\.(?:png|jpe?g|gif|webp|svg|avif)\Z"
)
"""Of routing, of Teams, units of systemd by a number (``getty@tty1.service``): others may name a log-in.

No country has a code from ``QM`` to ``QZ`` or with X; ``logo@2x.png`` is a picture for screens
with small dots.
"""
_CALL_ID_BEFORE = Pattern(
    rb"(?i)(?:^|[\s\[({;,])(?:call-?id|in-reply-to|replaces|target-dialog|join|i)[\s:='\"]{1,4}$"
)
_LOGIN_BEFORE = Pattern(rb"://[^\s/@]{0,64}\Z")


def mails(internal: tuple[int, int]) -> Callable[[bytes, int, Kind], Iterator[Span]]:
    """A finder of mail addresses, percent-encoded too. The left part of a Call-ID is not one.

    Of ``7021@sip.example.net`` only the host is found when numbers of so many digits are internal.
    """
    least, most = internal

    def find(buffer: bytes, order: int, kind: Kind) -> Iterator[Span]:
        for start, end, passed in _mails(buffer):
            if passed:
                continue
            before = buffer[max(0, start - 40) : start].rpartition(b"\n")[2]
            if _MESSAGE_ID_BEFORE.search(before):
                yield Span(_behind_at(buffer, start, end), end, order, Kind.HOST, "mail", None, True)
                continue
            local = _INTERNAL.match(buffer, start)
            size = len(local["number"]) if local else 0
            whole = local is not None and local.end() == _behind_at(buffer, start, end)  # not 4%40mary@
            if local and whole and (least <= size <= most or size < 3):
                yield Span(local.end(), end, order, Kind.HOST, "mail", None, True)
            else:
                yield Span(start, end, order, kind, "mail", None, True)

    return find


def _behind_at(buffer: bytes, start: int, end: int) -> int:
    """Where the domain of a mail address begins."""
    at = buffer.rfind(b"@", start, end)
    return at + 1 if at >= 0 else buffer.rfind(b"%40", start, end) + 3


def mails_passed_over(buffer: bytes) -> Iterator[int]:
    """Where something has the form of a mail address and is none, because of the words before it."""
    return (start for start, _end, passed in _mails(buffer) if passed)


def maybe_mail(buffer: bytes, at: int) -> bool:
    """Whether something stands before an ``@`` that may be the name of a mail address."""
    return at > 0 and buffer[at - 1] in _LOCAL


def _mails(buffer: bytes) -> Iterator[tuple[int, int, bool]]:
    for match in DOMAIN.finditer(buffer):
        domain = match["domain"].rstrip(b"-.")
        if domain.rpartition(b".")[2].isdigit():
            continue
        at = match.start()
        if _TARGET.search(domain):  # Skill>5@StatServer.GA: a target of routing, and no person
            continue
        head = buffer[max(0, at - 66) : at]
        local = _ESCAPED_MARK.split(head[len(head.rstrip(_LOCAL)) :])[-1]
        coded = _CODED.match(local)
        local = local[coded.end() if coded else 0 :].lstrip(b"'=?&/%.|!#$*{}`^~+-")
        for mark in (b"=", b"?", b"&", b"|", b"/"):
            local = local.rpartition(mark)[2]
        cut = local.rfind(b"'")
        text_of_database = cut == 1 and local[:1] in (b"N", b"b", b"u")  # N'…'
        if cut >= 0 and (
            text_of_database or not (cut and local[cut - 1 : cut].isalpha())
        ):  # a quote, not mary.o'hara@
            local = local[cut + 1 :]
        elif cut >= 0 and local.startswith(_NEXT_SEGMENT, cut):
            local = local[cut + len(_NEXT_SEGMENT) :]
        if not local:
            continue
        start = at - len(local)
        number = _NEXT_NUMBER.match(buffer, start, at)
        if number and _NUMBER_BEFORE.search(buffer, max(0, start - 22), start):  # not 10:15:MO+mary@…
            start = number.end()
        local = buffer[start:at]
        mark = buffer[max(0, start - 2) : start - 1] if start else b""
        if len(local) > 1 and is_letter(buffer, start) and not (mark.isupper() or mark.isdigit()):
            start += 1  # Mail:\\tmary@example.com
        hidden = letters_at(buffer, start)  # \\x22mary@example.com
        start += hidden if hidden < at - start else 0
        before = buffer[max(0, start - 40) : start].rpartition(b"\n")[2]
        passed = (
            before.endswith((b"sip:", b"sips:", b"SIP:"))
            or before[-7:].lower().endswith((b"sip%3a", b"sips%3a"))
            or _LOGIN_BEFORE.search(before) is not None
            or _CALL_ID_BEFORE.search(before) is not None
            or _LICENSE_BEFORE.search(before + local) is not None
            or domain in _OF_ALGORITHMS
        )
        yield start, match.start("domain") + len(domain), passed
