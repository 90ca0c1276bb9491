"""What stands behind a key of people or places and is a machine's, or the label of the next field."""

from __future__ import annotations

from app.masking.face import Kind
from app.masking.patterns import Pattern

_ADDRESS = Pattern(rb"[0-9A-Fa-f:.]{3,46}(?!\w)")
_PORT = Pattern(rb"\d:\d")
_LONGEST_PORT = 6
_LETTER = Pattern(rb"[A-Za-z]")
_DESK = Pattern(rb"(?i)(?:pc|nb|wks|laptop|desktop|notebook|workstation)_")
"""What desks are called: ``pc_ohara1``."""
_TRUNK = Pattern(rb"(?i)(?:itsp|trunk|pstn|carrier|provider|gw|tg|pri|bri)[-_]?\d{1,3}\Z")
"""What lines to other exchanges are called: ``peer=ITSP1``."""
_MESSAGE = Pattern(rb"\"short_message\" ?: ?\"\Z")
_LOG_ID = Pattern(rb"(?i)(?<![a-z])log[ _-]?id[\"']?[ ]?[=:][ ]?[\"']?\Z")
_LOG_NEAR = 16
_RECORD = 512
"""Bytes of an id in which its digit stands."""
_DIGIT = Pattern(rb"[0-9]")
_SOURCE = Pattern(rb"\.(?:c|h|cs|cpp|hpp|lua|java)\Z")
"""``domain: domain_mod.c``: the file that a program was made of."""
_LABEL = Pattern(
    rb"(?:Account|Security|Logon|Domain|Client|Process|Network|Source|Workstation|Caller|Target|Subject|User|Member"
    rb"|Group|Object|Service|Computer|Supplied|Authentication|Package|Privilege|Handle|Server|Share|Task|Session"
    rb"|Additional|Failure|Provider|Certificate|Ticket)(?= (?:ID|Name|Type|Information):)"
)
"""Of Windows: a family name may stand before `` ID:``, too."""


_REALM_NEAR = 9
_REALM = Pattern(rb"(?i)realm[\"' =:]{1,4}\Z")
_GROUP_NEAR = 24
_GROUP_BEFORE = Pattern(rb"(?i)(?<!\w)(?:memberof|groupdn|groups?)[\"']?[ ]?[:=][ ]?[\"'(\[]{0,2}cn=\Z")
_IN_GROUPS = Pattern(
    rb"(?i)[^,=\"\r\n]{1,128},[ ]?ou=(?:groups?|roles?|gruppen|groupes|gruppi|grupos|grupy)(?!\w)"
)


def of_machine(buffer: bytes, start: int) -> bool:
    """Whether the address of a machine stands at a place: ``Client Address: 10.1.2.3 Client Port: 51022``."""
    match = _ADDRESS.match(buffer, start)
    if match is None:
        return False
    text = match[0]
    return text.count(b":") >= 2 or (text.count(b".") >= 3 and not _LETTER.search(text))


def port_of_host(buffer: bytes, start: int, end: int) -> bool:
    """Whether a port stands directly behind a name with a number: ``db-cc-1:5432`` is no card."""
    return _PORT.match(buffer, max(0, start - 2), end) is not None and end - start < _LONGEST_PORT


def of_group(buffer: bytes, start: int) -> bool:
    """Whether a group of a directory is called so: ``memberOf=cn=Agents,ou=…``, ``cn=Agents,ou=Groups``."""
    before = buffer[max(0, start - _GROUP_NEAR) : start]
    if before[-3:].lower() != b"cn=":
        return False
    return _GROUP_BEFORE.search(before) is not None or _IN_GROUPS.match(buffer, start) is not None


def of_realm(buffer: bytes, start: int, text: bytes) -> bool:
    """Whether a realm of a border controller is called so, which no host is: ``realm=access-nl``."""
    return b"." not in text and _REALM.search(buffer[max(0, start - _REALM_NEAR) : start]) is not None


def of_log(kind: Kind, buffer: bytes, start: int, text: bytes) -> bool:
    """Whether a record of a log is told by its id, which has a digit, and no log-in: ``log_id=req4711``.

    And the message of a record, which GELF calls ``"short_message"``, and no text of a customer.
    """
    if kind is Kind.KEYED and _MESSAGE.search(buffer, max(0, start - 24), start) is not None:
        return True
    if kind is not Kind.USER or _DIGIT.search(text, 0, _RECORD) is None:
        return False
    return _LOG_ID.search(buffer[max(0, start - _LOG_NEAR) : start]) is not None


def no_host(text: bytes) -> bool:
    """Whether a server or a line is called so and no machine: ``tserver_01``, ``ITSP1``."""
    if _TRUNK.match(text) or _SOURCE.search(text):
        return True
    return b"_" in text and b"." not in text and _DESK.match(text) is None


def label_of_two(buffer: bytes, start: int, end: int) -> bool:
    """Whether the first word of a label is all that is there: ``New Logon: Account Name: mohara``."""
    match = _LABEL.match(buffer, start)
    return match is not None and match.end() == end
