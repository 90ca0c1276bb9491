"""Rows of a statement, what is bound to it and lines of a session are found wherever a window ends."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.masking.stream import BLOCK

Mask = Callable[[bytes | str], str]

ROWS = (
    "INSERT INTO customers (id, last_name, phone) VALUES\n",
    *(f"({number}, 'Dallanano{number}x', '030 9018{number:05}'),\n" for number in range(40)),
    "(40, 'Dallanano40x', '030 901899999');\n",
)
BOUND = (
    "insert into customers (last_name, state) values (?, ?)\n",
    "TRACE binding parameter [1] as [VARCHAR] - [dallanano77x]\n",
)
BELOW = (
    "INSERT INTO customers (last_name, state) VALUES (?, ?)\n",
    "INFO [generated in 0.00018s] ('dallanano77x', 'idle')\n",
)
RECORD = (
    "-[ RECORD 1 ]---+------\n",
    *(f"last_name{number} | Dallanano{number}x\n" for number in range(40)),
    "phone | 030 901899999\n",
)
SESSION = ("v=0\n", "o=- 1 1 IN IP4 127.0.0.1\n", "s=-\n", "p=030 901820-417\n", "t=0 0\n")


@pytest.mark.parametrize(
    "lines", [ROWS, BOUND, BELOW, RECORD, SESSION], ids=["rows", "bound", "below", "record", "session"]
)
@pytest.mark.parametrize("before", [20, 60, 200])
def test_a_window_that_ends_between_the_lines_changes_nothing(
    lines: tuple[str, ...], before: int, mask: Mask
) -> None:
    filling = "state of the queue is idle\n"
    padding = filling * ((BLOCK - before) // len(filling))
    text = "".join(lines)
    masked = mask(padding + text + filling)
    assert masked.removeprefix(padding) == mask(text + filling)
    assert "9018" not in masked
    assert "allanano" not in masked


def test_no_row_is_read_far_behind_its_columns(mask: Mask) -> None:
    rows = [f"({number}, 'Wex{number}x'),\n" for number in range(700)]
    masked = mask("INSERT INTO customers (id, last_name) VALUES\n" + "".join(rows)).splitlines()[1:]
    assert ["<NAME:" in row for row in masked[:200]] == [True] * 200
    assert masked[-1] == rows[-1].strip()
