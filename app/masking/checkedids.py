"""National ids that show by themselves what they are: by their form and their check digits."""

from __future__ import annotations

from collections.abc import Iterator

from app.masking.escapes import BEHIND
from app.masking.patterns import Pattern

CHECKED = Pattern(
    rb"(?:(?<![\w.+/-])|"
    + BEHIND
    + rb")(?:(?P<cf>[A-Z]{6}\d\d[ABCDEHLMPRST]\d\d[A-Z]\d{3}[A-Z])|(?P<cpf>\d{3}\.\d{3}\.\d{3}-\d\d)"
    rb"|(?P<ahv>756\.\d{4}\.\d{4}\.\d\d)|(?P<nir>[12] \d\d (?:0[1-9]|1[0-2]) \d[\dAB] \d{3} \d{3} \d\d)"
    rb"|(?P<se>\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[-+]\d{4})|(?P<es>(?:\d|[XYZ])\d{7}[A-HJ-NP-TV-Z]))(?![\w/-]|\.\w)"
)
_ODD = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)
"""What letters and digits count at odd places of a codice fiscale."""
_DNI = "TRWAGMYFPDXBNJZSQVHLCKE"


def checked_ids(buffer: bytes) -> Iterator[tuple[int, int]]:
    """Places of ids whose check digits are right.

    Codice fiscale (Italy), CPF as it is written (Brazil), AHV number (Switzerland), numéro de sécurité
    sociale in groups (France), personnummer (Sweden), DNI and NIE (Spain).
    """
    for match in CHECKED.finditer(buffer):
        name = match.lastgroup or "cf"
        if _CHECKS[name](match[0].decode("ascii")):
            yield match.span()


def _italy(text: str) -> bool:
    total = 0
    for place, char in enumerate(text[:15]):
        value = int(char) if char.isdigit() else ord(char) - 65
        total += value if place % 2 else _ODD[value]
    return total % 26 == ord(text[15]) - 65


def _brazil(text: str) -> bool:
    digits = [int(c) for c in text if c.isdigit()]
    if len(set(digits)) == 1:
        return False
    for size in (9, 10):
        rest = sum(digit * (size + 1 - place) for place, digit in enumerate(digits[:size])) * 10 % 11
        if rest % 10 != digits[size]:
            return False
    return True


def _switzerland(text: str) -> bool:
    digits = [int(c) for c in text if c.isdigit()]
    return sum(digit * (1 + 2 * (place % 2)) for place, digit in enumerate(digits)) % 10 == 0


def _france(text: str) -> bool:
    """Departments of Corsica (2A, 2B) count as 19 and 18."""
    compact = text.replace(" ", "").replace("2A", "19").replace("2B", "18")
    return compact.isdigit() and 97 - int(compact[:13]) % 97 == int(compact[13:])


def _sweden(text: str) -> bool:
    """What may be an hour and a minute behind a day is none."""
    if text[6] == "-" and int(text[7:9]) < 24 and int(text[9:]) < 60:
        return False
    total = 0
    for place, char in enumerate(text[:6] + text[7:]):
        value = int(char) * (2 - place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _spain(text: str) -> bool:
    number = text[:8].translate(str.maketrans("XYZ", "012"))
    return _DNI[int(number) % 23] == text[8]


_CHECKS = {
    "cf": _italy, "cpf": _brazil, "ahv": _switzerland, "nir": _france, "se": _sweden, "es": _spain,
}  # fmt: skip
