"""The window follows the agent that was chosen, keeps the choice, and takes one that began anew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.domain.errors import InputError
from app.settings import Trust
from tests.peers.fakes import FakeAgent
from tests.peers.portal import PortalProcess, sign_in
from tests.peers.scenes.stage import FixedTokens
from ui.shell import window
from ui.shell.configuration import DesktopSettings, read_settings, settings_path
from ui.shell.services import HERE
from ui.shell.shell import Shell
from ui.shell.surroundings import Surroundings, open_services
from ui.shell.window import Desktop

ELSEWHERE = "sip-a01:8443"


class Agents:
    """Those that can be opened, by place; what was opened."""

    def __init__(self) -> None:
        self.opened: list[str] = []
        self.made: list[FakeAgent] = []

    def open(self, around: Surroundings) -> FakeAgent:
        self.opened.append(around.chosen_agent)
        if around.chosen_agent not in (HERE, ELSEWHERE):
            raise InputError("It is paired no more", happened="h.", todo="t.", code="CF-1187")
        self.made.append(FakeAgent([]))
        return self.made[-1]


@pytest.fixture
def agents(monkeypatch: pytest.MonkeyPatch) -> Iterator[Agents]:
    made = Agents()

    def open_agent(around: Surroundings) -> FakeAgent:
        return made.open(around)

    monkeypatch.setattr(Surroundings, "open_agent", open_agent)
    yield made
    for agent in made.made:
        agent.close()


@pytest.fixture
def desktop(
    demo_portal: PortalProcess,
    agents: Agents,
    tmp_path: Path,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Desktop]:
    monkeypatch.setenv("CASEFERRY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    who = demo_portal.person("Nadia")
    tokens = FixedTokens(sign_in(demo_portal, who.email, who.password).access)
    monkeypatch.setattr(window, "PersonTokens", lambda *_words, **_more: tokens)
    around = Surroundings(
        portal=demo_portal.url, trust=Trust(demo_portal.ca_file), agent="", data=tmp_path / "desktop"
    )
    made = Desktop(DesktopSettings(portal=demo_portal.url), around)
    made._tokens = tokens  # type: ignore[assignment]  # as after a sign-in
    qtbot.addWidget(made)
    made.show()
    made.enter(open_services(around, demo_portal.url, tokens))
    yield made
    made.close()


def entered_by(qtbot: QtBot, desktop: Desktop, act: object) -> Shell:
    with qtbot.waitSignal(desktop.entered):
        act()  # type: ignore[operator]
    assert desktop.shell is not None
    return desktop.shell


def test_the_chosen_agent_is_followed_and_the_choice_is_kept(
    desktop: Desktop, agents: Agents, qtbot: QtBot
) -> None:
    shell = entered_by(qtbot, desktop, lambda: desktop.choose_agent(ELSEWHERE))
    assert agents.opened == [HERE, ELSEWHERE]
    assert (shell.services.agent_place, shell.services.agent) == (ELSEWHERE, agents.made[-1])
    assert shell.stack.currentWidget() is shell.transfers
    qtbot.waitUntil(lambda: settings_path().exists())
    assert read_settings(settings_path()).chosen_agent == ELSEWHERE
    shell = entered_by(qtbot, desktop, lambda: desktop.choose_agent(HERE))
    assert shell.services.agent_place == HERE


def test_an_agent_that_is_paired_no_more_is_said_and_the_window_stands(
    desktop: Desktop, qtbot: QtBot
) -> None:
    shell = entered_by(qtbot, desktop, lambda: desktop.choose_agent("gone-01:8443"))
    assert shell.services.agent is None
    qtbot.waitUntil(lambda: shell.session.online)
    assert shell.banner.isVisibleTo(desktop)
    assert shell.banner.accessibleName() == "It is paired no more"


def test_an_agent_that_began_anew_is_connected_anew(desktop: Desktop, agents: Agents, qtbot: QtBot) -> None:
    before = desktop.shell
    assert before is not None
    shell = entered_by(qtbot, desktop, before.agents.renewed.emit)
    assert shell is not before
    assert agents.opened == [HERE, HERE]
    assert shell.stack.currentWidget() is shell.agents


def test_without_a_sign_in_the_choice_is_kept_and_nothing_is_opened(
    desktop: Desktop, agents: Agents, qtbot: QtBot
) -> None:
    desktop._tokens = None
    with qtbot.assertNotEmitted(desktop.entered):
        desktop.choose_agent(ELSEWHERE)
        qtbot.waitUntil(lambda: settings_path().exists())
    assert agents.opened == [HERE]
