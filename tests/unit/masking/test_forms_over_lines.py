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
TOLD = (
    "LOG:  execute <unnamed>: UPDATE customer SET phone = $1, street = $2 WHERE id = $3\n",
    "DETAIL:  parameters: $1 = '030 901820', $2 = 'Dallananoweg 7', $3 = '17'\n",
)
FRAMEWORK = (
    "Executed DbCommand (3ms) [Parameters=[@p1='17', @p0='030 901820'], CommandTimeout='30']\n",
    "UPDATE [Customers] SET [Phone] = @p0\n",
    "WHERE [Id] = @p1;\n",
)
COMMENTED = (
    "SELECT 1 AS [C1] FROM [dbo].[Customers] AS [Extent1]\n",
    "    WHERE [Extent1].[Phone] = @p__linq__0\n",
    "-- p__linq__0: '030 901820' (Type = String, Size = 4000)\n",
)
TYPED = (
    "==>  Preparing: select * from customer where phone = ? and state = ?\n",
    "2026-11-12 DEBUG c.e.Mapper - ==> Parameters: 030 901820(String), null\n",
)
VARIABLE = (
    "SELECT\n",
    "   T1.ROW_ID FROM S_CONTACT T1 WHERE (T1.LAST_NAME = ?)\n",
    "ObjMgrSqlLog Detail 4 000a 2026-11-12 08:50:11 Bind variable 1: DALLANANO\n",
)
HIBERNATE = (
    "    update\n",
    "        customer\n",
    "    set\n",
    "        phone=?\n",
    "TRACE binding parameter (1:VARCHAR) <- [030 901820]\n",
)
RECORD = (
    "-[ RECORD 1 ]---+------\n",
    *(f"last_name{number} | Dallanano{number}x\n" for number in range(40)),
    "phone | 030 901899999\n",
)
SESSION = ("v=0\n", "o=- 1 1 IN IP4 127.0.0.1\n", "s=-\n", "p=030 901820-417\n", "t=0 0\n")


OVER_LINES = {
    "rows": ROWS, "bound": BOUND, "below": BELOW, "record": RECORD, "session": SESSION, "told": TOLD,
    "framework": FRAMEWORK, "commented": COMMENTED, "typed": TYPED, "variable": VARIABLE,
    "hibernate": HIBERNATE,
}  # fmt: skip


@pytest.mark.parametrize("lines", OVER_LINES.values(), ids=OVER_LINES)
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
    assert "allanano" not in masked.lower()


def test_no_row_is_read_far_behind_its_columns(mask: Mask) -> None:
    rows = [f"({number}, 'Wex{number}x'),\n" for number in range(700)]
    masked = mask("INSERT INTO customers (id, last_name) VALUES\n" + "".join(rows)).splitlines()[1:]
    assert ["<NAME:" in row for row in masked[:200]] == [True] * 200
    assert masked[-1] == rows[-1].strip()
