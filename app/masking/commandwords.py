"""Whether a command begins with a name, by the words before it in its line.

Elsewhere the name of a program is an argument: ``find / -name mysql -print``, ``apt install mysql``.
"""

from __future__ import annotations

import re

from app.masking.patterns import Pattern

WINDOW = 160
_PATH = Pattern(rb"(?:[A-Za-z]:(?=\\))?(?!-)[\w.~/\\-]*\Z")
_FOLDERS = (b"bin/", b"bin\\", b"/mysql/", b"/mariadb/")
_OPENS = Pattern(rb"[\r\n;|&('\"`][^\r\n;|&('\"`]*\Z")
_WORDS = Pattern(rb"[^ \t]+")
_GLUED = Pattern(
    rb"(?i:command|cmd|execstart(?:pre|post)?)[=:][-@+!]{0,3}\Z|\xe2\x94\x80\Z|\A\\-\Z", re.DOTALL
)
"""``ExecStart=-/usr/bin/…``, and the branches of a tree."""
_IN_CONTAINER = Pattern(rb"exec [^\r\n|;&<>]{1,96} -- \Z")
_PROCESS = Pattern(rb"[1-9]\d{3,6}")
_STARTS = Pattern(
    rb".*[$#]|%|[A-Za-z]:\\[^<>]*>|.*\d:[0-5]\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?\]?|RUN|CMD|ENTRYPOINT"
    rb"|(?i:executing|running)"
    rb"|.*(?i:command|cmd|execstart(?:pre|post)?|run|script|entrypoint|test|args)[:=]",
    re.DOTALL,
)
"""The prompt of a shell, a time of day, and keys and instructions that take a command."""
_KEY = Pattern(rb".*\w:", re.DOTALL)
_OF_SHELL = Pattern(rb"-[a-z]{0,3}c")
"""``bash -lc``."""
_PASSED = Pattern(
    rb"(?:if|elif|while|until|then|do|else|sudo|doas|env|exec|time|nice|ionice|nohup|xargs|timeout"
    rb"|command|watch|strace|chronic|parallel|systemd-run|unbuffer)"
    rb"|[A-Za-z_]\w*=[^<>]*|\[[^<>]*\]|@[a-z]+|-|(?!-)[^a-z<>]+",
    re.DOTALL,
)
"""Words of a shell, programs that start others, settings; numbers, signs and words in capitals."""
_CRON = Pattern(rb"[\d*,/-]+")
_LOGIN = Pattern(rb"[a-z_][\w-]{0,31}")
_STARTERS = frozenset(
    b"sudo doas env exec nice ionice nohup time timeout xargs stdbuf setsid watch strace systemd-run runuser"
    b" parallel".split()
)
_WITH_ONE = frozenset(b"ssh chroot flock gosu su-exec".split())
"""What takes a word of its own before the command: a host, a folder, a file, somebody."""
_CONTAINERS = frozenset(b"docker podman nerdctl compose docker-compose".split())
_FLAG = Pattern(rb"-[0EHSbdefiknqrtvx]{1,4}|.*[\d={].*|--", re.DOTALL)
_SETTING = Pattern(rb"\d.*|[A-Za-z_]\w*=.*", re.DOTALL)
_FLAGS_OF_CONTAINERS = frozenset(
    b"-i -t -d -T -P --rm --init --privileged --tty --interactive --detach --no-deps".split()
)
_VALUES_OF_SSH = b"BbcDEeFIiJLlmOopQRSWw"


def begins(before: bytes, *, any_key: bool) -> bytes | None:
    """The quote, or nothing, that opens the command whose name stands behind these bytes; `None` for none.

    Where any key may stand before it, so does ``note: mysql -p…``.
    """
    path = _PATH.search(before)
    at = path.start() if path else len(before)
    if at < len(before) and before[at:] not in (b"./", b".\\") and not before.endswith(_FOLDERS):
        return None
    opens = _OPENS.search(before, 0, at)
    rest = before[opens.start() + 1 : at] if opens else before[:at]
    opener = before[opens.start() : opens.start() + 1] if opens else b""
    near = not rest or rest[0] not in b" \t"
    quote = opener if near and opener in (b"'", b'"') else b""
    words = _WORDS.findall(rest)
    if rest and rest[-1] not in b" \t":
        glued = _GLUED.search(words[-1]) or (rest == b"-" and opener in (b"|", b"`"))
        return quote if glued else None
    if _IN_CONTAINER.search(before, 0, at):
        return quote
    if (
        words
        and before[at:].startswith(b"/")
        and _PROCESS.fullmatch(words[-1])
        and not (len(words) == 1 and near)
    ):
        return quote
    opened = near if opener in (b"'", b'"', b"`") else bool(opener)
    return (
        quote
        if _reach_a_start(words, opened=opened, line=opener in (b"\r", b"\n"), any_key=any_key)
        else None
    )


def _reach_a_start(words: list[bytes], *, opened: bool, line: bool, any_key: bool) -> bool:
    """Whether nothing but words that may precede a command stand between a start and it."""
    at = behind = len(words)
    while at:
        word = words[at - 1]
        if _STARTS.fullmatch(word) or (any_key and _KEY.fullmatch(word)):
            return True
        if at == 1 and line and word == b">":
            return True
        if at > 1 and _OF_SHELL.fullmatch(word) and words[at - 2].endswith(b"sh"):
            return True
        if _PASSED.fullmatch(word):
            at -= 1
        elif line and _LOGIN.fullmatch(word) and _of_cron(words[: at - 1]):
            return True
        else:
            start = _start_of_other(words, at)
            if start == -1 and behind > at:
                start = _start_of_other(words, behind)
            if start < 0:
                return start == _CONTAINED
            at = behind = start
    return opened


def _of_cron(words: list[bytes]) -> bool:
    if len(words) == 1:
        return words[0].startswith(b"@")
    return len(words) == 5 and all(map(_CRON.fullmatch, words))


_CONTAINED = -2


def _start_of_other(words: list[bytes], at: int) -> int:
    """Where what starts the program at a word stands: ``sudo -u postgres``, ``ssh db1``; -1 for none."""
    for start in range(at - 2, -1, -1):
        name, arguments = words[start].rpartition(b"/")[2], words[start + 1 : at]
        if name in (b"exec", b"run") and start and words[start - 1].rpartition(b"/")[2] in _CONTAINERS:
            return _CONTAINED if _one_is_left(arguments, of_ssh=False) else -1
        if name in _WITH_ONE:
            return start if _one_is_left(arguments, of_ssh=True) else -1
        if name in _STARTERS:
            return start if _only_options(arguments) else -1
    return -1


def _only_options(arguments: list[bytes]) -> bool:
    value = False
    for word in arguments:
        if b"<" in word or b">" in word or not (value or word.startswith(b"-") or _SETTING.fullmatch(word)):
            return False
        value = word.startswith(b"-")
    return not value or _FLAG.fullmatch(arguments[-1]) is not None


def _one_is_left(arguments: list[bytes], *, of_ssh: bool) -> bool:
    """Whether one word, a host or a container, is left behind the options and their values."""
    at, count = 0, len(arguments)
    while at < count and arguments[at].startswith(b"-"):
        word = arguments[at]
        if of_ssh:
            alone = len(word) != 2 or word[1] not in _VALUES_OF_SSH
        else:
            alone = word in _FLAGS_OF_CONTAINERS or b"=" in word or (len(word) > 2 and word[1] != 0x2D)
        at += 1 if alone else 2
    return at == count - 1 and not any(b"<" in word or b">" in word for word in arguments)
