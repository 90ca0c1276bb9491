"""A configuration that changes while the agent works: every closed segment arrives exactly once."""

from __future__ import annotations

from pathlib import Path

from app.agentlink import JobState
from tests.peers.agent import AgentProcess, Site, rule, telephone, write_config
from tests.peers.deliveries import arrived
from tests.peers.portal import PortalProcess, portal, register_agent

__all__ = ["portal"]

CASE = "0003256109"
ROWS = 800
RELOADS = 3


def test_jobs_go_on_through_reloads_and_new_folders_join(portal: PortalProcess, tmp_path: Path) -> None:
    old, new = (Site(tmp_path / name, application=name) for name in ("urs_a", "sips_a"))
    made = register_agent(portal)

    def config_with(*sites: Site) -> Path:
        return write_config(
            tmp_path / "agent",
            url=portal.url,
            ca_file=portal.ca_file,
            client_id=made["client_id"],
            client_secret=made["client_secret"],
            rules=[rule(site.folder, case=CASE, name=site.application) for site in sites],
        )

    with AgentProcess(config_with(old)) as agent:
        started = agent.client.status().started
        since = agent.client.events(0, timeout=0).last
        for number in range(RELOADS):
            old.rotate_by_rename(ROWS)
            new.rotate_by_rename(ROWS)
            # each reload comes while something is collected, masked, bundled or sent
            since = agent.client.events(since, timeout=10).last
            config_with(*((old, new) if number % 2 == 0 else (new, old)))
            assert agent.client.reload().problem == ""
        agent.wait_until_shipped(2 * RELOADS)
        jobs = agent.jobs()
        assert agent.client.status().started == started
    assert {job.state for job in jobs} == {JobState.VERIFIED}
    names = {job.name for job in jobs}
    bundles = [bundle for bundle in arrived(portal, CASE) if bundle.name in names]
    assert len(bundles) == len(jobs)
    assert sorted(line for bundle in bundles for line in bundle.lines) == sorted(old.written + new.written)
    text = "".join(bundle.text for bundle in bundles)
    assert not any(telephone(row)[1:] in text for row in range(100))
