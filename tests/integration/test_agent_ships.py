"""A real agent ships to a real portal: closed segments once, masked; drops after review."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.agentlink import AuditAsk, Confirm, Drop, Job, JobState, PreviewAsk, TransferLimits
from app.commands import main
from app.domain.errors import InputError, LocalError, RefusedError
from tests.peers.agent import AgentProcess, Site, rule, telephone, wait_for
from tests.peers.deliveries import Arrived, arrived
from tests.peers.portal import PortalProcess, portal, register_agent
from tests.peers.shipping import OPEN, acknowledge, configure, reach

__all__ = ["portal"]

ODD = b"\x7fELF" + bytes(3000)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "logs")


@pytest.fixture(scope="module")
def credential(portal: PortalProcess) -> dict[str, str]:
    return register_agent(portal)


@pytest.fixture
def config(portal: PortalProcess, credential: dict[str, str], site: Site, tmp_path: Path) -> Path:
    return configure(portal, credential, tmp_path, rule(site.folder, case=OPEN))


@pytest.fixture
def agent(config: Path) -> Iterator[AgentProcess]:
    """An agent of the test's own, with a rule for `site`."""
    with AgentProcess(config) as running:
        yield running


@pytest.fixture(scope="module")
def desk(
    portal: PortalProcess, credential: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AgentProcess]:
    """An agent without rules, for what people drop."""
    with AgentProcess(configure(portal, credential, tmp_path_factory.mktemp("desk"))) as running:
        yield running


def bundles_of(portal: PortalProcess, agent: AgentProcess) -> list[Arrived]:
    """What this agent's jobs have put into the case; other tests share it."""
    names = {job.name for job in agent.jobs()}
    return [bundle for bundle in arrived(portal, OPEN) if bundle.name in names]


def lines_of(portal: PortalProcess, agent: AgentProcess) -> list[str]:
    return sorted(line for bundle in bundles_of(portal, agent) for line in bundle.lines)


def drop(agent: AgentProcess, *paths: Path) -> Job:
    job = agent.client.drop(Drop(case=OPEN, paths=[str(path) for path in paths]))
    reach(agent, job, JobState.REVIEW)
    return agent.client.job(job.id)


def test_rotated_segments_arrive_once_and_without_a_telephone_number(
    portal: PortalProcess, agent: AgentProcess, site: Site
) -> None:
    for _ in range(4):
        site.rotate_by_rename()
    site.append(site.lines(3))
    agent.wait_until_shipped(4)
    assert lines_of(portal, agent) == sorted(site.written)
    for bundle in bundles_of(portal, agent):
        assert bundle.check == "verified"
        assert not any(telephone(row)[1:] in bundle.text for row in range(100))
        assert all(member["counts"].get("TEL") for member in bundle.manifest["members"])
        assert "sip-a01" not in bundle.text


def test_bundles_have_the_format_and_level_of_the_configuration(
    portal: PortalProcess, credential: dict[str, str], site: Site, tmp_path: Path
) -> None:
    packed = {"format": "tar.zst", "level": 3}
    config = configure(portal, credential, tmp_path, rule(site.folder, case=OPEN), bundle=packed)
    with AgentProcess(config) as agent:
        site.rotate_by_rename()
        (job,) = agent.wait_until_shipped(1)
        (bundle,) = bundles_of(portal, agent)
    assert job.name.endswith(".tar.zst")
    assert (bundle.check, sorted(bundle.lines)) == ("verified", sorted(site.written))
    assert bundle.manifest["packing"].startswith("zstd ")
    assert bundle.manifest["packing"].endswith(", level 3")


def test_a_segment_that_is_packed_at_once_arrives_masked_and_one_that_was_sent_plain_not_again(
    portal: PortalProcess, agent: AgentProcess, site: Site
) -> None:
    site.rotate_by_rename()
    agent.wait_until_shipped(1)
    (plain,) = site.folder.glob("*.log.*")
    plain.with_name(plain.name + ".gz").write_bytes(gzip.compress(plain.read_bytes(), mtime=0))
    plain.unlink()
    packed = site.lines(20)
    site.append(packed)
    site.written += packed
    (site.folder / "sips_a.log.7.gz").write_bytes(gzip.compress(site.live.read_bytes()))
    site.live.unlink()
    agent.wait_until_shipped(2)
    assert len([file for job in agent.jobs() for file in job.files]) == 2
    assert lines_of(portal, agent) == sorted(site.written)
    assert not [b for b in bundles_of(portal, agent) for row in range(100) if telephone(row)[1:] in b.text]


