"""kill -9 at any moment: every closed segment arrives exactly once, and nothing unmasked."""

from __future__ import annotations

import random
import subprocess
from pathlib import Path

import pytest

from app.agentlink import JobState
from tests.peers.agent import AgentProcess, Site, rule, telephone, write_config
from tests.peers.deliveries import arrived
from tests.peers.portal import PortalProcess, portal, register_agent

__all__ = ["portal"]

CASES = ("0003256109", "0003256187")
ROWS = 400


def survive(agent: AgentProcess, site: Site, *, draw: random.Random, kills: int) -> None:
    """Start, let a segment be closed, kill after a random time; again and again."""
    for _ in range(kills):
        agent.start()
        site.rotate_by_rename(ROWS)
        assert agent.process is not None
        with pytest.raises(subprocess.TimeoutExpired):
            agent.process.wait(draw.uniform(0.2, 2.5))
        agent.kill()


@pytest.mark.parametrize("seed", [1, 2])
def test_every_closed_segment_arrives_exactly_once_through_kills(
    portal: PortalProcess, tmp_path: Path, seed: int
) -> None:
    site = Site(tmp_path / "logs", application=f"urs_{seed}")
    case = CASES[seed - 1]
    made = register_agent(portal)
    config = write_config(
        tmp_path / "agent",
        url=portal.url,
        ca_file=portal.ca_file,
        client_id=made["client_id"],
        client_secret=made["client_secret"],
        rules=[rule(site.folder, case=case)],
    )
    agent = AgentProcess(config)
    survive(agent, site, draw=random.Random(seed), kills=4)
    with agent:
        agent.wait_until_shipped(4, seconds=60)
        jobs = agent.jobs()
        assert {job.state for job in jobs} == {JobState.VERIFIED}
        bundles = [bundle for bundle in arrived(portal, case) if bundle.lines]
    assert sorted(line for bundle in bundles for line in bundle.lines) == sorted(site.written)
    assert len({bundle.name for bundle in bundles}) == len(bundles) == len(jobs)
    text = "".join(bundle.text for bundle in bundles)
    assert not any(telephone(row)[1:] in text for row in range(100))
    assert "".join(agent.errors.read_text(encoding="utf-8").split()) == ""
