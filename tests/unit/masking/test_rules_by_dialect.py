"""Lines of every dialect, one case a line: what stands between « and » is personal, everything else stays.

In the files ``⏎`` is a line end, ``␍`` what may stand before one and ``⇥`` a tab, so that a case of
several lines is one line there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

Mask = Callable[[bytes | str], str]

FOLDER = Path(__file__).with_name("lines")
TOKEN = r"(?:<[A-Z]+:[0-9a-f]{16}>)+"


def cases(path: Path) -> list[tuple[int, str]]:
    """The cases of a file with the number of their line."""
    return [
        (number, row.replace("⏎", "\n").replace("⇥", "\t").replace("␍", "\r"))
        for number, row in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if row and not row.startswith("# ")
    ]


def as_masked(case: str) -> str:
    """A pattern of what masking must make of a case; line ends inside a value stay."""
    parts = re.split(r"«([^»]*)»", case)
    return "".join(
        "\n".join(r"[ \t]*" + TOKEN for _ in part.split("\n")) if place % 2 else re.escape(part)
        for place, part in enumerate(parts)
    )


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.txt")), ids=lambda path: path.stem)
def test_what_is_personal_is_replaced_and_the_rest_stays(path: Path, mask: Mask) -> None:
    wrong = []
    for number, case in cases(path):
        raw = re.sub("[«»]", "", case)
        masked = mask(raw)
        # What masking has left as it is it leaves the second time, too.
        again = masked if masked == raw else mask(masked)
        if not re.fullmatch(as_masked(case), masked) or again != masked:
            wrong.append((number, masked, again))
    assert wrong == []
