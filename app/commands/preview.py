"""``caseferry mask --preview``: before and after side by side, with the rule that fired; writes nothing."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.commands.console import LEFT_OUT, Screen, plain
from app.commands.inputs import SourceFile, gather, shown
from app.commands.masking_run import open_masking
from app.commands.options import MaskingOptions
from app.commands.studying import study_inputs
from app.masking import Engine, MaskedLine, MaskingError, Replacement, Study, preview_file

_LEAST_WIDTH = 60
_LONG = 1200
_AROUND = 60
_PIECES = 12
_LONGEST = 256 * 1024
"""Characters of a line that are shown together; a longer one takes several rows of its number."""


@dataclass(frozen=True, slots=True)
class PreviewOrder:
    """What is to be shown.

    Attributes:
        all: lines that stay as they are, too.
    """

    paths: Sequence[Path]
    all: bool = False
    masking: MaskingOptions = field(default_factory=MaskingOptions)


def preview(order: PreviewOrder, screen: Screen) -> int:
    """Show every file; 0, or 9 when one of them cannot be masked (it is named)."""
    inputs = gather(order.paths)
    console = _console()
    left = len(inputs.passed)
    with open_masking(order.masking) as masking:
        study = study_inputs(masking, inputs, screen)
        for file in inputs.files:
            try:
                _show(file, engine=masking.engine, order=order, console=console, study=study)
            except MaskingError as error:
                left += 1
                why = f"{error.title}: {error.happened} {error.todo}".rstrip()
                screen.note(f"Left here: {shown(file.name)} ({error.code}) {why}")
    for passed in inputs.passed:
        screen.note(f"Left here: {shown(passed.name)} {passed.detail}")
    return LEFT_OUT if left else 0


def _console() -> Console:
    """As wide as the terminal; without one as wide as ``COLUMNS`` says, or wide enough for logs."""
    if sys.stdout.isatty():
        return Console(file=sys.stdout, highlight=False)
    told = os.environ.get("COLUMNS", "")
    width = int(told) if told.isdecimal() and int(told) > 0 else 160
    return Console(file=sys.stdout, highlight=False, width=max(_LEAST_WIDTH, min(width, 1000)))


def _show(
    file: SourceFile, *, engine: Engine, order: PreviewOrder, console: Console, study: Study | None
) -> None:
    lines = changed = values = last = 0
    console.print(Text(plain(shown(file.name)), style="bold"))
    for line in _lines(file.path, engine, study):
        lines = line.number
        if line.replacements:
            changed += line.number != last
            last = line.number
        values += len(line.replacements)
        if line.replacements or order.all:
            console.print(_row(line, width=console.width))
    console.print(Text(f"{changed} of {lines} lines change, {values} values are replaced.", style="dim"))


def _lines(path: Path, engine: Engine, study: Study | None) -> Iterator[MaskedLine]:
    try:
        with path.open("rb") as source:
            yield from preview_file(engine, source, study=study, longest=_LONGEST)
    except OSError as fault:
        raise MaskingError(
            "The file cannot be masked",
            happened=f"This machine cannot read it: {fault.strerror or type(fault).__name__}.",
            todo="Check the disk and who may read it, then try again.",
            code="CF-1908",
        ) from fault


def _row(line: MaskedLine, *, width: int) -> Table:
    """One line as a row: number, before, after, rules. Columns have one width in every row."""
    number = max(6, len(str(line.number)))
    rules = max(12, min(28, width // 6))
    text = max(8, (width - number - rules - 6) // 2)
    row = Table.grid(padding=(0, 2, 0, 0))
    row.add_column(width=number, justify="right", style="dim")
    for _side in range(2):
        row.add_column(width=text, overflow="fold")
    row.add_column(width=rules, overflow="fold", style="cyan")
    names = "\n".join(dict.fromkeys(f"{hit.kind} {hit.rule}" for hit in line.replacements))
    before = _side_text(line.before, line.replacements, side="before")
    after = _side_text(line.after, line.replacements, side="after")
    row.add_row(str(line.number), before, after, Text(plain(names)))
    return row


def _side_text(line: str, hits: Sequence[Replacement], *, side: Literal["before", "after"]) -> Text:
    """A side of the row, its values marked; of a very long line the pieces around them."""
    style = "red" if side == "before" else "green"
    places = [_place(hit, side) for hit in hits]
    pieces = [(0, len(line))] if len(line) <= _LONG else _around(places, len(line))
    text = Text()
    for start, end in pieces:
        if start:
            text.append(" … ", style="dim")
        at = start
        for first, last in places:
            if at <= first < end:
                text.append(_clean(line[at:first]))
                text.append(_clean(line[first : min(last, end)]), style=style)
                at = min(last, end)
        text.append(_clean(line[at:end]))
    if pieces and pieces[-1][1] < len(line):
        text.append(f" … ({len(line)} characters)", style="dim")
    return text


def _place(hit: Replacement, side: Literal["before", "after"]) -> tuple[int, int]:
    if side == "before":
        return hit.before_column, hit.before_column + len(hit.before)
    return hit.after_column, hit.after_column + len(hit.after)


def _around(places: Sequence[tuple[int, int]], length: int) -> list[tuple[int, int]]:
    pieces: list[tuple[int, int]] = []
    for first, last in places or [(0, 0)]:
        start, end = max(0, first - _AROUND), min(length, min(last, first + _LONG) + _AROUND)
        if pieces and start <= pieces[-1][1]:
            pieces[-1] = (pieces[-1][0], max(end, pieces[-1][1]))
        elif len(pieces) == _PIECES:
            break
        else:
            pieces.append((start, end))
    return pieces


def _clean(text: str) -> str:
    """Nothing that steers the terminal; tabs and feeds as one blank, so that columns hold."""
    return plain(text).replace("\t", " ").replace("\n", " ")
