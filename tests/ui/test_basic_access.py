"""What a contact with basic access sees (R-ACC-3): no case, the reason, and whom to ask."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from tests.peers.portal import PortalProcess
from tests.peers.scenes.stage import make_desktop
from ui.shell.shell import Shell


@pytest.fixture
def shell(qtbot: QtBot, demo_portal: PortalProcess, tmp_path: Path) -> Iterator[Shell]:
    person = next(each.name.split()[0] for each in demo_portal.people if each.level == "basic")
    desktop = make_desktop(demo_portal, tmp_path, person=person)
    qtbot.addWidget(desktop)
    desktop.resize(1440, 900)
    desktop.show()
    assert desktop.shell is not None
    yield desktop.shell
    desktop.close()


def test_the_cases_page_is_locked_and_the_portal_is_not_called_lost(qtbot: QtBot, shell: Shell) -> None:
    qtbot.waitUntil(shell.cases.empty.isVisible, timeout=20_000)
    assert shell.cases.empty.accessibleName() == "Cases need Read-only access"
    assert shell.session.online
    assert not shell.banner.isVisible()


def test_the_whole_reason_is_shown(qtbot: QtBot, shell: Shell) -> None:
    qtbot.waitUntil(shell.cases.empty.isVisible, timeout=20_000)
    text = next(label for label in shell.cases.empty.findChildren(QLabel) if label.wordWrap())
    qtbot.waitUntil(lambda: text.height() >= text.heightForWidth(text.width()))
    assert "two working days" in text.text()
