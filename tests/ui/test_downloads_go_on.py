"""A download of the desktop that was cut goes on by itself, and at once when the network is back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.domain.errors import RefusedError, UnreachableError, WorldError
from app.portal.contract import CaseFile
from app.transfer import Limiter, RetryPolicy
from tests.peers.fakes import FakePortal
from tests.peers.made_up import NOW, NUMBER
from ui.pages.case.files_tab import FilesTab
from ui.pages.case.going_on import GoingOn
from ui.theme import install_theme


def away(*, retry_after: float | None = None) -> UnreachableError:
    return UnreachableError("Away", happened="Cut.", todo="Wait.", code="CF-1510", retry_after=retry_after)


class Network:
    """The way out, as a test says."""

    def __init__(self) -> None:
        self.now = ""

    def way(self, identity: str) -> str:
        assert identity == ""
        return self.now


class Seen:
    """What a wait tells."""

    def __init__(self, parent: QObject, *, seconds: float = 8.0) -> None:
        self.network = Network()
        policy = RetryPolicy(first=seconds, longest=seconds, draw=lambda: 1.0)
        self.waiting = GoingOn(parent, policy=policy, network=self.network, look_ms=1)
        self.left: list[int] = []
        self.again = 0
        self.waiting.left.connect(self.left.append)
        self.waiting.again.connect(self.count)

    def count(self) -> None:
        self.again += 1


@pytest.fixture
def seen(qapp: QApplication) -> Seen:
    return Seen(qapp)


def test_it_is_tried_again_after_the_wait_that_is_shown(qtbot: QtBot, seen: Seen) -> None:
    seen.waiting.begin(away())
    qtbot.waitUntil(lambda: seen.again == 1)
    assert seen.left == [8, 7, 6, 5, 4, 3, 2, 1]


def test_a_network_that_is_back_ends_the_wait(qtbot: QtBot, seen: Seen) -> None:
    seen.waiting.left.connect(lambda left: setattr(seen.network, "now", "10.0.0.7" if left <= 6 else ""))
    seen.waiting.begin(away())
    qtbot.waitUntil(lambda: seen.again == 1)
    assert seen.left == [8, 7, 6]


def test_what_the_portal_asked_for_is_waited_for_all_the_same(qtbot: QtBot, seen: Seen) -> None:
    seen.waiting.left.connect(lambda _left: setattr(seen.network, "now", "10.0.0.7"))
    seen.waiting.begin(away(retry_after=3))
    qtbot.waitUntil(lambda: seen.again == 1)
    assert seen.left == [3, 2, 1]


class Flaky(FakePortal):
    """Cuts the first downloads."""

    cuts = 2
    error: WorldError = away()
    asked = 0

    def download(
        self,
        number: str,
        file_id: str,
        target: Path,
        *,
        on_progress: Callable[[int, int], None] | None = None,
        limiter: Limiter | None = None,
    ) -> object:
        self.asked += 1
        if self.asked <= self.cuts:
            raise self.error
        return super().download(number, file_id, target, on_progress=on_progress, limiter=limiter)


@pytest.fixture
def portal() -> Flaky:
    return Flaky()


@pytest.fixture
def tab(qtbot: QtBot, qapp: QApplication, portal: Flaky, tmp_path: Path) -> FilesTab:
    install_theme(qapp)
    made = FilesTab(
        portal,
        clock=lambda: NOW,
        downloads=tmp_path,
        going_on=lambda row: GoingOn(row, policy=RetryPolicy(first=3, draw=lambda: 1.0), look_ms=1),
    )
    qtbot.addWidget(made)
    made.show_files(NUMBER, portal.case_files)
    qtbot.waitUntil(lambda: made.row("f-6") is not None)
    return made


def tips(tab: FilesTab) -> list[str]:
    row = tab.row("f-6")
    assert row is not None
    return [each.toolTip() for each in row.findChildren(QWidget)]


def test_a_download_that_was_cut_arrives_without_a_person(
    qtbot: QtBot, tab: FilesTab, portal: Flaky, tmp_path: Path
) -> None:
    tab.download("f-6")
    qtbot.waitUntil(lambda: any("Saved to" in each for each in tips(tab)))
    assert portal.asked == 3
    assert (tmp_path / "collect-sip-traces.txt").exists()


def waits(tab: FilesTab) -> bool:
    return any("Again in" in each for each in tips(tab))


def without(portal: Flaky, file_id: str) -> list[CaseFile]:
    return [each for each in portal.case_files if each.id != file_id]


def show(qtbot: QtBot, tab: FilesTab, number: str, files: list[CaseFile]) -> None:
    tab.show_files(number, files)
    qtbot.waitUntil(lambda: all(tab.row(each.id) is not None for each in files))


@pytest.fixture
def patient(qtbot: QtBot, qapp: QApplication, portal: Flaky, tmp_path: Path) -> FilesTab:
    """Its waits are so long that none of them ends by itself."""
    install_theme(qapp)
    made = FilesTab(
        portal,
        clock=lambda: NOW,
        downloads=tmp_path,
        going_on=lambda parent: GoingOn(parent, policy=RetryPolicy(first=300, draw=lambda: 1.0)),
    )
    qtbot.addWidget(made)
    show(qtbot, made, NUMBER, portal.case_files)
    return made


def test_another_list_of_files_does_not_end_a_wait(
    qtbot: QtBot, patient: FilesTab, portal: Flaky, tmp_path: Path
) -> None:
    patient.download("f-6")
    qtbot.waitUntil(lambda: waits(patient))
    show(qtbot, patient, NUMBER, without(portal, "f-1"))
    assert waits(patient)
    row = patient.row("f-6")
    assert row is not None
    portal.cuts = 0
    row.download.emit()
    qtbot.waitUntil(lambda: any("Saved to" in each for each in tips(patient)))
    assert (tmp_path / "collect-sip-traces.txt").exists()
    assert portal.asked == 2


def test_a_download_goes_on_while_another_case_is_shown(
    qtbot: QtBot, tab: FilesTab, portal: Flaky, tmp_path: Path
) -> None:
    tab.download("f-6")
    tab.show_files("0003999999", [])
    qtbot.waitUntil((tmp_path / "collect-sip-traces.txt").exists)
    show(qtbot, tab, NUMBER, portal.case_files)
    qtbot.waitUntil(lambda: any("Saved to" in each for each in tips(tab)))
    assert portal.asked == 3


def test_a_failure_is_still_said_when_the_list_changes(qtbot: QtBot, tab: FilesTab, portal: Flaky) -> None:
    portal.error = RefusedError("Not allowed", happened="No.", todo="Ask.", code="CF-1210")
    tab.download("f-6")
    qtbot.waitUntil(lambda: tab.panel("f-6") is not None)
    show(qtbot, tab, NUMBER, without(portal, "f-1"))
    assert tab.panel("f-6") is not None


def test_what_waiting_does_not_mend_is_shown_with_a_button(
    qtbot: QtBot, tab: FilesTab, portal: Flaky
) -> None:
    portal.error = RefusedError("Not allowed", happened="No.", todo="Ask.", code="CF-1210")
    tab.download("f-6")
    qtbot.waitUntil(lambda: portal.asked == 1)
    # Asked for each time: the rows are made anew whenever the files of the case are.
    qtbot.waitUntil(lambda: (row := tab.row("f-6")) is not None and row.button.text() == "Download")
    assert portal.asked == 1
