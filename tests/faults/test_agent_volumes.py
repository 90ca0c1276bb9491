"""kill -9 while a collection of several bundles is masked and sent at once: each arrives exactly once.

One kill by default; ``CASEFERRY_KILLS=4`` kills at every moment.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

from app.agentlink import Job
from tests.peers.agent import AgentProcess, Site, rule, telephone, wait_for, write_config
from tests.peers.deliveries import arrived
from tests.peers.portal import PortalProcess, portal, register_agent

__all__ = ["portal"]

CASE = "0003256109"
SEGMENTS = 4
KILLS = int(os.environ.get("CASEFERRY_KILLS", "1"))

Moment = Callable[[Job], bool]


def sealed(count: int) -> Moment:
    """So many bundles are ready to be sent."""
    return lambda job: sum(bool(volume.sha256) for volume in job.volumes) >= count


def sent(count: int) -> Moment:
    """The portal has so many of them."""
    return lambda job: sum(volume.verified for volume in job.volumes) >= count


def is_at(agent: AgentProcess, moment: Moment) -> bool:
    """Whether a job of the agent has come to it."""
    return any(moment(job) for job in agent.jobs())


def test_every_bundle_of_a_collection_arrives_once_through_kills(
    portal: PortalProcess, tmp_path: Path
) -> None:
    site = Site(tmp_path / "logs", application="urs_v")
    for _ in range(SEGMENTS):
        site.rotate_by_rename(1200)
    made = register_agent(portal)
    config = write_config(
        tmp_path / "agent",
        url=portal.url,
        ca_file=portal.ca_file,
        client_id=made["client_id"],
        client_secret=made["client_secret"],
        rules=[rule(site.folder, case=CASE)],
        jobs={"volume": "0.1MB"},
    )
    agent = AgentProcess(config)
    for moment in (sent(1), sealed(1), sealed(3), sent(3))[:KILLS]:
        agent.start()
        wait_for(partial(is_at, agent, moment), seconds=90, between=lambda _since: None)
        agent.kill()
    with agent:
        agent.wait_until_shipped(SEGMENTS)
        names = sorted(volume.name for job in agent.jobs() for volume in job.volumes)
        spool = config.parent / "data" / "spool"
        agent.wait_for(lambda: not any(path.is_file() for path in spool.rglob("*")))
    bundles = [bundle for bundle in arrived(portal, CASE) if bundle.lines]
    assert sorted(line for bundle in bundles for line in bundle.lines) == sorted(site.written)
    assert sorted(bundle.name for bundle in bundles) == names
    text = "".join(bundle.text for bundle in bundles)
    assert not any(telephone(row)[1:] in text for row in range(100))
