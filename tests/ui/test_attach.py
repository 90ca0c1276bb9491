"""Choosing and dropping files: the sheet, its reasons, and the way to a job."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.agentlink import Via
from app.domain.errors import RefusedError
from tests.peers.fakes import FakeAgent, FakePortal, fake_services
from tests.peers.made_up import NUMBER
from ui.pages.attach import AttachSheet, Dropping
from ui.pages.attach.chosen import measure
from ui.theme import install_theme
from ui.widgets.glyphs import Note


@pytest.fixture
def agent() -> Iterator[FakeAgent]:
    agent = FakeAgent([])
    yield agent
    agent.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "logs").mkdir()
    for name in ("a.log", "b.log"):
        (tmp_path / "logs" / name).write_bytes(b"x" * 1_000)
    return tmp_path / "logs"


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication) -> QWidget:
    install_theme(qapp)
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    return window


def open_sheet(window: QWidget, agent: FakeAgent | None, **more: object) -> AttachSheet:
    services = fake_services(agent=agent, portal=FakePortal())
    sheet = AttachSheet(services, parent=window, **more)  # type: ignore[arg-type]
    sheet.open()
    return sheet


def test_a_folder_is_counted_and_measured(folder: Path) -> None:
    assert measure([folder])[0].line == "2 files, 2 KB"


def test_what_is_missing_is_said_beside_the_button(qtbot: QtBot, window: QWidget, agent: FakeAgent) -> None:
    sheet = open_sheet(window, agent)
    assert sheet.reason.words == "Which case?"
    sheet.number.setText("3256109")
    assert sheet.reason.words == "Add files, or drop them here"
    assert not sheet.begin.isEnabled()


def test_without_an_agent_nothing_can_be_sent(qtbot: QtBot, window: QWidget, folder: Path) -> None:
    sheet = open_sheet(window, None, case=NUMBER, paths=[folder])
    assert sheet.reason.words == "No agent on this PC"


def test_the_files_go_to_the_agent_with_the_padded_number(
    qtbot: QtBot, window: QWidget, agent: FakeAgent, folder: Path
) -> None:
    sheet = open_sheet(window, agent, paths=[folder])
    sheet.number.setText("3256109")
    qtbot.waitUntil(sheet.begin.isEnabled)
    with qtbot.waitSignal(sheet.started):
        sheet.begin.click()
    drop = agent.called("drop")[0][0]
    assert (drop.case, drop.paths, drop.via) == (NUMBER, [str(folder)], Via.HTTPS)  # type: ignore[attr-defined]


def test_over_sftp_the_account_of_the_case_goes_along(
    qtbot: QtBot, window: QWidget, agent: FakeAgent, folder: Path
) -> None:
    sheet = open_sheet(window, agent, case=NUMBER, paths=[folder])
    qtbot.waitUntil(lambda: sheet.sftp.isEnabled() and sheet.begin.isEnabled())
    sheet.sftp.setChecked(True)
    with qtbot.waitSignal(sheet.started):
        sheet.begin.click()
    drop = agent.called("drop")[0][0]
    assert drop.via is Via.SFTP  # type: ignore[attr-defined]
    assert drop.sftp.user == "cs0003256109"  # type: ignore[attr-defined]


def test_a_refusal_keeps_the_chosen_files(
    qtbot: QtBot, window: QWidget, agent: FakeAgent, folder: Path
) -> None:
    agent.fail["drop"] = RefusedError("Not here", happened="Drops are off.", todo="Ask.", code="CF-1211")
    sheet = open_sheet(window, agent, case=NUMBER, paths=[folder])
    qtbot.waitUntil(sheet.begin.isEnabled)
    sheet.begin.click()
    qtbot.waitUntil(lambda: any(n.accessibleName() == "Not here" for n in sheet.findChildren(Note)))
    assert sheet.list.count() == 1
    assert sheet.begin.isEnabled()


def test_a_file_that_vanished_is_named(qtbot: QtBot, window: QWidget, agent: FakeAgent, folder: Path) -> None:
    sheet = open_sheet(window, agent, case=NUMBER, paths=[folder / "gone.log"])
    qtbot.waitUntil(
        lambda: any(n.accessibleName() == "A file cannot be attached" for n in sheet.findChildren(Note))
    )
    assert "gone.log" in next(n.accessibleDescription() for n in sheet.findChildren(Note))


def test_a_drop_on_a_case_starts_at_once(
    qtbot: QtBot, window: QWidget, agent: FakeAgent, folder: Path
) -> None:
    dropping = Dropping(fake_services(agent=agent), window=window)
    with qtbot.waitSignal(dropping.started) as started:
        dropping.attach(NUMBER, [folder])
    assert started.args is not None
    assert started.args[0].case == NUMBER
    assert dropping.sheet is None


def test_a_refused_drop_opens_the_sheet_with_the_files_and_the_reason(
    qtbot: QtBot, window: QWidget, agent: FakeAgent, folder: Path
) -> None:
    agent.fail["drop"] = RefusedError("Not here", happened="Drops are off.", todo="Ask.", code="CF-1211")
    dropping = Dropping(fake_services(agent=agent), window=window)
    with qtbot.waitSignal(dropping.failed):
        dropping.attach(NUMBER, [folder])
    sheet = dropping.sheet
    assert sheet is not None
    qtbot.waitUntil(lambda: sheet.list.count() == 1)
    assert any(n.accessibleName() == "Not here" for n in sheet.findChildren(Note))
