"""Who signs a mail or a message: ``Regards, Mary Major``, also on the next line."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.masking.patterns import Pattern
from app.masking.plausible import SMALL, names_nobody

_PART = rb"[A-Z\x80-\xff](?>(?:[A-Za-z\x80-\xff]|['-](?=[A-Za-z\x80-\xff])){1,40})"
FAREWELL = Pattern(
    rb"(?<!\w)(?:[Rr]egards|[Ss]incerely|[Ff]reundliche[mn] Gr(?:\xc3\xbc|ue?)(?:\xc3\x9f|ss)(?:en|e)?"
    rb"|[Cc]ordialement|[Ss]aludos|[Ss]aluti|[Gg]roet(?:en)?|[Aa]tentamente|[Aa]tenciosamente|[Pp]ozdrawiam"
    rb"|[Hh]ilsen),?"
    rb"(?: |(?: ?\r?\n){1,2}|(?:\\r\\n|\\n){1,2})(?P<name>"
    + _PART
    + rb"(?: "
    + SMALL
    + _PART
    + rb"){1,3})(?=[\r\n,;|\"'<\\]|\Z)",
    words=(
        b"egards", b"incerely", b"reundliche", b"ordialement", b"aludos", b"aluti", b"roet", b"tentamente",
        b"tenciosamente", b"ozdrawiam", b"ilsen",
    ),
)  # fmt: skip
_FIRMS = frozenset(
    b"gmbh ltd inc llc ag sa plc corp team bank gruppe care banco banca banque sparkasse stadtwerke"
    b" versicherung versicherungen stiftung verlag deutsche telekom telecom sent iphone ipad android"
    b" outlook insurance holding holdings company university universidad ministerio ayuntamiento"
    b" seguros energie energy".split()
)
"""Words of who signs for all (``Stadtwerke München``), and of a line that a telephone adds."""


def signing_names(buffer: bytes) -> Iterator[re.Match[bytes]]:
    """Every one, as the group ``name``."""
    for match in FAREWELL.finditer(buffer):
        name = match["name"]
        if not names_nobody(name) and _FIRMS.isdisjoint(name.lower().split(b" ")):
            yield match