def test_neither_a_restart_nor_a_lost_catalogue_sends_anything_again(
    portal: PortalProcess, config: Path, site: Site
) -> None:
    site.rotate_by_rename()
    with AgentProcess(config) as agent:
        agent.wait_until_shipped(1)
    site.rotate_by_rename()
    with AgentProcess(config) as agent:
        agent.wait_until_shipped(2)
    for path in (config.parent / "data").glob("catalogue.db*"):
        path.unlink()
    site.rotate_by_rename()
    with AgentProcess(config) as agent:
        agent.wait_until_shipped(3)
        assert lines_of(portal, agent) == sorted(site.written)


def test_the_spool_is_empty_once_all_is_verified(agent: AgentProcess, config: Path, site: Site) -> None:
    site.rotate_by_rename()
    agent.wait_for_states(JobState.VERIFIED)
    spool = config.parent / "data" / "spool"
    agent.wait_for(lambda: not any(path.is_file() for path in spool.rglob("*")))


def test_a_file_that_cannot_be_masked_is_left_out_and_named(
    portal: PortalProcess, agent: AgentProcess, site: Site
) -> None:
    (site.folder / "mcp.log.1").write_bytes(ODD)
    (site.folder / "mcp.log").touch()
    site.rotate_by_rename()
    agent.wait_until_shipped(1)
    assert lines_of(portal, agent) == sorted(site.written)
    (file,) = agent.wait_for(lambda: agent.client.quarantine().files)
    assert file.name.endswith("mcp.log.1")
    assert "CF-1902" in file.reason
    assert (site.folder / "mcp.log.1").exists()


def test_a_job_of_which_nothing_can_be_masked_fails_and_can_be_tried_again(
    portal: PortalProcess, agent: AgentProcess, site: Site
) -> None:
    odd = site.folder / "mcp.log.1"
    odd.write_bytes(ODD)
    (job,) = agent.wait_for_states(JobState.FAILED)
    assert job.problem is not None
    assert job.problem.code == "CF-1196"
    agent.client.retry(job.id)
    agent.wait_for(lambda: agent.client.job(job.id).state is JobState.FAILED)
    agent.client.cancel(job.id)
    assert agent.client.job(job.id).state is JobState.CANCELLED


def test_a_batch_takes_what_was_closed_meanwhile(
    portal: PortalProcess, credential: dict[str, str], site: Site, tmp_path: Path
) -> None:
    config = configure(portal, credential, tmp_path, rule(site.folder, case=OPEN, when="every 2s"))
    with AgentProcess(config) as agent:
        site.rotate_by_rename()
        agent.wait_for_states(JobState.VERIFIED)
        with agent.frozen():
            for _ in range(3):
                site.rotate_by_rename()
        agent.wait_for_states(JobState.VERIFIED, count=2)
        jobs = agent.jobs()
        assert len(jobs) == 2
        assert sorted(len(job.files) for job in jobs) == [1, 3]
        assert (jobs[0].created - jobs[1].created).total_seconds() >= 2


def test_only_the_applications_of_the_rule_are_sent(
    portal: PortalProcess, credential: dict[str, str], tmp_path: Path
) -> None:
    wanted, other = Site(tmp_path / "logs", application="urs_a"), Site(tmp_path / "logs", application="ors_a")
    config = configure(portal, credential, tmp_path, rule(wanted.folder, case=OPEN, applications=["urs*"]))
    with AgentProcess(config) as agent:
        other.rotate_by_rename()
        wanted.rotate_by_rename()
        agent.wait_for_states(JobState.VERIFIED)
        agent.wait_for(lambda: agent.client.status().folders[0].growing == 2)
        assert lines_of(portal, agent) == sorted(wanted.written)


def test_a_closed_case_refuses_the_job_with_its_rule_and_loses_nothing(
    portal: PortalProcess, credential: dict[str, str], site: Site, tmp_path: Path
) -> None:
    with portal.session("Nadia") as session:
        closed = session.get("/cases", params={"view": "closed", "account": "acc-1001"}).json()["items"]
    unasked = rule(site.folder, case=closed[0]["number"]) | {"while_open": False}
    with AgentProcess(configure(portal, credential, tmp_path, unasked)) as agent:
        site.rotate_by_rename()
        (job,) = agent.wait_for_states(JobState.FAILED)
        assert job.problem is not None
        assert job.problem.rule == "R-FILE-1"
        again = agent.client.retry(job.id)
        assert again.state is JobState.SENDING
        agent.wait_for(lambda: agent.client.job(job.id).state is JobState.FAILED)
        assert len(agent.jobs()) == 1


