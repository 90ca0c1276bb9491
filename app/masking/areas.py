"""Telephone numbers with their area apart, as they are written within a country.

``0911 / 55 66 77``, ``(0911) 556677``, ``0171-2345678``, ``020 7946 0958``, ``03-1234-5678``.
"""

from __future__ import annotations

from collections.abc import Iterator

from app.masking.escapes import BEHIND
from app.masking.patterns import Pattern

AREA = Pattern(
    rb"(?:(?<![\w.:/+=-])|" + BEHIND + rb")(?<![\d>] )(?<!\b[0-9A-Fa-f]{2} )"
    rb"(?:(?P<apart>\(0[1-9]\d{1,4}\) ?|0[1-9](?>\d{1,3}) / )(?>\d{2,8})(?>(?:[ -]\d{1,5}){0,3})"
    rb"|(?P<area>0[1-9](?>\d{0,3}))(?:-(?>\d{7,8})|-\d{2,4}-\d{4}| \d{3,4} \d{3,4}))"
    rb"(?![\w/:-]|\.\w| \d| [0-9A-Fa-f]{4}(?!\w))"
)
"""Not behind or before other groups of digits: columns of a table, dumps."""
_SHORT = 3
"""Digits before the first mark, at least, where one mark is all there is."""
_LEAST_APART, _LEAST, _MOST, _LONGEST = 9, 10, 11, 12


def area_numbers(buffer: bytes) -> Iterator[tuple[int, int]]:
    """Where such numbers stand: of ten or eleven digits, of nine to twelve behind a slash or a bracket."""
    for match in AREA.finditer(buffer):
        digits = sum(48 <= c <= 57 for c in match[0])
        if match["apart"] is not None:
            found = _LEAST_APART <= digits <= _LONGEST
        else:
            once = match[0].count(b"-") == 1
            found = _LEAST <= digits <= (_LONGEST if once else _MOST)
            found = found and (len(match["area"]) >= _SHORT or match[0].count(b"-") > 1)
        if found:
            yield match.span()
