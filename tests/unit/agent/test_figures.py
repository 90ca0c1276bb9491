"""The agent's figures: what there is of each application, what needs a person, what its doctor says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.api import EventBoard
from agent.catalogue import count_applications, count_folders
from agent.jobs import Rule
from agent.service.config import read_config
from agent.service.figures import needs_person
from agent.service.folders import field_with
from agent.service.overview import ServiceState
from agent.service.pulse import Pulse
from agent.service.running import RunningAgent
from agent.watch import scan_folder
from app.agentlink import ConfigShown, Status, WatchedFolder, WatchFolder
from app.domain.errors import InputError
from tests.peers.agent import Site, rule, write_config

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
WELL = Status(
    "1", "sip-a01", NOW, "https://p", True, [WatchedFolder("/logs", True, 3, 1)], {"verified": 1}, 0, "scan"
)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningAgent]:
    """An agent's parts; nothing of it runs."""
    site = Site(tmp_path / "logs", application="sips_a")
    site.append(site.lines(3))
    config = read_config(write_config(tmp_path / "agent", rules=[rule(site.folder, case="0003256109")]))
    config.data.mkdir(exist_ok=True)
    made = RunningAgent(
        config,
        board=EventBoard(first=2),
        state=lambda: ServiceState(draining=False, config=ConfigShown(read=NOW)),
        started=NOW,
        pulse=Pulse(config.data / "pulse.json", wall=lambda: NOW),
    )
    made._catalogue.observe(scan_folder(site.folder))
    yield made
    made.close()


def test_health_tells_applications_folders_and_what_waits(running: RunningAgent, tmp_path: Path) -> None:
    (running.desk.figures.spool.job_folder("j1") / "1.zip").write_bytes(b"x" * 700)
    running.beat()
    health = running.desk.health()
    size = sum(path.stat().st_size for path in (tmp_path / "logs").iterdir())
    assert [(app.name, app.segments, app.size) for app in health.applications] == [("sips_a", 1, size)]
    assert [(each.path, each.size) for each in health.folders] == [(str(tmp_path / "logs"), size)]
    assert [each.folders for each in health.rules] == [[str(tmp_path / "logs")]]
    assert (health.queue, [beat.queue for beat in health.beats]) == (700, [700])
    assert health.beats[0].warned, "the portal was not reached yet"
    assert health.system
    assert health.masking


def test_a_segment_that_is_gone_is_not_counted(running: RunningAgent, tmp_path: Path) -> None:
    database = running._catalogue.database
    (counted,) = count_folders(database)
    assert (counted.name, counted.segments, counted.growing) == (str(tmp_path / "logs"), 1, 1)
    for path in (tmp_path / "logs").iterdir():
        path.unlink()
    running._catalogue.observe(scan_folder(tmp_path / "logs"))
    assert count_applications(database) == []


@pytest.mark.parametrize(
    ("status", "queue", "needed"),
    [
        (WELL, 79, False),
        (WELL, 80, True),
        (replace(WELL, portal_reachable=False), 0, True),
        (replace(WELL, folders=[WatchedFolder("/logs", False, 0, 0)]), 0, True),
        (replace(WELL, jobs={"failed": 1}), 0, True),
        (replace(WELL, config=ConfigShown(read=NOW, problem="line 3")), 0, True),
        (replace(WELL, config=ConfigShown(read=NOW)), 0, False),
    ],
)
def test_what_does_not_mend_itself_needs_a_person(status: Status, queue: int, needed: bool) -> None:
    assert needs_person(status, queue=queue, most=100) is needed


def rules(tmp_path: Path, *names: str) -> list[Rule]:
    folder = tmp_path / "logs"
    folder.mkdir(exist_ok=True)
    tables = [rule(folder, case="0003256109", name=name) for name in names]
    return list(read_config(write_config(tmp_path / "agent", rules=tables)).rules)


def test_the_only_rule_watches_one_more_folder(tmp_path: Path) -> None:
    (tmp_path / "more ü").mkdir()
    found = field_with(rules(tmp_path, "all"), WatchFolder(str(tmp_path / "more ü")))
    assert found.field == "rule[0].folders"
    assert json.loads(found.value) == [str(tmp_path / "logs"), str(tmp_path / "more ü")]


def test_a_rule_is_named_where_there_are_several(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    both = rules(tmp_path, "all", "other")
    assert field_with(both, WatchFolder(str(tmp_path / "more"), "other")).field == "rule[1].folders"
    with pytest.raises(InputError, match="all, other"):
        field_with(both, WatchFolder(str(tmp_path / "more")))


@pytest.mark.parametrize("path", ["more", "/nowhere/at/all", "logs/sub"])
def test_what_is_no_folder_or_is_watched_is_refused(tmp_path: Path, path: str) -> None:
    known = rules(tmp_path, "all")
    (tmp_path / "logs" / "sub").mkdir()
    asked = str(tmp_path / path) if path.startswith("logs") else path
    with pytest.raises(InputError, match="CF-1112"):
        field_with(known, WatchFolder(asked))
