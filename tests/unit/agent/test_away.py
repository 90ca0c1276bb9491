"""What is known of destinations that are away, while several threads and jobs have to do with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from agent.jobs import JobJournal, JobRow, Workshop
from agent.jobs.away import Away
from agent.jobs.turns import PREPARES
from app.agentlink import JobState, Via
from app.domain.errors import UnreachableError
from app.transfer import RoutingTable

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
HOUR = 3600.0
JOB = JobRow("j", "0003256109", "all", Via.HTTPS, JobState.SENDING, "j.zip", NOW, NOW)
WAITING = replace(JOB, id="w", name="w.zip", state=JobState.WAITING, back_to=JobState.SENDING)


def refusal(later: float | None = None) -> UnreachableError:
    return UnreachableError("Away", happened="h", todo="d", code="CF-1510", retry_after=later)


class Destinations:
    """One destination, which is away."""

    def address(self, _job: JobRow) -> str:
        return "there"

    def ask(self, _job: JobRow) -> None:
        raise refusal()


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[JobJournal]:
    made = JobJournal(tmp_path / "journal.db", wall=lambda: NOW)
    yield made
    made.close()


@pytest.fixture
def away(journal: JobJournal) -> Away:
    return Away(
        journal,
        lambda: cast("Any", Destinations()),
        wall=lambda: NOW,
        network=RoutingTable(),
        spread=lambda: 1.0,
    )


def test_a_new_job_does_not_shorten_what_the_portal_asked_for(
    away: Away,
) -> None:
    away.silent(WAITING, refusal(HOUR))
    away.taken(JOB, NOW)
    assert away.holds(WAITING, NOW + timedelta(minutes=59))


def test_a_job_that_ends_without_an_answer_does_not_shorten_it_either(away: Away) -> None:
    away.silent(WAITING, refusal(HOUR))
    away.taken(JOB, NOW)
    away.released(JOB)
    assert away.holds(WAITING, NOW + timedelta(minutes=59))


def test_a_job_in_hand_is_tried_alone_after_the_clock_was_set_back(away: Away) -> None:
    away.silent(WAITING, refusal(HOUR))
    away.taken(JOB, NOW - timedelta(days=1))
    assert away.holds(WAITING, NOW - timedelta(days=1))


def test_a_job_that_is_prepared_holds_up_none_that_waits_to_send(journal: JobJournal) -> None:
    sender = SimpleNamespace(destinations=Destinations())
    tools = SimpleNamespace(journal=journal, sender=sender)
    workshop = Workshop(cast("Any", tools), changed=lambda _job: None, senders=0, wall=lambda: NOW)
    journal.create(replace(JOB, state=JobState.COLLECTING), [])
    until = workshop.away.silent(WAITING, refusal())
    assert workshop._take(PREPARES) is not None
    assert not workshop.away.holds(WAITING, until)


def test_another_thread_may_ask_for_a_job_while_those_that_wait_are_put_off(away: Away) -> None:
    class Looked(str):
        """An id at whose sight another thread asks for a job of its own."""

        armed = False

        def __hash__(self) -> int:
            if Looked.armed:
                Looked.armed = False
                away.holds(replace(JOB, id="another"), NOW)
            return super().__hash__()

    away.silent(WAITING, refusal())
    assert away.holds(replace(JOB, id=Looked("seen")), NOW)
    Looked.armed = True
    away.silent(WAITING, refusal())
    assert not Looked.armed


def test_a_network_that_is_back_does_not_send_a_sealed_bundle_before_the_portal_wants_it(
    journal: JobJournal,
) -> None:
    ways = ["", "eth0"]
    network = cast("Any", SimpleNamespace(way=lambda _host: ways.pop(0)))
    tools = SimpleNamespace(journal=journal, sender=SimpleNamespace(destinations=Destinations()))
    workshop = Workshop(
        cast("Any", tools),
        changed=lambda _job: None,
        senders=0,
        wall=lambda: NOW,
        network=network,
    )
    turn = workshop._turn(JOB, refusal(HOUR), attempts=0, tries=0, sends=True)
    workshop._rests[JOB.id] = turn
    with workshop._wake:
        workshop._look_at_the_network()
    assert not workshop._has_rested(JOB, NOW)


def test_what_a_person_wants_now_is_tried_now(away: Away) -> None:
    away.silent(WAITING, refusal())
    assert away.holds(WAITING, NOW)
    away.wanted_now(WAITING)
    assert not away.holds(WAITING, NOW)


def test_a_person_does_not_shorten_what_the_portal_asked_for(away: Away) -> None:
    away.silent(WAITING, refusal(HOUR))
    away.wanted_now(WAITING)
    assert away.holds(WAITING, NOW + timedelta(minutes=59))
