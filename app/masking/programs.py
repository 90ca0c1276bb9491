"""Passwords in the command lines of programs, as histories of shells and lists of processes show them.

``mysql -u root -pgeheim``, ``sshpass -p geheim ssh …``, ``ldapsearch -x -w geheim``,
``curl -u 'mary:geheim' …``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.masking.commandwords import WINDOW, begins
from app.masking.patterns import Pattern

_OPTIONS = {
    b"p": b"mysql mysqldump mysqladmin mysqlimport mysqlcheck mysqlshow mysqlbinlog mysqlsh mysqlslap"
    b" mysqlpump mysql_upgrade"
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
    rb"(?<![\w.$@])(?<![^|`\\]-)(?P<name>"
    + _NAMES
    + rb")(?P<behind>(?:\.exe)?(?P<quote>['\"])?[ \t])(?:[^\r\n|;&<>]{0,255}?[ \t])?-",
    words=(b" -", b"\t-"),
)
_QUOTED_PATH = Pattern(rb"(?P<quote>['\"])(?:[\w .:~()\\/%$-]{0,158}[/\\])?\Z")
_BEHIND = Pattern(rb"[ \t]*-|(?!\d+(?:\.\d+)?\s)[^\s-]\S*[ \t]+-")
"""Its first argument or its second is an option: not ``mysql 4711 …`` of a list of processes."""
_OTHERS = Pattern(rb"[^\r\n|;&<>]{0,256}")
_BYTE = rb"(?:[^\s'\"|;&<>()`\\]|\\(?!(?:r\\)?n['\"]))"
_BARE = rb"(?P<bare>" + _BYTE + rb"{1,128})(?!" + _BYTE + rb")"
_QUOTED = rb"'(?P<single>[^'\r\n]{1,128})'|\"(?P<double>[^\"\r\n]{1,128})\""
_TO_MARK = rb"(?P<marked>(?:(?!(?P=mark))[^\r\n]){1,128})(?P=mark)"
_VALUE = rb"(?:" + _QUOTED + rb"|" + _BARE + rb")"
_NO_PASSWORD = (
    rb"(?!(?:age|ager|arallel|arallelism|arams?|arents|artition|ass|asswd|assword|atch|ath|attern|ending|erm|id|ie|ing|ipe"
    rb"|lain|latform|lugin|ool|ort|refix|reserve|retty|revious|rint|rint0|rintf|rivate|rocess|rocesslist|roduct"
    rb"|roduction|rofile|rogress|roject|rompt|roto|rotocol|roxy"
    rb"|rune|thread|ublic|ull|ush)(?!\w))"
)
"""``-print``, ``-port 3306``: options of other programs, and of those who forgot a dash."""
_NO_USER = rb"(?!(?:nit|nix|pdate|pgrade|pload|ri|rl|sage|se|ser|sername)(?!\w))"
_TOLD = {
    b"p": Pattern(rb"-p" + _NO_PASSWORD + rb"(?!" + _BYTE + rb"{1,2}(?!" + _BYTE + rb"))" + _VALUE),
    b"P": Pattern(rb"-P ?" + _VALUE),
    b"a": Pattern(rb"-a (?!/|\d{1,5}(?!" + _BYTE + rb"))" + _VALUE),
    b"w": Pattern(rb"-x?w ?(?!/)" + _VALUE),
    b"s": Pattern(rb"-v?p ?" + _VALUE),
    b"U": Pattern(
        rb"-U ?(?P<mark>['\"])?(?!\d+%)(?P<user>[^\s%'\"<>]{1,64})%(?:(?(mark)"
        + _TO_MARK
        + rb"|(?!))|"
        + _BARE
        + rb")"
    ),
    b"u": Pattern(
        rb"-(?P<flags>[fgikLnNsSv]{1,5})?u(?: ?(?P<mark>['\"])|(?P<apart> )|(?(flags)(?!)|"
        + _NO_USER
        + rb"))"
        rb"(?P<user>[^\s:'\"$<>]{1,64}):(?!//)"
        rb"(?:(?(mark)" + _TO_MARK + rb"|(?:" + _QUOTED + rb"))|(?(apart)(?(flags)|(?!)))" + _BARE + rb")"
    ),
}
"""``-u mary:geheim``, apart and without quotes, is told by the option alone, whatever the program."""
_NONE = Pattern(
    rb"(?s:[$%{\[*<(`-].*)|\\|[xX.]{2,128}"
    rb"|(?i:secret|(?:(?:your|my|bind|mysql|mariadb|db)[_-]?)?(?:pw|pwd|pass|passw(?:or)?d))"
    rb"|[A-Z_]{1,24}_(?:PASS|PASSWD|PASSWORD|PWD)|330\d{1,2}|1433|[\d.:]*:[\d.:]*"
)
"""A variable, what hid a password, a word for one, ports of data bases, and ``8080:80`` of a container."""

_REACH_OF_OPTIONS = 512
_SIGNED = Pattern(rb"(?=.*[!?@#^*+~])(?:.*\d|.*[!?@#^*+~].)", re.DOTALL)
"""No data base is called so: ``-p Geheim7!``."""
_DATABASE = Pattern(rb"(?!-)(?:.*[/\\(`'\">,])?(?P<name>(?:mysql|mariadb)[a-z-]*)(?:\.exe)?", re.DOTALL)
_NO_VALUE = Pattern(rb"[^-].*|-[EHSint0]{1,3}|-l?c|--|-.*[\d=].*", re.DOTALL)
"""What stands before the name of a program: not ``-h mysql``."""
_WORD = Pattern(rb"\S+")
_TOLD_TO_RUN = frozenset(
    b"run runs running use uses using with via execute executes executing executed try call calls calling"
    b" type and or then".split()
)
"""What a text says before a command: ``use mysql -u root -p crm``."""


def takes_no_value(buffer: bytes, option: int, login_end: int, *, value: bytes) -> bool:
    """``mysql -u root -p mydb``: the password is asked for, and behind it stands a data base."""
    if buffer[login_end : login_end + 4] != b" -p " or _SIGNED.match(value):
        return False
    first = max(0, option - _REACH_OF_OPTIONS)
    first = max(first, *(buffer.rfind(sign, first, option) + 1 for sign in (b"\r", b"\n", b"|", b";", b"&")))
    words = [
        (b"x", 0),
        *((word[0], word.start()) for word in _WORD.finditer(buffer, first, option)),
        (b"-", 0),
    ]
    name, told = -1, False
    for (before, _), (word, start), (behind, _) in zip(words, words[1:], words[2:], strict=False):
        database = _DATABASE.fullmatch(word) if behind.startswith(b"-") else None
        if database is not None and _NO_VALUE.fullmatch(before):
            name = start + database.start("name")  # the nearest one counts
            told = before.lower() in _TOLD_TO_RUN or buffer[name - 1 : name] in (b">", b",")
    return name >= 0 and (told or _begun(buffer, name) is not None)


def _begun(buffer: bytes, name: int) -> bytes | None:
    """As `begins` of the name of a program at a place."""
    before = buffer[name - WINDOW : name] if name > WINDOW else b"\n" + buffer[:name]
    return begins(before, any_key=buffer.startswith((b"mysql", b"mariadb", b'"', b"'"), name))


def told_to_programs(buffer: bytes) -> Iterator[tuple[int, int, bool]]:
    """Where passwords stand, and the log-ins before them; which of both."""
    behind = 0
    while (match := PROGRAM.search(buffer, behind)) is not None:
        told = _TOLD[_OF_PROGRAM[match["name"]]]
        behind = at = match.end("behind")
        end = _end_of_arguments(buffer, match, at)
        dash = buffer.find(b"-", at, end)
        while dash >= 0:
            if match["name"] == b"sshpass" and buffer[at:dash].strip(b" \t") not in (b"", b"-v"):
                break  # the port of what it starts: sshpass -f FILE ssh -p 2222
            value = told.match(buffer, dash) if buffer[dash - 1] in b" \t" else None
            group = value.lastgroup if value is not None else None
            if value is not None and group is not None and not _NONE.fullmatch(value[group]):
                if "user" in told.groupindex and not _user_told_already(value):
                    yield *value.span("user"), False
                yield *value.span(group), True
                break
            dash = buffer.find(b"-", dash + 1, end)


def _user_told_already(value: re.Match[bytes]) -> bool:
    """``curl -u mary:'geheim'``: what stands before the quote is the log-in of any program."""
    told = value.groupdict()
    return bool(told.get("apart")) and not told.get("flags")


def _end_of_arguments(buffer: bytes, program: re.Match[bytes], at: int) -> int:
    """Where the arguments of a program end; the place itself where no command begins with its name."""
    name = program.start("name")
    if program["quote"]:  # "C:\\Program Files\\MySQL\\bin\\mysql.exe" -u root
        path = _QUOTED_PATH.search(buffer, max(0, name - WINDOW), name)
        if path is None or path["quote"] != program["quote"]:
            return at
        name = path.start()
    begun = _begun(buffer, name)
    others = _OTHERS.match(buffer, at)
    if begun is None or others is None:
        return at
    end = others.end()
    if begun:
        quote = buffer.find(begun, at, end)
        end = quote if quote >= 0 else end
    return end if _BEHIND.match(buffer, at, end) else at
