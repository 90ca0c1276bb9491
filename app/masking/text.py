"""Personal values by their shape in plain text: mail, tokens, paths, log-ins, positions, encoded text."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator

from app.masking.face import Kind
from app.masking.network import Network
from app.masking.spans import Span

_DOMAIN = re.compile(rb"(?:@|%40)(?P<domain>[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})(?:\.[A-Za-z0-9-]{1,63}){1,8})")
_LOCAL = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._%+-'!#$&*/=?^`{|}~" + bytes(
    range(0x80, 0x100)
)
_CALL_ID_BEFORE = re.compile(rb"(?i)(?:^|[\s\[({;,])(?:call-?id|in-reply-to|replaces|i)[\s:='\"]{1,4}$")
_JWT = re.compile(rb"eyJ[A-Za-z0-9_-]{8,8192}+\.[A-Za-z0-9_-]{4,8192}+(?:\.[A-Za-z0-9_-]{0,8192}+)?")
_BEARER = re.compile(rb"(?:Bearer|Basic|bearer|basic) (?P<value>[A-Za-z0-9+/_.~=-]{12,8192}+)")
_KEY_SHAPES = re.compile(
    rb"(?<![\w-])(?:sk|pk|rk|ghp|gho|xox[bp]|AKIA|AIza)[_-]?[A-Za-z0-9_-]{16,200}(?![\w-])"
)
_URL_LOGIN = re.compile(rb"://(?P<user>[^\s/@:'\"<>]{1,128})(?::(?P<password>[^\s/@'\"<>]{1,256}))?@")
_LOGIN_BEFORE = re.compile(rb"://[^\s/@]{0,64}\Z")
_HOMES = (
    re.compile(rb"/home/(?P<user>[^\s/\\:*?\"'<>|,;()]{1,64})"),
    re.compile(rb"Users(?:/|\\{1,4})(?P<user>[^\s/\\:*?\"'<>|,;()]{1,64})"),
    re.compile(rb"Documents and Settings\\{1,4}(?P<user>[^\s/\\:*?\"'<>|,;()]{1,64})"),
)
_ACCEPTED = re.compile(rb" for (?:invalid user |illegal user )?(?P<user>\S{1,64}) from ")
_ACCEPTED_BEFORE = re.compile(rb"(?:Accepted|Failed|Postponed) [\w/-]{3,40}\Z")
_SUDO = re.compile(rb"sudo(?:\[\d{1,9}\])?:[ \t]{1,12}(?P<user>[\w.@$+-]{1,64}) : ")
_USER_WORD = re.compile(rb" user (?P<user>[\w.@\\$+-]{1,64})")
_USER_WORD_BEFORE = (
    b"nvalid", b"llegal", b"uthenticating", b" for", b"pened for", b"losed for", b"isconnected from", b"ogin for",  # noqa: E501
)  # fmt: skip
_LOGGED_IN = re.compile(rb"['\"] (?:has |is )?(?:logged|signed|authenticated|connected)")
_WHO_BEFORE = re.compile(rb"(?:ser|gent|perator|erson|lient) ['\"](?P<user>[^'\"\r\n]{1,64})\Z")
_GEO = re.compile(rb"geo:(?P<place>-?\d{1,3}\.\d{2,12},\s?-?\d{1,3}\.\d{2,12})")
_FULL_FORMAT = re.compile(
    rb"\n\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3} (?:Standard|Trace|Interaction|Alarm|Debug) (?P<host>\S{1,253}) \S{1,128} GCTI-",  # noqa: E501
    re.MULTILINE,
)
_SYSLOG = re.compile(
    rb"\n(?:<\d{1,3}>1 \S{19,40} |(?:<\d{1,3}>)?[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d )(?P<host>[^\s<:\[\]]{1,253})(?= \S)",  # noqa: E501
    re.MULTILINE,
)
_HEADER_HOST = re.compile(
    rb"\n[ \t]{0,8}(?i:host name|host|hostname|computer name|node name)[ \t]{0,8}:[ \t]{1,40}(?P<host>[^\s,;<]{1,253})",  # noqa: E501
    re.MULTILINE,
)
_OPTION_HOST = re.compile(rb" -{1,2}(?:host|backup_host|lchost|server)[ =](?P<host>[A-Za-z0-9][\w.-]{0,252})")
_PERSON_NAME = re.compile(
    rb'"(?:customer|caller|contact|user|person|agent|employee|owner|patient|client)"\s?:\s?\{[^{}\r\n]{0,512}?"name"\s?:\s?"(?P<name>(?:[^"\\\r\n]|\\[^\r\n]){1,256})'
)
_BASE64 = re.compile(rb"(?<![\w+/=.-])[A-Za-z0-9+/]{16,4096}+={0,2}(?![\w+/=-])")
_PRINTABLE = bytes(range(32, 127)) + b"\t\r\n"
_ALLOWED_PATHS = frozenset({b"public", b"default", b"all", b"all users", b"shared", b"default user"})
_SYSTEM_LOGINS = frozenset({b"root", b"unknown", b"with", b"name"})


def mails(network: Network) -> Callable[[bytes, int, Kind], Iterator[Span]]:
    """A finder of mail addresses, percent-encoded too. The left part of a Call-ID is not one."""

    def find(buffer: bytes, order: int, kind: Kind) -> Iterator[Span]:
        for match in _DOMAIN.finditer(buffer):
            domain = match["domain"].rstrip(b"-.")
            if domain.rpartition(b".")[2].isdigit():
                continue
            at = match.start()
            head = buffer[max(0, at - 66) : at]
            local = head[len(head.rstrip(_LOCAL)) :].lstrip(b"'=?&/%.|!#$*{}`^~+-")
            for mark in (b"=", b"?", b"&", b"'", b"|", b"/"):
                local = local.rpartition(mark)[2]
            if not local:
                continue
            start = at - len(local)
            before = buffer[max(0, start - 40) : start].rpartition(b"\n")[2]
            if before.endswith((b"sip:", b"sips:", b"SIP:")) or _LOGIN_BEFORE.search(before):
                continue
            end = match.start("domain") + len(domain)
            if _CALL_ID_BEFORE.search(before):
                continue
            yield Span(start, end, order, kind, "mail", None, True)

    del network
    return find


def secrets(buffer: bytes, order: int, kind: Kind) -> Iterator[Span]:
    """JSON web tokens, bearer and basic credentials, API keys of known shape, passwords in URLs."""
    for match in _JWT.finditer(buffer):
        yield Span(*match.span(), order, kind, "jwt")
    for match in _BEARER.finditer(buffer):
        value = match["value"]
        if any(48 <= c <= 57 for c in value) or b"=" in value:
            yield Span(*match.span("value"), order, kind, "bearer")
    for match in _KEY_SHAPES.finditer(buffer):
        yield Span(*match.span(), order, kind, "api-key")
    for match in _URL_LOGIN.finditer(buffer):
        yield Span(*match.span("user"), order, Kind.USER, "url-login", None, False, True)
        if match["password"]:
            yield Span(*match.span("password"), order, kind, "url-login", None, False, True)


def logins(buffer: bytes, order: int, kind: Kind) -> Iterator[Span]:
    """User names in the sentences of system logs and in home folders."""
    for start, end in _login_places(buffer):
        if buffer[start:end].lower() not in _SYSTEM_LOGINS:
            yield Span(start, end, order, kind, "login", None, True, True)
    for pattern in _HOMES:
        for match in pattern.finditer(buffer):
            if match["user"].lower() not in _ALLOWED_PATHS:
                yield Span(*match.span("user"), order, kind, "home-folder", None, True, True)


def _login_places(buffer: bytes) -> Iterator[tuple[int, int]]:
    for match in _ACCEPTED.finditer(buffer):
        if _ACCEPTED_BEFORE.search(buffer, max(0, match.start() - 52), match.start()):
            yield match.span("user")
    for match in _SUDO.finditer(buffer):
        yield match.span("user")
    for match in _USER_WORD.finditer(buffer):
        if buffer[max(0, match.start() - 16) : match.start()].endswith(_USER_WORD_BEFORE):
            yield match.span("user")
    for match in _LOGGED_IN.finditer(buffer):
        who = _WHO_BEFORE.search(buffer, max(0, match.start() - 80), match.start())
        if who:
            yield who.span("user")


def positions(buffer: bytes, order: int, kind: Kind) -> Iterator[Span]:
    """``geo:`` URIs; positions in keys are the business of the keys."""
    for match in _GEO.finditer(buffer):
        yield Span(*match.span("place"), order, kind, "geo-uri", None, False, True)


def log_hosts(network: Network) -> Callable[[bytes, int, Kind], Iterator[Span]]:
    """A finder of the host that wrote a line or segment, where log formats put it."""

    def find(buffer: bytes, order: int, kind: Kind) -> Iterator[Span]:
        lines = b"\n" + buffer  # so that every line begins behind a line feed, which is quick to find
        for pattern in (_FULL_FORMAT, _SYSLOG, _HEADER_HOST, _OPTION_HOST):
            for match in pattern.finditer(lines):
                host = match["host"]
                if network.allowed_host(host) or host == b"-" or host.replace(b".", b"").isdigit():
                    continue
                start, end = match.span("host")
                yield Span(start - 1, end - 1, order, kind, "log-host", None, True, True)

    return find


def person_names(buffer: bytes, order: int, kind: Kind) -> Iterator[Span]:
    """``"name"`` inside a JSON object that is a person."""
    for match in _PERSON_NAME.finditer(buffer):
        yield Span(*match.span("name"), order, kind, "person-name", None, True, True)


def encoded(inner: Callable[[bytes], bool]) -> Callable[[bytes, int, Kind], Iterator[Span]]:
    """A finder of base64 words whose text holds a personal value, as `inner` says."""

    def find(buffer: bytes, order: int, kind: Kind) -> Iterator[Span]:
        for match in _BASE64.finditer(buffer):
            word = match[0]
            if len(word) % 4 or word.isdigit() or (word.isalpha() and word.islower()):
                continue
            try:
                text = base64.b64decode(word, validate=True)
            except binascii.Error:
                continue
            if not text.translate(None, _PRINTABLE) and inner(text):
                yield Span(*match.span(), order, kind, "base64", None, False, True)

    return find
