"""A file is dropped on a case in the real window, masked by a real agent, reviewed, sent and verified."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.agentlink import JobState
from app.domain.files import FileCheck
from tests.peers.agent import AgentProcess, telephone, write_config
from tests.peers.heartbeat import Heartbeat
from tests.peers.portal import PortalProcess
from tests.peers.scenes.stage import make_desktop
from ui.shell.window import Desktop
from ui.theme import install_theme

NUMBER = "0003256109"
PATIENCE = 30_000


@dataclass
class Place:
    """A window on a running portal and a running agent."""

    desktop: Desktop
    portal: PortalProcess
    agent: AgentProcess


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PortalProcess]:
    with PortalProcess(tmp_path_factory.mktemp("portal") / "data") as portal:
        yield portal


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory, portal: PortalProcess) -> Iterator[AgentProcess]:
    session = portal.session("Nadia")
    made = session.post("/api/v1/agents", json={"account": "acc-1001", "server": "sip-a01"}).json()
    config = write_config(
        tmp_path_factory.mktemp("agent"),
        url=portal.url,
        ca_file=portal.ca_file,
        client_id=made["client_id"],
        client_secret=made["client_secret"],
        agent={"drops": True},
    )
    with AgentProcess(config) as agent:
        yield agent


@pytest.fixture
def place(
    qtbot: QtBot, qapp: QApplication, portal: PortalProcess, agent: AgentProcess, tmp_path: Path
) -> Iterator[Place]:
    install_theme(qapp)
    desktop = make_desktop(portal, tmp_path, agent=agent.endpoint)
    qtbot.addWidget(desktop)
    desktop.show()
    yield Place(desktop, portal, agent)
    desktop.close()


def a_log(folder: Path, name: str) -> Path:
    path = folder / name
    lines = [
        f"10:15:{n % 60:02d}.118 Std 05060 call {n}\n\tAttributeANI\t'{telephone(n)}'\n" for n in range(300)
    ]
    path.write_text("".join(lines), encoding="utf-8")
    return path


@pytest.mark.gaps
def test_a_dropped_log_is_verified_and_holds_no_number(place: Place, qtbot: QtBot, tmp_path: Path) -> None:
    shell = place.desktop.shell
    assert shell is not None
    shell.open_case(NUMBER)
    qtbot.waitUntil(shell.case.header.reply.isEnabled, timeout=PATIENCE)
    with Heartbeat() as heart:
        shell.case._ask_to_attach([a_log(tmp_path, "sips_a.log")])
        qtbot.waitUntil(lambda: shell.review.diff.lines.at(0) is not None, timeout=PATIENCE)
    heart.assert_smooth()
    line = shell.review.diff.lines.at(1)
    assert line is not None
    assert telephone(0) in line.before
    assert telephone(0) not in line.after
    job = shell.review.job
    assert job is not None
    for file in job.files:
        shell.review.open_file(file.name)
    shell.review.acknowledge.setChecked(True)
    shell.review.send.click()
    qtbot.waitUntil(lambda: shell.stack.currentWidget() is shell.transfers, timeout=PATIENCE)

    def state() -> JobState | None:
        known = shell.transfers.follower.job(job.id)
        return known.state if known is not None else None

    qtbot.waitUntil(lambda: state() is JobState.VERIFIED, timeout=PATIENCE)
    shell.open_case(NUMBER)
    qtbot.waitUntil(lambda: any(f.name == job.name for f in shell.case._files), timeout=PATIENCE)
    sent = next(f for f in shell.case._files if f.name == job.name)
    assert sent.check is FileCheck.VERIFIED
    target = tmp_path / "bundle.zip"
    shell.services.portal.download(NUMBER, sent.id, target)
    with zipfile.ZipFile(target) as bundle:
        content = b"".join(bundle.read(name) for name in bundle.namelist())
    assert telephone(0).encode() not in content
    assert b"call 299" in content


def test_do_not_send_cancels_the_job_in_the_agent(place: Place, qtbot: QtBot, tmp_path: Path) -> None:
    shell = place.desktop.shell
    assert shell is not None
    shell.dropping.attach(NUMBER, [a_log(tmp_path, "sips_b.log")])
    qtbot.waitUntil(lambda: shell.review.diff.lines.at(0) is not None, timeout=PATIENCE)
    job = shell.review.job
    assert job is not None
    shell.review.discard.click()
    qtbot.waitUntil(lambda: place.agent.client.job(job.id).state is JobState.CANCELLED, timeout=PATIENCE)
    qtbot.waitUntil(lambda: shell.stack.currentWidget() is shell.transfers)
