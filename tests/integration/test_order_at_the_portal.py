"""What a real agent sends to two cases of a real portal arrives in the order that was asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.agentlink import Confirm, Drop, Job, JobState, TransferLimits
from tests.peers.agent import AgentProcess, Site
from tests.peers.portal import PortalProcess, portal, register_agent
from tests.peers.shipping import OPEN, configure, reach

__all__ = ["portal"]

OTHER = "0003256187"


@pytest.fixture
def desk(portal: PortalProcess, tmp_path: Path) -> Iterator[AgentProcess]:
    """An agent that sends one bundle at a time."""
    config = configure(portal, register_agent(portal), tmp_path)
    with config.open("a", encoding="utf-8") as file:
        file.write("\n[transfer]\nat_once = 1\n")
    with AgentProcess(config) as running:
        yield running


def held_back(desk: AgentProcess, portal: PortalProcess, folder: Path, cases: str) -> list[Job]:
    """A job for each letter, A for one case and B for the other, in this order; none of them is sent yet."""
    jobs = []
    desk.client.set_limits(TransferLimits(rate=0, connections=2))
    with portal.session("Nadia") as session:
        for number, letter in enumerate(cases):
            case = OPEN if letter == "A" else OTHER
            site = Site(folder / f"{number}")
            site.append(site.lines(5))
            job = desk.client.drop(Drop(case=case, paths=[str(site.live)]))
            reach(desk, job, JobState.REVIEW)
            word = str(session.post(f"/cases/{case}/acknowledgements").json()["id"])
            desk.client.confirm(Confirm(job=job.id, acknowledgement=word))
            reach(desk, job, JobState.SENDING)
            jobs.append(job)
    desk.wait_for(lambda: desk.client.job(jobs[0].id).held)
    return jobs


def order_of_arrival(desk: AgentProcess, portal: PortalProcess, jobs: list[Job]) -> list[int]:
    """In which order they are in their cases once nothing holds them back."""
    desk.client.reset_limits()
    for job in jobs:
        reach(desk, job, JobState.VERIFIED)
    names = {desk.client.job(job.id).name: number for number, job in enumerate(jobs)}
    with portal.session("Nadia") as session:
        files = [
            file for case in (OPEN, OTHER) for file in session.get(f"/cases/{case}/files").json()["items"]
        ]
    sent = sorted((file["sent"], names[file["name"]]) for file in files if file["name"] in names)
    return [number for _moment, number in sent]


def test_cases_take_turns_in_the_order_in_which_their_bundles_came(
    desk: AgentProcess, portal: PortalProcess, tmp_path: Path
) -> None:
    jobs = held_back(desk, portal, tmp_path, "AAABB")
    assert [desk.client.job(job.id).queued for job in jobs] == [False, True, True, True, True]
    assert order_of_arrival(desk, portal, jobs) == [0, 3, 1, 4, 2]


def test_what_a_person_made_urgent_or_moved_goes_before_and_what_runs_is_not_interrupted(
    desk: AgentProcess, portal: PortalProcess, tmp_path: Path
) -> None:
    jobs = held_back(desk, portal, tmp_path, "AAAAB")
    desk.client.prioritise(jobs[3].id, 5)
    desk.client.move(jobs[2].id, before=jobs[1].id)
    assert order_of_arrival(desk, portal, jobs) == [0, 3, 4, 2, 1]


def test_one_that_is_paused_gives_its_turn_to_the_others(
    desk: AgentProcess, portal: PortalProcess, tmp_path: Path
) -> None:
    jobs = held_back(desk, portal, tmp_path, "ABA")
    desk.client.pause(jobs[0].id)
    desk.wait_for(lambda: desk.client.job(jobs[1].id).held)
    desk.client.resume(jobs[0].id)
    assert order_of_arrival(desk, portal, jobs) == [1, 0, 2]
