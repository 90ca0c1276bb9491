"""Folders that are called as the people whose files they hold."""

from __future__ import annotations

from collections.abc import Iterator

from app.masking.patterns import Pattern

_FOLDER = rb"[^\s/\\:*?\"'<>|,;()]{1,64}+"
_USER = rb"(?P<user>" + _FOLDER + rb"(?:(?: [A-Z\x80-\xff][A-Za-z\x80-\xff.-]{0,31}+){1,2}(?=[/\\]))?)"
"""Also of several words with capitals: ``C:\\Users\\Mary Smith\\x.log``."""
HOMES = (
    Pattern(
        rb"/var/(?:spool/)?v?mail/(?:[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}/|(?![\w-]{1,63}(?:\.[\w-]{1,63}){1,4}/))(?P<user>(?![$%{])[^\s/\\:*?\"'<>|,;()#]{1,64})",
        words=(b"mail/",),
    ),
    Pattern(rb"/home/(?P<user>" + _FOLDER + rb")", words=(b"/home/",)),
    Pattern(rb"(?<!All )(?:Users/|[Uu]sers\\{1,4})" + _USER, words=(b"sers/", b"sers\\")),
    Pattern(
        rb"(?:[A-Za-z]:\\{1,4}[Hh]omes?|[Hh]omes?\$|[Pp]rofiles?\$?|[Pp]rofile[ns]\$?|[Uu]ser(?:data|profiles?|homes?)\$?"
        rb"|[Bb]enutzer(?:profile)?|[Uu]tilisateurs|[Uu]suarios|[Uu]tenti|[Uu]tilizadores|[Gg]ebruikers|[Pp]rofili?"
        rb"|[Aa]nv[a\xc3\xa4]{1,2}ndare|[Kk]ullanicilar|[Uu]zytkownicy|Dokumente und Einstellungen)"
        rb"\\{1,4}(?!Users|[Dd]efault|[Pp]ublic|All |AppData|Roaming|Local)(?P<user>" + _FOLDER + rb")(?=\\)",
        words=(b"\\",),
    ),
    Pattern(
        rb"(?:[Hh]omes?|[Pp]rofiles?|[Pp]rofilen|[Uu]ser(?:data|homes?))\$\\{1,4}"
        rb"(?!Users|[Dd]efault|[Pp]ublic|All |AppData|Roaming|Local)"
        rb"(?P<user>" + _FOLDER + rb")(?!\\)"
        rb"(?<!\.txt)(?<!\.log)(?<!\.zip)(?<!\.exe)(?<!\.cmd)(?<!\.bat)(?<!\.ini)(?<!\.xml)(?<!\.csv)",
        words=(b"$\\",),
    ),
    Pattern(rb"Documents and Settings\\{1,4}" + _USER, words=(b"Documents and Settings",)),
)
_SHARED = frozenset({b"public", b"default", b"all", b"shared"})
"""Also with a word behind it: ``Public Documents``, ``Default User``."""


def folders_of_people(buffer: bytes) -> Iterator[tuple[int, int]]:
    """Where the names of people stand in paths."""
    for pattern in HOMES:
        for match in pattern.finditer(buffer):
            if match["user"].split(b" ", 1)[0].lower() not in _SHARED:
                yield match.span("user")
