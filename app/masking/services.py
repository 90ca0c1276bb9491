"""Log-ins and hosts where services write them in a way of their own: databases, mail servers, queues."""

from __future__ import annotations

from collections.abc import Iterator

from app.masking.patterns import Pattern

_OF_DATABASE = Pattern(
    rb"(?<![\w.@$+-])(?P<user>[A-Za-z_][\w.$-]{0,62})@[A-Za-z_][\w$-]{0,62} "
    rb"(?:LOG|ERROR|FATAL|PANIC|WARNING|NOTICE|INFO|STATEMENT|DETAIL|HINT|CONTEXT|QUERY|LOCATION|DEBUG): ",
    words=(
        b" LOG: ",
        b" ERROR: ",
        b" FATAL: ",
        b" PANIC: ",
        b" WARNING: ",
        b" NOTICE: ",
        b" INFO: ",
        b" STATEMENT: ",
        b" DETAIL: ",
        b" HINT: ",
        b" CONTEXT: ",
        b" QUERY: ",
        b" LOCATION: ",
        b" DEBUG: ",
    ),
)
"""``mohara@crm LOG: `` of PostgreSQL."""
_DELIVERED = Pattern(
    rb" (?:=>|->|\*\*|==|>>) (?P<user>[A-Za-z][\w.+-]{0,63}) <[\w.+-]{1,64}@",
    words=(b" => ", b" -> ", b" ** ", b" == ", b" >> "),
)
"""``=> mohara <mohara@example.com>`` of Exim."""
_ASKED = Pattern(
    rb"(?<!\w)(?:pam|passwd(?:-file)?|shadow|sql|ldap|lua|static|oauth2|dict|vpopmail|userdb|passdb|prefetch)"
    rb"\((?P<user>[^\s(),<>]{1,64}),[0-9A-Fa-f]{1,4}[.:]",
    words=(
        b"pam(",
        b"passwd(",
        b"-file(",
        b"shadow(",
        b"sql(",
        b"ldap(",
        b"lua(",
        b"static(",
        b"oauth2(",
        b"dict(",
        b"vpopmail(",
        b"userdb(",
        b"passdb(",
        b"prefetch(",
    ),
)
"""``pam(mohara,10.1.2.3)`` of Dovecot."""
_SERVED = Pattern(
    rb"(?<!\w)(?:imap|pop3|lmtp|lda|submission|managesieve|doveadm)\((?P<user>[A-Za-z][^\s(),<>]{0,63})\)(?=[:<(])",
    words=(b"imap(", b"pop3(", b"lmtp(", b"lda(", b"submission(", b"managesieve(", b"doveadm("),
)
"""``imap(mohara): ``, ``lda(mohara)<4711>`` of Dovecot."""
_RESOURCE = Pattern(
    rb"(?<!\w)[Rr]esource(?:Id|ID|Name)?(?:=|: ?)(?!(?:null|none)(?![\w.@-]))"
    rb"(?P<user>[A-Za-z0-9][\w.@-]{1,63})",
    words=(b"esource",),
)
"""``resource=mohara`` in lines of the queues of UCCX."""
_RESOURCE_LINE = b"%MIVR-"
_RESOURCE_NEAR = 480
GREETED = Pattern(
    rb"(?: H=| for | from )(?:[A-Za-z0-9][\w.-]{0,252} )?\((?P<host>[A-Za-z0-9][\w.-]{0,252})\) "
    rb"\[[0-9A-Fa-f]{1,4}[.:]",
    words=(b") [",),
)
"""``H=(pc-4711) [10.1.2.3]``: what a client calls itself."""
SERVED_BY = Pattern(
    rb"(?<![\w-])(?:master|broker|node|leader|peer|server|slave) "
    rb"(?P<host>(?=[a-z]{0,40}[-\d])[A-Za-z][\w-]{1,62}):\d{4,5}(?!\d)",
    words=(b"master ", b"broker ", b"node ", b"leader ", b"peer ", b"server ", b"slave "),
)
"""``from master redis-1:6379``."""
_IN_COLUMN = Pattern(
    rb"(?<=[,;|])[a-z][a-z0-9-]{1,14}\\(?![nrtubfx])(?P<user>[a-z][\w.$-]{1,63})(?=[,;|])", words=(b"\\",)
)
"""``,corp\\mohara,`` of firewalls; an escape (``,name\\u0022,``) is no log-in."""
_FINESSE = Pattern(rb"/finesse/api/User/(?P<user>[A-Za-z0-9][\w.@-]{1,63})", words=(b"/finesse/api/User/",))
_SLOW_QUERY = Pattern(
    rb"(?<!\w)User@Host: (?P<user>[\w.$-]{1,64})\[(?P<by>[\w.$-]{1,64})\] @ {1,2}"
    rb"(?:(?P<host>[A-Za-z0-9][\w.-]{0,252}) )?\[",
    words=(b"User@Host: ",),
)
"""``User@Host: mohara[mohara] @ app-2 [10.1.2.3]`` of MySQL."""
_USER_TO_USER = Pattern(rb"(?<!\w)0[04](?:[0-9A-Fa-f]{2}){5,512}(?!\w)")
_ASCII_ELEMENT = 0xC8
WITH_TEXT = Pattern(rb"(?<!\w)0[04](?:[0-9A-Fa-f]{2}){0,512}[Cc]8[0-9A-Fa-f]{2}")
"""Matches in every run of hex digits in which `user_to_user` finds text."""
PATTERNS = (_OF_DATABASE, _DELIVERED, _ASKED, _SERVED, _IN_COLUMN, _FINESSE, _RESOURCE, _SLOW_QUERY)
"""Of log-ins."""


def service_logins(buffer: bytes) -> Iterator[tuple[int, int]]:
    """Where log-ins stand."""
    for pattern in (_OF_DATABASE, _DELIVERED, _ASKED, _SERVED, _IN_COLUMN, _FINESSE):
        for match in pattern.finditer(buffer):
            yield match.span("user")
    for match in _SLOW_QUERY.finditer(buffer):
        yield match.span("user")
        yield match.span("by")
        if match["host"] and match["host"] != b"localhost":
            yield match.span("host")
    for match in _RESOURCE.finditer(buffer):
        before = buffer[max(0, match.start() - _RESOURCE_NEAR) : match.start()].rpartition(b"\n")[2]
        if _RESOURCE_LINE in before and not match["user"].isdigit():
            yield match.span("user")


def user_to_user(buffer: bytes) -> Iterator[tuple[int, int]]:
    """What applications tell each other in hex digits, element by element: text in it may be anything."""
    for match in _USER_TO_USER.finditer(buffer):
        start, end = match.span()
        at, found = start + 2, []
        while at + 4 <= end:
            size = 2 * int(buffer[at + 2 : at + 4], 16)
            told = at + 4, at + 4 + size
            at, element = told[1], int(buffer[at : at + 2], 16)
            if at <= end and element == _ASCII_ELEMENT and size and _printable(buffer[slice(*told)]):
                found.append(told)
        if at == end:
            yield from found


def _printable(digits: bytes) -> bool:
    return all(32 <= int(digits[at : at + 2], 16) < 127 for at in range(0, len(digits) - 1, 2))