def test_dropped_files_are_shown_acknowledged_and_sent(
    portal: PortalProcess, desk: AgentProcess, tmp_path: Path
) -> None:
    folder = tmp_path / "chosen"
    chosen = Site(folder)
    chosen.append(chosen.lines(5))
    other = folder / "notes.txt"
    other.write_text("nothing in it\n", encoding="utf-8")
    job = drop(desk, folder)
    assert {file.name for file in job.files} == {"chosen/sips_a.log", "chosen/notes.txt"}
    assert job.counts["TEL"] == 5
    page = desk.client.preview(PreviewAsk(job=job.id, name="chosen/sips_a.log", limit=2, changed_only=True))
    assert page.total_lines == 10
    assert [line.number for line in page.lines] == [2, 4]
    assert telephone(0) in page.lines[0].before
    assert telephone(0) not in page.lines[0].after
    desk.client.confirm(
        Confirm(job=job.id, acknowledgement=acknowledge(portal), leave_out=["chosen/notes.txt"])
    )
    reach(desk, job, JobState.VERIFIED)
    (bundle,) = (bundle for bundle in bundles_of(portal, desk) if bundle.name == job.name)
    assert [member["name"] for member in bundle.manifest["members"]] == ["chosen/sips_a.log"]
    assert [(out["name"], out["reason"]) for out in bundle.manifest["left_out"]] == [
        ("chosen/notes.txt", "by hand")
    ]


def test_a_drop_waits_for_the_person_over_a_restart(
    portal: PortalProcess, config: Path, tmp_path: Path
) -> None:
    chosen = Site(tmp_path / "chosen")
    chosen.append(chosen.lines(5))
    with AgentProcess(config) as agent:
        job = drop(agent, chosen.live)
        agent.kill()
    with AgentProcess(config) as agent:
        assert agent.client.job(job.id).state is JobState.REVIEW
        agent.client.confirm(Confirm(job=job.id, acknowledgement=acknowledge(portal)))
        agent.wait_for_states(JobState.VERIFIED)


def test_a_drop_is_not_sent_without_an_acknowledgement(desk: AgentProcess, tmp_path: Path) -> None:
    chosen = Site(tmp_path / "chosen")
    chosen.append(chosen.lines(1))
    job = drop(desk, chosen.live)
    with pytest.raises(RefusedError) as refused:
        desk.client.confirm(Confirm(job=job.id, acknowledgement=""))
    assert refused.value.rule == "R-FILE-1"
    assert desk.client.job(job.id).state is JobState.REVIEW


def test_a_path_that_is_not_there_is_refused(desk: AgentProcess, tmp_path: Path) -> None:
    before = len(desk.jobs())
    with pytest.raises(InputError) as wrong:
        desk.client.drop(Drop(case=OPEN, paths=[str(tmp_path / "no.log")]))
    assert wrong.value.code == "CF-1197"
    assert len(desk.jobs()) == before


def test_an_own_secret_is_refused_and_the_refusal_stands_in_the_audit_trail(desk: AgentProcess) -> None:
    secret = desk.config.parent / "client-secret"
    with pytest.raises(RefusedError) as refused:
        desk.client.drop(Drop(case=OPEN, paths=[str(secret)]))
    assert refused.value.code == "CF-1298"
    told = [record for record in desk.client.audit(AuditAsk()).entries if record.kind == "refused"]
    assert [record.facts for record in told] == [{"call": "drop", "code": "CF-1298"}]


def test_a_review_shows_nothing_of_what_came_into_the_place_of_a_dropped_file(
    desk: AgentProcess, tmp_path: Path
) -> None:
    chosen = Site(tmp_path / "chosen")
    chosen.append(chosen.lines(5))
    job = drop(desk, chosen.live)
    chosen.live.rename(tmp_path / "kept")
    chosen.live.symlink_to(tmp_path / "kept")
    with pytest.raises(LocalError):
        desk.client.preview(PreviewAsk(job=job.id, name="sips_a.log", limit=2))


def test_a_paused_job_stands_still_until_it_is_resumed(
    desk: AgentProcess, portal: PortalProcess, tmp_path: Path
) -> None:
    chosen = Site(tmp_path / "chosen")
    chosen.append(chosen.lines(5))
    job = drop(desk, chosen.live)
    desk.client.set_limits(TransferLimits(rate=0, connections=2))
    desk.client.confirm(Confirm(job=job.id, acknowledgement=acknowledge(portal)))
    desk.wait_for(lambda: desk.client.job(job.id).held)
    paused = desk.client.pause(job.id)
    assert (paused.state, paused.paused_from) == (JobState.PAUSED, JobState.SENDING)
    desk.client.reset_limits()
    desk.client.resume(job.id)
    reach(desk, job, JobState.VERIFIED)


