"""Personal values by their shape in plain text: tokens, paths, log-ins, positions, encoded text."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator

from app.masking.accesses import OF_SYSTEMS
from app.masking.actors import HOSTS, LOGINS, acting_logins
from app.masking.commands import SECRETS, USED, passwords, users
from app.masking.escapes import letters_at
from app.masking.executed import LINE as EXECUTED
from app.masking.executed import executed
from app.masking.face import Kind
from app.masking.homefolders import HOMES, folders_of_people
from app.masking.identified import LOGINS as IDENTIFIED
from app.masking.identified import identified_logins
from app.masking.mails import DOMAIN
from app.masking.network import CONNECTION, Network
from app.masking.patterns import Pattern
from app.masking.plausible import names_nobody
from app.masking.programs import PROGRAM, takes_no_value, told_to_programs
from app.masking.servicekeys import DIGESTS, KEYS, service_keys
from app.masking.services import GREETED, PATTERNS, SERVED_BY, WITH_TEXT, service_logins, user_to_user
from app.masking.spans import Span
from app.masking.speakers import HOSTS as OF_UCCX
from app.masking.speakers import LOGINS as SPOKEN
from app.masking.speakers import spoken_logins

_JWT = Pattern(
    rb"eyJ[A-Za-z0-9_-]{8,8192}+\.[A-Za-z0-9_-]{4,8192}+(?:\.[A-Za-z0-9_-]{0,8192}+)?", words=(b"eyJ",)
)
_BEARER = Pattern(
    rb"(?:Bearer|Basic|bearer|basic) "
    rb"(?P<value>(?!(?:(?<=[Tt]ype=Bearer )|(?<=[Tt]ype=bearer ))[A-Za-z_]{2,32}=[A-Za-z0-9+/_.~-])"
    rb"[A-Za-z0-9+/_.~=-]{12,8192}+)",
    words=(b"earer ", b"asic "),
)
"""``Bearer eyJ…``, and no ``token_type=Bearer expires_in=3600``."""
_URL_LOGIN = Pattern(
    rb"(?:://(?!"
    + CONNECTION
    + rb")(?P<user>[^\s/@:'\"<>]{1,128}|(?=:))(?::(?P<password>[^\s/@'\"<>]{1,256}))?"
    rb"|jdbc:oracle:[a-z0-9]{2,8}:(?P<name>[^\s/@:'\"<>]{1,128})/(?P<word>[^\s/@'\"<>]{1,256}))@",
    words=(b"://", b"jdbc:oracle:"),
)
"""Not ``jdbc:sqlserver://db:1433;user=mary;password=p@ss``: those are keys of their own."""
_SRTP_KEY = Pattern(rb"\binline:(?P<key>[A-Za-z0-9+/=]{16,128})", words=(b"inline:",))
_COMMAND_LINE = Pattern(
    rb"(?:^|(?<=\s))-{1,2}(?:u|usr|user|username|login)[ =](?P<user>[^\s'\"-][^\s'\"]{0,4095})"
    rb"(?: -{1,2}(?:p|pw|pwd|pass|password)[ =](?P<password>[^\s'\"-][^\s'\"]{0,4095}))?",
    re.MULTILINE,
    words=(b"-u", b"-login"),
)
_OF_OPTIONS = frozenset(
    b"and argument is missing mode must option or parameter specified switch USER USERNAME LOGIN NAME".split()
)
"""``-u must be an integer``, ``usage: mysql -u USER``."""
_IN_STEAD = b"[{$%("
"""What a variable, or a place for a log-in, begins with: ``-u [user]``."""
_PLACES = frozenset(
    b"PASSWORD PASSWD PASS PWD SECRET FILE PATH STRING VALUE TOKEN KEY TEXT via and is".split()
)
_OPTION_PASSWORD = Pattern(
    rb" -{1,2}(?:pw|pwd|pass|passwd|password|storepass|keypass)[ ](?P<password>[^\s'\"-][^\s'\"]{0,4095})",
    words=(b" -",),
)
_IDENTIFIED = Pattern(
    rb"(?<!\w)(?:(?i:identified by) ['\"]|IDENTIFIED BY (?!VALUES?(?!\w)|['\"]))"
    rb"(?P<password>[^\s\"';]{1,128})",
    words=(b"identified by ",),
    any_case=True,
)
"""``CREATE USER mohara IDENTIFIED BY "…"`` of Oracle and MySQL."""
_ACCEPTED = Pattern(rb" for (?:invalid user |illegal user )?(?P<user>\S{1,64}) from ", words=(b" from ",))
_FAILED_LOGIN = Pattern(
    rb"(?i:login)(?: \d{1,6})? (?i:from) \S{1,253} (?i:for) (?P<user>[\w.@\\$+-]{1,64})",
    words=(b"login",),
    any_case=True,
)
_FTP_LOGIN = Pattern(
    rb"ftpd?(?:\[\d{1,9}\]|\W{1,3}\d{1,9})?[: -]{1,8}(?:\[pid \d{1,9}\] )?\[(?P<user>[^\]\s]{1,64})\] "
    rb"(?:OK|FAIL|FTP)",
    words=(b"ftp",),
)
_RADIUS = Pattern(
    rb"Login (?:OK|incorrect(?: \([^()\r\n]{1,128}\))?): \[(?P<user>[^\]/\s]{1,64})"
    rb"(?:/(?:<via [^\]\r\n]{1,123}|(?P<password>[^\]\r\n]{1,128})))?\]",
    words=(b"Login ",),
)
_ACCEPTED_BEFORE = Pattern(rb"(?:Accepted|Failed|Postponed) [\w/-]{3,40}\Z")
_SUDO = Pattern(
    rb"sudo(?:(?:\[\d{1,9}\])?:| \S{1,16} \S{1,32} (?:-|\[[^\]\r\n]{0,256}\]))[ \t]{1,12}"
    rb"(?P<user>[\w.@\\$+-]{1,64}) : ",
    words=(b"sudo",),
)
_SU = Pattern(
    rb"\bsu(?:\[\d{1,9}\])?: \(to (?P<user>[\w.@$+-]{1,64})\) (?P<by>[\w.@$+-]{1,64}) on ", words=(b"(to ",)
)
_BY_USER = Pattern(
    rb"(?<= )for user (?P<user>[\w.@\\$+-]{1,64})(?:\(uid=\d{1,10}\))? by (?P<by>[\w.@\\$+-]{1,64})\(uid=\d",
    words=(b"for user ",),
)
_SU_BY = Pattern(
    rb"(?<= )su for (?P<user>[\w.@\\$+-]{1,64}) by (?P<by>[\w.@\\$+-]{1,64})(?![\w.@\\$+-])",
    words=(b"su for ",),
)
_CHANGES_USER = frozenset({_SU, _BY_USER, _SU_BY})
"""Who becomes whom: the account of a service stays."""
_ACCESS_LOG = Pattern(
    rb" - (?P<user>[\w.@\\$+\x80-\xff-]{1,64}) \[\d\d/[A-Z][a-z]{2}/\d{4}:", words=(b" - ",)
)
_PERSON_OBJECT = Pattern(
    rb"Person\]?[ ,:]{1,3}(?:user ?)?name[ :=]{1,2}\[(?P<user>[^\]\r\n]{1,128})\]", words=(b"Person",)
)
_DOMAIN_USER = Pattern(
    rb"(?<![\w\\.:/-])(?!HK|NT|BUILTIN|SYSTEM|SOFTWARE|AUTHORITY\\(?:SYSTEM|LOCAL|NETWORK|ANONYMOUS|IUSR|SELF)|SERVICE)[A-Z][A-Z0-9-]{1,14}\\"
    rb"(?!(?:Default|Client|Outbound|Inbound) [A-Z])(?P<user>[A-Za-z][\w.$-]{1,63})(?![\w\\(:])",
    words=(b"\\",),
)
_TWO_NAMES = Pattern(rb"[a-mo-z][a-z]{2,20}\.[a-z]{3,24}\d{0,4} ")
"""``CORP\\robert.lee``, and no escape before a word."""
_DOMAIN_BEFORE = Pattern(
    rb"(?i)(?:user|account|logon|login|agent|domain|principal|owner|security id"
    rb"|log(?:ged|ging)? (?:in|on))[^\r\n]{0,24}\Z"
    rb"|(?<!\w)(?:as|by) \Z"
)
_WHO = Pattern(
    rb"(?:\b[Uu]ser(?:name)?|\b[Ll]ogin|\b[Aa]gent|\b[Oo]perator|\b[Aa]ccount|\b[Ee]mployee|\b[Ss]upervisor|\b[Pp]rincipal"
    rb"|\b[Pp]erson|\bUSER|\bAGENT)(?:[ ]?(?:ID|Id|id|name|login|account|agent|user))?[ ]"
    rb"(?:(?P<mark>['\"\[(])(?P<quoted>[^'\"\[\]()\r\n]{1,64})['\"\])]|(?P<user>[A-Za-z0-9][\w.@\\$+-]{1,63}))",
    words=(
        b"ser",
        b"ogin",
        b"gent",
        b"perator",
        b"ccount",
        b"mployee",
        b"upervisor",
        b"rincipal",
        b"erson",
        b"USER",
        b"AGENT",
    ),
)
_DONE = Pattern(
    rb"(?:: [Nn]o such user|: authentication failure|: [Pp]assword [Mm]ismatch| \([Ll]ogin failed"
    rb"| (?:from \S{1,253} )?not allowed because| from (?:\d{1,3}\.){3}\d"
    rb"|(?:'s)?[ ](?:\([A-Za-z0-9 :=_-]{1,32}\) )?(?:has |is |was |now |already |successfully "
    rb"|automatically |not ){0,3}"
    rb"(?:log(?:ged|s|ging)?[ -](?:in|on|out|off)|(?:work )?(?:state|status|mode|realm) |signed|authenticat"
    rb"|authoriz|connected|disconnected|locked|unlocked|disabled"
    rb"|modified|found|known|unknown|rejected|denied|[Rr]eady|[Nn]ot[Rr]eady|on \d|failed))"
)
_LOGIN_OF = Pattern(
    rb"(?:[Ll]og[io]n|LOGIN|LOGON|[Ll]ogout|[Aa]uthentication|[Ss]ign-?in|[Pp]assword|[Cc]redentials)"
    rb"(?: [a-z]{3,12}){0,2} (?:by|for|of) (?!CTI )(?P<user>[A-Za-z][\w.@$+-]{2,63})"
    rb"(?!\w|\\(?![nrt](?![a-z])))",
    words=(b" by ", b" for ", b" of "),
)
_FOR_USER = (
    b"nvalid", b"llegal", b"xisting", b"nexistent", b"uthenticating", b" for", b"isconnected from", b" of",
    b" by", b"logon", b"AUDIT -",
)  # fmt: skip
_NO_LOGIN = Pattern(
    rb"(?i)(?:data|state|status|group|groups|count|session|name|names|id|ids|list|info|object|event|request|requests|login|logon"
    rb"|log|logged|not|is|has|was|are|and|or|in|on|to|for|with|from|the|a|an|by|of|at|as|password|account|profile|role|roles"
    rb"|interface|desktop|service|services|agent|user|type|mode|level|queue|place|statistics?|all|root|unknown|none|null|any"
    rb"|no|who|that|this|found|successful|failed|already|can|will|must|may|does|did|licen[cs]es?|seats?|input|error|defined"
    rb"|interaction|authentication|authorization|connection|connected|response|reply|action|record|table|script|reserved"
    rb"|available|ready|work|skill|skills|assistant|scripting|configuration|application|server|client|manager|agents|users|all|every|each|host|tenant|domain|new|later|more|security|invalid|illegal|attempts?|authenticator|failure|incorrect"
    rb"|succeeded|completed|started|ended|rejected|denied|terminated|expired|timeout|cancelled|canceled|aborted|finished"
    rb"|permissions?|rights|settings?|preferences?|privileges?|options?|details|credentials|policy|policies|directory|cache|database|fields"
    rb"|failures|permitted|existing|nonexist[ae]nt|properties|attributes?|changes|updates?|contexts?|history|defaults?"
    rb"|cookies?|tokens?|headers?|format|values?|parameters?|certificate|numbers?|strings?|syntax"
    rb"|access|activity|creation|element|entr(?:y|ies)|enumeration|escaping|exceeded|exceptions?|hash|initiali[sz]ation|listing"
    rb"|lookups?|mappings?|match(?:es|ing)?|namespace|overrides?|pattern|principal|process(?:es)?|provided|quer(?:y|ies)|quotas?"
    rb"|registrations?|search(?:es)?|templates?|threads?|used|usernames?|class(?:es)?|famil(?:y|ies)|information|members?"
    rb"|modification|supplied|still|when|your|persons?|people|operators?|supervisors?|employees?|customers?|callers?"
    rb"|contacts?|participants?|administrators?|owners?|devices?|machines?|part|realm|console|panel|dashboard"
    rb"|screen|window|view|portal|widget)"
)
_DEVICE = Pattern(rb"[A-Za-z0-9]{2,6}/\d{1,6}")
"""``Agent 'SIP/7044'``: a device with an internal number."""
_GEO = Pattern(rb"geo:(?P<place>-?\d{1,3}\.\d{2,12},\s?-?\d{1,3}\.\d{2,12})", words=(b"geo:",))
_PLACED = Pattern(
    rb"(?<![\w.-])(?i:(?:pos|loc|ll|center|point)[=:] ?|(?:gps|lon|coordinates) "
    rb"|(?:position|location) (?![\"'(\[]?-?\d\.0{1,12}, ?-?\d\.0{1,12}(?!\d)))[\"'(\[]?"
    rb"(?P<place>-?\d{1,3}\.\d{4,12}, ?-?\d{1,3}\.\d{4,12})(?![\d.])",
    words=(
        b"pos=",
        b"pos:",
        b"loc=",
        b"loc:",
        b"ll=",
        b"ll:",
        b"center=",
        b"center:",
        b"point=",
        b"point:",
        b"gps ",
        b"lon ",
        b"coordinates ",
        b"position ",
        b"location ",
    ),
    any_case=True,
)
"""``pos=52.51627, 13.37770``: of media the positions have one number."""
_FULL_FORMAT = Pattern(
    rb"\n\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3} (?:Standard|Trace|Interaction|Alarm|Debug) "
    rb"(?P<host>\S{1,253}) \S{1,128} GCTI-",
    re.MULTILINE,
    words=(b" Standard ", b" Trace ", b" Interaction ", b" Alarm ", b" Debug "),
)
_SYSLOG = Pattern(
    rb"\n(?:<\d{1,3}>1 \S{19,40} "
    rb"|(?:<\d{1,3}>)?[A-Z][a-z]{2}(?: [ \d]| )\d \d\d:\d\d:\d\d (?:<[a-z0-9.]{1,16}> )?)"
    rb"(?P<host>[^\s<:\[\]]{1,253})(?= (?!\[\d{1,9}\]:)\S)",
    re.MULTILINE,
)
_ISO_SYSLOG = Pattern(
    rb"\n(?:<\d{1,3}>)?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9}(?:Z|[+-]\d\d:?\d\d)?|Z|[+-]\d\d:?\d\d)? "
    rb"(?!(?i:trace|debug|info|notice|warn|warning|error|err|crit|critical|fatal|alert|emerg|severe) )"
    rb"(?P<host>[A-Za-z0-9][\w.-]{0,252})(?= [A-Za-z][\w./-]{0,63}\[\d{1,9}\]: )",
    re.MULTILINE,
    words=(b"]: ",),
)
_FILE_SYSLOG = Pattern(
    rb"\n\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(?:Z|[+-]\d\d:\d\d) "
    rb"(?P<host>[A-Za-z0-9][\w.-]{0,252})(?= [A-Za-z][\w./-]{0,63}: )",
    re.MULTILINE,
)
"""``2026-01-01T10:00:00.123456+01:00 host program: …`` as rsyslog writes it."""
_HEADER_HOST = Pattern(
    rb"\n[ \t]{0,8}(?i:host name|host|hostname|computer name|node name)[ \t]{0,8}:[ \t]{1,40}"
    rb"(?P<host>[^\s,;<:\[]{1,253})(?![^\s,;<:]|:(?!\d{1,5}(?![\w:.])))",
    re.MULTILINE,
    words=(b"host", b"computer name", b"node name"),
    any_case=True,
)
_OPTION_HOST = Pattern(
    rb" -{1,2}(?:host|backup_host|lchost|server)[ =](?P<host>[A-Za-z0-9][\w.-]{0,252})", words=(b" -",)
)
_LICENSE_HOST = Pattern(
    rb"(?: -l|-lmspath|(?i:licen[cs]e[_-]?file))[ =:]{1,3}\d{1,5}@(?P<host>[A-Za-z0-9][\w.-]{0,252})",
    words=(b" -l", b"-lmspath", b"licen"),
    any_case=True,
)
_UNKNOWN_HOST = Pattern(
    rb"(?:UnknownHostException: |ENOTFOUND |EAI_AGAIN |(?i:resolve host(?:name)?: ))['\"]?"
    rb"(?P<host>[A-Za-z0-9](?:[\w.-]{0,251}[A-Za-z0-9])?)",
    words=(b"unknownhostexception: ", b"enotfound ", b"eai_again ", b"resolve host"),
    any_case=True,
)
_PEER_HOST = Pattern(
    rb"(?i)(?:connect(?:ed|ion|ing|s)?|listening|bound|failover|switch ?over|registered|unregistered|lost"
    rb"|open(?:ed)?)"
    rb" (?:to|with|at|from|on) (?:[a-z]{3,12} ){0,2}['\"\[(]?"
    rb"(?P<host>(?=[a-z]{0,40}[-\d])[A-Za-z][\w-]{1,62})(?=:\d{2,5}(?!\d))",
    words=(b"connect", b"listening", b"bound", b"failover", b"switch", b"registered", b"lost", b"open"),
    any_case=True,
)
_HOST_WORD = Pattern(
    rb"(?i)(?<![\w-])(?:host(?: ?name)?|machine|computer|workstation)"
    rb" (?:'(?P<quoted>[A-Za-z0-9][\w.-]{0,251})'"
    rb"|(?P<host>[A-Za-z][\w.]{0,62}[-\d][\w.-]{0,190}[A-Za-z0-9])(?![\w=]))",
    words=(b"host", b"machine ", b"computer ", b"workstation "),
    any_case=True,
)
_HOSTS_OF_LOGS = (
    _FULL_FORMAT, _SYSLOG, _ISO_SYSLOG, _FILE_SYSLOG, _HEADER_HOST, _OPTION_HOST, _LICENSE_HOST,
    _UNKNOWN_HOST, _PEER_HOST, _HOST_WORD, GREETED, SERVED_BY, *HOSTS, *OF_UCCX,
)  # fmt: skip
_QUAD = rb"[AC-HQS-Xgi-nwyz0-3][ABEFIJMNQRUVYZcdghklopstwx014589][A-Za-z0-9+/]"
"""Three signs of base64 that may stand behind one of `_FIRST` for three printable bytes."""
_FIRST = rb"[CDI-Za-f]"
_BASE64 = Pattern(
    _FIRST
    + rb"(?<![\w+/.-].)"
    + _QUAD
    + rb"(?:"
    + _FIRST
    + _QUAD
    + rb"){2}[A-Za-z0-9+/]{2,4084}+={0,2}(?![\w+/=-])"
)
_PRINTABLE = bytes(range(32, 127)) + b"\t\r\n"
SEEN = {
    "mail": ((DOMAIN,),),
    "secret": tuple(
        (each,)
        for each in (
            _JWT, _BEARER, KEYS, DIGESTS, _URL_LOGIN, _SRTP_KEY, _COMMAND_LINE, _OPTION_PASSWORD,
            _IDENTIFIED, PROGRAM, EXECUTED, *SECRETS,
        )
    ),
    "login": (
        (_ACCEPTED_BEFORE, _ACCEPTED),
        *(
            (each,)
            for each in (
                *HOMES, _SUDO, _ACCESS_LOG, _PERSON_OBJECT, _FAILED_LOGIN, _FTP_LOGIN, _SU, _BY_USER, _SU_BY,
                _RADIUS, _DOMAIN_USER, _LOGIN_OF, _WHO, USED, *PATTERNS, *LOGINS, *SPOKEN, *IDENTIFIED,
            )
        ),
    ),
    "geo": ((_GEO,), (_PLACED,)),
    "log-host": tuple((each,) for each in _HOSTS_OF_LOGS),
    "base64": ((WITH_TEXT,), (_BASE64,)),
}  # fmt: skip
"""By detector: patterns of which one matches (several: one directly behind the other) where it finds."""
_SYSTEM_LOGINS = frozenset({b"root", b"unknown", b"with", b"name", b"all"})


