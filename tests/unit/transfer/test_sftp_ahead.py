"""Sessions that are opened before they are asked for."""

from __future__ import annotations

import threading
from typing import Any, cast

import pytest

from app.domain.errors import UnreachableError
from app.transfer.session import Session
from app.transfer.sftp_ahead import Ahead, Gate, NotWanted


class Opened:
    """Stands in for a `Session`."""

    def __init__(self, *, alive: bool = True) -> None:
        self.alive = alive
        self.closed = threading.Event()

    def close(self) -> None:
        self.closed.set()


class Server:
    """Opens sessions when it is let."""

    def __init__(self, *, alive: bool = True) -> None:
        self.alive = alive
        self.opened: list[Opened] = []
        self.open_now = threading.Event()
        self.signing_in = self.most = 0
        self.lock = threading.Lock()

    def __call__(self) -> Session:
        with self.lock:
            self.signing_in += 1
            self.most = max(self.most, self.signing_in)
        assert self.open_now.wait(120)
        session = Opened(alive=self.alive)
        with self.lock:
            self.signing_in -= 1
            self.opened.append(session)
        return cast("Session", session)


def test_what_was_begun_is_taken_and_nothing_else_is_opened() -> None:
    server = Server()
    ahead = Ahead(server, at_once=8)
    ahead.begin(3)
    server.open_now.set()
    taken = [ahead.take() for _ in range(3)]
    assert {id(each) for each in taken} == {id(each) for each in server.opened}


def test_more_than_were_begun_are_opened_when_they_are_asked_for() -> None:
    server = Server()
    server.open_now.set()
    assert Ahead(server, at_once=8).take() is cast("Any", server.opened[0])


def test_one_that_died_meanwhile_is_opened_anew() -> None:
    server = Server(alive=False)
    server.open_now.set()
    ahead = Ahead(server, at_once=8)
    ahead.begin(1)
    taken = ahead.take()
    assert [each.closed.is_set() for each in server.opened] == [True, False]
    assert taken is cast("Any", server.opened[1])


def test_those_that_nobody_took_end_also_when_they_come_later() -> None:
    server = Server()
    ahead = Ahead(server, at_once=8)
    ahead.begin(2)
    ahead.close()
    server.open_now.set()
    for _ in range(6000):
        if len(server.opened) == 2:
            break
        threading.Event().wait(0.01)
    assert all(each.closed.wait(120) for each in server.opened)


def test_few_sign_in_at_once() -> None:
    server = Server()
    ahead = Ahead(server, at_once=2)
    ahead.begin(6)
    server.open_now.set()
    for _ in range(6):
        ahead.take()
    assert server.most <= 2


def test_a_refusal_is_told_to_who_takes_it() -> None:
    def refuse() -> Session:
        raise UnreachableError("no", happened="no.", todo="no.", code="CF-1522")

    ahead = Ahead(refuse, at_once=8)
    ahead.begin(1)
    with pytest.raises(UnreachableError):
        ahead.take()


class Behind(Server):
    """Opens sessions once the gate does."""

    def __init__(self, gate: Gate) -> None:
        super().__init__()
        self.gate: Gate | None = gate
        self.open_now.set()

    def __call__(self) -> Session:
        gate = self.gate
        if gate is not None:
            gate.wait(120)
        return super().__call__()


def test_what_is_ready_signs_in_once_the_first_one_has() -> None:
    gate = Gate()
    server = Behind(gate)
    ahead = Ahead(server, at_once=8)
    ahead.begin(2)
    assert server.opened == []
    gate.decide(opens=True)
    ahead.take()
    ahead.take()
    assert len(server.opened) == 2


def test_what_was_not_let_in_is_opened_when_it_is_asked_for() -> None:
    gate = Gate()
    server = Behind(gate)
    ahead = Ahead(server, at_once=8)
    ahead.begin(1)
    gate.decide(opens=False)
    with pytest.raises(NotWanted):
        gate.wait(0)
    server.gate = None
    ahead.take()
    assert len(server.opened) == 1


def test_the_first_word_of_a_gate_counts() -> None:
    gate = Gate()
    gate.decide(opens=True)
    gate.decide(opens=False)
    gate.wait(0)
