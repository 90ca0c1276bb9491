"""The power goes while an agent works: every closed segment arrives exactly once, and nothing unmasked.

A few cuts by default; ``CASEFERRY_KILLS=50`` tries fifty.
"""

from __future__ import annotations

import os
import random
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.agentlink import JobState, TransferLimits
from tests.peers.agent import AgentProcess, Site, rule, telephone, wait_for, write_config
from tests.peers.deliveries import arrived
from tests.peers.portal import PortalProcess, portal, register_agent
from tests.peers.power import PowerDisk

__all__ = ["portal"]

CASE = "0003256109"
CUTS = int(os.environ.get("CASEFERRY_KILLS", "2"))
ROWS = 3000
ORDER = (
    JobState.COLLECTING,
    JobState.MASKING,
    JobState.BUNDLING,
    JobState.SENDING,
    JobState.VERIFYING,
    JobState.VERIFIED,
)
STILL = TransferLimits(rate=0, connections=2)
"""Nothing is sent to its end before the cut."""
MOMENTS = (JobState.SENDING, JobState.MASKING, JobState.VERIFYING, JobState.COLLECTING, JobState.BUNDLING)

pytestmark = [
    pytest.mark.root,
    pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="needs root to mount"),
]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[PowerDisk]:
    made = PowerDisk.made(tmp_path / "power")
    if made is None:
        pytest.skip("loop devices are not allowed here: nothing was cut")
    yield made
    made.away()


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "logs")


@pytest.fixture
def agent(portal: PortalProcess, disk: PowerDisk, site: Site, tmp_path: Path) -> Iterator[AgentProcess]:
    """An agent whose data lies on the disk; not running yet."""
    made = register_agent(portal)
    config = write_config(
        tmp_path / "agent",
        url=portal.url,
        ca_file=portal.ca_file,
        client_id=made["client_id"],
        client_secret=made["client_secret"],
        rules=[rule(site.folder, case=CASE)],
        agent={"data": str(disk.place / "data")},
    )
    agent = AgentProcess(config)
    yield agent
    agent.kill()


def cut_at(moment: JobState, *, agent: AgentProcess, disk: PowerDisk) -> JobState:
    """Cut the power when a job comes to this moment; what was cut (verified: it was quicker)."""
    known = {job.id for job in agent.jobs()}

    def reached() -> JobState | None:
        states = [job.state for job in agent.jobs() if job.id not in known]
        return next((state for state in states if state not in ORDER[: ORDER.index(moment)]), None)

    state = wait_for(reached, between=lambda _since: None)
    assert agent.process is not None
    agent.process.send_signal(signal.SIGSTOP)  # a machine without power says nothing to anybody
    disk.cut()
    agent.kill()
    disk.restore()
    return state


def test_nothing_is_lost_or_doubled_by_cuts_of_the_power(
    portal: PortalProcess, agent: AgentProcess, site: Site, disk: PowerDisk
) -> None:
    order = random.Random(7)
    moments = [MOMENTS[at] if at < len(MOMENTS) else order.choice(MOMENTS) for at in range(CUTS)]
    cut = []
    for moment in moments:
        agent.start()
        if moment is JobState.VERIFYING:
            agent.client.reset_limits()
        else:
            agent.client.set_limits(STILL)
        site.rotate_by_rename(ROWS)
        cut.append(cut_at(moment, agent=agent, disk=disk))
    assert any(state is not JobState.VERIFIED for state in cut), "every job was quicker than the cut"
    with agent:
        agent.client.reset_limits()
        agent.wait_until_shipped(len(cut))
        jobs = agent.jobs()
    assert {job.state for job in jobs} == {JobState.VERIFIED}
    bundles = [bundle for bundle in arrived(portal, CASE) if bundle.lines]
    assert sorted(line for bundle in bundles for line in bundle.lines) == sorted(site.written)
    assert len({bundle.name for bundle in bundles}) == len(bundles)
    text = "".join(bundle.text for bundle in bundles)
    assert not any(telephone(row)[1:] in text for row in range(100))