def secrets(buffer: bytes, order: int, kind: Kind) -> Iterator[Span]:
    """JSON web tokens, bearer and basic credentials, API keys of known shape, passwords in URLs."""
    for match in _JWT.finditer(buffer):
        yield Span(*match.span(), order, kind, "jwt")
    for match in _BEARER.finditer(buffer):
        value = match["value"]
        if any(48 <= c <= 57 for c in value) or b"=" in value:
            yield Span(*match.span("value"), order, kind, "bearer")
    yield from service_keys(buffer, order, kind)
    for match in _URL_LOGIN.finditer(buffer):
        for name, found in (("user", Kind.USER), ("password", kind), ("name", Kind.USER), ("word", kind)):
            if match[name]:
                yield Span(*match.span(name), order, found, "url-login", None, False, True)
    for match in _SRTP_KEY.finditer(buffer):
        yield Span(*match.span("key"), order, kind, "srtp-key", None, False, True)
    yield from _of_command_lines(buffer, order, kind)
    options = (match for match in _OPTION_PASSWORD.finditer(buffer) if not _is_place(match["password"]))
    for match in (*options, *_IDENTIFIED.finditer(buffer)):
        yield Span(*match.span("password"), order, kind, "command-line", None, False, True)
    for start, end in passwords(buffer):
        yield Span(start, end, order, kind, "command-line", None, False, True)
    for start, end, secret in (*told_to_programs(buffer), *executed(buffer)):
        yield Span(start, end, order, kind if secret else Kind.USER, "command-line", None, False, True)


