"""Folders that vanish, copies, cuts, unreadable files, a second agent, a portal that is away."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from app.agentlink import Job, JobState
from tests.peers.agent import ROOT, AgentProcess, Site, rule, write_config
from tests.peers.deliveries import arrived
from tests.peers.portal import PortalProcess, portal, register_agent
from tests.peers.ports import free_port

__all__ = ["portal"]

CASE = "0003256109"
ROOM = 1_000_000
"""Bytes of a disk that hold the databases of the agent, and no masked copy of the log of the test."""


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "logs")


@pytest.fixture
def config(portal: PortalProcess, site: Site, tmp_path: Path) -> Path:
    made = register_agent(portal)
    return write_config(
        tmp_path / "agent",
        url=portal.url,
        ca_file=portal.ca_file,
        client_id=made["client_id"],
        client_secret=made["client_secret"],
        rules=[rule(site.folder, case=CASE)],
    )


@pytest.fixture
def agent(config: Path) -> Iterator[AgentProcess]:
    with AgentProcess(config) as running:
        yield running


def lines_of(portal: PortalProcess, agent: AgentProcess) -> list[str]:
    names = {job.name for job in agent.jobs()}
    return sorted(line for bundle in arrived(portal, CASE) if bundle.name in names for line in bundle.lines)


def test_a_folder_that_vanishes_is_unknown_and_nothing_is_lost_or_sent_again(
    portal: PortalProcess, agent: AgentProcess, site: Site
) -> None:
    site.rotate_by_rename()
    agent.wait_until_shipped(1)
    away = site.folder.with_name("away")
    site.folder.rename(away)
    agent.wait_for(lambda: not agent.client.status().folders[0].readable)
    assert agent.client.status().folders[0].problem == "The folder is not there."
    away.rename(site.folder)
    agent.wait_for(lambda: agent.client.status().folders[0].readable)
    site.rotate_by_rename()
    agent.wait_until_shipped(2)
    assert lines_of(portal, agent) == sorted(site.written)


def test_copytruncate_and_recreation_send_every_content_once(
    portal: PortalProcess, agent: AgentProcess, site: Site
) -> None:
    first, second, third = site.lines(20), site.lines(30), site.lines(25)
    site.append(first)
    shutil.copyfile(site.live, site.folder / "sips_a.log.1")
    os.truncate(site.live, 0)
    agent.wait_until_shipped(1)
    site.append(second)
    (site.folder / "sips_a.log.1").rename(site.folder / "sips_a.log.2")
    shutil.copyfile(site.live, site.folder / "sips_a.log.1")
    os.truncate(site.live, 0)
    agent.wait_until_shipped(2)
    site.live.unlink()
    site.append(third)
    site.live.rename(site.folder / "sips_a.log.0")
    agent.wait_until_shipped(3)
    assert lines_of(portal, agent) == sorted(first + second + third)


def test_the_same_bytes_under_two_names_are_sent_once(
    portal: PortalProcess, agent: AgentProcess, site: Site
) -> None:
    site.rotate_by_rename()
    agent.wait_until_shipped(1)
    shutil.copyfile(site.folder / "sips_a.log.1", site.folder / "sips_a.log.2")
    (job,) = agent.wait_for_states(JobState.CANCELLED)
    assert [file.reason for file in job.files] == ["The same content was taken up before."]
    assert lines_of(portal, agent) == sorted(site.written)


def test_a_second_agent_on_the_same_data_folder_is_refused(agent: AgentProcess) -> None:
    second = subprocess.run(
        [sys.executable, "-m", "agent.service", "run", "--config", str(agent.config)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert second.returncode == 8
    assert "Another agent uses this data folder" in second.stderr
    assert "CF-1897" in second.stderr
    assert agent.client.hello().product == "Caseferry agent"


def test_a_portal_that_is_away_is_waited_for(tmp_path: Path) -> None:
    site = Site(tmp_path / "logs")
    address = f"127.0.0.1:{free_port()}"
    with PortalProcess(tmp_path / "portal", listen=address) as running:
        made = register_agent(running)
        ca_file, url = running.ca_file, running.url
    config = write_config(
        tmp_path / "agent",
        url=url,
        ca_file=ca_file,
        client_id=made["client_id"],
        client_secret=made["client_secret"],
        rules=[rule(site.folder, case=CASE)],
    )
    with AgentProcess(config) as agent:
        site.rotate_by_rename()
        agent.wait_for(lambda: any(job.state is JobState.SENDING for job in agent.jobs()))
        agent.wait_for(lambda: not agent.client.status().portal_reachable)
        with PortalProcess(tmp_path / "portal", demo=False, listen=address) as running:
            agent.wait_until_shipped(1, retrying=True)


@pytest.mark.root
@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root to become another user"
)
def test_an_unreadable_segment_waits_until_it_may_be_read(
    portal: PortalProcess, config: Path, site: Site, tmp_path: Path
) -> None:
    for folder in (tmp_path, *tmp_path.parents):
        if str(folder).startswith("/tmp/"):
            folder.chmod(folder.stat().st_mode | 0o055)
    shutil.chown(config.parent, 65534)
    for path in config.parent.iterdir():
        shutil.chown(path, 65534)
    ca_file = tmp_path / "agent" / "ca.pem"
    shutil.copyfile(portal.ca_file, ca_file)
    ca_file.chmod(0o644)
    config.write_text(config.read_text(encoding="utf-8").replace(str(portal.ca_file), str(ca_file)))
    site.rotate_by_rename()
    hidden = site.folder / "sips_a.log.1"
    hidden.chmod(0)
    setpriv = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", "--"]
    with AgentProcess(config, prefix=setpriv) as agent:
        agent.wait_for(lambda: "cannot be read" in agent.client.status().folders[0].problem)
        assert agent.jobs() == []
        hidden.chmod(0o644)
        agent.wait_until_shipped(1)
        assert lines_of(portal, agent) == sorted(site.written)


class BadlyPackingSite(Site):
    """Its lines are long and hardly get smaller when they are packed."""

    def append(self, lines: Sequence[str]) -> None:
        draw = random.Random(len(lines))
        words = ["".join(draw.choices("abcdefghijklmnop", k=9)) for _ in lines for _word in range(40)]
        super().append(
            [f"{' '.join(words[40 * row : 40 * row + 40])} {line}" for row, line in enumerate(lines)]
        )


@contextlib.contextmanager
def small_disk(place: Path, *, size: str = "size=24m") -> Iterator[Path]:
    """A folder that is a disk of its own."""
    place.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(place)], check=False)
    if done.returncode != 0:
        pytest.skip("NOT PROVEN HERE: mounts are not allowed, so no disk is filled")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def fill(ballast: Path) -> None:
    """To the last block; the agent that runs may take or leave room meanwhile."""
    with ballast.open("wb", buffering=0) as stream:
        try:
            while stream.write(bytes(4096)):
                pass
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise


@pytest.mark.root
@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="needs root to mount")
def test_a_full_disk_is_waited_for_and_loses_nothing(
    portal: PortalProcess, config: Path, tmp_path: Path
) -> None:
    site = BadlyPackingSite(tmp_path / "logs")
    with small_disk(config.parent / "data") as data:
        ballast = data / "somebody-elses-file"
        with AgentProcess(config) as agent:
            fill(ballast)
            site.rotate_by_rename(10_000)
            # What room is left in the databases decides whether the segment or its job is stuck first.
            agent.wait_for(
                lambda: (
                    "cannot be written" in agent.client.status().folders[0].problem
                    or any(job.state is JobState.WAITING for job in agent.jobs())
                )
            )
            # Now there is room for the databases, but not for a masked copy; how much they need is theirs.
            looks = itertools.count(1)

            def stuck() -> list[Job]:
                if next(looks) in (1, 20, 40, 60):
                    os.truncate(ballast, ballast.stat().st_size - (ROOM - shutil.disk_usage(data).free))
                return [job for job in agent.jobs() if job.state is JobState.WAITING]

            (job,) = agent.wait_for(stuck)
            assert job.problem is not None
            assert job.problem.code.startswith("CF-18")
            ballast.unlink()
            agent.wait_until_shipped(1, retrying=True)
            assert lines_of(portal, agent) == sorted(site.written)


@pytest.mark.root
@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="needs root to mount")
def test_an_agent_that_starts_on_a_full_disk_answers_and_goes_on_when_there_is_room(
    portal: PortalProcess, config: Path, site: Site
) -> None:
    with small_disk(config.parent / "data") as data:
        with AgentProcess(config) as agent:
            agent.wait_for((data / "spool.reserve").exists)
        ballast = data / "somebody-elses-file"
        fill(ballast)
        with AgentProcess(config) as agent:
            assert agent.client.status().host == "sip-a01"
            ballast.unlink()
            site.rotate_by_rename()
            agent.wait_until_shipped(1, retrying=True)
            assert lines_of(portal, agent) == sorted(site.written)


@pytest.mark.root
@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="needs root to mount")
def test_a_disk_that_takes_no_more_files_is_waited_for(
    portal: PortalProcess, config: Path, site: Site
) -> None:
    place = config.parent / "data"
    with small_disk(place, size="size=64m,nr_inodes=200") as data, AgentProcess(config) as agent:
        site.rotate_by_rename()
        agent.wait_until_shipped(1)
        with contextlib.suppress(OSError):
            for number in range(200):
                (data / f"somebody-elses-file-{number}").touch()
        site.rotate_by_rename()
        (job,) = agent.wait_for_states(JobState.WAITING, JobState.FAILED)
        assert job.problem is not None
        assert (job.state, job.problem.code) == (JobState.WAITING, "CF-1896")
        for path in data.glob("somebody-elses-file-*"):
            path.unlink()
        agent.wait_until_shipped(2, retrying=True)
        assert lines_of(portal, agent) == sorted(site.written)
