"""kill -9 at any moment: every closed segment arrives exactly once, and nothing unmasked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from agent.jobs import JobJournal
from app.agentlink import JobState, TransferLimits
from tests.peers.agent import AgentProcess, Site, rule, telephone, wait_for, write_config
from tests.peers.deliveries import arrived
from tests.peers.portal import PortalProcess, portal, register_agent

__all__ = ["portal"]

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
"""Nothing is sent to its end before the kill."""


def survive(agent: AgentProcess, site: Site, moments: Sequence[JobState]) -> list[str]:
    """Start, let a segment be closed, kill at this moment of the work; the states that were really cut."""
    cut: list[str] = []
    for moment in moments:
        agent.start()
        if moment is JobState.VERIFYING:
            agent.client.reset_limits()
        else:
            agent.client.set_limits(STILL)
        begun = {job.id for job in agent.jobs()}
        site.rotate_by_rename(ROWS)
        wait_for(lambda at=moment, old=begun: came_to(agent, at, old), between=lambda _since: None)
        agent.kill()
        journal = JobJournal(agent.config.parent / "data" / "journal.db")
        cut += [job.state.value for job in journal.jobs() if job.state is not JobState.VERIFIED]
        journal.close()
    return cut


def came_to(agent: AgentProcess, moment: JobState, old: set[str]) -> bool:
    """Whether a new job is at this moment, or has gone past it unseen."""
    new = [job.state for job in agent.jobs() if job.id not in old]
    return any(state not in ORDER[: ORDER.index(moment)] for state in new)


def test_every_closed_segment_arrives_exactly_once_through_kills(
    portal: PortalProcess, tmp_path: Path
) -> None:
    site = Site(tmp_path / "logs", application="urs_a")
    case = "0003256109"
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
    moments = [JobState.MASKING, JobState.SENDING, JobState.COLLECTING, JobState.BUNDLING, JobState.VERIFYING]
    cut = survive(agent, site, moments)
    assert len(cut) >= 4, f"the kills met only {cut}: nothing was interrupted"
    with agent:
        agent.client.reset_limits()
        agent.wait_until_shipped(5)
        jobs = agent.jobs()
        assert {job.state for job in jobs} == {JobState.VERIFIED}
        bundles = [bundle for bundle in arrived(portal, case) if bundle.lines]
    assert sorted(line for bundle in bundles for line in bundle.lines) == sorted(site.written)
    assert len({bundle.name for bundle in bundles}) == len(bundles) == len(jobs)
    text = "".join(bundle.text for bundle in bundles)
    assert not any(telephone(row)[1:] in text for row in range(100))
    assert "".join(agent.errors.read_text(encoding="utf-8").split()) == ""