def _is_place(text: bytes) -> bool:
    """Whether the name of a value stands where it would, as help texts write it: ``[--password FILE]``."""
    return text.rstrip(b"]),") in _PLACES


def _of_command_lines(buffer: bytes, order: int, kind: Kind) -> Iterator[Span]:
    for match in _COMMAND_LINE.finditer(buffer):
        password = (
            match["password"]
            and not _is_place(match["password"])
            and not takes_no_value(buffer, match.start(), match.end("user"), value=match["password"])
        )
        user = match["user"]
        if not password and (
            user in _OF_OPTIONS or user[0] in _IN_STEAD or user.rstrip(b",;)") in OF_SYSTEMS
        ):
            continue
        yield Span(*match.span("user"), order, Kind.USER, "command-line", None, False, True)
        if password:
            yield Span(*match.span("password"), order, kind, "command-line", None, False, True)


def logins(buffer: bytes, order: int, kind: Kind) -> Iterator[Span]:
    """User names in the sentences of system logs and in home folders."""
    for start, end in _login_places(buffer):
        if buffer[start:end].lower() not in _SYSTEM_LOGINS:
            yield Span(start, end, order, kind, "login", None, True, True)
    for match in _RADIUS.finditer(buffer):
        yield Span(*match.span("user"), order, kind, "login", None, True, True)
        if match["password"]:
            yield Span(*match.span("password"), order, Kind.SECRET, "login", None, False, True)
    for start, end in folders_of_people(buffer):
        yield Span(start, end, order, kind, "home-folder", None, True, True)


