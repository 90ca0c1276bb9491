"""Tables for people: what is typed again stays whole, and what is no terminal gets wide lines."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.table import Table

_WIDE = 240


def listing(first: str, *others: str) -> Table:
    """A table whose first column names each row for other commands: it is never cut nor broken."""
    table = Table()
    table.add_column(first, no_wrap=True, min_width=len(first))
    for other in others:
        table.add_column(other, overflow="fold")
    return table


def screen(*, width: int | None = None, soft_wrap: bool = False, stderr: bool = False) -> Console:
    """Where texts stay as they are: ``[x]`` in a path is no style, ``:CD:`` in a fingerprint no picture."""
    return Console(
        width=width, soft_wrap=soft_wrap, stderr=stderr, markup=False, emoji=False, highlight=False
    )


def screen_for(table: Table | None = None) -> Console:
    """Where tables are printed; with `table`, as wide as its first column needs at least.

    Lines for a pipe or a file are not cut to a width that nobody has.
    """
    if not sys.stdout.isatty():
        return screen(width=_WIDE)
    if table is not None:
        longest = max((len(str(cell)) for cell in table.columns[0].cells), default=0)
        table.columns[0].min_width = longest
    return screen()
