"""Passwords and log-ins among a program's arguments as auditd tells them: ``a0="mysql" a1="-pgeheim"``."""

from __future__ import annotations

from collections.abc import Iterator

from app.masking.accesses import OF_SYSTEMS
from app.masking.patterns import Pattern

LINE = Pattern(
    rb'(?<!\w)a0="(?:[^"\r\n]{0,128}/)?(?P<name>[a-z0-9_-]{2,24})"'
    rb'(?P<arguments>(?: a\d{1,2}="[^"\r\n]{0,256}"){1,32})',
    words=(b'a0="',),
)
_ARGUMENT = Pattern(rb' a\d{1,2}="(?P<text>[^"\r\n]{0,256})"')
_TOLD = {
    b"mysql mysqldump mysqladmin mysqlimport mysqlcheck mysqlshow mariadb mariadb-dump mariadb-admin": (
        b"p",
        b"u",
    ),
    b"sshpass": (b"p+", b""),
    b"redis-cli valkey-cli": (b"a+", b""),
    b"ldapsearch ldapmodify ldapadd ldapdelete ldappasswd ldapwhoami": (b"w+", b""),
    b"sqlcmd osql tsql": (b"P+", b"U"),
    b"curl": (b"u:", b""),
    b"smbclient rpcclient": (b"U%", b""),
}
"""By program: the option of its password, and of its log-in.

Behind that of a password stands ``+`` where it may be apart, and a sign where a log-in goes before.
"""
_OF_PROGRAM = {name: options for names, options in _TOLD.items() for name in names.split()}
_LONG = frozenset({b"--password", b"--passwd", b"--pass", b"--token", b"--secret"})
_LOGIN = Pattern(rb"[A-Za-z][\w.@\\$+-]{1,63}")
_NO_SECRET = Pattern(rb"(?s:[$%{\[*<(-].*)|[xX.*]{2,128}|/.*")


def executed(buffer: bytes) -> Iterator[tuple[int, int, bool]]:
    """Where they stand, and whether each is a password."""
    for match in LINE.finditer(buffer):
        secret, login = _OF_PROGRAM.get(match["name"], (b"", b""))
        option = b""
        for argument in _ARGUMENT.finditer(buffer, *match.span("arguments")):
            text, (start, end) = argument["text"], argument.span("text")
            if option in _LONG:
                yield from _secret(buffer, start, end)
            elif option:
                yield from _told(buffer, start, end, option[1:], secret, login)
            option = b""
            if text in _LONG or (text[:1] == b"-" and text[1:] in (secret[:1], login) and len(text) == 2):
                option = text
            elif len(text) > 2 and text[:1] == b"-" and text[1:2] in (secret[:1], login):
                yield from _told(buffer, start + 2, end, text[1:2], secret, login)


def _told(
    buffer: bytes, start: int, end: int, option: bytes, secret: bytes, login: bytes
) -> Iterator[tuple[int, int, bool]]:
    """What stands behind an option, in its argument or in the next one."""
    sign = secret[1:]
    if option == login:
        yield from _login(buffer, start, end)
    elif sign in (b":", b"%"):
        at = buffer.find(sign, start, end)
        if at > start:
            yield from _login(buffer, start, at)
            yield from _secret(buffer, at + 1, end)
    elif sign == b"+" or buffer[start - 2 : start - 1] == b"-":
        yield from _secret(buffer, start, end)


def _login(buffer: bytes, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
    user = buffer[start:end]
    if _LOGIN.fullmatch(user) and user not in OF_SYSTEMS and user != b"root":
        yield start, end, False


def _secret(buffer: bytes, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
    if end > start and not _NO_SECRET.fullmatch(buffer, start, end):
        yield start, end, True
