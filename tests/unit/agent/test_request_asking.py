"""When the portal is asked for log requests, and what is said while it cannot be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from agent.audit import acting
from agent.requests import Asking, PortalKey, RequestDesk, RequestState
from agent.requests.asking import pause_after
from app.domain.errors import InputError, UnreachableError
from app.portal import request_key_fingerprint
from app.portal.contract import SignedLogRequest
from app.secrets import open_agent_vault
from tests.peers.request_hall import RequestHall


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[RequestHall]:
    made = RequestHall(tmp_path)
    yield made
    made.close()


class Fetched:
    """What the portal has, and how often it was asked."""

    def __init__(self, *found: SignedLogRequest) -> None:
        self.found = found
        self.asked = 0

    def __call__(self, wait: float) -> Sequence[SignedLogRequest]:
        self.asked += 1
        return self.found


def without_key(hall: RequestHall, offered: str) -> RequestDesk:
    """A desk whose key nobody has agreed to."""
    return replace(hall.desk, key=PortalKey(open_agent_vault(hall.root), None, lambda: offered))


def test_what_was_fetched_is_taken_and_the_portal_is_asked_again_soon(hall: RequestHall) -> None:
    fetch = Fetched(hall.signed(hall.request()))
    asking = Asking(hall.desk, fetch)
    assert asking.poll() <= 1.0
    assert (hall.row().state, asking.problem) == (RequestState.WAITING, "")


def test_nothing_is_fetched_before_the_key_was_agreed_to(hall: RequestHall) -> None:
    fetch = Fetched(hall.signed(hall.request()))
    asking = Asking(without_key(hall, PUBLIC), fetch)
    asking.poll()
    assert (fetch.asked, asking.problem) == (0, "Nobody has agreed to the portal's key for log requests.")


def test_a_foreign_request_is_said_and_does_not_keep_the_others(hall: RequestHall) -> None:
    good = hall.signed(hall.request("lr-2"))
    foreign = replace(hall.signed(hall.request()), signature="AAAA")
    asking = Asking(hall.desk, Fetched(foreign, good))
    assert asking.poll() >= 30
    assert hall.row("lr-2").state is RequestState.WAITING
    assert "CF" not in asking.problem
    assert asking.problem.startswith("A log request is not the portal's.")


def test_a_portal_that_is_away_is_said(hall: RequestHall) -> None:
    def away(_wait: float) -> Sequence[SignedLogRequest]:
        raise UnreachableError("The server does not answer", happened="h.", todo="d", code="CF-1570")

    asking = Asking(hall.desk, away)
    with pytest.raises(UnreachableError):
        asking.poll()
    assert asking.problem == "The server does not answer. h."


PUBLIC = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="


def test_a_key_counts_once_its_fingerprint_was_compared_and_this_is_in_the_trail(hall: RequestHall) -> None:
    desk = without_key(hall, PUBLIC)
    with pytest.raises(InputError, match="CF-1136"):
        desk.trust("0000")
    assert desk.key.current() is None
    with acting("endpoint file"):
        desk.trust(request_key_fingerprint(bytes(32)).upper())
    assert desk.key.current() == bytes(32)
    assert [(record.kind, record.by) for record in hall.records()] == [("paired", "endpoint file")]


def test_a_configured_key_is_not_replaced(hall: RequestHall) -> None:
    with pytest.raises(InputError, match="CF-1136"):
        hall.desk.trust(request_key_fingerprint(hall.key))


def test_a_reason_is_told_in_one_line(hall: RequestHall) -> None:
    hall.take()
    assert hall.desk.deny("lr-1", reason="Not\nthis\x00 week. " + "x" * 400).reason.startswith(
        "Not this week. x"
    )
    assert len(hall.row().reason) == 300


@pytest.mark.parametrize(("failures", "asked", "seconds"), [(1, None, 5), (99, None, 60), (1, 600, 600)])
def test_a_portal_that_was_away_is_asked_again_within_a_minute_unless_it_said_later(
    failures: int, asked: float | None, seconds: float
) -> None:
    assert pause_after(failures, spread=1.0, asked=asked) == seconds
