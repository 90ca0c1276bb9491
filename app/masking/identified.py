"""Log-ins told by what stands around them: ``(employee ID 4471208)``, ``User mohara IP 10.1.2.3``."""

from __future__ import annotations

from collections.abc import Iterator

from app.masking.accesses import AT_HOSTS, OF_SYSTEMS
from app.masking.accesses import LOGINS as ACCESSING
from app.masking.accounts import LOGINS as CONFIGURED
from app.masking.actors import names_thing
from app.masking.doneby import DOERS
from app.masking.loginsofnames import is_login_of
from app.masking.patterns import Pattern
from app.masking.plausible import FAMILY_FIRST, FULL_NAME, names_nobody
from app.masking.queuelog import LOGINS as QUEUED
from app.masking.speakers import NO_MACHINE
from app.masking.weblog import LOGINS as ASKED

_BOXED = Pattern(
    rb"\((?:[Aa]gent|[Ll]ogin|[Ll]ogon|[Uu]ser|[Ee]mployee|[Oo]perator) (?:ID|Id|id|name|Name) "
    rb"(?P<user>(?!\d{1,3}\))[A-Za-z0-9][\w.@-]{2,63})\)",
    words=(b" ID ", b" Id ", b" id ", b" name ", b" Name "),
)
"""``agent 7021 (login id mohara)``: nothing else stands in the brackets."""
_LISTED_USER = Pattern(
    rb"(?:\(|, )(?:user|login) (?P<user>" + NO_MACHINE + rb"(?=[\w.@-]{0,63}\d)"
    rb"[A-Za-z][\w.@-]{2,63})(?=[,)])",
    words=(b"user ", b"login "),
)
"""``Person "…" (employee_id 55120, user mohara7) updated``: letters and a digit; no ``login pts1``."""
_NAMED = Pattern(
    rb"(?<!\w)(?:[Uu]ser|[Aa]gent|[Oo]perator|[Ss]upervisor|[Ee]mployee) "
    rb"(?P<mark>['\"])(?P<name>[A-Z\x80-\xff](?=[^'\"\r\n]{0,62} )[^'\"\r\n]{1,63})(?P=mark)"
    rb" \((?:id |ID |login )?"
    rb"(?P<user>(?!\d{1,3}\)|v?\d{1,4}\.\d|S-1-)[A-Za-z0-9][\w.@-]{2,63})\)",
    words=(b"' (", b'" ('),
)
"""``agent "Major, Mary" (id 55120)``, ``user 'Mary Major' (m.major)``: a word alone may be a state."""
_NUMBERED = Pattern(
    rb"(?<![\w\x80-\xff])(?:[Aa]gent|[Oo]perator|[Ss]upervisor) (?P<user>\d{7,10}) "
    rb"(?:\((?=[^()\r\n]{1,64}\))|\[(?=[^\[\]\r\n]{1,64}\]))(?P<name>[A-Z\x80-\xff][^()\[\]\r\n]{0,63})[)\]]",
    words=(b"gent ", b"perator ", b"upervisor "),
)
"""``Agent 1180233 (Dermot Lacy) accepted``; numbers of six digits at most are internal."""
_SIGN = Pattern(rb"[\d._@]")
_IN_BRACKETS = Pattern(rb"(?<!\w)[Uu]ser <(?P<user>[A-Za-z0-9][\w.@\\$+-]{1,63})> IP <", words=(b"> IP <",))
_BARE = Pattern(rb"(?<!\w)[Uu]ser (?P<user>[A-Za-z0-9][\w.@\\$+-]{1,63}) IP <?(?=[\d:])", words=(b" IP ",))
"""``Group GP_VPN User mohara IP 10.1.2.3`` of a firewall."""
_PERSON = Pattern(
    rb"(?<!\w)C(?:fg|FG)Person (?P<mark>['\"])(?P<user>[^'\"\r\n<>|=]{2,64})(?P=mark)", words=(b"Person ",)
)
"""``CfgPerson 'mohara' changed`` of Configuration Server."""
LOGINS = (
    *DOERS,
    _BOXED,
    _NAMED,
    _NUMBERED,
    _LISTED_USER,
    _IN_BRACKETS,
    _BARE,
    _PERSON,
    *QUEUED,
    *ASKED,
    *ACCESSING,
    *CONFIGURED,
)
"""Each with the log-in as its group ``user``."""
_SAID = frozenset(
    b"required mandatory mismatch mismatched empty unset taken unique optional unknown none duplicate"
    b" hidden masked blank not is was has had gets got uses the and or from to of with at"
    b" static dynamic external internal source remote local public private real current own"
    b" undefined null column pattern field invalid missing".split()
)
"""What is said of a log-in in its stead: ``(user id required)``, ``user external IP 192.0.2.9``."""


def identified_logins(buffer: bytes) -> Iterator[tuple[int, int]]:
    """Where log-ins stand."""
    for pattern in LOGINS:
        for match in pattern.finditer(buffer):
            if pattern in (_NAMED, _NUMBERED) and not _names(match["name"]):
                continue
            if pattern is _NAMED and not (
                _SIGN.search(match["user"]) or is_login_of(match["name"], match["user"])
            ):
                continue
            if pattern in AT_HOSTS and match["user"] in OF_SYSTEMS:
                continue
            if match["user"].lower() not in _SAID and not names_thing(match["user"].lower()):
                yield match.span("user")


def _names(text: bytes) -> bool:
    """Whether it is a person's name in full, in either order."""
    full = FULL_NAME.fullmatch(text) or FAMILY_FIRST.fullmatch(text)
    return full is not None and not names_nobody(text)
