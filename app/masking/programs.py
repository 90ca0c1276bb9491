"""Passwords in the command lines of programs, as histories of shells and lists of processes show them.

``mysql -u root -pgeheim``, ``sshpass -p geheim ssh …``, ``ldapsearch -x -w geheim``,
``curl -u 'mary:geheim' …``.
"""

from __future__ import annotations

from collections.abc import Iterator

from app.masking.patterns import Pattern

_OPTIONS = {
    b"p": b"mysql mysqldump mysqladmin mysqlimport mysqlcheck mysqlshow mysqlbinlog mysqlsh"
    b" mariadb mariadb-dump mariadb-admin mariadb-backup",
    b"P": b"sqlcmd osql tsql ipmitool",
    b"a": b"redis-cli valkey-cli",
    b"w": b"ldapsearch ldapmodify ldapadd ldapdelete ldappasswd ldapwhoami",
    b"U": b"smbclient rpcclient",
    b"u": b"curl",
    b"s": b"sshpass",
}
"""By option: the programs whose password it tells; ``s`` is the ``-p`` of `sshpass`."""
_OF_PROGRAM = {name: option for option, names in _OPTIONS.items() for name in names.split()}
_NAMES = b"|".join(sorted(_OF_PROGRAM, reverse=True))
PROGRAM = Pattern(
    rb"(?:(?<=bin/)|(?<![\w.$@/-]))(?P<name>" + _NAMES + rb") (?:[^\r\n|;&<>]{0,255}? )?-[pPawUu]",
    words=(b" -",),
)
_OTHERS = Pattern(rb"[^\r\n|;&<>]{0,256}")
_BARE = rb"(?P<bare>[^\s'\"|;&<>()`]{1,128})(?![^\s'\"|;&<>()`])"
_VALUE = rb"(?:'(?P<single>[^'\r\n]{1,128})'|\"(?P<double>[^\"\r\n]{1,128})\"|" + _BARE + rb")"
_TOLD = {
    b"p": Pattern(rb"-p" + _VALUE),
    b"P": Pattern(rb"-P ?" + _VALUE),
    b"a": Pattern(rb"-a ?" + _VALUE),
    b"w": Pattern(rb"-w ?" + _VALUE),
    b"s": Pattern(rb"-p ?" + _VALUE),
    b"U": Pattern(rb"-U ?['\"]?(?P<user>[^\s%'\"<>]{1,64})%" + _BARE),
    b"u": Pattern(rb"-u(?: ?(?P<mark>['\"])|(?! ))(?P<user>[^\s:'\"$<>]{1,64}):" + _BARE),
}
_NONE = Pattern(rb"(?s:[$%{\[*<(`-].*)|[xX.]{2,128}|(?i:pass|passwd|password|pwd|secret)|330\d{1,2}")
"""A variable, what hid a password, a word for one, and the port of MySQL."""


def told_to_programs(buffer: bytes) -> Iterator[tuple[int, int, bool]]:
    """Where passwords stand, and the log-ins before them; which of both."""
    behind = 0
    while (match := PROGRAM.search(buffer, behind)) is not None:
        told = _TOLD[_OF_PROGRAM[match["name"]]]
        behind = at = match.end("name") + 1
        end = at + _reach(buffer, at)
        dash = buffer.find(b"-", at, end)
        while dash >= 0:
            if match["name"] == b"sshpass" and dash > at and buffer[at:dash] != b"-v ":
                break  # the port of what it starts: sshpass -f FILE ssh -p 2222
            value = told.match(buffer, dash) if buffer[dash - 1] == 0x20 else None
            group = value.lastgroup if value is not None else None
            if value is not None and group is not None and not _NONE.fullmatch(value[group]):
                if "user" in told.groupindex:
                    yield *value.span("user"), False
                yield *value.span(group), True
                break
            dash = buffer.find(b"-", dash + 1, end)


def _reach(buffer: bytes, at: int) -> int:
    """How many bytes of arguments stand behind the name of a program."""
    arguments = _OTHERS.match(buffer, at)
    return len(arguments[0]) if arguments is not None else 0