def _login_places(buffer: bytes) -> Iterator[tuple[int, int]]:
    for match in _ACCEPTED.finditer(buffer):
        if _ACCEPTED_BEFORE.search(buffer, max(0, match.start() - 52), match.start()):
            yield match.span("user")
    for pattern in (_SUDO, _ACCESS_LOG, _PERSON_OBJECT, _FAILED_LOGIN, _FTP_LOGIN, _SU, _BY_USER, _SU_BY):
        for match in pattern.finditer(buffer):
            of_system = pattern in _CHANGES_USER and match["user"] in OF_SYSTEMS
            yield from (match.span(name) for name in pattern.groupindex if name != "user" or not of_system)
    yield from users(buffer)
    yield from service_logins(buffer)
    yield from acting_logins(buffer)
    yield from spoken_logins(buffer)
    yield from identified_logins(buffer)
    for match in _DOMAIN_USER.finditer(buffer):
        start = match.start("user")
        if letters_at(buffer, start):
            continue  # ID\\u003d7
        escape = buffer[start : start + 1] in (b"n", b"r", b"t", b"u", b"b", b"f", b"x")
        named = buffer[match.start() - 1 : match.start()] == b" " and _TWO_NAMES.match(buffer, start)
        if not escape or named or _DOMAIN_BEFORE.search(buffer, max(0, match.start() - 40), match.start()):
            yield match.span("user")
    for match in _LOGIN_OF.finditer(buffer):
        user = match["user"].rstrip(b".,")
        if not _NO_LOGIN.fullmatch(user):
            yield match.start("user"), match.start("user") + len(user)
    for match in _WHO.finditer(buffer):
        name = "quoted" if match["quoted"] else "user"
        if _is_login(match, name, buffer):
            start, end = match.span(name)
            yield start, start + len(buffer[start:end].rstrip(b"."))


