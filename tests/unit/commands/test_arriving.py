"""What a person, or a program, is shown of a file that is fetched, also while nothing of it comes."""

from __future__ import annotations

import json
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, cast

import pytest

from app.commands.arriving import shown
from app.commands.console import Screen
from app.domain.errors import UnreachableError
from app.transfer.closed import closed_now

AWAY = UnreachableError("The server cannot be reached", happened="s:22 is away.", todo="", code="CF-1519")
CLOSED = closed_now(fetching=True)


def test_a_line_says_why_it_waits_at_once_and_that_it_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    now = 100.0
    with shown(Screen(), "a.zip", size=10, how="lines", monotonic=lambda: now) as arrival:
        arrival.tell(4, 10)
        arrival.waiting(AWAY, 3.04)
        arrival.waiting(AWAY, 2.5)
        now += 1.0
        arrival.waiting(AWAY, 2.0)
        arrival.tell(5, 10)
        arrival.tell(6, 10)
        arrival.tell(10, 10)
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(each["done"], each["size"], each["code"], each["retry_in"]) for each in lines] == [
        (4, 10, "", None),
        (4, 10, "CF-1519", 3.0),
        (4, 10, "CF-1519", 2.0),
        (5, 10, "", None),
        (10, 10, "", None),
    ]


def test_a_line_of_hours_in_which_nothing_is_fetched_has_their_code(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with shown(Screen(), "a.zip", size=10, how="lines", monotonic=lambda: 100.0) as arrival:
        arrival.waiting(CLOSED, None)
    line = json.loads(capsys.readouterr().err)
    assert (line["code"], line["retry_in"]) == ("CF-1251", None)


def test_a_bar_says_why_it_waits_and_when_it_tries_again() -> None:
    drawn: list[tuple[int, str, int | None]] = []

    @contextmanager
    def bar(_name: str, *, size: int) -> Any:
        yield SimpleNamespace(show=lambda done, **how: drawn.append((done, how["words"], how["size"])))

    with shown(
        cast("Screen", SimpleNamespace(transfer_bar=bar, has_bars=True)), "a.zip", size=0, how="bar"
    ) as arrival:
        arrival.waiting(AWAY, 3.2)
        arrival.tell(4, 10)
        arrival.waiting(AWAY, 2.0)
        arrival.waiting(CLOSED, None)
    assert drawn == [
        (0, "The server cannot be reached. s:22 is away. Again in 3 s.", None),
        (4, "", 10),
        (4, "The server cannot be reached. s:22 is away. Again in 2 s.", 10),
        (4, f"Nothing is fetched at this time. {CLOSED.happened}.", 10),
    ]


def test_without_a_terminal_each_reason_is_said_once_and_that_it_goes_on(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with shown(Screen(), "a.zip", size=10, how="bar") as arrival:
        arrival.tell(4, 10)
        arrival.waiting(AWAY, 3.2)
        arrival.tell(4, 10)
        arrival.waiting(AWAY, 2.0)
        arrival.waiting(CLOSED, None)
        arrival.tell(5, 10)
        arrival.tell(10, 10)
    assert capsys.readouterr().err.splitlines() == [
        "a.zip: The server cannot be reached. s:22 is away (CF-1519). Again in 3 s.",
        f"a.zip: Nothing is fetched at this time. {CLOSED.happened} (CF-1251). It goes on by itself.",
        "a.zip: It goes on.",
    ]


def test_what_comes_without_a_wait_says_nothing_without_a_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with shown(Screen(), "a.zip", size=10, how="bar") as arrival:
        arrival.tell(4, 10)
        arrival.tell(10, 10)
    assert capsys.readouterr().err == ""
