"""A job of the agent, ended or failed at any write, flush or rename in its data folder: it arrives once.

Few points by default; ``CASEFERRY_AGENT_KILLS=200`` ends it at two hundred, or at every call.
"""

from __future__ import annotations

import contextlib
import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.domain.errors import LocalError
from tests.peers.agent import AgentProcess, Site, rule, write_config
from tests.peers.deliveries import arrived
from tests.peers.faulting import Faults, build_library
from tests.peers.portal import PortalProcess, portal, register_agent

__all__ = ["portal"]

CASE = "0003256109"
KILLS = int(os.environ.get("CASEFERRY_AGENT_KILLS", "2"))

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the faults are preloaded by Linux's loader"),
    pytest.mark.timeout(300 + 100 * KILLS),
]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_library(tmp_path_factory.mktemp("faults"))


@pytest.fixture(scope="module")
def credential(portal: PortalProcess) -> dict[str, str]:
    return register_agent(portal)


class Scene:
    """One closed segment, and an agent with a data folder of its own that is to send it."""

    def __init__(self, portal: PortalProcess, credential: dict[str, str], folder: Path) -> None:
        self.portal = portal
        self.site = Site(folder / "logs", application=f"urs_{folder.name}")
        self.data = folder / "agent" / "data"
        self.config = write_config(
            folder / "agent",
            url=portal.url,
            ca_file=portal.ca_file,
            client_id=credential["client_id"],
            client_secret=credential["client_secret"],
            rules=[rule(self.site.folder, case=CASE)],
        )
        self.site.rotate_by_rename(500)

    def agent(self, faults: Faults | None = None) -> AgentProcess:
        return AgentProcess(self.config, env=faults.environment() if faults else {})

    def arrived_lines(self) -> list[str]:
        """What the portal has of this segment."""
        mark = f"part {self.site.application} "
        found = (line for bundle in arrived(self.portal, CASE) for line in bundle.lines)
        return sorted(line for line in found if line.startswith(mark))

    def finish(self) -> None:
        """Without a fault everything goes on, and is there once."""
        with self.agent() as agent:
            agent.wait_until_shipped(1, retrying=True)
        assert self.arrived_lines() == sorted(self.site.written)


def calls_of_a_job(scene: Scene, faults: Faults) -> int:
    with scene.agent(faults) as agent:
        agent.wait_until_shipped(1)
    assert faults.count is not None
    return int(faults.count.read_text())


def test_an_end_before_any_call_of_a_job_loses_and_doubles_nothing(
    portal: PortalProcess, credential: dict[str, str], library: Path, tmp_path: Path
) -> None:
    whole = Scene(portal, credential, tmp_path / "whole")
    count = calls_of_a_job(whole, Faults(library, whole.data, count=tmp_path / "count"))
    assert count > 50, "the calls were not counted"
    points = sorted({1 + (2 * number + 1) * count // (2 * KILLS) for number in range(KILLS)})
    killed = 0
    for point in points:
        scene = Scene(portal, credential, tmp_path / f"k{point}")
        killed += run_until_killed(scene, Faults(library, scene.data, kill_at=point))
        scene.finish()
    assert killed > len(points) / 2, "most runs made fewer calls than the one that was counted"


def run_until_killed(scene: Scene, faults: Faults) -> bool:
    """Whether it was; how many calls a run makes is not the same every time."""
    agent = scene.agent(faults)
    with contextlib.suppress(AssertionError):  # it may be ended before it is ready
        agent.start()
    process = agent.process
    assert process is not None
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(60)
    agent.stop()
    assert process.returncode in (-9, 0), agent.errors.read_text(encoding="utf-8")[-2000:]
    return process.returncode == -9


@pytest.mark.parametrize("number", [errno.EIO, errno.EROFS, errno.EMFILE], ids=["EIO", "EROFS", "EMFILE"])
def test_a_disk_that_fails_is_told_and_the_job_goes_on_when_it_works_again(
    portal: PortalProcess, credential: dict[str, str], library: Path, tmp_path: Path, number: int
) -> None:
    scene = Scene(portal, credential, tmp_path / f"e{number}")
    trigger = tmp_path / "broken"
    faults = Faults(library, scene.data, while_there=trigger, number=number)
    with scene.agent(faults) as agent:
        agent.wait_until_shipped(1)
        trigger.touch()
        scene.site.rotate_by_rename(500)
        agent.wait_for(lambda: told_by(agent))
        trigger.unlink()
        agent.wait_until_shipped(2, retrying=True)
    assert scene.arrived_lines() == sorted(scene.site.written)


@pytest.mark.skipif(
    "CASEFERRY_KILLS" not in os.environ, reason="it takes half a minute and runs in the lane of faults"
)
@pytest.mark.parametrize("number", [errno.EIO, errno.ESTALE], ids=["EIO", "ESTALE"])
def test_a_log_that_cannot_be_read_for_a_while_makes_no_heap_of_jobs_and_arrives_once(
    portal: PortalProcess, credential: dict[str, str], library: Path, tmp_path: Path, number: int
) -> None:
    scene = Scene(portal, credential, tmp_path / f"r{number}")
    trigger = tmp_path / "broken"
    faults = Faults(library, scene.site.folder, while_there=trigger, number=number, calls="read")
    with scene.agent(faults) as agent:
        agent.wait_until_shipped(1)
        trigger.touch()
        scene.site.rotate_by_rename(500)
        passes = agent.client.status().folders[0].segments
        for _ in range(20):  # forty times the quiet time: a job for each look would be seen
            agent.client.events(agent.client.events(0, timeout=0).last, timeout=0.5)
        assert len(agent.jobs()) <= 4, f"jobs were made again and again, of {passes} segments"
        trigger.unlink()
        agent.wait_until_shipped(2, retrying=True)
    assert scene.arrived_lines() == sorted(scene.site.written)


def told_by(agent: AgentProcess) -> str:
    """What the agent says of its disk; empty while it has not met it."""
    try:
        problems = [job.problem.code for job in agent.jobs() if job.problem is not None]
        return agent.client.status().folders[0].problem or " ".join(problems)
    except LocalError as error:
        return error.code
