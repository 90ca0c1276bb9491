"""The Agents page, pairing with one more, and the bell that holds an alarm."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QWidget

from app.agentlink import AlarmShown
from tests.peers.agent_books import FakeBook, some_agents, with_a_full_queue
from tests.peers.fakes import FakeAgent, fake_services
from tests.peers.made_up import NOW
from tests.peers.scenes.registry import scene
from tests.peers.scenes.stage import Stage
from ui.pages.agents import AgentsPage
from ui.pages.agents.diagnosis import DiagnosisDialog
from ui.shell.services import HERE
from ui.shell.shell import AGENTS

ALARM = AlarmShown(
    alarm=7,
    rule="connection-lost",
    severity="critical",
    text="The connection to another server is lost.",
    application="SIP_Server_A",
    version="8.1.103.95",
    message="04504",
    raised=NOW,
    first=NOW,
    last=NOW,
    count=1,
    lines=["Std 04504 to TEL-88b1 lost"],
)


def put(stage: Stage, book: FakeBook | None = None, *, place: str = "rtg-01:8443") -> AgentsPage:
    shell = stage.shell
    book = book or some_agents()
    page = AgentsPage(replace(fake_services(), agents=book))
    page.troubled.connect(lambda count: shell.sidebar.set_badge(AGENTS, count))
    shell.stack.addWidget(page)
    shell.sidebar.show_page(AGENTS)
    shell.stack.setCurrentWidget(page)
    stage.until(lambda: len(page.rows()) == len(book.agents) and not page._asking)
    page.select(place)
    return page


@scene("12_agents")
def agents(stage: Stage) -> QWidget:
    put(stage, with_a_full_queue(), place="med-02:8443")
    return stage.desktop


@scene("12_agents_here")
def here(stage: Stage) -> QWidget:
    put(stage, place=HERE)
    return stage.desktop


@scene("12_agents_diagnose")
def diagnose(stage: Stage) -> QWidget:
    page = put(stage)
    page.detail.diagnosis_wanted.emit("rtg-01:8443")
    stage.until(lambda: isinstance(page.dialog, DiagnosisDialog) and bool(page.dialog.text))
    return stage.desktop


@scene("12_agents_watch")
def watch(stage: Stage) -> QWidget:
    page = put(stage, place=HERE)
    page.detail.folder_wanted.emit(HERE)
    return stage.desktop


@scene("12_agents_restart")
def restart(stage: Stage) -> QWidget:
    page = put(stage)
    page.detail.restart_wanted.emit("rtg-01:8443")
    return stage.desktop


@scene("12_agents_pair")
def pair(stage: Stage) -> QWidget:
    page = put(stage)
    card = page.adding
    assert card is not None
    card.address.setText("med-02:8443")
    card.code.setText("7KQ2-M9XD")
    card.begin()
    stage.until(lambda: card.dialog is not None)
    return stage.desktop


@scene("12_agents_unpair")
def unpair(stage: Stage) -> QWidget:
    page = put(stage)
    page.detail.unpair_wanted.emit("rtg-01:8443")
    return stage.desktop


@scene("12_agents_narrow")
def narrow(stage: Stage) -> QWidget:
    stage.resize(1024, 640)
    put(stage)
    return stage.desktop


@scene("21_bell_alarm")
def bell(stage: Stage) -> QWidget:
    """The alarm comes the way it does from an agent: by its events."""
    stage.until(lambda: stage.shell.session.online)
    follower = stage.shell.transfers.follower
    agent = FakeAgent([])
    stage.shell.notices._services = replace(stage.shell.services, agent=agent)
    follower.agent = agent
    follower.start()
    agent.raise_alarm(ALARM)
    stage.until(lambda: stage.shell.notices.unseen() > 0)
    stage.shell.open_bell(stage.shell.cases.header.bell)
    stage.settle()
    follower.stop()
    agent.close()
    return stage.desktop
