"""What tests of shipping share: an agent's configuration for a portal, and reaching a state."""

from __future__ import annotations

from pathlib import Path

from app.agentlink import Job, JobState
from tests.peers.agent import AgentProcess, write_config
from tests.peers.portal import PortalProcess

OPEN = "0003256109"


def configure(
    portal: PortalProcess,
    credential: dict[str, str],
    folder: Path,
    *rules: dict[str, object],
    bundle: dict[str, object] | None = None,
    **agent: object,
) -> Path:
    return write_config(
        folder / "agent",
        url=portal.url,
        ca_file=portal.ca_file,
        client_id=credential["client_id"],
        client_secret=credential["client_secret"],
        rules=rules,
        agent=agent,
        bundle=bundle,
    )


def reach(agent: AgentProcess, job: Job, state: JobState) -> None:
    agent.wait_for(lambda: agent.client.job(job.id).state is state)


def acknowledge(portal: PortalProcess) -> str:
    with portal.session("Nadia") as session:
        return str(session.post(f"/cases/{OPEN}/acknowledgements").json()["id"])
