"""A real agent ships to a real portal by SFTP, with the account of a rule or of a drop."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.agentlink import Confirm, Drop, JobState, SftpAccess, Via
from tests.peers.agent import AgentProcess, Site, rule
from tests.peers.portal import PortalProcess, register_agent
from tests.peers.shipping import OPEN, acknowledge, configure, reach


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "logs")


@pytest.fixture(scope="module")
def sftp_portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PortalProcess]:
    with PortalProcess(tmp_path_factory.mktemp("sftp") / "portal", sftp=True) as running:
        yield running


def sftp_account(portal: PortalProcess) -> dict[str, Any]:
    with portal.session("Nadia") as session:
        reply = session.post(f"/cases/{OPEN}/sftp-account")
    assert reply.status_code in (200, 201), reply.text
    made: dict[str, Any] = reply.json()
    return made


def sftp_config(portal: PortalProcess, folder: Path, site: Site, *, password: str = "") -> Path:
    account = sftp_account(portal)
    secret = folder / "password"
    secret.write_text(password or account["password"], encoding="utf-8")
    entry = rule(site.folder, case=OPEN)
    entry["via"] = "sftp"
    entry["sftp"] = {
        "host": account["host"],
        "port": account["port"],
        "host_key": account["host_key"],
        "user": account["user"],
        "password_file": str(secret),
    }
    return configure(portal, register_agent(portal), folder, entry)


def test_a_rule_ships_by_sftp(sftp_portal: PortalProcess, site: Site, tmp_path: Path) -> None:
    with AgentProcess(sftp_config(sftp_portal, tmp_path, site)) as agent:
        site.rotate_by_rename()
        (job,) = agent.wait_until_shipped(1)
        with sftp_portal.session("Nadia") as session:

            def listed() -> dict[str, Any] | None:
                files = session.get(f"/cases/{OPEN}/files").json()["items"]
                return next((file for file in files if file["name"] == job.name), None)

            file = agent.wait_for(lambda: (found := listed()) and found["check"] == "verified" and found)
        assert (file["via"], file["sha256"], job.level) == ("sftp", job.sha256, "C")


def test_a_wrong_sftp_password_is_said_and_loses_nothing(
    sftp_portal: PortalProcess, site: Site, tmp_path: Path
) -> None:
    with AgentProcess(sftp_config(sftp_portal, tmp_path, site, password="wrong")) as agent:
        site.rotate_by_rename()
        (job,) = agent.wait_for_states(JobState.FAILED)
        assert job.problem is not None
        assert job.problem.code.startswith("CF-13")
        assert "wrong" not in job.problem.happened + job.problem.todo
        (tmp_path / "password").write_text(sftp_account(sftp_portal)["password"], encoding="utf-8")
        agent.client.retry(job.id)
        agent.wait_until_shipped(1)


def test_a_drop_goes_by_sftp_with_the_account_that_was_given(
    sftp_portal: PortalProcess, tmp_path: Path
) -> None:
    chosen = Site(tmp_path / "chosen")
    chosen.append(chosen.lines(5))
    account = sftp_account(sftp_portal)
    access = SftpAccess(**{name: account[name] for name in ("host", "port", "host_key", "user", "password")})
    config = configure(sftp_portal, register_agent(sftp_portal), tmp_path)
    with AgentProcess(config) as agent:
        job = agent.client.drop(Drop(case=OPEN, paths=[str(chosen.live)], via=Via.SFTP, sftp=access))
        reach(agent, job, JobState.REVIEW)
        agent.client.confirm(Confirm(job=job.id, acknowledgement=acknowledge(sftp_portal)))
        reach(agent, job, JobState.VERIFIED)
    kept = b"".join(path.read_bytes() for path in (config.parent / "data").rglob("*") if path.is_file())
    assert account["password"].encode() not in kept
