"""A portal that dies with a bundle under way: what a real agent does when another takes its place."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

from app.agentlink import Confirm, Drop, Job, JobState, TransferLimits
from tests.peers.agent import AgentProcess, Site
from tests.peers.commands import fresh, run
from tests.peers.portal import PortalProcess, register_agent
from tests.peers.shipping import OPEN, acknowledge, configure, reach

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a process is frozen by SIGSTOP")


def left_for_good(desk: AgentProcess, portal: PortalProcess, folder: Path) -> Job:
    """The only part of a bundle is on its way to this portal, which is frozen in it and never wakes."""
    desk.client.set_limits(TransferLimits(rate=0, connections=1))
    site = Site(folder)
    site.append(site.lines(400))
    job = desk.client.drop(Drop(case=OPEN, paths=[str(site.live)]))
    reach(desk, job, JobState.REVIEW)
    desk.client.confirm(Confirm(job=job.id, acknowledgement=acknowledge(portal)))
    reach(desk, job, JobState.SENDING)
    desk.wait_for(lambda: desk.client.job(job.id).held)
    desk.client.set_limits(TransferLimits(rate=100, connections=1))
    desk.wait_for(lambda: desk.client.job(job.id).moving)
    assert portal.process is not None
    portal.process.send_signal(signal.SIGSTOP)
    desk.kill()
    return job


def test_what_may_be_whole_at_a_dead_portal_goes_to_the_next_on_a_persons_word_only(tmp_path: Path) -> None:
    home = fresh(tmp_path / "home")
    with PortalProcess(tmp_path / "second") as second:
        with PortalProcess(tmp_path / "first") as first:
            config = configure(first, register_agent(first), tmp_path)
            with AgentProcess(config) as desk:
                job = left_for_good(desk, first, tmp_path / "site")
            first.kill()
        configure(second, register_agent(second), tmp_path)
        with AgentProcess(config) as desk:
            desk.client.reset_limits()
            reach(desk, job, JobState.FAILED)
            problem = desk.client.job(job.id).problem
            assert problem is not None
            assert problem.code == "CF-1114"
            agent = ("--agent", desk.endpoint)
            assert run(home, "transfers", "retry", job.id, *agent).returncode == 0
            reach(desk, job, JobState.FAILED)
            assert run(home, "transfers", "retry", job.id, "--not-there", *agent).returncode == 0
            reach(desk, job, JobState.VERIFIED)
            assert desk.client.job(job.id).level == "A"
        with second.session("Nadia") as session:
            names = [file["name"] for file in session.get(f"/cases/{OPEN}/files").json()["items"]]
        assert names.count(job.name) == 1
