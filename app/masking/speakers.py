"""Log-ins and hosts in what contact-center servers say: Asterisk, URS, Configuration Server, IIS."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.masking.patterns import Pattern

_ASTERISK = Pattern(
    rb"(?<!\w)(?:Call from '(?P<user>[A-Za-z][\w.@+-]{1,63})' \("
    rb"|Manager '(?P<manager>[A-Za-z][\w.@+-]{1,63})' logged )",
    words=(b"Call from '", b"Manager '"),
)
_CLIENT = Pattern(
    rb" (?:received from|sent to) \d{1,9} \([\w.-]{1,64} '(?P<user>[A-Za-z][\w.@-]{1,63})'",
    words=(b" received from ", b" sent to "),
)
"""``received from 516 (CCView 'mohara')`` of Configuration Server."""
_TARGET = Pattern(
    rb"(?<![\w.@$+-])(?P<user>[A-Za-z0-9][\w.+-]{1,63})@[A-Za-z][\w-]{0,62}\.A(?![\w.-])", words=(b".A",)
)
"""``TARGETS: mohara@StatServer_Rt.A``: an agent that URS routes to."""
_OBJECT = Pattern(rb"(?<!\w)SObjectAgent name=(?P<user>[A-Za-z0-9][\w.@-]{1,63})", words=(b"SObjectAgent",))
_RESOURCE = Pattern(
    rb"(?<!\w)object '(?:(?P<user>[a-z][a-z0-9._-]{2,63})@Resources'"
    rb"|(?P<agent>[A-Za-z0-9][\w.-]{2,63})@[A-Za-z][\w-]{0,62}' type Agent(?!\w))",
    words=(b"object '",),
)
"""``object 'mohara@Resources' type Agent`` of Stat Server."""
_BRACKETED = Pattern(
    rb"\[(?:\d{1,3}\.){3}\d{1,3}\] \[(?!(?:main|none|null|anonymous|unknown|guest|default|system|root|audit"
    rb"|access|security|http|https|info|debug|warn|error|trace|public|internal|local)\])"
    rb"(?P<user>[a-z][a-z0-9._]{2,63})\] \S",
    words=(b"] [",),
)
"""``[10.1.2.3] [mohara] c.g.gws.v2.VoiceResource - …`` of Web Services: the client, and who it is."""
_ROUTED = Pattern(
    rb" to agent (?P<user>[a-z][a-z._]{2,30}\d{0,6}) at \d{3,6}(?![\w:.-])", words=(b" to agent ",)
)
NO_MACHINE = (
    rb"(?!(?i:ver|version|v|rev|pts|tty|vty|console|cpu|core|space|mode|slot|id|uid|gid|pid|proc|process|sid|fd|rss|mem)"
    rb"(?![A-Za-z]))"
)
"""Before a log-in: ``login pts1`` and ``user ver8.1`` name none."""
_BOXED = Pattern(
    rb"\(login (?P<user>" + NO_MACHINE + rb"(?=[A-Za-z_.@-]{0,63}\d)[A-Za-z0-9][\w.@-]{2,63})\)",
    words=(b"(login ",),
)
"""``Agent Mary O'Hara (login 4471208)``."""
_SITE = Pattern(
    rb"(?<![\w-])(?:GET|POST|PUT|HEAD|DELETE|PATCH|OPTIONS) /[^\s]{0,2048} [^\s]{1,2048} \d{2,5} "
    rb"(?P<user>[A-Za-z][\w.@$+-]{1,63}) (?:\d{1,3}\.){3}\d",
)
"""``GET /agent - 443 mohara 10.1.2.3``: IIS, where the names of its fields are cut off."""
_CHANNEL = Pattern(
    rb"(?<!\w)(?:PJSIP|SIP|IAX2)/"
    rb"(?![\w.]{0,31}?(?:trunk|gw(?![aeiy])|gate(?!s)|sbc|provider|carrier|pstn|proxy|peer|isdn|voip|(?<![a-z])line|server|ivr|queue|conf"
    rb"|anon|unknown|test|pbx|bound|(?<![a-z])fax|door|guest))(?P<user>[a-z][a-z0-9._]{2,31})-[0-9a-f]{8}(?!\w)",
    words=(b"SIP/", b"IAX2/"),
)
"""``SIP/mohara-0000a1b2``: a call of somebody's telephone in Asterisk, and of no trunk.

Nor is Caroline a line, Gwen or Gates a gateway, Fairfax a fax.
"""
_PATH = Pattern(
    rb"/(?:[Uu]sers?|(?P<agents>[Aa]gents?))/(?P<user>(?P<first>[a-z]{2,24}|[a-z](?=\.))(?:\d{1,6}|\.(?P<second>[a-z]{2,32})\d{0,4})?)(?=[/?&\s\"'#;,)\]]|\Z)",
    words=(b"ser/", b"sers/", b"gent/", b"gents/"),
)
_BY_LOGIN = Pattern(
    rb"/(?:agents?|users?|persons?|people|contacts?|employees?|customers?|accounts?|members?|operators?|staff)"
    rb"/by-(?:login|user(?:-?name)?)/"
    rb"(?P<user>[A-Za-z0-9][\w.@%+-]{1,63})(?=[/?&\s\"'#;,)\]]|\Z)",
    words=(b"/by-",),
)
"""``/agents/by-login/mohara/status``."""
_BEFORE_PATH = 64
_OF_REST = Pattern(rb"/(?:api|rest|v\d)|://", re.IGNORECASE)
_LEAST = 4
_FILES = frozenset(
    b"html htm js mjs css json xml png jpg jpeg svg gif ico php jsp jspx asp aspx do map txt text"
    b" csv pdf yaml yml conf log java class py ts vxml wav".split()
)
_ROUTES = frozenset(
    b"access account accounts activate active activity actions admin admins agent agents assign"
    b" attributes audit auth authenticate available avatar batch bin bulk cache calls change channels"
    b" check conf config configuration confirm count counts create credentials current data"
    b" deactivate default defaults delete details devices disable disabled docs download edit enable"
    b" enabled events exists export extensions feed filter find forgot free groups heartbeat help"
    b" history home identity import inactive include index info invite items ldap library license"
    b" licenses list local lock login logins logout logs manage media members merge message messages"
    b" metadata monitor multiple online options page pages password passwords permissions phone photo"
    b" place places policies preferences presence privileges profile profiles public query queues"
    b" ready recent refresh register registration remove rename report reports request reset"
    b" resources restore rights role roles root save schema search self session sessions settings"
    b" share signin signout signup skills state states stats status statistics step sync system team"
    b" teams templates tenant test token tokens unassign unlock update upload user username users"
    b" validate verify version view voice".split()
)
"""What stands in paths of services behind ``/users/`` and is nobody."""
_ASKED = frozenset(
    b"daily weekly monthly yearly today all me none null undefined total totals top new".split()
)
"""The same behind ``/users/by-login/``, where more is asked for."""
LOGINS = (
    _ASTERISK, _RESOURCE, _CLIENT, _TARGET, _OBJECT, _BRACKETED, _ROUTED, _BOXED, _SITE, _CHANNEL,
    _BY_LOGIN, _PATH,
)  # fmt: skip
HOSTS = (
    Pattern(
        rb"\n(?:<\d{1,3}>)?\d{1,10}: (?P<host>[A-Za-z][\w.-]{1,252}): [A-Z][a-z]{2} [ \d]\d \d",
        re.MULTILINE,
        words=(b": ",),
    ),
)
"""``187331: uccx-a01: Mar 04 2026 …`` of UCCX and Finesse."""


