"""Log-ins and hosts in what programs say of those who do something: who started or locked what, and where."""

from __future__ import annotations

from collections.abc import Iterator

from app.masking.patterns import Pattern

_CRON = Pattern(
    rb"(?<!\w)(?:CRON|CROND|cron|crond)"
    rb"\[\d{1,9}\]: \((?P<user>[A-Za-z_][\w.@$+-]{0,63})\) [A-Z]"
)
"""``CRON[4711]: (mohara) CMD (…)``."""
_QUOTED = Pattern(
    rb"(?<!\w)(?:(?:authenticated|logged in|logged on|signed in) as"
    rb"|(?:locked|reserved|owned|checked out) by) "
    rb"(?P<mark>['\"])(?P<user>[a-z][a-z0-9._@+-]{2,63})(?P=mark)"
)
"""``authenticated as 'mohara'``, ``is locked by "mohara"``."""
_OF_DOMAIN = Pattern(
    rb"(?<!\w)(?:logon|login|logged in|logged on|authenticated|running|connected) as "
    rb"[A-Za-z][A-Za-z0-9-]{0,14}\\{1,2}(?P<user>[A-Za-z][\w.$-]{1,63})"
)
"""``logon as corp\\mohara``."""
_STARTED = Pattern(rb"(?<!\w)started by (?P<user>[A-Za-z][\w.$-]{1,63}) in (?=/|[A-Z]:\\)")
"""``started by mohara in /opt/app`` of Spring."""
_LOGIN_ON = Pattern(rb"(?<!\w)LOGIN ON \S{1,32} BY (?P<user>[A-Za-z][\w.$+-]{1,63})")
_AGENT_AT = Pattern(
    rb"(?<!\w)[Aa]gent (?P<user>[a-z]{1,20}[._][a-z]{2,24}\d{0,4}|[a-z]{2,20}\d{2,6})"
    rb" (?:at place|state changed)"
)
_AGENT_AT_PLACE = Pattern(
    rb"(?<!\w)[Aa]gent (?!(?:is|was|now|not|ready|busy|logged|logging|login|available|currently|selected"
    rb"|found|located|state|only|reserved|working|idle|active|registered|group|desk|work|and|or|object|session"
    rb"|already)(?!\w))"
    rb"(?P<user>[a-z]{3,24}|[A-Z]{1,2}\d{4,8}) at place (?=[\w\[])"
)
_WORKSPACE = Pattern(rb"(?<!\w)InteractionWorkspace_(?P<user>[A-Za-z][\w.@$+-]{1,63})")
_RESOURCE = Pattern(rb"(?<!\w)[Rr]esource\[(?P<user>[A-Za-z][\w.@-]{1,63})\] (?:reserved|selected|state|is )")
_ON_LINE = Pattern(rb"(?<!\w)by (?P<user>[A-Za-z][\w.$-]{1,63}) on (?:vty|tty|console)")
"""``Configured from console by mohara on vty0`` of a router."""
LOGINS = (
    _ON_LINE, _CRON, _QUOTED, _OF_DOMAIN, _STARTED, _LOGIN_ON, _AGENT_AT, _AGENT_AT_PLACE, _WORKSPACE,
    _RESOURCE,
)  # fmt: skip
"""Each with the log-in as its group ``user``."""
HOSTS = (
    Pattern(
        rb"(?<![0-9A-Fa-f:])(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2} \((?P<host>[A-Za-z0-9][\w.-]{0,252})\) via "
    ),
    Pattern(rb" on (?P<host>[A-Za-z0-9][\w.-]{1,252}) with PID \d"),
    Pattern(rb"\((?P<host>[A-Za-z0-9][\w.-]{1,252})\) has initiated the "),
    Pattern(rb" W3SVC\d{1,5} (?P<host>[A-Za-z][\w.-]{1,252}) (?:\d{1,3}\.){3}\d{1,3}(?!\w)"),
)
"""Of a lease (``00:11:22:33:44:55 (pc-4711) via eth0``), of Spring, of a restart, of access logs."""


def acting_logins(buffer: bytes) -> Iterator[tuple[int, int]]:
    """Where log-ins stand."""
    for pattern in LOGINS:
        for match in pattern.finditer(buffer):
            yield match.span("user")
