"""What of a segment goes into which bundle: large collections, and segments that grow after all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.peers.agent import AgentProcess, Site, rule, write_config
from tests.peers.deliveries import Arrived, arrived
from tests.peers.portal import PortalProcess, portal, register_agent

__all__ = ["portal"]

CASE = "0003256109"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "logs")


@pytest.fixture
def agent(portal: PortalProcess, site: Site, tmp_path: Path) -> Iterator[AgentProcess]:
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
    process = AgentProcess(config)
    yield process
    process.stop()


def bundles_of(portal: PortalProcess, agent: AgentProcess) -> list[Arrived]:
    names = {volume.name for job in agent.jobs() for volume in job.volumes}
    return [bundle for bundle in arrived(portal, CASE) if bundle.name in names]


def test_a_large_collection_arrives_in_several_bundles_each_once(
    portal: PortalProcess, agent: AgentProcess, site: Site
) -> None:
    for _ in range(3):
        site.rotate_by_rename(1500)
    agent.start()
    agent.wait_until_shipped(3)
    jobs, bundles = agent.jobs(), bundles_of(portal, agent)
    assert sorted(line for bundle in bundles for line in bundle.lines) == sorted(site.written)
    assert len(bundles) == sum(len(job.volumes) for job in jobs) == 3
    assert {bundle.check for bundle in bundles} == {"verified"}
    done = ["select", "hold", "mask", "bundle", "send", "verify"]
    assert all([step.step.value for step in job.steps] == done for job in jobs)
    assert all(step.done == step.total for job in jobs for step in job.steps)


def test_a_closed_segment_that_grows_is_sent_on_from_there(
    portal: PortalProcess, agent: AgentProcess, site: Site
) -> None:
    site.rotate_by_rename()
    agent.start()
    agent.wait_until_shipped(1)
    more = site.lines(5)
    with (site.folder / "sips_a.log.1").open("a", encoding="utf-8", newline="\n") as stream:
        stream.writelines(f"10:16:00.118 Std 05060 {line}\n" for line in more)
    agent.wait_until_shipped(2)
    bundles = bundles_of(portal, agent)
    assert sorted(line for bundle in bundles for line in bundle.lines) == sorted([*site.written, *more])
    assert sorted(bundle.manifest["members"][0]["start"] > 0 for bundle in bundles) == [False, True]
