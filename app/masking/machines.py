"""What stands behind a key of people or places and is a machine's, or the label of the next field."""

from __future__ import annotations

from app.masking.patterns import Pattern

_ADDRESS = Pattern(rb"[0-9A-Fa-f:.]{3,46}(?!\w)")
_PORT = Pattern(rb"\d:\d")
_LONGEST_PORT = 6
_LETTER = Pattern(rb"[A-Za-z]")
_DESK = Pattern(rb"(?i)(?:pc|nb|wks|laptop|desktop|notebook|workstation)_")
"""What desks are called: ``pc_ohara1``."""
_LABEL = Pattern(
    rb"(?:Account|Security|Logon|Domain|Client|Process|Network|Source|Workstation|Caller|Target|Subject|User|Member"
    rb"|Group|Object|Service|Computer|Supplied|Authentication|Package|Privilege|Handle|Server|Share|Task|Session"
    rb"|Additional|Failure|Provider|Certificate|Ticket)(?= (?:ID|Name|Type|Information):)"
)
"""Of Windows: a family name may stand before `` ID:``, too."""


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


def no_host(text: bytes) -> bool:
    """Whether a server is called so and no machine: ``tserver_01``."""
    return b"_" in text and b"." not in text and _DESK.match(text) is None


def label_of_two(buffer: bytes, start: int, end: int) -> bool:
    """Whether the first word of a label is all that is there: ``New Logon: Account Name: mohara``."""
    match = _LABEL.match(buffer, start)
    return match is not None and match.end() == end
