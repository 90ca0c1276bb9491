"""Choosing and dropping files: the sheet, its reasons, and the way to a job."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.agentlink import Via
from app.domain.errors import RefusedError
from app.transfer import HostKey
from tests.peers.fakes import FakeAgent, FakePortal, fake_services
from tests.peers.made_up import NUMBER
from ui.pages.attach import AttachSheet, Dropping
from ui.pages.attach.chosen import measure
from ui.shell.trust_dialog import TrustDialog
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


KIND = b"ssh-ed25519"
KEY = HostKey("ssh-ed25519", len(KIND).to_bytes(4, "big") + KIND + (32).to_bytes(4, "big") + bytes(32))


class Book:
    """Host keys of a test."""

    def __init__(self) -> None:
        self.held: dict[str, HostKey] = {}

    def known(self, host: str, port: int, announced: str) -> HostKey | None:
        return HostKey.parse(announced) if announced else self.held.get(f"{host}:{port}")

    def look(self, _host: str, _port: int) -> HostKey:
        return KEY

    def keep(self, host: str, port: int, key: HostKey) -> None:
        self.held[f"{host}:{port}"] = key


@pytest.fixture
def silent_portal() -> FakePortal:
    """A portal that tells no host key of its SFTP server."""
    portal = FakePortal()
    portal.account = replace(portal.create_sftp_account(NUMBER), host_key="")
    return portal


def sheet_by_sftp(
    window: QWidget, agent: FakeAgent, portal: FakePortal, book: Book, folder: Path, qtbot: QtBot
) -> AttachSheet:
    services = fake_services(agent=agent, portal=portal, host_keys=book)
    sheet = AttachSheet(services, case=NUMBER, paths=[folder], parent=window)
    sheet.open()
    qtbot.waitUntil(lambda: sheet.sftp.isEnabled() and sheet.begin.isEnabled())
    sheet.sftp.setChecked(True)
    return sheet


def test_a_host_key_that_the_portal_does_not_tell_is_compared_by_a_person_once(
    qtbot: QtBot, window: QWidget, agent: FakeAgent, silent_portal: FakePortal, folder: Path
) -> None:
    book = Book()
    sheet = sheet_by_sftp(window, agent, silent_portal, book, folder, qtbot)
    sheet.begin.click()
    qtbot.waitUntil(lambda: bool(sheet.findChildren(TrustDialog)))
    dialog = sheet.findChildren(TrustDialog)[0]
    assert KEY.fingerprint in dialog.fingerprint.accessibleName()
    assert not dialog.trust.isEnabled()
    dialog.compared.setChecked(True)
    with qtbot.waitSignal(sheet.started):
        dialog.trust.click()
    again = sheet_by_sftp(window, agent, silent_portal, book, folder, qtbot)
    with qtbot.waitSignal(again.started):
        again.begin.click()
    drops = [drop for (drop,) in agent.called("drop")]
    assert [drop.sftp.host_key for drop in drops] == [KEY.line, KEY.line]  # type: ignore[attr-defined]


def test_nothing_is_sent_to_a_server_whose_host_key_nobody_agreed_to(
    qtbot: QtBot, window: QWidget, agent: FakeAgent, silent_portal: FakePortal, folder: Path
) -> None:
    book = Book()
    sheet = sheet_by_sftp(window, agent, silent_portal, book, folder, qtbot)
    sheet.begin.click()
    qtbot.waitUntil(lambda: bool(sheet.findChildren(TrustDialog)))
    sheet.findChildren(TrustDialog)[0].refuse.click()
    qtbot.waitUntil(sheet.begin.isEnabled)
    assert (agent.called("drop"), book.held) == ([], {})
