"""Log-ins and hosts in what programs say of those who do something: who started or locked what, and where."""

from __future__ import annotations

from collections.abc import Iterator

from app.masking.patterns import Pattern

_CRON = Pattern(
    rb"(?<!\w)(?:CRON|CROND|cron|crond)"
    rb"\[\d{1,9}\]: \((?P<user>[A-Za-z_][\w.@$+-]{0,63})\) [A-Z]",
    words=(b"CRON", b"cron"),
)
"""``CRON[4711]: (mohara) CMD (…)``."""
_QUOTED = Pattern(
    rb"(?<!\w)(?:(?:authenticated|logged in|logged on|signed in) as"
    rb"|(?:locked|reserved|owned|checked out) by) "
    rb"(?P<mark>['\"])(?P<user>[a-z][a-z0-9._@+-]{2,63})(?P=mark)",
    words=(b"ed as ", b" in as ", b" on as ", b"ed by ", b" out by "),
)
"""``authenticated as 'mohara'``, ``is locked by "mohara"``."""
_FAILED = Pattern(
    rb"(?<!\w)(?i:authentication|login|logon|sign-?in|user ?id initiali[sz]ation) failed for "
    rb"(?P<mark>['\"])(?P<user>[a-z][a-z0-9._@+-]{2,63})(?P=mark)",
    words=(b" failed for ",),
)
"""``Authentication failed for 'mohara'``."""
_OF_DOMAIN = Pattern(
    rb"(?<!\w)(?:logon|login|logged in|logged on|authenticated|running|connected) as "
    rb"[A-Za-z][A-Za-z0-9-]{0,14}\\{1,2}(?P<user>[A-Za-z][\w.$-]{1,63})",
    words=(b" as ",),
)
"""``logon as corp\\mohara``."""
_STARTED = Pattern(
    rb"(?<!\w)started by (?P<user>[A-Za-z][\w.$-]{1,63}) in (?=/|[A-Z]:\\)", words=(b"started by ",)
)
"""``started by mohara in /opt/app`` of Spring."""
_LOGIN_ON = Pattern(rb"(?<!\w)LOGIN ON \S{1,32} BY (?P<user>[A-Za-z][\w.$+-]{1,63})", words=(b"LOGIN ON ",))
_AGENT_AT = Pattern(
    rb"(?<!\w)[Aa]gent (?P<user>[a-z]{1,20}[._][a-z]{2,24}\d{0,4}|[a-z]{2,20}\d{2,6})"
    rb" (?:at place|state changed)",
    words=(b"gent ",),
)
_AGENT_ID = Pattern(
    rb"(?<!\w)(?<![Uu]ser )[Aa]gent (?P<user>[A-Z]{1,2}\d{4,8}|[a-z]{3,20}\d{2,6})(?=[,;)]|\r?\n|\Z)",
    words=(b"gent ",),
)
"""``agent AB4711, place P_7021``, and no ``user agent chrome118``."""
_AGENT_AT_PLACE = Pattern(
    rb"(?<!\w)[Aa]gent (?!(?:is|was|now|not|ready|busy|logged|logging|login|available|currently|selected"
    rb"|found|located|state|only|reserved|working|idle|active|registered|group|desk|work|and|or|object|session"
    rb"|already)(?!\w))"
    rb"(?P<user>[a-z]{3,24}|[A-Z]{0,2}\d{4,8}) at place (?=[\w\[])",
    words=(b" at place ",),
)
_WORKSPACE = Pattern(
    rb"(?<!\w)InteractionWorkspace_(?P<user>[A-Za-z][\w.@$+-]{1,63})", words=(b"InteractionWorkspace_",)
)
_RESOURCE = Pattern(
    rb"(?<!\w)[Rr]esource\[(?P<user>[A-Za-z][\w.@-]{1,63})\] (?:reserved|selected|state|is )",
    words=(b"esource[",),
)
_NO_NAMES = frozenset(
    b"aborted accepted access account action active added admin agent already api app application"
    b" attribute audit auth available backup base bundle busy button cache call callback changed"
    b" chat class cleared client closed com completed component conf config configuration connected"
    b" connection contact content context controller core count created csv currently customer data"
    b" database debug default deleted desk desktop device disabled disconnected dll doc domain done"
    b" email enabled engine env error established event exe exec expired factory failed field file"
    b" filter finished found gateway genesys global group handler host html http https idle impl"
    b" index info init input instance interaction interface invalid ivr jar java json key lang"
    b" language level lib license list listener loaded local located log logged logger logging"
    b" login loop lost mail main manager media menu message metrics missing mode module monitor"
    b" name net network node null object online only opened option options oracle org out output"
    b" page param parameter password path pending phone place plugin pool port profile program prop"
    b" properties property provider proxy psdk query queue queued ready received receiver record"
    b" ref registered rejected released removed report request reserved response rest role root"
    b" router routing rule runner scheduler schema script security selected sent server service"
    b" session setting settings setup site size skill soap socket spring sql started stat state"
    b" statistic stats status stopped storage store stream successfully support switch sys system"
    b" table target task team template tenant test text thread time timeout timer title token"
    b" tomcat tool total tracker trunk type unit unloaded updated url user users util utils value"
    b" var vendor version view voice vxml web widget win window work worker working wrapper xml"
    b" yaml yml zip localhost ldap ldaps saml oauth oidc kerberos radius google github gitlab azure okta pod"
    b" console".split()
)
"""Parts of what programs call their things, and of nobody's log-in: ``user session.timeout``."""
_DOTTED = rb"(?P<user>[a-z]{2,20}\.[a-z]{3,24}\d{0,4})(?![\w\x80-\xff@/:=(-]|\.\w)"
"""``mary.ohara``: a first and a last name."""
_NAMED = Pattern(
    rb"[AaCcEeOoSsUu](?<![\w\x80-\xff.-].)(?:(?<=[Uu])ser|(?<=[Aa])gent|(?<=[Oo])perator|(?<=[Ss])upervisor"
    rb"|(?<=[Ee])mployee|(?<=[Cc])(?:lient|ustomer|aller|ontact)) ['\"]?" + _DOTTED,
    words=(
        b"ser ",
        b"gent ",
        b"perator ",
        b"upervisor ",
        b"mployee ",
        b"lient ",
        b"ustomer ",
        b"aller ",
        b"ontact ",
    ),
)
_CALLING = Pattern(
    rb"[Cc](?<![\w\x80-\xff.-].)(?i:aller(?:_?id)?)=['\"]?" + _DOTTED,
    words=(b"aller=", b"allerid=", b"aller_id="),
    any_case=True,
)
"""``caller=mary.ohara``, and no ``caller=dialer.go:118``."""
_OF_LEVEL = Pattern(
    rb"(?<![\w\x80-\xff])(?:TRACE|DEBUG|INFO|WARN|ERROR) {1,2}\[" + _DOTTED + rb"\] \[[^\]\s\d]{0,60}\d",
    words=(b"] [",),
)
"""``DEBUG [mary.ohara] [qtp77-1204]`` of Web Services: who it is, and the thread."""
_CHANGED = Pattern(rb"'" + _DOTTED + rb"' has been [a-z]", words=(b"' has been ",))
_OBJECT = Pattern(
    rb"\[CfgPerson\] object \[\d{1,9}\] (?P<user>[A-Za-z][\w.@-]{2,63}) has been ", words=(b"[CfgPerson]",)
)
"""Of Configuration Server."""
_OF_RESOURCES = Pattern(
    rb"(?<![\w\x80-\xff])object (?P<user>[a-z][a-z0-9._-]{2,63})@Resources(?!\w)", words=(b"@Resources",)
)
_BOXED = Pattern(
    rb"(?<![\w\x80-\xff])[Aa]gent '[^'\r\n]{1,64}' \((?P<user>(?=[a-z-]{1,63}[0-9._])[a-z][a-z0-9._-]{2,63}"
    rb"|[A-Z]{1,2}\d{4,8})\)",
    words=(b"' (",),
)
_BOXED_WORD = Pattern(
    rb"(?<![\w\x80-\xff])[Aa]gent '[A-Z\x80-\xff][^' \r\n]{0,30} [^'\r\n]{0,32}' \("
    rb"(?P<user>[a-z][a-z0-9._-]{2,63})\)",
    words=(b"' (",),
)
"""``Agent 'Mary Ohara' (mohara)``."""
_VIA = Pattern(
    rb"(?<![\w\x80-\xff])(?:authenticated|authorized|authorised) (?P<user>[a-z][a-z0-9._-]{2,63}) via ",
    words=(b" via ",),
)
_PLACED = Pattern(
    rb"[AaOoSsUu](?<![\w\x80-\xff.-].)(?:(?<=[Uu])ser|(?<=[Aa])gent|(?<=[Oo])perator|(?<=[Ss])upervisor)"
    rb" (?P<user>[a-z][a-z0-9._-]{2,63}) \((?:[Pp]lace|DN|IP|ip|from|[Ee]mployee_?[Ii][Dd])[ :=]",
    words=(b" (",),
)
"""``agent mohara (place P_7021, DN 7021)``, ``(employeeId=4711)``."""
_DID = Pattern(
    rb"[AaEeOoSsUu](?<![\w\x80-\xff.-].)(?:(?<=[Uu])ser|(?<=[Aa])(?:gent|dmin(?:istrator)?)|(?<=[Oo])perator"
    rb"|(?<=[Ss])upervisor|(?<=[Ee])mployee) "
    rb"(?P<user>(?:[a-z]{1,20}[._][a-z]{2,24}|[a-z]{3,20}_[a-z])\d{0,4}|[a-z]{2,20}\d{2,6})"
    rb" (?:has |was |is )?(?:stopped|started|restarted|opened|closed|created|deleted|edited|updated|saved"
    rb"|modified|changed|ran|selected|assigned|answered|released|accepted|removed|added|enabled|imported"
    rb"|exported|dialed|dialled|dials|called|transferred|joined|left|logged|requested|entered|completed"
    rb"|approved|rejected)(?!\w)",
    words=(b"ser ", b"gent ", b"dmin ", b"dministrator ", b"perator ", b"upervisor ", b"mployee "),
)
"""``administrator mohara7 edited endpoint 7021``."""
_ON_LINE = Pattern(
    rb"(?<!\w)by (?P<user>[A-Za-z][\w.$-]{1,63}) on (?:vty|tty|console)",
    words=(b" on vty", b" on tty", b" on console"),
)
"""``Configured from console by mohara on vty0`` of a router."""
LOGINS = (
    _ON_LINE, _CRON, _QUOTED, _OF_DOMAIN, _STARTED, _LOGIN_ON, _AGENT_AT, _AGENT_ID, _AGENT_AT_PLACE,
    _WORKSPACE, _RESOURCE, _NAMED, _CALLING, _OF_LEVEL, _CHANGED, _OBJECT, _OF_RESOURCES, _DID, _BOXED,
    _BOXED_WORD, _VIA, _PLACED, _FAILED,
)  # fmt: skip
"""Each with the log-in as its group ``user``."""
_JUDGED = frozenset(
    {
        _AGENT_ID,
        _BOXED_WORD,
        _DID,
        _NAMED,
        _CALLING,
        _OF_LEVEL,
        _CHANGED,
        _OF_RESOURCES,
        _VIA,
        _PLACED,
        _FAILED,
    }
)
"""Those whose user may be what a program calls a thing."""
HOSTS = (
    Pattern(
        rb"(?<![0-9A-Fa-f:])(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2} \((?P<host>[A-Za-z0-9][\w.-]{0,252})\) via ",
        words=(b") via ",),
    ),
    Pattern(rb" on (?P<host>[A-Za-z0-9][\w.-]{1,252}) with PID \d", words=(b" with PID ",)),
    Pattern(rb"\((?P<host>[A-Za-z0-9][\w.-]{1,252})\) has initiated the ", words=(b") has initiated the ",)),
    Pattern(
        rb" W3SVC\d{1,5} (?P<host>[A-Za-z][\w.-]{1,252}) (?:\d{1,3}\.){3}\d{1,3}(?!\w)", words=(b" W3SVC",)
    ),
    Pattern(
        rb"(?<!\w)User [A-Z][A-Z0-9_]{1,11} Terminal (?P<host>[A-Za-z0-9][\w.-]{1,252})(?![\w.-])",
        words=(b" Terminal ",),
    ),
)
"""Of a lease (``00:11:22:33:44:55 (pc-4711) via eth0``), of Spring, of a restart, of SAP, of access logs."""


def acting_logins(buffer: bytes) -> Iterator[tuple[int, int]]:
    """Where log-ins stand."""
    for pattern in LOGINS:
        for match in pattern.finditer(buffer):
            user = match["user"].replace(b"-", b".") if pattern is _FAILED else match["user"]
            if pattern not in _JUDGED or not names_thing(user):
                yield match.span("user")


def names_thing(user: bytes) -> bool:
    """Whether a part of a log-in is what programs call their things."""
    return not _NO_NAMES.isdisjoint(user.rstrip(b"0123456789").replace(b"_", b".").split(b"."))
