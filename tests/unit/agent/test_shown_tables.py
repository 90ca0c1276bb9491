"""Tables of commands: what people type again is whole, however narrow the terminal is."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from agent.service.tables import listing, screen_for

LONG = "lr-4a46f1e2d3c4b5a697887766"


@pytest.mark.parametrize("width", [40, 80, 120])
def test_the_first_column_is_never_cut(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    table = listing("Request", "Case", "Applications", "From", "To", "State")
    table.add_row(
        LONG, "0003256109", "sips_a, sips_b, urs_a", "2026-11-29 06:00", "2026-11-29 08:00", "waiting"
    )
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    screen_for(table)
    out = io.StringIO()
    Console(file=out, width=width).print(table)
    assert LONG in out.getvalue()


def test_what_is_no_terminal_gets_wide_lines() -> None:
    assert screen_for().width >= 200


def test_on_a_terminal_the_first_column_is_as_wide_as_its_longest_cell(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table = listing("Request", "Case")
    table.add_row(LONG, "0003256109")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    screen_for(table)
    assert table.columns[0].min_width == len(LONG)


@pytest.mark.parametrize("text", ["B4:CD:3C:70:FB", "/logs/[red]/[sip]", "10:100:15"])
@pytest.mark.parametrize("table", [False, True])
def test_a_text_is_shown_as_it_is(text: str, table: bool, capsys: pytest.CaptureFixture[str]) -> None:
    rows = listing("Text")
    rows.add_row(text)
    screen_for().print(rows if table else text)
    assert text in capsys.readouterr().out
