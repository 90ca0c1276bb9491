"""What the bell tells of an alarm that the agent raised."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication
from pytestqt.qtbot import QtBot

from app.agentlink import AlarmShown
from tests.peers.fakes import FakeAgent, fake_services
from tests.peers.made_up import NOW
from tests.ui.conftest import nameless
from ui.shell.bell import BellPopover
from ui.shell.configuration import DesktopSettings
from ui.shell.shell import Shell
from ui.theme import install_theme

ALARM = AlarmShown(
    alarm=7,
    rule="lost",
    severity="critical",
    text="A connection is lost.",
    application="sips_a",
    version="8.1.103.95",
    message="04504",
    raised=NOW,
    first=NOW,
    last=NOW,
    count=1,
    lines=["Std 04504 to TEL-88b1 lost"],
)


@pytest.fixture
def agent() -> Iterator[FakeAgent]:
    agent = FakeAgent([])
    yield agent
    agent.close()


@pytest.fixture
def shell(qtbot: QtBot, qapp: QApplication, agent: FakeAgent) -> Iterator[Shell]:
    install_theme(qapp)
    shell = Shell(fake_services(agent=agent), DesktopSettings(portal="https://portal.example"))
    qtbot.addWidget(shell)
    shell.show()
    shell.transfers.follower.start()
    yield shell
    shell.transfers.follower.stop()


def test_an_alarm_of_the_agent_is_a_notice_that_shows_no_line_and_leads_to_the_transfers(
    qtbot: QtBot, shell: Shell, agent: FakeAgent
) -> None:
    agent.raise_alarm(ALARM)
    qtbot.waitUntil(lambda: shell.notices.unseen() == 1)
    shell.open_bell(shell.cases.header.bell)
    (popover,) = shell.findChildren(BellPopover)
    (line,) = [each for each in popover.findChildren(QAbstractButton) if each.accessibleName()]
    assert line.accessibleName() == "Critical alarm in the logs. sips_a · A connection is lost."
    assert nameless(popover) == []
    qtbot.mouseClick(line, Qt.MouseButton.LeftButton)
    assert shell.stack.currentWidget() is shell.transfers


def test_the_end_of_a_storm_is_told_as_such(qtbot: QtBot, shell: Shell, agent: FakeAgent) -> None:
    agent.raise_alarm(replace(ALARM, storm=True, count=12))
    qtbot.waitUntil(lambda: shell.notices.unseen() == 1)
    agent.raise_alarm(replace(ALARM, storm=True, count=12, ended=NOW))
    qtbot.waitUntil(lambda: shell.notices.unseen() == 2)
    assert [notice.title for notice in shell.notices.all()] == [
        "A storm of alarms is over",
        "A storm of alarms in the logs",
    ]