def _is_login(match: re.Match[bytes], name: str, buffer: bytes) -> bool:
    """Whether the word behind ``user`` or ``agent`` is somebody's login.

    It is when it stands in quotes, or when the words around it say so.
    """
    text = match[name].rstrip(b".,")
    if (text.isdigit() and len(text) <= 6) or text == b"NT" or _NO_LOGIN.fullmatch(text):
        return False
    if name == "quoted":
        if match["mark"] == b"(" or _DEVICE.fullmatch(text):
            return False
        return b" " not in text or (text.istitle() and not names_nobody(text))
    if match[0][:1] in b"Aa" and b"_" in text:  # an agent group
        return False
    if _DONE.match(buffer, match.end("user")):
        return True
    return buffer[max(0, match.start() - 20) : match.start()].rstrip(b" ").endswith(_FOR_USER)


def positions(buffer: bytes, order: int, kind: Kind) -> Iterator[Span]:
    """``geo:`` URIs, and two numbers behind a word of places; other keys are the business of the keys."""
    for pattern in (_GEO, _PLACED):
        for match in pattern.finditer(buffer):
            yield Span(*match.span("place"), order, kind, "geo-uri", None, False, True)


def log_hosts(network: Network) -> Callable[[bytes, int, Kind], Iterator[Span]]:
    """A finder of the host that wrote a line or segment, where log formats put it."""

    def find(buffer: bytes, order: int, kind: Kind) -> Iterator[Span]:
        lines = b"\n" + buffer  # so that every line begins behind a line feed, which is quick to find
        for pattern in _HOSTS_OF_LOGS:
            for match in pattern.finditer(lines):
                group = "quoted" if pattern is _HOST_WORD and match["quoted"] else "host"
                host = match[group]
                if network.allowed_host(host) or host == b"-" or host.replace(b".", b"").isdigit():
                    continue
                start, end = match.span(group)
                yield Span(start - 1, end - 1, order, kind, "log-host", None, True, True)

    return find


def encoded(inner: Callable[[bytes], bool]) -> Callable[[bytes, int, Kind], Iterator[Span]]:
    """A finder of base64 words whose text holds a personal value, as `inner` says."""

    def find(buffer: bytes, order: int, kind: Kind) -> Iterator[Span]:
        for start, end in user_to_user(buffer):
            yield Span(start, end, order, kind, "base64", None, False, True)
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
