from __future__ import annotations

import threading
from typing import Any

import pytest

from agent.api import Standing
from app.domain.errors import UnreachableError


def desk() -> Any:
    return object()


def test_the_desk_that_stands_is_lent() -> None:
    first, second = desk(), desk()
    standing = Standing(first)
    with standing.lent() as lent:
        assert lent is first
    standing.place(second)
    with standing.lent() as lent:
        assert lent is second


def test_a_desk_is_closed_after_the_last_call_that_has_it() -> None:
    ended: list[str] = []
    standing = Standing(desk())
    with standing.lent(), standing.lent():
        standing.withdraw(when_unused=lambda: ended.append("closed"))
        assert ended == []
    assert ended == ["closed"]


def test_a_desk_that_nobody_has_is_closed_at_once() -> None:
    ended: list[str] = []
    Standing(desk()).withdraw(when_unused=lambda: ended.append("closed"))
    assert ended == ["closed"]


def test_a_call_that_came_in_between_gets_the_next_desk() -> None:
    standing, following = Standing(desk()), desk()
    standing.withdraw(when_unused=lambda: None)
    got: list[Any] = []

    def ask() -> None:
        with standing.lent() as lent:
            got.append(lent)

    asking = threading.Thread(target=ask)
    asking.start()
    standing.place(following)
    asking.join()
    assert got == [following]


def test_without_a_desk_the_call_is_told_to_come_again() -> None:
    with pytest.raises(UnreachableError) as away, Standing(patience=0.0).lent():
        pass
    assert away.value.code == "CF-1583"


def test_a_failed_call_gives_its_desk_back() -> None:
    ended: list[str] = []
    standing = Standing(desk())
    with pytest.raises(ZeroDivisionError), standing.lent():
        raise ZeroDivisionError
    standing.withdraw(when_unused=lambda: ended.append("closed"))
    assert ended == ["closed"]