def spoken_logins(buffer: bytes) -> Iterator[tuple[int, int]]:
    """Where log-ins stand."""
    for pattern in LOGINS[:-1]:
        for match in pattern.finditer(buffer):
            if pattern is _BY_LOGIN and _of_service(match["user"].lower()):
                continue
            if match["user"] is not None:
                yield match.span("user")
            elif pattern is _ASTERISK:
                yield match.span("manager")
            elif pattern is _RESOURCE:
                yield match.span("agent")
    for match in _PATH.finditer(buffer):
        if _in_rest(buffer, match.start()) and _of_somebody(match):
            yield match.span("user")


def _of_service(user: bytes) -> bool:
    """Whether a file, or what one asks a service for, stands where a log-in was looked for."""
    return user in _ROUTES or user in _ASKED or user.rpartition(b".")[2] in _FILES


def _in_rest(buffer: bytes, slash: int) -> bool:
    """Whether a path begins at a place, or goes through the interface of a service."""
    before = buffer[max(0, slash - _BEFORE_PATH) : slash]
    word = before[max(before.rfind(mark) for mark in (b" ", b"\t", b"\n", b'"')) + 1 :]
    return not word or word[-1:] in (b"=", b"'", b"[", b"(", b">", b",") or _OF_REST.search(word) is not None


def _of_somebody(match: re.Match[bytes]) -> bool:
    first, second = match["first"], match["second"]
    if second is not None:
        return second not in _FILES
    word = len(match["user"]) == len(first)
    if word and match["agents"] is not None:
        return False  # /agents/wallboard
    return first not in _ROUTES and not (word and len(first) < _LEAST)