def test_the_commands_show_and_change_what_the_agent_sends(
    desk: AgentProcess, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CASEFERRY_AGENT", str(desk.endpoint))
    monkeypatch.setenv("CASEFERRY_HOME", str(tmp_path / "home"))
    chosen = Site(tmp_path / "chosen")
    chosen.append(chosen.lines(50))
    job = drop(desk, chosen.live)

    def command(*words: str) -> str:
        assert main(["transfers", *words]) == 0
        return capsys.readouterr().out

    command("priority", job.id, "-2")
    command("move", job.id)
    listed = {each["id"]: each for each in json.loads(command("list", "--json"))}
    assert (listed[job.id]["state"], listed[job.id]["priority"]) == ("review", -2)
    set_ = json.loads(
        command("limits", "--limit", "2 MB/s", "--hours", "mon-fri 08:00-18:00 0", "--only-idle", "--json")
    )
    assert (set_["set_by"], set_["limits"]["rate"], set_["limits"]["only_idle"]) == (
        "person",
        2_000_000,
        True,
    )
    assert "  mon-fri 08:00-18:00 0 B/s" in command("limits").splitlines()
    assert json.loads(command("limits", "--reset", "--json"))["set_by"] == "configuration"
    assert "cancelled" in command("cancel", job.id)


def test_a_limit_holds_while_a_bundle_is_on_its_way(
    desk: AgentProcess, portal: PortalProcess, tmp_path: Path
) -> None:
    chosen = Site(tmp_path / "chosen")
    chosen.append(chosen.lines(4000))
    job = drop(desk, chosen.live)
    desk.client.set_limits(TransferLimits(rate=0, connections=2))
    desk.client.confirm(Confirm(job=job.id, acknowledgement=acknowledge(portal)))
    desk.wait_for(lambda: desk.client.job(job.id).held)
    assert desk.client.job(job.id).sent == 0
    desk.client.reset_limits()
    reach(desk, job, JobState.VERIFIED)


def test_the_status_counts_archives_that_are_not_opened(agent: AgentProcess, site: Site) -> None:
    (site.folder / "old.tar.gz").write_bytes(b"x")
    agent.wait_for(lambda: agent.client.status().folders[0].archives == 1)


def test_the_events_tell_of_a_new_job(agent: AgentProcess, site: Site) -> None:
    since = agent.client.events(0, timeout=0).last
    site.rotate_by_rename()
    seen: set[str] = set()
    last = [since]

    def heard() -> bool:
        found = agent.client.events(last[0], timeout=2)
        last[0] = found.last
        seen.update(event.subject for event in found.events if event.kind == "job")
        return bool(seen)

    wait_for(heard)
    assert seen == {job.id for job in agent.jobs()}


def test_a_preview_of_a_source_that_changed_is_refused(desk: AgentProcess, tmp_path: Path) -> None:
    chosen = Site(tmp_path / "chosen")
    chosen.append(chosen.lines(2))
    job = drop(desk, chosen.live)
    chosen.live.write_bytes(b"x" * chosen.live.stat().st_size)
    with pytest.raises(LocalError) as changed:
        desk.client.preview(PreviewAsk(job=job.id, name="sips_a.log"))
    assert changed.value.code == "CF-1895"


def test_a_live_log_that_goes_on_growing_is_shown_as_it_was_dropped(
    desk: AgentProcess, tmp_path: Path
) -> None:
    chosen = Site(tmp_path / "chosen")
    chosen.append(chosen.lines(2))
    job = drop(desk, chosen.live)
    chosen.append(chosen.lines(2))
    page = desk.client.preview(PreviewAsk(job=job.id, name="sips_a.log"))
    assert [line.number for line in page.lines] == [1, 2, 3, 4]


def test_a_cancelled_drop_leaves_nothing_behind(desk: AgentProcess, tmp_path: Path) -> None:
    chosen = Site(tmp_path / "chosen")
    chosen.append(chosen.lines(2))
    job = drop(desk, chosen.live)
    spool = desk.config.parent / "data" / "spool" / job.id
    assert spool.exists()
    desk.client.cancel(job.id)
    desk.wait_for(lambda: not spool.exists())  # who prepared the job may be about to put it down
    assert chosen.live.exists()


def test_an_archive_of_no_log_in_a_dropped_folder_is_named_and_not_sent(
    desk: AgentProcess, tmp_path: Path
) -> None:
    folder = tmp_path / "chosen"
    Site(folder).append(["part a s1x row r0x end"])
    (folder / "old.log.gz").write_bytes(gzip.compress(bytes(range(256)) * 20))
    job = drop(desk, folder)
    assert {file.name: file.state for file in job.files} == {
        "chosen/sips_a.log": "masked",
        "chosen/old.log.gz": "quarantined",
    }
